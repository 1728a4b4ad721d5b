"""Rows that nobody signed end no request and open nothing: who may append to the log wrote them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.app import create_app
from application.alarms import standing
from application.codec import encode
from application.copies import Copies
from application.database import Database
from application.dossier import require_allowed
from application.erasure import Erasures, Looked
from application.evidence import Order
from application.jurisdiction import Forbidden
from application.keys import Author
from application.records import Command, Records
from application.settings import Settings
from domain import case_care, case_file
from domain.access import Access, access_id
from domain.base import Aggregate, Event, Place, Stamp, day, decide, fold
from domain.case import Case
from domain.case_counselling_events import SessionHeld
from domain.case_file_events import PartyIdentityCorrected
from domain.case_protection_events import ProtectedAddressNoted, SafeContactNoted
from domain.log import LOG_ID
from domain.request import RequestReceived
from domain.values import AccessPurpose, Role
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Person, Service, Team
from tests.api.conftest import served
from tests.api.test_access import asked, head, soon
from tests.api.test_rights import team_case, verified
from tests.api.test_searches import identified, search
from tests.api.test_unsealing import SEALED, case_of
from tests.proof.test_own_stream import append_to
from tests.unasked import Unasked
from tests.vault.test_first_event import naming_too

pytestmark = pytest.mark.attack


@pytest.fixture
def alone(database: Database, tmp_path: Path) -> Iterator[County]:
    """A county in a log of its own."""
    settings = Settings(home=tmp_path, trusted_proxies="127.0.0.1")
    app = create_app(database, settings)
    with served(app) as address:
        service = Service(address, app, database, settings)
        service.person().does("/practitioners", id=COUNSELLOR, registration=REGISTRATION)
        yield County.founded(service)


@pytest.mark.parametrize("state", [b"3", b"\xff", b"{}"])
def test_rubbish_in_every_stream_ends_no_request(alone: County, state: bytes) -> None:
    counsellor, supervisor = alone.person(), alone.supervisor
    assert isinstance(counsellor, Team)
    own = counsellor.members[Role.COUNSELLOR]
    case = alone.opened(counsellor)
    identity = {"name": "王丽", "phone": "13800000000"}
    counsellor.does(f"{case}/parties", party="wife", identity=identity, occurred="2019-03-01")
    own.reads(f"/history/{case.rpartition('/')[2]}")
    database, today = alone.service.database, day(datetime.now(UTC))
    looks = access_id(own.actor.id, own.actor.office, today)
    record = case.rpartition("/")[2]
    places = [
        append_to(database, topic, state, UUID(str(stream)))
        for topic, stream in (
            ("case.party-identified.v1", record),
            ("case.safe-contact-noted.v1", record),
            ("region.moved.v1", alone.region),
            ("region.established.v1", UUID(int=7)),
            ("centre.established.v1", UUID(int=8)),
            ("centre.corrected.v1", alone.centre),
            ("practitioner.x.v1", COUNSELLOR),
            ("access.record-opened.v1", looks),
            ("log.schema-changed.v1", LOG_ID),
        )
    ]
    for path in ("/indicators", f"/history/{record}"):
        answer = own.ask(path)
        assert answer.status_code == 200, (path, answer.text)
    for path in (
        "/ledgers/cases/deadlines",
        f"/history/{LOG_ID}",
        f"/history/{alone.region}",
        f"/history/{alone.centre}",
    ):
        answer = supervisor.ask(path)
        assert answer.status_code == 200, (path, answer.text)
    opened = own.ask(f"{case}/identities")
    assert opened.status_code == 200, opened.text
    counsellor.does(f"{case}/offers", occurred="2019-03-01")
    alarms = standing(alone.service.settings.home) or ""
    assert f"The row at position {places[0]:,} is one of a record's" in alarms
    assert f"position {places[-1]} is one of the log's own" in alarms
    assert f"The row at position {places[2]:,} says where an office is" in alarms


def forge(at: County, kind: type[Aggregate], record: str, *steps: tuple[Any, ...]) -> None:
    """Append what decisions would yield, under the application's login and without a key."""
    now, stream = datetime.now(UTC), UUID(record)
    by = Stamp.issue(
        now=now,
        actor=uuid4(),
        role=Role.CENTRE_MANAGER,
        office=UUID(at.centre),
        occurred=now,
        reason="x",
        request=uuid4(),
    )
    aggregate = fold(kind(stream), at.service.records.events_of(stream))
    for decision, *facts in steps:
        events = decide(aggregate, partial(decided, decision, facts, by))
        for event in events:
            append_to(at.service.database, event.topic, encode(event), stream)
        aggregate = fold(aggregate, events)


def decided(
    decision: Callable[..., Iterator[Event]], facts: list[Any], by: Stamp, aggregate: Any
) -> Iterator[Event]:
    return decision(aggregate, *facts, by)


def moved(alone: County, case: str, to: County, counsellor: Person) -> None:
    """Move a case to another county and give it to somebody there, by rows that nobody signed."""
    place = Place(centre=UUID(to.centre), region=UUID(to.region))
    forge(
        to,
        Case,
        case.rpartition("/")[2],
        (case_file.request_transfer, place),
        (case_file.accept_transfer,),
        (case_care.assign, counsellor.actor.id),
    )
    # The history shows what stands in the log.
    assert alone.service.records.get(Case, UUID(case.rpartition("/")[2])).place == place


@pytest.mark.parametrize("path", SEALED)
def test_what_nobody_signed_opens_nothing_that_is_sealed(alone: County, path: str) -> None:
    """With the application's login, and an account of another county."""
    own, case, _ = case_of(alone)
    other = alone.neighbour()
    spies = [other.person(role) for role in (Role.COUNSELLOR, Role.CENTRE_MANAGER)]
    before = own.reads(f"{case}/{path}", **SEALED[path])
    moved(alone, case, other, spies[0])
    for spy in spies:
        answer = spy.ask(f"{case}/{path}", **SEALED[path])
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:huhang:forbidden")
    assert own.reads(f"{case}/{path}", **SEALED[path]) == before
    assert "nor 2 others" in (standing(alone.service.settings.home) or "")


@pytest.mark.parametrize("path", ["identities", "notes", "texts"])
def test_who_is_an_author_for_a_moment_opens_nothing_that_is_sealed(
    alone: County, path: str
) -> None:
    """Neither then nor later, when the log is as it was and the process goes on."""
    own, case, _ = case_of(alone)
    own.reads(f"{case}/{path}", **SEALED[path])
    other, database = alone.neighbour(), alone.service.database
    spy, record = other.person(Role.COUNSELLOR), UUID(case.rpartition("/")[2])
    place = Place(centre=UUID(other.centre), region=UUID(other.region))
    thief = Author("app9", Ed25519PrivateKey.generate())
    with closing(Records(database, thief, jurisdiction=Unasked)) as theirs:
        for decision, *facts in (
            (case_file.request_transfer, place),
            (case_file.accept_transfer,),
            (case_care.assign, spy.actor.id),
        ):
            by = Command(other.person(Role.CENTRE_MANAGER).actor)
            found = partial(theirs.get, Case, record)
            theirs.change(by, Case, record, decision, *facts, found=found)
    assert spy.ask(f"{case}/{path}", **SEALED[path]).status_code == 403
    append_to(database, "log.x.v1", b"3", LOG_ID)  # so that authors are read anew at once
    with naming_too(database, thief):
        for answer in (spy.ask(f"{case}/{path}"), spy.order(f"{case}/consents", party="other")):
            told = (answer.status_code, answer.json()["type"])
            assert told == (503, "urn:huhang:another-beginning")
    assert "first event of the log" in (standing(alone.service.settings.home) or "")
    assert spy.ask(f"{case}/{path}", **SEALED[path]).status_code == 403
    own.reads(f"{case}/{path}", **SEALED[path])


def test_what_nobody_signed_is_not_what_is_opened(alone: County) -> None:
    """Else one row ends each look at what is sealed in a case."""
    own, case, _ = case_of(alone)
    record = case.rpartition("/")[2]
    before = {path: own.reads(f"{case}/{path}", **of) for path, of in SEALED.items()}
    events = alone.service.records.events_of(UUID(record))
    for written in (PartyIdentityCorrected, SafeContactNoted, ProtectedAddressNoted, SessionHeld):
        found = [event for event in events if isinstance(event, written)][-1]
        state = re.sub(rb'("n":")[^"]{4}', rb"\1AAAA", encode(found))
        append_to(alone.service.database, found.topic, state, UUID(record))
    assert {path: own.reads(f"{case}/{path}", **of) for path, of in SEALED.items()} == before


def test_what_nobody_signed_brings_no_case_into_a_search(alone: County) -> None:
    case, phone = identified(alone)
    other = alone.neighbour()
    registrar = other.person(Role.REGISTRAR)
    moved(alone, f"/cases/{case}", other, registrar)
    assert search(registrar, phone) == []
    assert [one["record"] for one in search(alone.person(Role.REGISTRAR), phone)] == [case]


def test_what_nobody_signed_opens_no_record_in_an_emergency(alone: County) -> None:
    """Who is in charge of the record decides, and is said to be so, as it was signed."""
    _, case, _ = case_of(alone)
    other = alone.neighbour()
    spy = other.person(Role.COUNSELLOR)
    moved(alone, case, other, other.person(Role.COUNSELLOR))
    stream, access = asked(spy, case.rpartition("/")[2])
    grant = f"/access/{stream}/requests/{access}/grant"
    answer = other.person(Role.PRIVACY_OFFICER).order(grant, until=soon(hours=1))
    assert answer.status_code == 403
    (request,) = alone.service.records.get(Access, UUID(stream)).accesses.values()
    assert request.place.centre == UUID(alone.centre)
    alone.person(Role.PRIVACY_OFFICER).does(grant, until=soon(hours=1))


def test_what_nobody_signed_shows_no_request_and_no_copy(alone: County) -> None:
    _, case, record = team_case(alone)
    path, other = verified(alone, record, "copy"), alone.neighbour()
    own = alone.person(Role.PRIVACY_OFFICER)
    own.does(f"{path}/grant")
    position = head(alone)
    moved(alone, case, other, other.person(Role.COUNSELLOR))
    request, place = path.rpartition("/")[2], Place(region=UUID(other.region))
    (event,) = alone.service.records.events_of(UUID(request), (RequestReceived.topic,))
    forged = event.model_copy(update={"place": place})
    append_to(alone.service.database, forged.topic, encode(forged), UUID(request))
    spy = other.person(Role.PRIVACY_OFFICER)
    for look in ("words", "holdings"):
        assert spy.ask(f"{path}/{look}").status_code == 403
    assert own.reads(f"{path}/words")["details"] is not None
    service, now = alone.service, datetime.now(UTC)
    vault = service.app.state.system.vault
    copies = Copies(service.database, service.records, vault, service.settings)
    with pytest.raises(Forbidden):
        copies.order(UUID(request), position, now, Command(spy.actor))
    ordered = copies.order(UUID(request), position, now, Command(own.actor))
    assert (ordered.case, ordered.by) == (UUID(record), own.actor)


def test_what_nobody_signed_hands_out_no_dossier(alone: County) -> None:
    _, case, _ = case_of(alone)
    other = alone.neighbour()
    moved(alone, case, other, other.person(Role.COUNSELLOR))

    def require(by: Person) -> None:
        order = Order(
            case=UUID(case.rpartition("/")[2]),
            as_of=head(alone),
            known_at=datetime.now(UTC),
            purpose=AccessPurpose.LEGAL_REQUEST,
            recipient="某区人民法院",
            by=by.actor,
            parts=(),
        )
        require_allowed(alone.service.records, order)

    with pytest.raises(Forbidden):
        require(other.person(Role.SUPERVISOR))
    require(alone.person(Role.SUPERVISOR))


def test_nobody_takes_over_a_case_that_nobody_signed_away(alone: County) -> None:
    """Else what another county decides then is signed, and opens what is sealed."""
    own, case, _ = case_of(alone)
    other = alone.neighbour()
    place = Place(centre=UUID(other.centre), region=UUID(other.region))
    forge(other, Case, case.rpartition("/")[2], (case_file.request_transfer, place))
    manager = other.person(Role.CENTRE_MANAGER)
    answer = manager.order(f"{case}/transfer/acceptance")
    assert answer.status_code == 403, answer.text
    assert manager.ask(f"{case}/identities").status_code == 403
    own.does(f"{case}/consents", party="other", occurred="2019-03-01")
    assert own.reads(f"{case}/identities")["parties"]


def test_what_nobody_signed_ends_no_case_while_it_is_to_be_erased(
    alone: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appended behind the moment in which an erasure looks at the whole of the record."""
    own, case, _ = case_of(alone)
    record, look = case.rpartition("/")[2], Erasures.look

    def looked(desk: Erasures, asked: UUID) -> Looked:
        found = look(desk, asked)
        forge(alone, Case, record, (case_file.void, None))
        return found

    monkeypatch.setattr(Erasures, "look", looked)
    officer = alone.person(Role.PRIVACY_OFFICER)
    answer = officer.order(f"/records/{record}/erasure", ground="unlawful")
    assert (answer.status_code, answer.json()["code"]) == (422, "case-open")
    assert own.ask(f"{case}/identities").status_code == 200
