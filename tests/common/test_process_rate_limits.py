"""A burst of one second passes, a flood does not, and one channel does not hold up another."""

import time

from common import rate_limits


def test_a_flood_is_cut_at_the_rate_and_its_burst():
    passed = sum(rate_limits.allow_in_process("flood", per_second=50) for _ in range(500))

    assert 50 <= passed <= 60


def test_another_key_is_not_held_up():
    while rate_limits.allow_in_process("busy", per_second=5):
        pass

    assert rate_limits.allow_in_process("calm", per_second=5)


def test_it_passes_again_after_a_while():
    while rate_limits.allow_in_process("busy", per_second=20):
        pass
    time.sleep(0.12)

    assert rate_limits.allow_in_process("busy", per_second=20)


def test_many_keys_do_not_fill_the_memory():
    for number in range(10_050):
        rate_limits.allow_in_process(str(number), per_second=1)

    assert len(rate_limits._full_at) < 10_050
