"""The judgement over checks and changes."""

import pytest

from gates.protocol import Outcome
from gates.revoked_never_valid import History, Look, Turn, judge

TURNS = [Turn(True, 10, 11), Turn(False, 20, 21), Turn(True, 30, 31)]


@pytest.mark.parametrize(
    ("sent", "answered", "verdict", "judged"),
    [
        (1, 2, "VALID", "valid"),
        (1, 2, "NOT_VALID", "NOT_VALID why while in order"),
        (9, 10.5, "VALID", "during a change"),
        (10.5, 12, "VALID", "during a change"),
        (11, 19, "NOT_VALID", "stopped"),
        (11, 19, "VALID", "VALID while stopped"),
        (12, 20.5, "VALID", "during a change"),
        (22, 29, "VALID", "valid"),
        (31, 99, "VALID", "VALID while stopped"),
        (31, 99, "CANNOT_CONFIRM", "stopped"),
    ],
)
def test_a_check_is_judged_by_what_held_during_all_of_it(
    sent: float, answered: float, verdict: str, judged: str
) -> None:
    history = History(TURNS, [Look(sent, answered, verdict, "why")])
    assert dict(history.judged()) == {judged: 1}


def test_a_history_without_checks_proves_nothing() -> None:
    assert judge(here=[History(TURNS, [])]).outcome is Outcome.FAIL
