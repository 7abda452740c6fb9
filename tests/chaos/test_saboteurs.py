"""The harness sees: each of five broken builds turns a run red, and for the reason that it was broken for."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chaos.sabotage import SABOTEURS

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 3  # runs wait, too
# saboteur -> (the fault that shows it, the promise that is then broken, words of the sentence about it)
# What is answered and then lost with its process is a message or a status, whichever came in that moment.
REVEALED = {
    "ack_before_commit": (
        "F4",
        ("every acknowledged number is answered or explained", "was acknowledged"),
        ("statuses never fell", "more had been told"),
    ),
    "check_then_insert": ("F1", ("one row per message of the provider", "rows")),
    "no_sweep": ("F38", ("nothing is left waiting, working or uncertain", "is working")),
    "resend_on_expired_lease": ("F56", ("a send of unknown fate is never simply sent again", "nobody knows about")),
    "pause_at_the_start_only": ("F53", ("no word of the assistant after a committed pause", "after the pause")),
}


def run(*arguments):
    command = [sys.executable, "-m", "chaos", "--seed", "7", "--rate", "1", *arguments]
    output = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True) as process:
        try:
            told, _ = process.communicate(timeout=1500)
        except subprocess.TimeoutExpired:
            process.terminate()  # not killed: it takes what it has started with it
            raise
    written = [line for line in told.splitlines() if line.startswith("chaos: ")]
    assert written, told[-4000:]
    return process.returncode, json.loads((ROOT / written[-1].rpartition("; ")[2]).read_text())


@pytest.fixture(scope="module")
def ended():
    """How each run of this module ended: they are begun together."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = {name: pool.submit(run, "--sabotage", name, "--only", fault) for name, (fault, *_) in REVEALED.items()}
        yield lambda name: begun[name].result()
        for run_of in begun.values():
            run_of.cancel()


def test_every_saboteur_is_tried():
    assert set(REVEALED) == set(SABOTEURS)


@pytest.mark.parametrize("saboteur", REVEALED)
def test_a_broken_build_turns_the_run_red(saboteur, ended):
    _, *promises = REVEALED[saboteur]

    code, page = ended(saboteur)

    assert code == 1
    assert page["green"] is False
    assert page["faults"][0]["bit"], page["faults"]
    broken = page["broken"]
    assert any(words in sentence for promise, words in promises for sentence in broken.get(promise, [])), broken
