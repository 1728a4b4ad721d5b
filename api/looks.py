"""The trace of a look (查阅留痕), recorded before its answer leaves: without it there is none."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query

from api.dependencies import AccessesDep, CurrentActor, SystemDep
from application.jurisdiction import Spot
from application.records import Command
from domain.access import Selection, Viewing, access_id
from domain.base import Place, day
from domain.values import AccessPurpose, RecordKind, RecordSurface, Role

PURPOSES: Final = {
    Role.SUPERVISOR: AccessPurpose.SUPERVISION,
    Role.AUDITOR: AccessPurpose.REVIEW,
    Role.PRIVACY_OFFICER: AccessPurpose.SUBJECT_REQUEST,
}
"""For what a role looks, unless it says otherwise; everybody else serves."""


class Looks:
    """Leaves the traces of one request."""

    def __init__(
        self,
        actor: CurrentActor,
        desk: AccessesDep,
        system: SystemDep,
        purpose: Annotated[
            AccessPurpose | None,
            Query(description="查阅目的，记入查阅记录。For what you look; it is recorded."),
        ] = None,
    ) -> None:
        self._by = Command(actor)
        self._desk = desk
        self._jurisdiction = system.records.jurisdiction
        self._purpose = purpose or PURPOSES.get(actor.role, AccessPurpose.SERVICE)

    @property
    def _day(self) -> UUID:
        """The stream of the reader's day; a request that is not repeated is looked up nowhere."""
        return access_id(self._by.by.id, day(self._desk.clock()))

    @property
    def office(self) -> Place:
        """Where the office of who looks is."""
        return place_of(self._jurisdiction.spot_of_office(self._by.by.office))

    def record(self, record: UUID, kind: RecordKind, spot: Spot | None) -> None:
        """Somebody opens a record."""
        viewing = Viewing(
            record=record,
            kind=kind,
            surface=RecordSurface.API,
            purpose=self._purpose,
            place=place_of(spot) if spot else self.office,
        )
        self._desk.open_record(self._day, viewing, self._by)

    def list(self, kind: RecordKind, what: str, rows: int, record: UUID | None = None) -> None:
        """Somebody sees a list; `what` names it and never holds what stands in it."""
        self._desk.open_list(self._day, self._selection(kind, what, rows, record), self._by)

    def export(self, kind: RecordKind, what: str, rows: int) -> None:
        """Somebody takes rows out of the system."""
        self._desk.make_export(self._day, self._selection(kind, what, rows, None), self._by)

    def _selection(self, kind: RecordKind, what: str, rows: int, record: UUID | None) -> Selection:
        return Selection(
            kind=kind,
            what=what,
            rows=rows,
            purpose=self._purpose,
            place=self.office,
            record=record,
        )


def place_of(spot: Spot) -> Place:
    """A spot as a place."""
    return Place(centre=spot.centre, region=spot.region)


LooksDep = Annotated[Looks, Depends(Looks)]
