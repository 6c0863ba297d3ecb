"""The gate: no session before each step of the bring-up was passed with this very board.py."""

import pytest

from peristal.core.gate import STEPS, Gate

EVERY = (1 << len(STEPS)) - 1


def opened() -> Gate:
    gate = Gate()
    gate.passed = EVERY
    return gate


def test_a_new_board_is_refused_with_every_step_named_and_one_that_passed_all_is_not():
    assert Gate().missing() == list(STEPS)
    assert Gate().refuse() == "bringup: " + ", ".join(STEPS) + " not passed with this board.py; type: bringup run"
    assert opened().missing() == [] and opened().refuse() is None


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_step_counts_only_while_it_is_passed(step, capsys):
    gate = opened()
    gate.begin(step)
    assert gate.passed == EVERY & ~(1 << step) and gate.missing() == [STEPS[step]] and gate.changed
    assert STEPS[step] in gate.refuse()
    gate.changed = False
    gate.end(step, "it hisses")
    assert gate.missing() == [STEPS[step]] and (gate.failed, gate.why) == (step, "it hisses") and not gate.changed
    assert capsys.readouterr().out == f"peristal: bringup {STEPS[step]} failed: it hisses\n"
    gate.begin(step)
    assert gate.failed == len(STEPS) and not gate.changed, "nothing that has to be stored"
    gate.end(step, "")
    assert gate.refuse() is None and gate.why == "" and gate.changed, "what changed stays so until it was stored"
    assert capsys.readouterr().out == f"peristal: bringup {STEPS[step]} passed\n"
    gate.begin(step)
    gate.end(step, "")
    gate.begin((step + 1) % len(STEPS))
    assert gate.changed
    gate.begin((step + 1) % len(STEPS))
    assert gate.changed, "what was begun twice is still to be stored"
