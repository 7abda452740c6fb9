"""F4-F5: the web process is killed with kill -9 while webhooks come in; the provider sends again what got no 200."""

import copy
import threading

import pytest

from tests.support.desk import desk, until

pytestmark = [pytest.mark.slow, pytest.mark.once]  # its desk is on SQLite in either run
TAKEN = "SELECT external_id FROM messaging_message WHERE direction = 'in' AND state = 'done'"
SENDERS, EACH, KILLS = 4, 25, 2


@pytest.fixture
def alone(tmp_path):
    with desk(tmp_path) as made:
        made.start("up")
        until(lambda: made.get("/health/live")[0] == 200)
        yield made


def send_all(desk, body, sender, answers):
    """Post numbered messages as a provider does: again and again until each has its 200.

    Each is of a person of its own: who writes the same after every answer is taken for a machine, and ignored.
    """
    for number in range(EACH):
        name = f"NUMBER{sender}-{number}"
        person = f"1555010{sender}{number:03d}@s.whatsapp.net"
        body["data"]["key"] |= {"remoteJid": person, "remoteJidAlt": person}
        tries = [desk.post_message(body, name)]
        while tries[-1] != 200:
            tries.append(desk.post_message(body, name))
            threading.Event().wait(0.1)
        answers[name] = tries


def test_f4_f5_every_message_is_taken_once_however_often_the_web_process_dies(alone, payload):
    answers: dict[str, list[int]] = {}
    body = payload("evolution/upsert_text.json")
    senders = [threading.Thread(target=send_all, args=(alone, copy.deepcopy(body), n, answers)) for n in range(SENDERS)]
    for thread in senders:
        thread.start()

    for kill in range(1, KILLS + 1):
        until(lambda kill=kill: len(answers) >= kill * 15)
        alone.kill("up")
        alone.start("up")
        until(lambda: alone.get("/health/live")[0] == 200)
    for thread in senders:
        thread.join(180)

    assert len(answers) == SENDERS * EACH
    # The kills were felt: some request got no answer and was repeated.
    assert any(0 in tries for tries in answers.values())
    taken = until(lambda: (rows := alone.rows(TAKEN)) and len(rows) == SENDERS * EACH and rows)
    assert sorted(external_id for (external_id,) in taken) == sorted(answers)
    assert alone.rows("SELECT COUNT(*) FROM messaging_contact") == [(SENDERS * EACH,)]
