"""Who looked, as those read it who may; and break-glass from the request to the verdict."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from api.app import create_app
from api.upkeep import note_ended
from application import log_writer, recorder
from application.beginning import open_records
from application.database import Database
from application.settings import Settings
from domain.access import access_id
from domain.base import day
from domain.values import RecordKind, Role
from projections.history import MASKED
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Person, Service, session
from tests.api.conftest import served
from tests.api.test_commands import counselled
from tests.api.test_rights import claim
from tests.conftest import TEMPLATE, fresh
from tests.writers import writers_held

START = datetime(2019, 3, 1, 2, tzinfo=UTC)  # ten in the morning there
SUMMARY = "双方情绪稳定"


def at(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def soon(**later: int) -> str:
    """A moment from now on."""
    return (datetime.now(UTC) + timedelta(**later)).isoformat()


def case_of(county: County) -> tuple[Person, str]:
    """A counsellor of the county and a case that she opened herself."""
    counsellor = county.person(Role.COUNSELLOR)
    return counsellor, county.opened(counsellor).removeprefix("/cases/")


def outsider(service: Service) -> Person:
    """A counsellor of another county."""
    return County.founded(service).person(Role.COUNSELLOR)


def wanted(case: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "record": case,
        "kind": "case",
        "reason": "danger",
        "why": "当事人失联",
        "until": soon(hours=2),
        **changes,
    }


def asked(reader: Person, case: str, **facts: Any) -> tuple[str, str]:
    """The stream and the id of a request for access."""
    request = wanted(case, **facts.pop("wanted", {}))
    return reader.does("/access/requests", request=request, **facts)["id"], request["id"]


def granted(
    county: County, reader: Person, case: str, until: str | None = None
) -> tuple[str, str, int]:
    """An access granted now by the county's privacy officer, and the position of the grant."""
    stream, access = asked(reader, case)
    receipt = county.person(Role.PRIVACY_OFFICER).does(
        f"/access/{stream}/requests/{access}/grant", until=until or soon(hours=1)
    )
    return stream, access, receipt["last_position"]


def refusal(by: Person, path: str, **facts: Any) -> str:
    """The rule by which a command is refused."""
    answer = by.order(path, **facts)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["code"])


def head(county: County) -> int:
    return int(county.manager.reads("/log")["now"]["position"])


def looks(by: Person, county: County, **wanted: Any) -> list[dict[str, Any]]:
    """The rows of the reading log that somebody sees, up to now."""
    found = by.reads("/ledgers/looks", min_position=head(county), limit=1000, **wanted)
    rows: list[dict[str, Any]] = found["rows"]
    return rows


def test_who_opened_a_case_is_seen_by_who_takes_care_of_it_and_by_who_is_in_charge(
    county: County, service: Service
) -> None:
    counsellor, case = case_of(county)
    manager = county.person(Role.CENTRE_MANAGER)
    manager.reads(f"/history/{case}")
    for role in (Role.CENTRE_MANAGER, Role.SUPERVISOR, Role.AUDITOR, Role.PRIVACY_OFFICER):
        (row,) = looks(county.person(role), county, equals=[f"record:{case}"])
        assert (row["reader"], row["happened"]) == (str(manager.actor.id), "opened")
    (own,) = looks(counsellor, county, equals=[f"record:{case}"])
    assert (own["reader"], own["purpose"], own["surface"]) == (
        str(manager.actor.id),
        "service",
        "api",
    )
    assert looks(outsider(service), county) == []
    assert looks(county.person(Role.COUNSELLOR), county) == [], "not her case"


def test_what_somebody_saw_for_one_office_is_told_to_no_other(
    county: County, service: Service
) -> None:
    _, case = case_of(county)
    elsewhere, who = County.founded(service), uuid4()
    here = service.member(who, Role.CENTRE_MANAGER, UUID(county.centre))
    there = service.member(who, Role.STATION_WORKER, UUID(elsewhere.centre))
    there.reads("/ledgers/cases")
    here.reads(f"/history/{case}")
    today = day(datetime.now(UTC))
    manager = elsewhere.person(Role.CENTRE_MANAGER)
    told = manager.ask(f"/history/{access_id(who, there.actor.office, today)}", as_of=today)
    assert (told.status_code, case in told.text) == (200, False)
    path = f"/history/{access_id(who, here.actor.office, today)}"
    assert manager.ask(path).status_code == 403
    assert case in county.person(Role.CENTRE_MANAGER).ask(path, as_of=today).text


def test_a_readers_day_says_in_words_what_was_looked_at_beside_the_code_of_the_trace(
    county: County,
) -> None:
    manager = county.person(Role.CENTRE_MANAGER)
    manager.reads("/ledgers/cases")
    today = day(datetime.now(UTC))
    path = f"/history/{access_id(manager.actor.id, manager.actor.office, today)}"
    moments = manager.ask(path, as_of=today).json()["moments"]
    (selection,) = (one["facts"]["selection"] for one in moments if "selection" in one["facts"])
    assert selection["what"] == "ledger cases 1900-01-01/2199-12-31"
    assert selection["what_name"] == "台账：个案台账，1900-01-01 至 2199-12-31"


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.REGISTRAR, Role.ADMINISTRATOR])
def test_whose_office_it_is_not_does_not_read_who_looked(county: County, role: Role) -> None:
    person = county.person(role)
    for path in ("/ledgers/looks", "/ledgers/looks.csv", "/ledgers/accesses", "/access/notices"):
        assert person.ask(path).status_code == 403


def test_a_list_is_in_the_reading_log_of_the_office_of_who_opened_it(county: County) -> None:
    registrar = county.person(Role.REGISTRAR)
    registrar.reads("/ledgers/cases", region=county.code)
    rows = looks(county.person(Role.CENTRE_MANAGER), county)
    (row,) = [row for row in rows if row["reader"] == str(registrar.actor.id)]
    assert (row["happened"], row["kind"], row["rows"]) == ("listed", "case", 0)
    assert row["what"].startswith("ledger cases")


def test_reading_who_looked_is_itself_in_the_reading_log(county: County) -> None:
    auditor = county.person(Role.AUDITOR)
    looks(auditor, county)
    rows = looks(auditor, county)
    own = [row for row in rows if row["reader"] == str(auditor.actor.id)]
    assert [(row["kind"], row["happened"]) for row in own] == [("access", "listed")]


def test_a_print_is_traced_at_the_office_of_who_prints_whatever_he_says(county: County) -> None:
    reader = county.person(Role.COUNSELLOR)
    printed = {"kind": "case", "what": "ledger", "rows": 1, "purpose": "service"}
    elsewhere = {"centre": str(uuid4()), "region": str(uuid4())}
    reader.does("/access/prints", selection={**printed, "place": elsewhere})
    rows = looks(county.person(Role.CENTRE_MANAGER), county)
    assert [row["happened"] for row in rows] == ["printed"]


def test_nobody_traces_a_print_of_a_record_that_he_may_not_see(
    county: County, service: Service
) -> None:
    counsellor, case = case_of(county)
    printed = {"kind": "case", "what": "case file", "rows": 1, "purpose": "service", "record": case}
    stranger = outsider(service)
    for by in (stranger, county.person(Role.VOLUNTEER)):
        assert by.order("/access/prints", selection=printed).status_code == 403
    unknown = {**printed, "record": str(uuid4())}
    assert stranger.order("/access/prints", selection=unknown).status_code == 404
    assert looks(counsellor, county, equals=[f"record:{case}"]) == []
    counsellor.does("/access/prints", selection=printed)
    granted(county, stranger, case)
    stranger.does("/access/prints", selection=printed)
    seen = looks(counsellor, county, equals=[f"record:{case}"])
    assert [row["reader"] for row in seen if row["happened"] == "printed"] == [
        str(person.actor.id) for person in (counsellor, stranger)
    ]


def test_a_print_names_no_purpose_that_cannot_be_the_readers(county: County) -> None:
    printed = {"kind": "case", "what": "ledger", "rows": 1}
    for role, purpose in ((Role.VOLUNTEER, "review"), (Role.COUNSELLOR, "emergency")):
        selection = {**printed, "purpose": purpose}
        reader = county.person(role)
        assert refusal(reader, "/access/prints", selection=selection) == "purpose-does-not-fit"


@pytest.mark.parametrize("path", ["records", "lists", "searches", "exports"])
def test_no_client_makes_a_trace_that_the_system_makes(county: County, path: str) -> None:
    assert county.person().order(f"/access/{path}").status_code in (404, 405)


def test_a_granted_access_opens_the_record_with_its_summaries_and_counts_down(
    county: County, service: Service
) -> None:
    counsellor, case = case_of(county)
    told(counsellor, case)
    reader = outsider(service)
    assert reader.ask(f"/history/{case}").status_code == 403
    stream, access, position = granted(county, reader, case)
    shown = reader.reads(f"/history/{case}", access=access, stream=stream, min_position=position)
    assert shown["under"]["access"] == access
    assert 0 < shown["under"]["seconds_left"] <= 3600
    assert MASKED not in str(shown["moments"])
    texts = reader.reads(f"/cases/{case}/texts", access=access, stream=stream)["texts"]
    assert [one["text"] for one in texts] == [SUMMARY]
    assert reader.ask(f"/history/{case}").status_code == 403, "only under the access"
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"access:{access}"])
    assert [row["happened"] for row in rows] == ["requested", "granted", "opened", "released"]
    assert rows[-1]["purpose"] == "emergency"


def told(counsellor: Person, case: str) -> None:
    """A session with a summary."""
    counsellor.does(f"/cases/{case}/offers", occurred="2019-03-01")
    counsellor.does(f"/cases/{case}/consents", party="wife", occurred="2019-03-01")
    held = session(present=["wife"], summary=SUMMARY)
    counsellor.does(f"/cases/{case}/sessions", session=held, occurred="2019-03-01T11:00:00+08:00")


def test_who_only_asks_is_not_told_where_the_record_lies(county: County, service: Service) -> None:
    _, case = case_of(county)
    reader = outsider(service)
    stream, access = asked(reader, case)
    county.person(Role.CENTRE_MANAGER).does(
        f"/access/{stream}/requests/{access}/refusal", reason="无正当理由"
    )
    history = reader.reads(f"/history/{stream}")
    requested, refused = history["moments"]
    for moment in (requested, refused):
        assert (moment["facts"]["place"], moment["where"]) == (MASKED, None)
    assert requested["facts"]["request"]["record"] == case
    for told in (county.centre, county.region):
        assert told not in str(history["moments"]).replace(str(refused["office"]), "")


def test_an_access_opens_nothing_to_others_nor_another_record_nor_before_the_grant(
    county: County, service: Service
) -> None:
    counsellor, case = case_of(county)
    other = county.opened(counsellor).removeprefix("/cases/")
    reader, thief = outsider(service), outsider(service)
    stream, access = asked(reader, case)

    def refused(by: Person, record: str, **under: str) -> str:
        answer = by.ask(f"/history/{record}", **under)
        assert answer.status_code == 422
        assert "moments" not in answer.text
        return str(answer.json()["code"])

    under = {"stream": stream, "access": access}
    assert refused(reader, case, **under) == "access-not-granted"
    county.person(Role.PRIVACY_OFFICER).does(
        f"/access/{stream}/requests/{access}/grant", until=soon(hours=1)
    )
    assert refused(thief, case, **under) == "access-of-another"
    assert refused(reader, other, **under) == "access-to-another-record"
    assert refused(reader, case, stream=stream, access=str(uuid4())) == "record-unknown"
    assert reader.ask(f"/history/{case}", access=access).status_code == 403


def test_an_access_is_used_in_the_post_in_which_it_was_asked_for(
    county: County, service: Service
) -> None:
    _, case = case_of(county)
    reader = outsider(service)
    stream, access, _ = granted(county, reader, case)
    for role, office in (
        (Role.VOLUNTEER, reader.actor.office),
        (Role.ADMINISTRATOR, reader.actor.office),
        (Role.COUNSELLOR, UUID(county.centre)),
    ):
        other = service.member(reader.actor.id, role, office)
        answer = other.ask(f"/history/{case}", stream=stream, access=access)
        assert (answer.status_code, answer.json()["code"]) == (422, "access-in-other-post")
        assert "moments" not in answer.text
    assert reader.ask(f"/history/{case}", stream=stream, access=access).status_code == 200


def test_after_its_end_an_access_opens_nothing_without_anybody_ending_it(
    county: County, service: Service
) -> None:
    _, case = case_of(county)
    reader = outsider(service)
    stream, access = asked(reader, case, wanted={"until": at(60)}, occurred=at(0))
    county.person(Role.PRIVACY_OFFICER).does(
        f"/access/{stream}/requests/{access}/grant", until=at(60), occurred=at(5)
    )
    answer = reader.ask(f"/history/{case}", access=access, stream=stream)
    assert (answer.status_code, answer.json()["code"]) == (422, "access-over")


def test_no_access_opens_who_looked(county: County, service: Service) -> None:
    reader = outsider(service)
    stream = county.person(Role.COUNSELLOR).does(
        "/access/prints",
        selection={"kind": "case", "what": "ledger", "rows": 1, "purpose": "service"},
    )["id"]
    request = wanted(stream, kind="access")
    assert refusal(reader, "/access/requests", request=request) == "access-never-opens"
    disguised = reader.order("/access/requests", request=wanted(stream))
    assert disguised.status_code == 404, "it is no case"


@pytest.mark.parametrize("kind", RecordKind)
def test_a_request_for_a_record_of_any_kind_is_taken_or_refused_in_words(
    county: County, service: Service, kind: RecordKind
) -> None:
    _, case = case_of(county)
    answer = outsider(service).order("/access/requests", request=wanted(case, kind=kind))
    assert answer.status_code == (201 if kind in ("case", "sealed-note") else 404), answer.text


def test_who_is_in_charge_of_the_record_decides_and_nobody_else(
    county: County, service: Service
) -> None:
    _, case = case_of(county)
    elsewhere = County.founded(service)
    reader = elsewhere.person(Role.COUNSELLOR)
    stream, access = asked(reader, case)
    path = f"/access/{stream}/requests/{access}/grant"
    for stranger in (
        elsewhere.person(Role.CENTRE_MANAGER),
        elsewhere.person(Role.PRIVACY_OFFICER),
        county.person(Role.COUNSELLOR),
        county.person(Role.AUDITOR),
    ):
        assert stranger.order(path, until=soon(hours=1)).status_code == 403
    manager = service.member(reader.actor.id, Role.CENTRE_MANAGER, UUID(county.centre))
    assert refusal(manager, path, until=soon(hours=1)) == "self-grant"
    assert refusal(county.person(Role.CENTRE_MANAGER), path, until=soon(hours=5)) == (
        "access-too-long"
    )
    county.person(Role.CENTRE_MANAGER).does(path, until=soon(hours=1))


def test_the_hands_of_a_case_and_its_offices_are_told_at_once(
    county: County, service: Service
) -> None:
    counsellor, case = case_of(county)
    reader = outsider(service)
    stream, access, position = granted(county, reader, case)
    reader.reads(f"/history/{case}", access=access, stream=stream, min_position=position)
    told = (counsellor, *map(county.person, (Role.CENTRE_MANAGER, Role.SUPERVISOR)))
    for person in told:
        (notice,) = person.reads("/access/notices", min_position=head(county))["notices"]
        assert (notice["record"], notice["reader"]) == (case, str(reader.actor.id))
        assert (notice["reason"], notice["why"], notice["opened"]) == ("danger", "当事人失联", 1)
        assert 0 < notice["seconds_left"] <= 3600
    for other in (county.person(Role.COUNSELLOR), outsider(service)):
        assert other.reads("/access/notices", min_position=position)["notices"] == []


def overdue(county: County, reader: Person, case: str) -> tuple[str, str]:
    """An access of 2019 that nobody has judged."""
    stream, access = asked(reader, case, wanted={"until": at(120)}, occurred=at(0))
    county.person(Role.CENTRE_MANAGER).does(
        f"/access/{stream}/requests/{access}/grant", until=at(120), occurred=at(5)
    )
    return stream, access


def test_a_verdict_is_owed_until_another_person_gives_it(county: County, service: Service) -> None:
    _, case = case_of(county)
    reader, supervisor = outsider(service), county.person(Role.SUPERVISOR)
    stream, access = overdue(county, reader, case)
    granted(county, reader, case)  # this one is not over yet

    def owed(**wanted: Any) -> list[str]:
        found = supervisor.reads("/access/reviews", min_position=head(county), **wanted)
        return [notice["access"] for notice in found["notices"]]

    assert owed() == owed(overdue=True) == [access]
    path = f"/access/{stream}/requests/{access}/verdict"
    verdict = {"verdict": "justified", "text": "属实", "reason": "补办"}
    assert county.person(Role.CENTRE_MANAGER).order(path, **verdict).status_code == 403
    judged = supervisor.does(path, **verdict)
    assert owed() == []
    history = county.person(Role.AUDITOR)
    assert history.ask(f"/history/{judged['id']}").status_code == 403, "a reader of elsewhere"


def test_the_use_of_break_glass_is_counted_by_reason_region_and_period(
    county: County, service: Service
) -> None:
    _, case = case_of(county)
    reader, supervisor = outsider(service), county.person(Role.SUPERVISOR)
    overdue(county, reader, case)
    stream, access = asked(
        reader, case, wanted={"until": at(60), "reason": "other"}, occurred=at(0)
    )
    supervisor.does(
        f"/access/{stream}/requests/{access}/refusal", occurred=at(5), reason="无正当理由"
    )

    def use(**period: str) -> dict[str, dict[str, Any]]:
        found = supervisor.reads(
            "/access/statistics", region=county.code, min_position=head(county), **period
        )
        return {line["reason"]: line for line in found["lines"]}

    march = use(**{"from": "2019-03-01", "to": "2019-03-31"})
    counted = ("requested", "granted", "refused", "waiting", "unused", "owed", "overdue")
    assert [march["danger"][name] for name in counted] == [1, 1, 0, 0, 1, 1, 1]
    assert [march["other"][name] for name in counted] == [1, 0, 1, 0, 0, 0, 0]
    april = use(**{"from": "2019-04-01", "to": "2019-04-30"})
    assert not any(line["requested"] for line in april.values())


def test_the_end_of_an_access_is_noted_by_the_system_once(county: County, service: Service) -> None:
    _, case = case_of(county)
    _, access = overdue(county, outsider(service), case)
    head(county)
    records = open_records(service.database, service.settings)
    try:
        with psycopg.connect(service.database.application, autocommit=True) as connection:
            county.manager.reads("/log", min_position=head(county))
            assert note_ended(connection, service.settings, records)
            county.manager.reads("/ledgers", min_position=head(county))
            assert note_ended(connection, service.settings, records) == []
    finally:
        records.close()
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"access:{access}"])
    assert [row["happened"] for row in rows] == ["requested", "granted", "expired"]
    assert rows[-1]["role"] == "system"


def test_an_unusual_look_is_listed_with_its_reason_for_the_auditor_of_its_region(
    county: County, service: Service
) -> None:
    counsellor, case = case_of(county)
    manager = county.person(Role.CENTRE_MANAGER)
    contact = {"party": "wife", "contact": "周二上午", "do_not_contact": True}
    counsellor.does(f"/cases/{case}/safe-contacts", **contact)
    reader = outsider(service)
    stream, access, _ = granted(county, reader, case)
    reader.reads(f"/cases/{case}/safe-contacts", stream=stream, access=access)
    counsellor.reads(f"/cases/{case}/safe-contacts")
    manager.reads(f"/history/{case}")
    manager.reads(f"/cases/{case}/safe-contacts")
    found = county.person(Role.AUDITOR).reads(
        "/findings/unusual-looks", reason="unassigned", min_position=head(county)
    )["found"]
    assert [(one["reader"], one["record"], one["looks"]) for one in found] == [
        (str(manager.actor.id), case, 1)
    ]
    assert found[0]["label"] == "查阅非本人承办的个案"
    stranger = County.founded(service).person(Role.AUDITOR)
    assert stranger.reads("/findings/unusual-looks", min_position=head(county))["found"] == []
    assert manager.ask("/findings/unusual-looks").status_code == 403


def test_without_its_trace_there_is_no_answer(
    server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "LOCK_TIMEOUT", 0.5)
    monkeypatch.setattr(recorder, "RETRIES", (0.0,))
    settings = Settings(home=tmp_path)
    with fresh(server, TEMPLATE) as database:
        app = create_app(database, settings)
        with served(app) as address:
            county = County.founded(Service(address, app, database, settings))
            _, case = case_of(county)
            paths = (f"/history/{case}", "/ledgers/cases.csv", "/ledgers/looks", "/access/notices")
            auditor, position = county.person(Role.AUDITOR), head(county)
            for path in paths:
                assert auditor.ask(path, min_position=position).status_code == 200
            with writers_held(database):
                for path in paths:
                    answer = auditor.ask(path)
                    assert answer.status_code == 503, path
                    assert answer.json()["type"] == "urn:huhang:log-held-up"
                    assert case not in answer.text


def test_what_was_not_there_then_was_seen_by_nobody(county: County) -> None:
    _, case = case_of(county)
    manager, auditor = county.person(Role.CENTRE_MANAGER), county.person(Role.AUDITOR)
    assert manager.ask(f"/history/{case}", as_of=1).status_code == 404
    manager.reads(f"/history/{case}", as_of=head(county))
    assert len(looks(auditor, county, equals=[f"record:{case}"])) == 1


def test_who_opens_an_account_is_seen_too(county: County) -> None:
    administrator = county.service.person(Role.ADMINISTRATOR, county.supervisor.actor.office)
    account = {"login": f"z{county.code}", "name": "李某", "office": county.centre}
    opened = administrator.does("/accounts", account=account)
    administrator.reads(f"/history/{opened['id']}")
    seen = looks(county.supervisor, county, equals=[f"record:{opened['id']}"])
    assert [(row["reader"], row["kind"]) for row in seen] == [
        (str(administrator.actor.id), "account")
    ]


@pytest.mark.parametrize(
    ("role", "purpose"),
    [
        (Role.SUPERVISOR, "emergency"),
        (Role.COUNSELLOR, "figures"),
        (Role.COUNSELLOR, "review"),
        (Role.SUPERVISOR, "subject-request"),
    ],
)
def test_a_purpose_that_cannot_be_is_refused_and_not_recorded(
    county: County, role: Role, purpose: str
) -> None:
    who = county.person(role)
    answer = who.ask(f"/history/{county.centre}", purpose=purpose)
    assert answer.json()["code"] == "purpose-does-not-fit"
    assert looks(county.supervisor, county, equals=[f"reader:{who.actor.id}"]) == []


def test_who_opens_a_centre_is_seen_and_reads_of_its_money_what_its_ledgers_tell_him(
    county: County,
) -> None:
    manager = county.person(Role.CENTRE_MANAGER)
    paid = {"id": str(uuid4()), "practitioner": COUNSELLOR, "fen": 123400, "paid_on": "2019-03-01"}
    done = manager.does(
        f"/centres/{county.centre}/funds/subsidies", subsidy=paid, occurred="2019-03-01"
    )
    path = f"/history/{county.centre}"
    without = (Role.VOLUNTEER, Role.REGISTRAR, Role.PRIVACY_OFFICER)
    for role in (Role.STATION_WORKER, *without):
        reader, shown = county.person(role), role not in without
        history = reader.ask(path, min_position=done["last_position"]).text
        assert ("123400" in history) is shown
        (row,) = looks(manager, county, equals=[f"reader:{reader.actor.id}"])
        assert (row["record"], row["kind"]) == (county.centre, "centre")


def test_a_look_at_what_is_held_by_law_is_traced_as_one_at_the_case(county: County) -> None:
    (counsellor, case), officer = case_of(county), county.person(Role.PRIVACY_OFFICER)
    hold = {"id": str(uuid4()), "ground": "litigation"}
    held = officer.does(f"/records/{case}/holds", hold=hold)
    officer.reads(f"/history/{held['id']}", min_position=held["last_position"])
    (row,) = looks(counsellor, county, equals=[f"record:{case}"])
    assert (row["reader"], row["kind"]) == (str(officer.actor.id), "case")


def test_a_look_at_what_is_held_of_a_member_of_the_team_is_traced_as_one_at_that(
    county: County,
) -> None:
    officer, registrar = county.person(Role.PRIVACY_OFFICER), county.person(Role.REGISTRAR)
    joined = {"registration": REGISTRATION, "occurred": "2019-02-01"}
    member = county.manager.does("/practitioners", **joined)["id"]
    claimed = {**claim(member), "part": "self"}
    asks = f"/requests/{registrar.does('/requests', claim=claimed, place=county.place)['id']}"
    registrar.does(f"{asks}/identity", means="identity-document")
    officer.reads(f"{asks}/holdings", min_position=head(county))
    (row,) = looks(county.person(Role.AUDITOR), county, equals=[f"record:{member}"])
    assert (row["reader"], row["kind"]) == (str(officer.actor.id), "practitioner")


@pytest.mark.parametrize("path", ["/ledgers/{}", "/ledgers/{}.csv", "/ledgers/{}.xlsx"])
@pytest.mark.parametrize("name", ["cases", "sessions"])
def test_whose_case_it_is_reads_who_saw_it_alone_in_a_list(
    path: str, name: str, county: County
) -> None:
    """However the list was narrowed down to it."""
    counsellor, supervisor = county.person(Role.COUNSELLOR), county.supervisor
    case = counselled(county, counsellor).removeprefix("/cases/")
    asked = {"region": county.code, "min_position": head(county)}
    assert supervisor.ask(path.format(name), **asked).status_code == 200
    (row,) = looks(counsellor, county, equals=[f"record:{case}", f"reader:{supervisor.actor.id}"])
    happened = "listed" if path.endswith("{}") else "exported"
    assert (row["happened"], row["surface"], row["kind"]) == (happened, "api", "case")
    assert row["centre_name"] is not None, "where the case lies"


def test_a_look_at_a_case_alone_is_read_where_it_lies_now(county: County) -> None:
    """Its sessions stay in the list of the centre that held them."""
    giver, other = county.person(Role.COUNSELLOR), county.neighbour()
    path = counselled(county, giver)
    county.person(Role.CENTRE_MANAGER).does(f"{path}/transfer/request", to=other.place)
    other.person(Role.CENTRE_MANAGER).does(f"{path}/transfer/acceptance")
    reader = county.person(Role.SUPERVISOR)
    case = path.removeprefix("/cases/")
    asked = {"equals": f"case_id:{case}", "min_position": head(county)}
    assert len(reader.reads("/ledgers/sessions", **asked)["rows"]) == 1
    told = {
        there.code: [
            row["reader"]
            for row in looks(there.person(Role.CENTRE_MANAGER), there)
            if row["record"] == case and row["happened"] == "listed"
        ]
        for there in (county, other)
    }
    assert told == {county.code: [], other.code: [str(reader.actor.id)]}


def test_a_list_of_several_cases_names_none(county: County) -> None:
    counsellor, case = case_of(county)
    case_of(county)
    county.supervisor.reads("/ledgers/cases", region=county.code, min_position=head(county))
    assert looks(counsellor, county, equals=[f"record:{case}"]) == []


def test_whose_case_it_is_reads_who_searched_and_found_it(county: County) -> None:
    counsellor, case = case_of(county)
    case_of(county)
    phone = "13800000000"
    counsellor.does(
        f"/cases/{case}/parties", party="wife", identity={"name": "王某", "phone": phone}
    )
    finder = county.person(Role.REGISTRAR)
    assert len(finder.order("/searches", by="phone", number=phone).json()["found"]) == 1
    (row,) = looks(counsellor, county, equals=[f"record:{case}", "happened:searched"])
    assert (row["reader"], row["surface"]) == (str(finder.actor.id), "api")


def test_whose_case_it_is_reads_who_opened_a_number_that_counts_it_alone(county: County) -> None:
    counsellor, case = case_of(county)
    asked = {"indicator": "cases_opened", "region": county.code, "min_position": head(county)}
    year = {"from": "2019-01-01", "to": "2019-12-31"}
    reader = county.person(Role.CENTRE_MANAGER)
    assert len(reader.reads("/statistics/behind", **asked, **year)["counted"]) == 1
    (row,) = looks(counsellor, county, equals=[f"record:{case}", "happened:listed"])
    assert row["reader"] == str(reader.actor.id)


def joined(county: County, role: Role = Role.SUPERVISOR, name: str = "赵敏") -> tuple[Person, str]:
    """Somebody with an account at the county's office, and the login name."""
    by = county.person(role)
    return by, county.accounted(by, name)


def test_who_sees_a_look_is_told_who_looked(county: County, service: Service) -> None:
    counsellor, case = case_of(county)
    by, login = joined(county)
    by.reads(f"/history/{case}")
    path, told = f"/access/readers/{by.actor.id}/identity", {"login": login, "name": "赵敏"}
    elsewhere = County.founded(service).person(Role.AUDITOR)
    auditor = county.person(Role.AUDITOR)
    assert looks(auditor, county, equals=[f"reader:{by.actor.id}"])
    for reader in (counsellor, auditor, county.person(Role.PRIVACY_OFFICER)):
        assert reader.reads(path) == {"person": str(by.actor.id), **told}
    for stranger in (county.person(Role.COUNSELLOR), elsewhere):
        assert stranger.ask(path).status_code == 404, "who sees no look learns of nobody"
    assert county.person(Role.REGISTRAR).ask(path).status_code == 403
    rows = looks(county.person(Role.AUDITOR), county, equals=[f"reader:{auditor.actor.id}"])
    assert (rows[-1]["happened"], rows[-1]["kind"], rows[-1]["what"]) == (
        "released", "account", "reader"
    )  # fmt: skip
    assert not any(word in str(rows) for word in told.values())


def test_who_acts_for_the_machine_has_no_name_here(county: County) -> None:
    counsellor, case = case_of(county)
    manager = county.person(Role.CENTRE_MANAGER)
    manager.reads(f"/history/{case}")
    assert looks(counsellor, county, equals=[f"reader:{manager.actor.id}"])
    answer = counsellor.ask(f"/access/readers/{manager.actor.id}/identity")
    assert answer.status_code == 404
    assert "runs the machine" in answer.json()["detail"]


def test_who_declared_a_conflict_with_a_reader_is_not_told_who_that_is(county: County) -> None:
    _, case = case_of(county)
    by, _ = joined(county)
    by.reads(f"/history/{case}")
    auditor, _ = joined(county, Role.AUDITOR, "钱某")
    path = f"/access/readers/{by.actor.id}/identity"
    assert looks(auditor, county, equals=[f"reader:{by.actor.id}"])
    assert auditor.reads(path)["name"] == "赵敏"
    conflict = {"id": str(uuid4()), "relation": "relative", "person": str(by.actor.id)}
    county.person(Role.ADMINISTRATOR).does(
        f"/accounts/{auditor.actor.id}/conflicts", conflict=conflict
    )
    assert auditor.ask(path).status_code == 404, "no look of that person is in sight"


def test_no_name_is_opened_by_a_look_that_stands_in_the_read_models_alone(
    county: County, service: Service
) -> None:
    """The read models bear no signature: their login writes there whose look it likes."""
    victim, _ = joined(county, Role.SUPERVISOR, "远方的人")
    elsewhere = County.founded(service)
    manager, stranger = elsewhere.person(Role.CENTRE_MANAGER), elsewhere.person(Role.AUDITOR)
    _, case = case_of(elsewhere)
    manager.reads(f"/history/{case}")
    assert looks(stranger, elsewhere)
    path = f"/access/readers/{victim.actor.id}/identity"
    assert stranger.ask(path).status_code == 404
    with psycopg.connect(service.database.projector) as projector:
        projector.execute(
            "update build_1.ledger_looks set reader = %s where reader = %s",
            (victim.actor.id, manager.actor.id),
        )
    answer = stranger.ask(path)
    assert answer.status_code in (404, 503), answer.json()
