"""Roles × operations × offices over the real API, against a roster written here by hand.

What is allowed answers a version that nobody saw (412) or a fault of the facts, so that nothing
changes meanwhile; what is denied answers 403, and nothing about the record; an account that one
administrator may touch and another may not is not there for the other (404).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest

from api.examples import EXAMPLES
from api.examples.shared import CASE, CENTRE, PERSON, REGION
from application.keys import author_of
from application.records import Command, Records
from domain import case_file
from domain.account_events import account_id
from domain.base import Place
from domain.case import Case
from domain.case_facts import Opening
from domain.subject import subject_id
from domain.values import Role
from projections.history import MASKED
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Person, Service, session
from tests.api.test_commands import DOCUMENT, consented
from tests.unasked import Unasked

pytestmark = pytest.mark.exhaustive

COLUMNS: Final = (
    Role.COUNSELLOR, Role.VOLUNTEER, Role.STATION_WORKER, Role.REGISTRAR, Role.CENTRE_MANAGER,
    Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR,
)  # fmt: skip

# What each role may do with operations, as the issue and the roster say: o own, c the centre's,
# r those of the region and below, a all, - nothing.
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
-------r- place_hold lift_hold erase
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
"""

READING: Final = """
c-cccrr-- read_statistics
---ccrr-- read_behind read_difference read_overlaps read_moved_deadlines
oooccrr-- read_ledger
----crr-- download_ledger
aaaaaaaaa list_ledgers read_log read_regions read_indicators
c-cccrr-- reproduce_pin
"""

HISTORIES: Final = {
    "case": "oooccrrr-",
    "centre": "cccccrrrr",
    "practitioner": "cccccrrrr",
    "order": "cccccrrrr",
    "review": "cccccrrrr",
    "stream": "o---crrr-",
    "subject": "-------r-",
    "account": "--------r",
    "pin": "c-cccrr--",
    "region": "aaaaaaaaa",
}
"""Who opens the history of a record of each kind."""

SUMMARIES: Final = "ooo-cr---"
"""Who reads what a case's sessions came to; to others it is masked."""

ONES_OWN: Final = {
    "remove_factor", "unlink_identity", "revoke_token", "declare_conflict", "withdraw_conflict",
    "issue_token", "list_tokens", "read_account", "list_accounts",
}  # fmt: skip
"""Of accounts: one's own and, of some, those of the administrator's office. Tested below."""

AT_THE_DOOR: Final = {
    "live", "ready", "sign_in", "read_session", "enter_code", "change_password", "switch_post",
    "sign_out", "begin_totp", "confirm_totp", "drop_factor", "begin_passkey", "challenge_passkey",
    "show_passkey", "add_passkey", "start_oidc", "arrive_from_oidc", "link_provider",
}  # fmt: skip
"""What one does to become somebody; tests/api/test_session.py."""

RIGHTS: Final = {
    "approve_minor", "note_protected_address", "note_safe_contact", "read_protected_addresses",
    "read_safe_contacts", "read_identities", "read_notes", "receive_request", "verify_identity",
    "withdraw_request", "extend_request", "grant_request", "refuse_request", "fulfil_request",
    "erase_as_requested", "read_holdings", "read_request_words", "read_overdue_requests",
    "record_impact_assessment", "approve_impact_assessment", "correct_impact_assessment",
    "return_impact_assessment", "propose_disposal", "approve_disposal", "return_disposal",
    "dispose_record", "read_retention", "read_retention_over",
}  # fmt: skip
"""Persons' rights, and what is sealed; tests/api/test_rights.py, test_unsealing.py."""

EMERGENCIES: Final = {
    "list_access_notices", "list_access_reviews", "read_access_use", "read_unusual_looks",
    "read_permissions", "list_own_accesses",
}  # fmt: skip
"""Who looked, and who might have; tests/api/test_access.py, test_hindsight.py."""

FINDING: Final = {"find_persons"}
"""Who is found by a number; tests/api/test_searches.py."""

OF_REGIONS: Final = {
    "establish_centre", "correct_establishment", "reassign_centre", "pin_statistics",
    "reproduce_pin",
}  # fmt: skip
"""What lies at a region, or puts a centre there, beside what is below /regions."""

RANDOM: Final = str(UUID(int=7, version=4))
OFFICES: Final = ("centre", "another centre", "county", "another county")
HIDDEN: Final = "refused:account-not-opened"
MISSENT: Final = ("invalid", "no-such-address")
NOBODY_SAW: Final = {"If-Match": '"999999"'}


def listed(roster: str) -> dict[str, str]:
    """The cells of each operation."""
    rows = (line.split() for line in roster.strip().splitlines())
    return {operation: cells for cells, *operations in rows for operation in operations}


COMMANDS, QUERIES = listed(ROSTER), listed(READING)
OPERATIONS = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def reaches(cell: str, office: str, at_region: bool, own: bool = False) -> bool:
    """Whether a role's reach covers what lies at the first centre, or at its county itself."""
    match cell:
        case "a":
            return True
        case "o":
            return own
        case "c":
            return office == ("county" if at_region else "centre")
        case "r":
            return office == "county" or (office == "centre" and not at_region)
    return False


@dataclass
class World:
    """Two counties, records of every kind in the first, and how to send anything about them."""

    service: Service
    client: httpx.Client
    offices: dict[str, UUID]
    county: County
    ids: dict[str, str]

    def person(self, role: Role, office: str) -> Person:
        return self.service.person(role, self.offices[office])

    def send(self, by: Person, operation: str, **options: Any) -> httpx.Response:
        """Send what an operation's example says, about the records there are."""
        method, template = OPERATIONS[operation]
        ids = {**self.ids, **options.pop("ids", {})}
        path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], RANDOM), template)
        headers = {**by.headers, **options.pop("headers", {})}
        if method == "POST":
            options["json"] = json.loads(self.body(operation, ids))
        return self.client.request(method, path, headers=headers, **options)

    def body(self, operation: str, ids: dict[str, str]) -> str:
        # Without the id that the example chooses: a new record is a new one.
        body = {name: value for name, value in EXAMPLES[operation].items() if name != "id"}
        if operation == "establish_region":
            body["founding"] = {**body["founding"], "parent": REGION}
        if operation in ("approve_report", "return_report"):
            body["level"] = "county"  # the county's own turn; the city's is the city's
        text = json.dumps(body)
        for example, real in (
            (CASE, ids["case_id"]),
            (CENTRE, ids["centre_id"]),
            (REGION, ids["region_id"]),
            (PERSON, COUNSELLOR),
            ('"370000"', f'"{self.county.code}"'),
        ):
            text = text.replace(example, real)
        return text


@pytest.fixture(scope="module")
def world(service: Service) -> Iterator[World]:
    here, there = County.founded(service), County.founded(service)
    team = here.person()
    case = consented(here, team).rpartition("/")[2]
    told = session(summary="愿意继续沟通")
    team.does(f"/cases/{case}/sessions", session=told, occurred="2019-03-01T11:00:00+08:00")
    order = {"addressee": here.centre, "what": "回访", "issued_on": "2019-03-01"}
    order |= {"deadline": "2019-03-31", "evidence": [1]}
    plan = {"scope": "个案", "as_of": 1, "rules_version": "2019", "sample_size": 1, "seed": "s"}
    question = json.loads(json.dumps(EXAMPLES["pin_statistics"]["question"]))
    question |= {"region": here.code, "by": "total", "columns": "total"}
    selection = {"kind": "case", "what": "list", "rows": 1, "purpose": "supervision"}
    supervisor = here.person(Role.SUPERVISOR)
    # What a centre issued is for those above it too; what the county did, not for the centre.
    lowest = service.person(Role.SUPERVISOR, UUID(here.centre))
    reader = here.person(Role.COUNSELLOR)
    account = service.person(Role.ADMINISTRATOR, UUID(here.centre)).does(
        "/accounts", account={"login": f"lw-{case[:8]}", "name": "李某", "office": here.centre}
    )
    ids = {
        "case_id": case,
        "record": case,
        "centre_id": here.centre,
        "region_id": here.region,
        "practitioner_id": here.person(Role.CENTRE_MANAGER).does(
            "/practitioners", registration=REGISTRATION
        )["id"],
        "order_id": lowest.does("/orders", order=order, place=here.place, occurred="2019-03-01")[
            "id"
        ],
        "review_id": lowest.does("/reviews", plan=plan, place=here.place)["id"],
        "pin_id": supervisor.does("/statistics/pins", question=question)["id"],
        "stream": reader.does("/access/prints", selection=selection)["id"],
        "person": account["person"],
    }
    here.person(Role.PRIVACY_OFFICER).does(
        f"/records/{case}/holds", hold={"id": str(uuid4()), "ground": "litigation"}
    )
    offices = dict(
        zip(OFFICES, map(UUID, (here.centre, there.centre, here.region, there.region)), strict=True)
    )
    with httpx.Client(base_url=service.address, timeout=60) as client:
        yield World(service, client, offices, here, ids)


def own_case(world: World, by: Person) -> str:
    """A case of the first centre that somebody received."""
    records = Records(
        world.service.database, author_of(world.service.settings), jurisdiction=Unasked
    )
    case, place = uuid4(), Place(**world.county.place)
    opening = Opening.model_validate(world.county.opening())
    command = Command(by.actor)
    records.change(command, Case, case, case_file.open_case, opening, place)
    records.close()
    return str(case)


def test_every_operation_is_listed_once() -> None:
    named = [
        *COMMANDS,
        *QUERIES,
        "read_history",
        *ONES_OWN,
        *AT_THE_DOOR,
        *RIGHTS,
        *EMERGENCIES,
        *FINDING,
    ]
    assert sorted(named) == sorted(OPERATIONS)
    assert {len(cells) for cells in (*COMMANDS.values(), *QUERIES.values())} == {len(COLUMNS)}


@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_changes_what_the_roster_says_and_nothing_else(role: Role, world: World) -> None:
    column = COLUMNS.index(role)
    wrong = []
    for office in OFFICES:
        by = world.person(role, office)
        mine = own_case(world, by) if office == "centre" else None
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


def as_expected(answer: httpx.Response, allowed: bool, hidden: bool = False) -> bool:
    """Let in as far as the facts, or turned away without a word about them.

    What is hidden from who does such things elsewhere is not there.
    """
    kind = answer.json().get("type", "").removeprefix("urn:huhang:")
    if allowed:
        return answer.status_code in (201, 404, 409, 412, 422) and kind not in (*MISSENT, HIDDEN)
    return bool(kind == HIDDEN) if hidden else answer.status_code == 403


@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_opens_the_records_that_the_roster_says(role: Role, world: World) -> None:
    ids = world.ids
    records = {
        "case": ids["case_id"],
        "centre": ids["centre_id"],
        "practitioner": ids["practitioner_id"],
        "order": ids["order_id"],
        "review": ids["review_id"],
        "stream": ids["stream"],
        "subject": str(subject_id(UUID(ids["case_id"]))),
        "account": str(account_id(UUID(ids["person"]))),
        "pin": ids["pin_id"],
        "region": ids["region_id"],
    }
    column, wrong = COLUMNS.index(role), []
    for office in OFFICES:
        by = world.person(role, office)
        for kind, cells in HISTORIES.items():
            allowed = reaches(cells[column], office, kind in ("pin", "region"))
            answer = world.send(by, "read_history", ids={"aggregate_id": records[kind]})
            denied = 404 if kind == "account" else 403
            if answer.status_code != (200 if allowed else denied):
                wrong.append((kind, office, answer.status_code, answer.text[:200]))
            if allowed and kind == "case":
                shown = reaches(SUMMARIES[column], office, at_region=False)
                assert ("愿意继续沟通" in answer.text) is shown, office
                assert (MASKED in answer.text) is not shown
    assert wrong == []


@pytest.mark.parametrize("role", COLUMNS)
def test_lists_and_figures_hold_what_the_roster_says(role: Role, world: World) -> None:
    march = {"region": world.county.code, "from": "2019-03-01", "to": "2019-03-31"}
    parameters: dict[str, dict[str, Any]] = {
        "read_statistics": {**march, "indicators": "cases_opened"},
        "read_behind": {**march, "indicator": "cases_opened"},
        "read_difference": {**march, "indicators": "cases_opened", "from_as_of": "1"},
        "read_ledger": march,
        "download_ledger": march,
    }
    column, wrong = COLUMNS.index(role), []
    for office in OFFICES:
        by = world.person(role, office)
        for operation, cells in QUERIES.items():
            cell = cells[column]
            at_region = operation in OF_REGIONS
            answer = world.send(
                by, operation, params=parameters.get(operation, {}), ids={"name": "cases"}
            )
            seen = reaches(cell, office, at_region)
            at_once = cell == "-" or (at_region and not seen)
            if operation in OF_A_REGION and not seen and not at_once and answer.status_code == 403:
                continue
            if answer.status_code != (403 if at_once else 200):
                wrong.append((operation, office, answer.status_code, answer.text[:200]))
            elif operation in parameters and not at_once and counted(operation, answer) is not seen:
                wrong.append(
                    (operation, office, "seen" if not seen else "hidden", answer.text[:99])
                )
    assert wrong == []


OF_A_REGION = {
    "read_statistics",
    "read_behind",
    "read_difference",
    "read_ledger",
    "download_ledger",
}
"""What is refused of a region out of reach, where nothing would be read as what is there."""


def counted(operation: str, answer: httpx.Response) -> bool:
    """Whether anything of the county is in an answer."""
    if operation == "download_ledger":
        return len(answer.text.strip().splitlines()) > 1
    found = answer.json()
    if operation == "read_statistics":
        return bool(found["lines"][0]["figures"]["cases_opened"][0]["value"])
    rows = {"read_behind": "counted", "read_difference": "changes", "read_ledger": "rows"}
    return bool(found[rows[operation]])


@pytest.mark.parametrize("role", COLUMNS)
def test_accounts_are_for_who_administers_their_office_and_for_their_person(
    role: Role, world: World
) -> None:
    for office in OFFICES:
        by = world.person(role, office)
        administers = role is Role.ADMINISTRATOR and office in ("centre", "county")
        for operation in ("remove_factor", "unlink_identity", "revoke_token", "declare_conflict"):
            answer = world.send(by, operation)
            told = as_expected(answer, administers, hidden=role is Role.ADMINISTRATOR)
            assert told, (operation, office, answer.text)
        answer = world.send(by, "read_account")
        denied = 404 if role is Role.ADMINISTRATOR else 403
        assert answer.status_code == (200 if administers else denied), (office, answer.text)
        lists = world.send(by, "list_accounts")
        assert lists.status_code == (200 if role is Role.ADMINISTRATOR else 403)
        assert (world.ids["person"] in lists.text) is administers
        assert world.send(by, "list_tokens").json() == {"tokens": []}
