"""A repeated request gets its first receipt, however the world has changed since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from application import team
from application.access import Accesses
from application.as_of import AsOfRefused
from application.casework import Casework, Identity, Note, SessionFacts
from application.centres import Centres
from application.database import Database
from application.eventlog import Conflict, Receipt, RequestReused
from application.records import Actor, Command, Records
from application.settings import Settings
from application.supervision import Supervision
from application.team import RegistrationFacts, Team
from application.territory import Regions, id_of
from application.vault import Vault, open_vault
from domain import case_counselling
from domain.access import Selection, Viewing
from domain.base import SHANGHAI, Place, Refused
from domain.case import Case
from domain.centre_events import Establishment
from domain.practitioner_events import Post, ServiceHours
from domain.region_events import Founding
from domain.supervision import Order
from domain.values import (
    AccessPurpose,
    CentreKind,
    Education,
    PractitionerKind,
    PractitionerSource,
    RecordKind,
    RecordSurface,
    RegionKind,
    RegionLevel,
    Role,
    Sex,
)
from tests.domain.case_cast import HER, OPENING, hour, screening, session

EVENING = datetime(2021, 6, 1, 23, 50, tzinfo=SHANGHAI)
TODAY = EVENING.date()
TOMORROW = TODAY + timedelta(days=1)


@dataclass
class World:
    """The desks over one log, at a time that the test sets."""

    records: Records
    vault: Vault
    now: datetime = EVENING

    def __post_init__(self) -> None:
        self.records._clock = lambda: self.now
        self.accesses = Accesses(self.records, lambda: self.now)
        self.casework = Casework(self.records, self.vault, lambda: self.now)
        self.centres = Centres(self.records)
        self.team = Team(self.records, self.vault)
        self.regions = Regions(self.records)
        self.supervision = Supervision(self.records)
        self.here, self.there = self.region("370000"), self.region("410000")
        self.centre = uuid4()
        founding = Establishment(
            kind=CentreKind.CENTRE,
            name="历下中心",
            region=self.here,
            established_on=date(2020, 1, 1),
        )
        self.centres.establish(self.centre, founding, command(date(2020, 1, 1), "late"))

    @property
    def place(self) -> Place:
        return Place(centre=self.centre, region=self.here)

    def region(self, code: str) -> UUID:
        founding = Founding(
            scheme="test",
            code=code,
            name=code,
            level=RegionLevel.PROVINCE,
            kind=RegionKind.PROVINCE,
            valid_from=date(2000, 1, 1),
        )
        self.regions.establish(founding, command(date(2000, 1, 1), "late"))
        return id_of(founding)

    def open_case(self, at: datetime = EVENING) -> UUID:
        case = uuid4()
        self.casework.open(case, OPENING, self.place, command(at))
        return case

    def move_centre(self, on: date) -> None:
        """The centre lies in the other region from a day on."""
        self.centres.reassign(self.centre, self.there, on, command(on, "撤并"))

    def midnight_passes(self) -> None:
        self.now += timedelta(hours=1)
        self.move_centre(TOMORROW)


def command(occurred: date | datetime | None = None, reason: str | None = None) -> Command:
    return Command(Actor(uuid4(), Role.COUNSELLOR, uuid4()), uuid4(), occurred, reason)


@pytest.fixture
def world(records: Records, vault: Vault) -> World:
    return World(records, vault)


def test_a_case_opened_before_midnight_is_answered_after_the_centre_moved(world: World) -> None:
    case, by = uuid4(), command()
    first = world.casework.open(case, OPENING, world.place, by)
    world.midnight_passes()
    assert world.casework.open(case, OPENING, world.place, by) == first
    with pytest.raises(Refused, match="place-elsewhere"):
        world.casework.open(uuid4(), OPENING, world.place, command())


def test_a_transfer_asked_for_before_midnight_is_answered_after_it(world: World) -> None:
    elsewhere = uuid4()
    founding = Establishment(
        kind=CentreKind.CENTRE, name="市中中心", region=world.there, established_on=TODAY
    )
    world.centres.establish(elsewhere, founding, command(TODAY))
    case, by = world.open_case(), command()
    to = Place(centre=elsewhere, region=world.there)
    first = world.casework.request_transfer(case, to, by)
    world.now += timedelta(hours=1)
    world.centres.reassign(elsewhere, world.here, TOMORROW, command(TOMORROW))
    assert world.casework.request_transfer(case, to, by) == first


def repeated_after_the_centre_moved(
    world: World, ask: Callable[[Place, Command], Receipt]
) -> tuple[Receipt, Receipt]:
    """Ask, let a late entry say that the centre had moved before, and ask again."""
    by = command(EVENING)
    first = ask(world.place, by)
    world.move_centre(TODAY)
    with pytest.raises(Refused, match="place-elsewhere"):
        ask(world.place, command(EVENING))
    return first, ask(world.place, by)


def test_a_post_is_answered_again_after_its_centre_moved(world: World) -> None:
    person = enlisted(world)
    post = uuid4()

    def assume(place: Place, by: Command) -> Receipt:
        return world.team.assume_post(
            person, Post(id=post, place=place, title="辅导员", from_on=TODAY), by
        )

    first, again = repeated_after_the_centre_moved(world, assume)
    assert again == first


def test_hours_are_answered_again_after_their_centre_moved(world: World) -> None:
    person = enlisted(world)
    hours = an_hour_at(world.place)
    first, again = repeated_after_the_centre_moved(
        world, lambda place, by: world.team.credit_hours(person, hours, by)
    )
    assert again == first


def test_an_order_is_answered_again_after_its_centre_moved(world: World) -> None:
    order_id = uuid4()
    order = Order(
        addressee=world.centre, what="回访", issued_on=TODAY, deadline=TOMORROW, evidence=(1,)
    )
    first, again = repeated_after_the_centre_moved(
        world, lambda place, by: world.supervision.issue(order_id, order, place, by)
    )
    assert again == first


@pytest.mark.parametrize("occurred", [None, TODAY])
def test_what_was_seen_before_midnight_is_answered_after_it(
    world: World, occurred: date | None
) -> None:
    viewing = Viewing(
        record=uuid4(),
        kind=RecordKind.CASE,
        surface=RecordSurface.API,
        purpose=AccessPurpose.SERVICE,
    )
    seen = command(occurred)
    first_day = world.accesses.own_day(seen)
    first = world.accesses.open_record(first_day, viewing, seen)
    world.now += timedelta(days=1)
    assert world.accesses.open_record(world.accesses.own_day(seen), viewing, seen) == first
    another = replace(seen, request=uuid4(), occurred=None)
    assert world.accesses.own_day(another) != first_day, "what is seen now is of today"


def test_the_request_of_another_reader_lets_nobody_into_his_day(world: World) -> None:
    listed = Selection(kind=RecordKind.CASE, what="个案", rows=1, purpose=AccessPurpose.SERVICE)
    seen = command()
    world.accesses.open_list(world.accesses.own_day(seen), listed, seen)
    other = replace(command(), request=seen.request)
    with pytest.raises(RequestReused):
        world.accesses.open_list(world.accesses.own_day(other), listed, other)


def enlisted(world: World, person: UUID | None = None) -> UUID:
    person = person or uuid4()
    registration = RegistrationFacts(
        kind=PractitionerKind.VOLUNTEER,
        source=next(iter(PractitionerSource)),
        identity=Identity(name="王丽"),
        sex=next(iter(Sex)),
        birth_year=1980,
        education=next(iter(Education)),
    )
    world.team.register(person, registration, command(EVENING))
    return person


def an_hour_at(place: Place) -> ServiceHours:
    start, end = hour(9, TODAY), hour(10, TODAY)
    return ServiceHours(id=uuid4(), place=place, started_at=start, ended_at=end, credited=60)


def test_what_is_checked_is_checked_before_anything_is_recorded(world: World) -> None:
    before = world.records.recorder.max_notification_id()
    order = Order(
        addressee=world.centre, what="回访", issued_on=TODAY, deadline=TOMORROW, evidence=(10**9,)
    )
    with pytest.raises(AsOfRefused):
        world.supervision.issue(uuid4(), order, world.place, command(EVENING))
    assert world.records.recorder.max_notification_id() == before


@pytest.fixture
def another_calendar(world: World) -> Callable[[], None]:
    """A year later another notice is known, and another version of the calendar."""

    def passes() -> None:
        world.now += timedelta(days=365)

    return passes


def test_an_application_is_answered_again_when_the_calendar_is_another(
    world: World, another_calendar: Callable[[], None]
) -> None:
    case, by = world.open_case(), command(TODAY)
    first = world.casework.accept_application(case, "R-1", by)
    another_calendar()
    assert world.casework.accept_application(case, "R-1", by) == first
    with pytest.raises(RequestReused):
        world.casework.accept_application(case, "R-2", by)


def test_a_corrected_application_is_answered_again_when_the_calendar_is_another(
    world: World, another_calendar: Callable[[], None]
) -> None:
    case, by = world.open_case(), command(EVENING, "误登")
    world.casework.accept_application(case, "R-1", command(EVENING))
    first = world.casework.correct_application(case, TODAY, "R-2", by)
    another_calendar()
    assert world.casework.correct_application(case, TODAY, "R-2", by) == first


def test_an_application_without_a_day_has_its_periods_from_the_day_of_its_stamp(
    world: World,
) -> None:
    case = world.open_case()
    world.casework.accept_application(case, "R-1", command())
    found = world.records.get(Case, case)
    assert found.application is not None
    assert found.application.fact.on == TODAY
    assert found.application.fact.deadlines == world.casework.deadlines_of(found, TODAY)


def test_personal_data_are_recognised_when_they_are_sent_again(world: World) -> None:
    case, by = world.open_case(), command(EVENING)
    wang, li = Identity(name="王丽", phone="1"), Identity(name="李强", phone="2")
    first = world.casework.identify(case, HER, wang, None, by)
    assert world.casework.identify(case, HER, wang, None, by) == first
    with pytest.raises(RequestReused):
        world.casework.identify(case, HER, li, None, by)


def test_a_vault_opened_anew_recognises_personal_data(
    world: World, database: Database, tmp_path: Path
) -> None:
    case, by = world.open_case(), command(EVENING)
    first = world.casework.identify(case, HER, Identity(name="王丽"), None, by)
    with open_vault(database, Settings(home=tmp_path)) as vault:
        restarted = Casework(world.records, vault, lambda: world.now)
        assert restarted.identify(case, HER, Identity(name="王丽"), None, by) == first


def test_a_star_is_answered_again_when_the_policy_is_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, by = enlisted(world), command(EVENING)
    hours = an_hour_at(world.place)
    easy = team.DEFAULT_STARS.model_copy(update={"hours": (1, 2, 3, 4, 5)})
    monkeypatch.setattr(team, "DEFAULT_STARS", easy)
    world.team.credit_hours(person, hours, command(EVENING))
    first = world.team.award_star(person, 1, by)
    monkeypatch.undo()
    assert world.team.award_star(person, 1, by) == first


def counselled(world: World, *notes: str) -> tuple[UUID, SessionFacts]:
    """A case with one session, and the session as it was written down."""
    case = world.open_case(hour(9, TODAY))
    world.casework.offer(case, command(hour(9, TODAY)))
    world.casework.consent(case, HER, command(hour(9, TODAY)))
    world.casework.screen(case, screening(HER), command(hour(9, TODAY)))
    held = dict(session("session", HER, on=TODAY))
    enlisted(world, *held["practitioners"])
    facts = SessionFacts(**{**held, "notes": tuple(Note(text=note) for note in notes)})
    world.casework.hold_session(case, facts, command(hour(12, TODAY)))
    return case, facts


def notes_of(world: World, case: UUID) -> list[str]:
    (held,) = world.records.get(Case, case).sessions.values()
    assert held is not None
    viewing = Viewing(
        record=case,
        kind=RecordKind.SEALED_NOTE,
        surface=RecordSurface.API,
        purpose=AccessPurpose.SUPERVISION,
    )
    released = world.vault.release(world.records, viewing, command(EVENING))
    return [released.open(compartment.note) for compartment in held.fact.notes or ()]


def test_a_session_with_sealed_notes_is_recognised_when_it_is_sent_again(world: World) -> None:
    case, facts = counselled(world, "第一次")
    by, after = command(EVENING, "笔误"), facts.model_copy(update={"notes": (Note(text="改"),)})
    first = world.casework.correct_session(case, after, by)
    assert world.casework.correct_session(case, after, by) == first
    assert notes_of(world, case) == ["改"]


def test_a_correction_that_leaves_notes_out_is_answered_again_after_they_changed(
    world: World,
) -> None:
    case, facts = counselled(world, "第一次")
    by, longer = command(EVENING, "笔误"), facts.model_copy(update={"minutes": 60, "notes": None})
    first = world.casework.correct_session(case, longer, by)
    other = longer.model_copy(update={"notes": (Note(text="改"),)})
    world.casework.correct_session(case, other, command(EVENING, "补记"))
    assert world.casework.correct_session(case, longer, by) == first
    assert notes_of(world, case) == ["改"]


def test_a_correction_that_leaves_notes_out_keeps_those_written_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody rewrites the notes just before the session is loaded to be corrected."""
    case, facts = counselled(world, "第一次")
    receipt_of = world.records.recorder.receipt_of

    def overtaken(request: UUID, fingerprint: bytes) -> Receipt | None:
        monkeypatch.undo()
        other = facts.model_copy(update={"notes": (Note(text="改"),)})
        world.casework.correct_session(case, other, command(EVENING, "补记"))
        return receipt_of(request, fingerprint)

    monkeypatch.setattr(world.records.recorder, "receipt_of", overtaken)
    longer = facts.model_copy(update={"minutes": 60, "notes": None})
    world.casework.correct_session(case, longer, command(EVENING, "笔误"))
    assert notes_of(world, case) == ["改"]


def test_a_correction_overtaken_after_the_session_was_loaded_is_a_conflict(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, facts = counselled(world, "第一次")
    correct = case_counselling.correct_session

    def overtaken(state: Case, *arguments: object) -> object:
        monkeypatch.undo()
        other = facts.model_copy(update={"notes": (Note(text="改"),)})
        world.casework.correct_session(case, other, command(EVENING, "补记"))
        return correct(state, *arguments)

    monkeypatch.setattr(case_counselling, "correct_session", overtaken)
    longer = facts.model_copy(update={"minutes": 60, "notes": None})
    with pytest.raises(Conflict):
        world.casework.correct_session(case, longer, command(EVENING, "笔误"))
    assert notes_of(world, case) == ["改"]
