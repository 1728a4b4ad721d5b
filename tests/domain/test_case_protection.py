"""What protects the people of a case: safe contact, addresses, and minors behind two persons."""

from __future__ import annotations

from datetime import date

import pytest

from application.casework import Identity
from domain import case_file, case_protection
from domain.case_file_events import PartyIdentified, PartyIdentityCorrected
from domain.case_protection_events import MinorApproved, ProtectedAddressNoted, SafeContactNoted
from domain.rights import Age
from domain.values import Party, SafetyLevel
from tests.domain.case_cast import HER, HIM, OTHER, SEALED, D, Step, a_case, document, screened, why
from tests.domain.scenario import known, stamp


def contacted(party: Party = HER, only: bool = True) -> Step:
    return lambda c: case_protection.note_safe_contact(c, party, SEALED, only, stamp(D))


def sheltered(party: Party = HER) -> Step:
    return lambda c: case_protection.note_protected_address(c, party, SEALED, stamp(D))


def approved(age: Age = Age.UNDER_14, guardian: bool = True, by: str = "manager") -> Step:
    return lambda c: case_protection.approve_minor(c, OTHER, age, guardian, stamp(D, actor=by))


def identified(age: Age | None = Age.UNDER_14, by: str = "li") -> Step:
    return lambda c: case_file.identify(c, OTHER, SEALED, None, stamp(D, actor=by), age=age)


def test_the_newest_safe_contact_counts() -> None:
    (event,) = a_case().when(contacted()).then(SafeContactNoted)
    assert (event.party, event.do_not_contact) == (HER, True)
    assert a_case(contacted(), contacted(only=False)).aggregate.reached == {HER: False}


def test_an_address_is_protected_for_one_party() -> None:
    a_case().when(sheltered()).then(ProtectedAddressNoted)
    assert a_case(sheltered()).aggregate.sheltered == {HER}


def test_violence_is_known_by_a_screening_or_a_paper() -> None:
    from domain.case_safety import note_warning_letter, void_document

    assert not a_case(screened(HER, SafetyLevel.CONCERN)).aggregate.violent
    assert a_case(screened(HER, SafetyLevel.VIOLENCE)).aggregate.violent
    letter = lambda c: note_warning_letter(c, document(), stamp(D))  # noqa: E731
    assert a_case(letter).aggregate.violent
    voided = lambda c: void_document(c, known("document"), why())  # noqa: E731
    assert not a_case(letter, voided).aggregate.violent


def test_a_minor_is_recorded_only_after_somebody_else_allowed_it() -> None:
    a_case().when(identified()).refused("minor-not-approved", party=OTHER, age=Age.UNDER_14)
    a_case(approved()).when(identified()).then(PartyIdentified)
    a_case(approved(by="li")).when(identified()).refused("minor-approved-by-oneself")


def test_an_approval_is_of_that_age() -> None:
    a_case(approved(Age.UNDER_18)).when(identified()).refused("minor-not-approved")
    a_case(approved(Age.UNDER_18), approved()).when(identified()).then(PartyIdentified)


def test_a_child_under_14_needs_the_consent_of_a_guardian() -> None:
    a_case().when(approved(guardian=False)).refused("guardian-consent-missing")
    a_case().when(approved(Age.UNDER_18, guardian=False)).then(MinorApproved)


def test_a_grown_up_needs_no_approval() -> None:
    a_case().when(identified(age=None)).then(PartyIdentified)


def test_a_correction_that_makes_somebody_a_minor_needs_it_too() -> None:
    corrected = lambda c: case_file.correct_identity(  # noqa: E731
        c, OTHER, SEALED, None, why(actor="li"), age=Age.UNDER_14
    )
    a_case(identified(age=None)).when(corrected).refused("minor-not-approved")
    a_case(identified(age=None), approved()).when(corrected).then(PartyIdentityCorrected)


@pytest.mark.parametrize(
    ("born_on", "age"),
    [
        (date(2005, 3, 2), Age.UNDER_14),
        (date(2005, 3, 1), Age.UNDER_18),
        (date(2001, 3, 2), Age.UNDER_18),
        (date(2001, 3, 1), None),
        (date(2004, 2, 29), Age.UNDER_18),
    ],
)
def test_one_is_of_age_from_the_birthday_on(born_on: date, age: Age | None) -> None:
    assert Identity(name="小王", born_on=born_on).age_on(D) is age
    number = f"370102{born_on:%Y%m%d}123X"
    assert Identity(name="小王", document=number).age_on(D) is age


@pytest.mark.parametrize("document_", ["370102201302301234", "G12345678", None])
def test_a_paper_without_a_birthday_says_nothing_of_the_age(document_: str | None) -> None:
    assert Identity(name="小王", document=document_).age_on(D) is None


def test_the_other_party_is_not_touched() -> None:
    assert HIM not in a_case(contacted(), sheltered()).aggregate.reached
