"""Roles × operations × offices over the real API, against a roster written here by hand.

What is allowed answers a version that nobody saw (412) or a fault of the facts, so that nothing
changes meanwhile; what is denied answers 403, and nothing about the record; an account that one
administrator may touch and another may not is not there for the other (404). What is read shows the
record that the world holds, or no word of it.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from application.jurisdiction import LOOKING
from domain.values import Role
from projections.history import MASKED
from tests.api.cast import Person
from tests.api.matrix_world import (
    ASKED,
    COLUMNS,
    FACTS,
    NAME,
    NOTE,
    OFFICES,
    OPERATIONS,
    PHONE,
    READER,
    SEALED,
    SHELTER,
    SUMMARY,
    WHEN,
    WRITTEN,
    World,
    listed,
    reaches,
)
from tests.api.test_matrix_door import AT_THE_DOOR

pytestmark = pytest.mark.exhaustive

ROSTER: Final = """
c-ccc---- open_case correct_case_opening note_anonymous link_encounter
o-ooc---- identify_party correct_party
o-occ---- declare_outcome break_deferral void_deferral_break observe_application
---c----- confirm_outcome accept_application
---cc---- revise_outcome void_outcome correct_application void_application
ooo-c---- make_referral correct_referral accept_referral decline_referral complete_referral
ooo-c---- void_referral schedule_follow_up correct_follow_up make_follow_up miss_follow_up
ooo-c---- cancel_follow_up void_follow_up rate_satisfaction correct_rating void_rating
ooo-c---- offer_counselling give_consent decline_counselling withdraw_consent correct_answer
ooo-c---- record_assessment correct_assessment void_assessment agree_plan correct_plan void_plan
ooo-c---- void_answer book_appointment reschedule_appointment
ooo-c---- miss_appointment cancel_appointment hold_session correct_session void_session
o-ooc---- make_report correct_report void_report note_warning_letter note_protection_order
o-ooc---- void_safety_document screen_party correct_screening void_screening set_risk
o-ooc---- correct_risk void_risk
----c---- assign_counsellor request_transfer accept_transfer reject_transfer approve_closure
----c---- return_closure void_closure reopen_case archive_case void_case
ooo-c---- recuse_counsellor
o-o-c---- propose_closure
-------r- place_hold lift_hold erase extend_request grant_request refuse_request
-------r- erase_as_requested approve_disposal return_disposal dispose_record
c-ccc--r- receive_request verify_identity withdraw_request
----c--r- fulfil_request propose_disposal approve_minor
-----r-r- record_impact_assessment correct_impact_assessment approve_impact_assessment
-----r-r- return_impact_assessment
o-ooc---- note_safe_contact note_protected_address
-----r--r establish_centre correct_establishment void_establishment close_centre void_closing
-----r--r reassign_centre establish_region establish_village correct_founding void_founding
-----r--r rename_region void_renaming move_region void_move succeed_region correct_succession
-----r--r void_succession
----cr--- relocate_centre revise_registry_offices suspend_centre resume_centre
c-c-c---- hold_outreach correct_outreach void_outreach work_shift correct_shift void_shift
----cr--- appropriate_funds correct_appropriation void_appropriation spend_funds
----cr--- correct_spending void_spending pay_subsidy correct_subsidy void_subsidy
-----r--- inspect_facilities award_grade review_grade lower_grade revoke_grade
ccc-cr--- request_assistance correct_assistance dispatch_volunteer record_arrival
ccc-cr--- complete_assistance cancel_assistance void_assistance
----cr--- register_practitioner correct_registration void_registration deregister_practitioner
----cr--- void_deregistration register_certificate correct_certificate void_certificate
----cr--- issue_letter assume_post correct_post leave_post move_primary_post void_post
----cr--- verify_certificate revoke_certificate
--c-cr--- complete_training correct_training void_training credit_hours correct_hours
--c-cr--- void_hours award_star revoke_star record_appraisal correct_appraisal
-----r--- form_leading_group correct_leading_group void_leading_group hold_joint_meeting
-----r--- correct_joint_meeting void_joint_meeting hold_dispatch correct_dispatch void_dispatch
-----r--- require_report waive_report submit_report return_report approve_report restate_report
-----r--- lock_period reopen_period
-----r--- issue_order correct_order void_order return_order verify_order write_off_order
-----r--- void_write_off escalate_order extend_deadline
----cr--- acknowledge_order report_progress submit_evidence answer_finding
-----rr-- open_review draw_sample raise_finding settle_finding close_review pin_statistics
a-aaaaa-- request_access
----cr-r- grant_access refuse_access
-----rrr- review_access
aaaaaaaaa make_print
--------r open_account grant_role end_role reset_password lock_account unlock_account
--------r remove_factor unlink_identity revoke_token declare_conflict withdraw_conflict
--------r declare_acquaintance withdraw_acquaintance
"""
"""Who changes what; of accounts, those of others."""

READING: Final = """
c-cccrr-- read_statistics
---ccrr-- read_behind read_difference read_overlaps read_moved_deadlines
c-cccrr-- reproduce_pin
----c-rr- read_overdue_requests
----c--r- read_retention_over
------rr- read_holds
o---crrr- list_access_notices
-----rrr- list_access_reviews read_access_use read_unusual_looks
--------r list_accounts
aaaaaaaaa list_ledgers read_log read_regions read_indicators read_retention list_tokens
a-aaaaa-- list_own_accesses
"""
"""Who reads lists and figures; what is out of reach is left out of them."""

OPENING: Final = """
o-ooc--r- read_identities read_safe_contacts
o-------- read_notes
oooccrrr- read_texts
o---c---- read_protected_addresses
-------r- read_request_words read_holdings
c-ccc--r- read_request
o---crrr- read_permissions read_reader
--------r read_account
"""
"""Who opens one thing about one record; what is out of reach is refused."""

FINDING: Final = {"find_persons": "o-occ--r-"}
"""Who finds people by a number; what lies elsewhere is not told of."""

HISTORIES: Final = listed("""
oooccrrr- case
cccccrrrr centre practitioner order review
o---crrr- access
-------r- subject
--------r account
----c-rr- request disposal
----crrr- assessment
c-cccrr-- pin
aaaaaaaaa region
-----aaa- log
""")
"""Who opens the history of a record of each kind."""

SUMMARIES: Final = "ooo-cr---"
"""Who reads what a case's sessions came to; to others it is masked."""

OWN: Final = {
    "read_account": (200, ""),
    "remove_factor": (422, "refused:self-administered"),
    "unlink_identity": (403, "prove-again"),
    "revoke_token": (422, "refused:record-unknown"),
    "declare_conflict": (201, ""),
    "withdraw_conflict": (422, "refused:self-administered"),
    "declare_acquaintance": (201, ""),
    "withdraw_acquaintance": (422, "refused:self-administered"),
    "issue_token": (403, "prove-again"),
}
"""What whoever has an account is answered about his own, under a token of the machine."""

BY_LEDGER: Final = ("read_ledger", "download_ledger", "download_workbook")
"""Tried of each ledger: tests/api/test_matrix_ledgers.py."""

OF_REGIONS: Final = {
    "establish_centre", "correct_establishment", "reassign_centre", "pin_statistics",
    "reproduce_pin",
}  # fmt: skip
"""What lies at a region, or puts a centre there, beside what is below /regions."""

OF_A_REGION: Final = {"read_statistics", "read_behind", "read_difference", "read_access_use"}
"""What is refused of a region out of reach, where nothing would be read as what is there."""

HIDDEN: Final = "refused:account-not-opened"
MISSENT: Final = ("invalid", "no-such-address")
NOBODY_SAW: Final = {"If-Match": '"999999"'}

COMMANDS, QUERIES, OPENED = listed(ROSTER), listed(READING), listed(OPENING)


def test_every_operation_is_listed_once() -> None:
    named = [
        *COMMANDS,
        *QUERIES,
        *OPENED,
        *FINDING,
        *BY_LEDGER,
        *(OWN.keys() - COMMANDS.keys() - OPENED.keys()),
        "read_history",
        *AT_THE_DOOR,
    ]
    assert sorted(named) == sorted(OPERATIONS)
    cells = (*COMMANDS.values(), *QUERIES.values(), *OPENED.values(), *FINDING.values())
    assert {len(each) for each in (*cells, *HISTORIES.values())} == {len(COLUMNS)}


def test_the_history_of_every_kind_of_record_is_listed() -> None:
    assert sorted(HISTORIES) == sorted(kind.about for kind in LOOKING)


def told(answer: httpx.Response) -> str:
    """By which rule a request is refused, if it is."""
    return str(answer.json().get("type", "")).removeprefix("urn:huhang:")


def as_expected(answer: httpx.Response, allowed: bool, hidden: bool = False) -> bool:
    """Let in as far as the facts, or turned away without a word about them.

    What is hidden from who does such things elsewhere is not there.
    """
    kind = told(answer)
    if allowed:
        return answer.status_code in (201, 404, 409, 412, 422) and kind not in (*MISSENT, HIDDEN)
    if any(word in answer.text for word in SEALED):
        return False
    return kind == HIDDEN if hidden else answer.status_code == 403


@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_changes_what_the_roster_says_and_nothing_else(role: Role, world: World) -> None:
    column = COLUMNS.index(role)
    wrong = []
    for office in OFFICES:
        by = world.person(role, office)
        mine = world.received(by) if office == "centre" else None
        for operation, cells in COMMANDS.items():
            cell, path = cells[column], OPERATIONS[operation][1]
            if cell == "-" and office != "centre":
                continue  # asked at the door, where no office counts
            at_region = path.startswith("/api/v1/regions") or operation in OF_REGIONS
            allowed = reaches(cell, office, at_region)
            if operation == "register_practitioner":  # a new member belongs to who registers it
                allowed = cell != "-"
            # A desk asks of an account where it is done, after the version: nothing is changed by
            # these examples.
            headers = {} if path.startswith("/api/v1/accounts") else NOBODY_SAW
            answer = world.send(by, operation, headers=headers)
            hidden = cell != "-" and path.startswith("/api/v1/accounts/{person}")
            if not as_expected(answer, allowed, hidden=hidden):
                wrong.append((operation, office, cell, answer.status_code, answer.text[:200]))
            if mine and cell == "o":
                answer = world.send(by, operation, headers=headers, ids={"case_id": mine})
                if not as_expected(answer, allowed=True):
                    wrong.append((operation, "own", cell, answer.status_code, answer.text[:200]))
    assert wrong == []


def readers(world: World, role: Role) -> list[tuple[str, bool, Person]]:
    """Who reads at each office: who has not the world's case in his hands, and who has it.

    It is in his hands where he is asked to care for it, and at the office above, not elsewhere.
    """
    found = [(office, False, world.person(role, office)) for office in OFFICES]
    if role in world.hands:
        mine = [(office, world.assigned(role, office)) for office in OFFICES]
        found += [(office, office in ("centre", "county"), by) for office, by in mine]
    return found


@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_opens_the_records_that_the_roster_says(role: Role, world: World) -> None:
    column, wrong = COLUMNS.index(role), []
    for office, own, by in readers(world, role):
        for kind, record in world.records().items():
            cell = HISTORIES[kind][column]
            allowed = reaches(cell, office, kind in ("pin", "region"), own)
            answer = world.send(by, "read_history", ids={"aggregate_id": record})
            denied = 404 if kind == "account" else 403
            if answer.status_code != (200 if allowed else denied):
                wrong.append((kind, office, own, answer.status_code, answer.text[:200]))
            if any(word in answer.text for word in SEALED):
                wrong.append((kind, office, own, "what is sealed"))
            if allowed and kind == "case":
                shown = reaches(SUMMARIES[column], office, own=own)
                assert (MASKED in answer.text) is not shown
    assert wrong == []


def asked(world: World) -> dict[str, dict[str, Any]]:
    """What a query asks for, where it must ask for something."""
    march = {"region": world.county.code, "from": "2019-03-01", "to": "2019-03-31"}
    today = {"region": world.county.code, "from": "2019-03-01", "to": "2199-12-31"}
    return {
        "read_statistics": {**march, "indicators": "cases_opened"},
        "read_behind": {**march, "indicator": "cases_opened"},
        "read_difference": {**march, "indicators": "cases_opened", "from_as_of": "1"},
        "read_access_use": today,
    }


def holds(world: World, operation: str, answer: httpx.Response) -> bool | None:
    """Whether a list holds what the world put there; None of one in which nothing is of it."""
    rows = {
        "read_overlaps": world.rows["sessions"],
        "read_overdue_requests": world.ids["request_id"],
        "read_retention_over": world.ids["over"],
        "read_holds": world.ids["held"],
        "list_access_notices": world.rows["accesses"],
        "list_access_reviews": world.rows["accesses"],
        "read_unusual_looks": world.rows["looks"],
        "list_accounts": world.ids["person"],
    }
    if operation in rows:
        return rows[operation] in answer.text
    found = answer.json()
    match operation:
        case "read_statistics":
            return bool(found["lines"][0]["figures"]["cases_opened"][0]["value"])
        case "read_behind":
            return bool(found["counted"])
        case "read_difference":
            return bool(found["changes"])
        case "read_access_use":
            return any(line["requested"] for line in found["lines"])
    return None


@pytest.mark.parametrize("role", COLUMNS)
def test_lists_and_figures_hold_what_the_roster_says(role: Role, world: World) -> None:
    column, wrong, questions = COLUMNS.index(role), [], asked(world)
    for office, own, by in readers(world, role):
        for operation, cells in QUERIES.items():
            cell, at_region = cells[column], operation in OF_REGIONS
            seen = reaches(cell, office, at_region, own)
            answer = world.send(by, operation, params=questions.get(operation, {}))
            at_once = cell == "-" or (at_region and not seen)
            if operation in OF_A_REGION and not seen and not at_once and answer.status_code == 403:
                continue
            if answer.status_code != (403 if at_once else 200):
                wrong.append((operation, office, own, answer.status_code, answer.text[:200]))
            elif not at_once and holds(world, operation, answer) not in (seen, None):
                wrong.append((operation, office, own, "hidden" if seen else "seen"))
    assert wrong == []


@pytest.mark.parametrize("role", COLUMNS)
def test_what_is_sealed_opens_to_whom_the_roster_says_and_to_nobody_else(
    role: Role, world: World
) -> None:
    column, wrong = COLUMNS.index(role), []
    questions = {
        "read_protected_addresses": {"party": "wife"},
        "read_permissions": {"person": world.ids["person"], "record": world.ids["case_id"]},
    }
    words = {
        "read_identities": {NAME},
        "read_safe_contacts": {WHEN},
        "read_notes": {NOTE},
        "read_protected_addresses": {SHELTER},
        "read_request_words": {ASKED},
        "read_holdings": {FACTS, SUMMARY},
        "read_reader": {READER},
    }
    unseen = {"read_account", "read_reader"}  # what is out of reach there is not there
    whose = {"read_reader": {"person": world.rows["looks"]}}
    for office, own, by in readers(world, role):
        for operation, cells in OPENED.items():
            cell = cells[column]
            allowed = reaches(cell, office, own=own)
            ids, params = whose.get(operation, {}), questions.get(operation, {})
            answer = world.send(by, operation, ids=ids, params=params)
            denied = 404 if operation in unseen and cell != "-" else 403
            if answer.status_code != (200 if allowed else denied):
                wrong.append((operation, office, own, answer.status_code, answer.text[:200]))
            opened = {word for word in SEALED if word in answer.text}
            counsels = reaches(SUMMARIES[column], office, own=own)
            words["read_texts"] = set(WRITTEN) if counsels else {FACTS}
            if opened - {PHONE} != (words.get(operation, set()) if allowed else set()):
                wrong.append((operation, office, own, opened))
    assert wrong == []


def test_who_received_a_case_at_the_window_opens_who_they_are_and_how_they_are_reached(
    world: World,
) -> None:
    registrar = world.person(Role.REGISTRAR, "centre")
    mine = {"case_id": world.received(registrar)}
    answers = {
        operation: world.send(registrar, operation, ids=mine, params=questions)
        for operation, questions in (
            ("read_identities", {}),
            ("read_safe_contacts", {}),
            ("read_notes", {}),
            ("read_texts", {}),
            ("read_protected_addresses", {"party": "wife"}),
        )
    }
    assert {name: (one.status_code, told(one)) for name, one in answers.items()} == {
        "read_identities": (404, "nothing-to-open"),
        "read_safe_contacts": (404, "nothing-to-open"),
        "read_notes": (403, "forbidden"),
        "read_texts": (200, ""),
        "read_protected_addresses": (403, "forbidden"),
    }


@pytest.mark.parametrize("role", COLUMNS)
def test_who_is_found_by_a_number_is_who_the_roster_says(role: Role, world: World) -> None:
    cell = FINDING["find_persons"][COLUMNS.index(role)]
    for office, own, by in readers(world, role):
        if cell == "-" and office != "centre":
            continue  # asked at the door, where no office counts
        answer = world.send(by, "find_persons", json={"by": "phone", "number": PHONE})
        if cell == "-":
            assert answer.status_code == 403, office
            assert world.ids["case_id"] not in answer.text
        else:
            seen = reaches(cell, office, own=own)
            assert answer.status_code == 200, answer.text
            assert (world.ids["case_id"] in answer.text) is seen, (office, own)


@pytest.mark.parametrize("role", COLUMNS)
def test_ones_own_account_is_open_to_whoever_it_is(role: Role, world: World) -> None:
    by = world.person(role, "centre")
    person = str(by.actor.id)
    world.county.accounted(by)
    answers = {
        operation: world.send(by, operation, ids={"person": person, "id": str(UUID(person))})
        for operation in OWN
    }
    found = {name: (answer.status_code, told(answer)) for name, answer in answers.items()}
    assert found == OWN
