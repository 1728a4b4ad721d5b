"""Two cases and a practitioner with sealed data, and who may read and erase them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from application.casework import Casework, Identity, Note, SessionFacts
from application.database import Database
from application.envelope import Unopened
from application.erasure import Erasures
from application.records import Actor, Command, Records
from application.team import RegistrationFacts, Team
from application.territory import Regions, id_of
from application.vault import Released, Vault
from domain import case_file
from domain.access import Viewing
from domain.base import Place
from domain.case import Case
from domain.practitioner import Practitioner
from domain.region import Region
from domain.region_events import Founding
from domain.values import (
    AccessPurpose,
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
from tests.domain.case_cast import HER, HIM, OPENING, PROPOSAL, screening, session

NAMES = {HER: "王丽", HIM: "李强"}
NOTES = {None: "共同讨论了抚养安排", HER: "她担心他酗酒"}
SECRETS = (*NAMES.values(), *NOTES.values())


OFFICE = UUID(int=370102)  # where the cases are


@dataclass(frozen=True)
class World:
    """The desks over one log and one vault."""

    database: Database
    records: Records
    vault: Vault

    @property
    def casework(self) -> Casework:
        return Casework(self.records, self.vault)

    @property
    def team(self) -> Team:
        return Team(self.records, self.vault)

    @property
    def erasures(self) -> Erasures:
        return Erasures(self.records, self.vault)

    def case(self, region: UUID = OFFICE) -> UUID:
        """A case in which both are identified, with joint notes and hers of one session."""
        case, here = uuid4(), Place(region=region)
        self.records.change(command(), Case, case, case_file.open_case, OPENING, here)
        for party in (HER, HIM):
            self.casework.identify(case, party, Identity(name=NAMES[party]), None, command())
        self.casework.offer(case, command())
        for party in (HER, HIM):
            self.casework.consent(case, party, command())
            before = replace(command(), occurred=ago(5))
            self.casework.screen(case, screening(party), before)
        held = self.session()
        for person in held.practitioners:
            if self.records.find(Practitioner, person) is None:
                self.practitioner(person)
        self.casework.hold_session(case, held, command())
        return case

    def session(self) -> SessionFacts:
        """A session of both, just over."""
        held = dict(session("session", HER, HIM, on=datetime.now(UTC).date()))
        notes = tuple(Note(text=text, party=party) for party, text in NOTES.items())
        return SessionFacts(**{**held, "started_at": ago(3), "minutes": 1, "notes": notes})

    def closed_case(self) -> UUID:
        """The same, closed."""
        case = self.case()
        self.close(case)
        return case

    def close(self, case: UUID) -> None:
        self.casework.propose_closure(case, PROPOSAL, command())
        self.casework.approve_closure(case, command())

    def practitioner(self, person: UUID | None = None) -> UUID:
        person = person or uuid4()
        registration = RegistrationFacts(
            kind=PractitionerKind.VOLUNTEER,
            source=PractitionerSource.VOLUNTEER,
            identity=Identity(name="赵敏"),
            sex=Sex.FEMALE,
            birth_year=1980,
            education=Education.BACHELOR,
        )
        self.team.register(person, registration, command())
        return person

    def release(self, record: UUID, parts: Sequence[str] | None = None) -> Released:
        return self.vault.release(self.records, viewing(record), command(), parts)

    def texts(self, record: UUID) -> list[str]:
        """Everything of a record that the vault still opens, the names and notes only."""
        try:
            released = self.release(record)
        except Unopened:
            return []
        opened = (released.open(field.sealed) for field in released.fields)
        return [text.removeprefix('{"name":"').removesuffix('"}') for text in opened]

    def fetch(self, query: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.database.administrator) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]


def viewing(record: UUID) -> Viewing:
    return Viewing(
        record=record,
        kind=RecordKind.CASE,
        surface=RecordSurface.RECORD_PAGE,
        purpose=AccessPurpose.SERVICE,
    )


def ago(minutes: int) -> datetime:
    """So many minutes ago: a session is entered when it is over."""
    return datetime.now(UTC) - timedelta(minutes=minutes)


def command(role: Role = Role.COUNSELLOR, reason: str | None = None) -> Command:
    return Command(Actor(uuid4(), role, uuid4()), reason=reason)


def founded(records: Records) -> UUID:
    """A province in the log."""
    founding = Founding(
        scheme="test",
        code="370000",
        name="山东省",
        level=RegionLevel.PROVINCE,
        kind=RegionKind.PROVINCE,
        valid_from=date(2000, 1, 1),
    )
    if records.find(Region, id_of(founding)) is None:
        Regions(records).establish(founding, command(Role.SUPERVISOR))
    return id_of(founding)


def officer() -> Command:
    return command(Role.PRIVACY_OFFICER)
