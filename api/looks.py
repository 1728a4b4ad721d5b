"""The trace of a look (查阅留痕), recorded before its answer leaves: without it there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, ClassVar, Final, NamedTuple
from uuid import UUID

from fastapi import Depends, Query

from api.dependencies import CurrentActor
from api.desks import AccessesDep
from application.access import Accesses
from application.eventlog import Receipt
from application.jurisdiction import Jurisdiction, Spot, kept_out, place_of
from application.policy import Action, Actor, Reach, reach
from application.records import Command
from domain.access import Selection, Viewing, access_id
from domain.base import Place, Refused, day
from domain.case import Case
from domain.looked import Looked
from domain.values import AccessPurpose, RecordKind, RecordSurface, Role

PURPOSES: Final = {
    Role.SUPERVISOR: AccessPurpose.SUPERVISION,
    Role.AUDITOR: AccessPurpose.REVIEW,
    Role.PRIVACY_OFFICER: AccessPurpose.SUBJECT_REQUEST,
    Role.SYSTEM: AccessPurpose.FIGURES,
}
"""For what a role looks, unless it says otherwise; everybody else serves."""

NEEDS: Final = {
    AccessPurpose.FIGURES: Action.OPEN_FIGURES,
    AccessPurpose.REVIEW: Action.REVIEW,
    AccessPurpose.SUBJECT_REQUEST: Action.RECEIVE_REQUESTS,
}
"""What somebody must be able to do who says that he looks for that."""


def require_fitting(purpose: AccessPurpose, actor: Actor) -> None:
    """Refuse a purpose that cannot be the actor's: it would stand in the reading log as said.

    An emergency is never said: it is one under the access that opens a record for it.
    """
    needed = NEEDS.get(purpose)
    if purpose is AccessPurpose.EMERGENCY or (
        needed is not None and reach(actor, needed) is Reach.NONE
    ):
        raise Refused("purpose-does-not-fit", purpose=purpose, role=actor.role)


class Emergency(NamedTuple):
    """A break-glass access, and the stream of the day on which it was asked for."""

    access: UUID
    stream: UUID


async def emergency_of(
    access: Annotated[
        UUID | None,
        Query(
            description="紧急查阅编号，与 stream 同用：凭批准查阅无权查看的档案。"
            "A granted break-glass access, with its `stream`: it opens the record until its end."
        ),
    ] = None,
    stream: Annotated[
        UUID | None, Query(description="申请紧急查阅时答复的 id。The id that the request answered.")
    ] = None,
) -> Emergency | None:
    """Under which break-glass access somebody looks, if under one."""
    return None if access is None or stream is None else Emergency(access, stream)


EmergencyDep = Annotated[Emergency | None, Depends(emergency_of)]


class Looks:
    """Leaves the traces of one request."""

    surface: ClassVar[RecordSurface] = RecordSurface.API

    def __init__(self, actor: Actor, desk: Accesses, purpose: AccessPurpose | None = None) -> None:
        if purpose is not None:
            require_fitting(purpose, actor)
        self._by = Command(actor, fresh=True)
        self._desk = desk
        self._purpose = purpose or PURPOSES.get(actor.role, AccessPurpose.SERVICE)

    @property
    def _day(self) -> UUID:
        """The stream of the reader's day; a request that is not repeated is looked up nowhere."""
        return access_id(self._by.by.id, self._by.by.office, day(self._desk.clock()))

    @property
    def office(self) -> Place | None:
        """Where the office of who looks is; the system has none."""
        return None if self._by.by.role is Role.SYSTEM else self._desk.office_of(self._by)

    def record(self, record: UUID, kind: RecordKind, spot: Spot | None) -> Receipt:
        """Somebody opens a record; where the log says so."""
        viewing = self.viewing(record, kind, place_of(spot) if spot else None)
        return self._desk.open_record(self._day, viewing, self._by)

    @contextmanager
    def recorded(
        self, record: UUID, kind: RecordKind, spot: Spot | None, policy: Jurisdiction
    ) -> Iterator[None]:
        """Somebody opens a record, which the block reads; at its end the log says so."""
        viewing = self.viewing(record, kind, place_of(spot) if spot else None)
        traced = self._desk.begin_opening(self._day, viewing, self._by, policy)
        yield
        traced()

    def under(
        self, emergency: Emergency, record: UUID, kind: RecordKind, spot: Spot | None
    ) -> datetime:
        """Somebody opens a record under a break-glass access; until when he may.

        Raises `Refused` when the access does not open it to him now.
        """
        place = place_of(spot) if spot else None
        viewing = self.viewing(record, kind, place, emergency.access)
        self._desk.open_record(emergency.stream, viewing, self._by)
        return self._desk.open_until(emergency.stream, emergency.access)

    def viewing(
        self,
        record: UUID,
        kind: RecordKind,
        place: Place | None,
        access: UUID | None = None,
        what: Looked | None = None,
        of: str = "",
    ) -> Viewing:
        """A look at a record; the vault traces itself what it opens, and `what` names that."""
        return Viewing(
            record=record,
            kind=kind,
            surface=self.surface,
            purpose=self._purpose if access is None else AccessPurpose.EMERGENCY,
            place=place or self.office,
            access=access,
            what=None if what is None else what.named(of),
        )

    def unsealing(
        self,
        case_id: UUID,
        action: Action,
        what: Looked,
        emergency: Emergency | None = None,
        kind: RecordKind = RecordKind.CASE,
        of: str = "",
    ) -> Viewing:
        """A look at something that is sealed in a case, which the vault traces before it opens it.

        As the policy lets by what authors signed of the case, or under a break-glass access that is
        open: whether there is anything is told to nobody else. Raises `Forbidden`, `NotFound`,
        `Refused`.
        """
        jurisdiction, actor = self._desk.records.jurisdiction, self._by.by
        case = self._desk.records.get_proved(Case, case_id)
        if emergency is None:
            jurisdiction.require_sight(actor, action, case)
        elif jurisdiction.stays_out(actor, case):
            raise kept_out()
        else:
            self._desk.require_open(emergency.stream, emergency.access, case.id, kind, self._by)
        return self.viewing(case.id, kind, case.place, emergency and emergency.access, what, of)

    def list(
        self, kind: RecordKind, what: Looked, rows: int, record: UUID | None = None, of: str = ""
    ) -> None:
        """Somebody sees a list; `what` names it, `of` never holds what stands in it.

        Rows of one `record` alone are a look at that, traced where it lies.
        """
        self._desk.open_list(self._day, self._selection(kind, what, of, rows, record), self._by)

    def search(
        self, kind: RecordKind, what: Looked, rows: int, record: UUID | None = None, of: str = ""
    ) -> None:
        """Somebody looks for records; `of` says by what, never what was typed."""
        self._desk.make_search(self._day, self._selection(kind, what, of, rows, record), self._by)

    def export(
        self, kind: RecordKind, what: Looked, rows: int, record: UUID | None = None, of: str = ""
    ) -> None:
        """Somebody takes rows out of the system."""
        self._desk.make_export(self._day, self._selection(kind, what, of, rows, record), self._by)

    def _selection(
        self, kind: RecordKind, what: Looked, of: str, rows: int, record: UUID | None
    ) -> Selection:
        # Who read who looked is told where he looks from: it warns nobody at the record.
        there = None
        if record is not None and kind is not RecordKind.ACCESS:
            there = self._desk.lies(record)
        return Selection(
            kind=kind,
            what=what.named(of),
            rows=rows,
            purpose=self._purpose,
            place=there or self.office,
            record=record,
            surface=self.surface,
        )


async def looks_of(
    actor: CurrentActor,
    desk: AccessesDep,
    purpose: Annotated[
        AccessPurpose | None,
        Query(description="查阅目的，记入查阅记录。For what you look; it is recorded."),
    ] = None,
) -> Looks:
    """The traces of a request. Raises `Refused`."""
    return Looks(actor, desk, purpose)


LooksDep = Annotated[Looks, Depends(looks_of)]
