"""What a copy still says that was taken back; each of these shows a hole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from application.casework import Identity, SessionFacts
from application.vault import Vault
from domain import case_care, case_counselling, case_file
from domain.values import AnswerKind
from tests.domain.case_cast import HER, SAFE, appointment, booked, held, hour, later, session, why
from tests.domain.scenario import stamp
from tests.domain.test_own_part import ALONE, handed
from tests.proof.ledger import Ledger
from tests.proof.test_own_copy import impatient, made, order, vault, words_in  # noqa: F401
from tests.vault.world import World, ago, command

STRANGERS = "另一对夫妇的孩子在某校读书"


def test_words_of_another_couple_in_a_session_that_was_voided_are_not_in_her_copy(
    ledger: Ledger,
    vault: Vault,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The case of decision 223, where the session was one of a wife alone."""
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    alone = dict(session("of another case", HER, facts=STRANGERS, summary=STRANGERS))
    wrong = SessionFacts(**{**alone, "started_at": ago(3), "minutes": 1})
    world.casework.hold_session(case, wrong, command())
    world.casework.void_session(
        case, wrong.id, replace(command(), reason="属于另一对夫妇，录错档案")
    )
    copy = made(ledger, vault, order(ledger, case, HER), tmp_path / "out")
    assert STRANGERS not in words_in(copy.folder)


def test_a_name_that_was_noted_as_hers_by_mistake_is_not_in_her_copy(
    ledger: Ledger,
    vault: Vault,  # noqa: F811
    tmp_path: Path,
) -> None:
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    for name, reason in (("陌生人", "看错证件"), ("王丽", "前次录成他人")):
        world.casework.correct_identity(
            case, HER, Identity(name=name), None, replace(command(), reason=reason)
        )
    copy = made(ledger, vault, order(ledger, case, HER), tmp_path / "out")
    assert "陌生人" not in words_in(copy.folder)


def test_that_she_withdrew_a_consent_that_was_voided_is_not_handed_out() -> None:
    withdrawn = lambda c: case_counselling.withdraw_consent(c, HER, stamp(later()))  # noqa: E731
    voided = lambda c: case_counselling.void_answer(  # noqa: E731
        c, AnswerKind.CONSENTED, HER, why(later())
    )
    assert "ConsentWithdrawn" in handed(*SAFE, withdrawn)
    assert "ConsentWithdrawn" not in handed(*SAFE, withdrawn, voided)


def test_an_appointment_that_was_called_off_is_not_handed_out_as_what_holds() -> None:
    by = stamp(hour(9), reason="她说他打人，不再一起来")
    off = lambda c: case_care.cancel_appointment(c, appointment(hour(34)).id, by)  # noqa: E731
    assert "AppointmentBooked" in handed(*SAFE, booked)
    assert "AppointmentBooked" not in handed(*SAFE, booked, off)


def test_nothing_of_a_case_that_was_taken_back_is_handed_out_as_what_holds() -> None:
    withdrawn = lambda c: case_counselling.withdraw_consent(c, HER, stamp(later()))  # noqa: E731
    void = lambda c: case_file.void(c, None, why())  # noqa: E731
    assert handed(*SAFE, held(ALONE), booked, withdrawn, void) == []
