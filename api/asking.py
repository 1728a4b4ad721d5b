"""Who asks on the command line: how far he may see, and the trace of it before he is answered.

By HUHANG_TOKEN it is the bearer of a token, who is shown and may do what the API would let him.
Without one it is whoever runs this machine, who has the database anyway and sees everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import ClassVar
from uuid import UUID

from api.looks import Looks
from api.permissions import SURFACES
from api.routes.history import PERSONAL, looked_at_by, masked_of
from api.terminal import WRONG_ARGUMENT, asked, fail, questions
from application.access import Accesses
from application.beginning import by_the_system, open_records
from application.database import Database
from application.identity import open_identity
from application.jurisdiction import LOOKING, forbidden, kept_out
from application.keys import author_of
from application.policy import Action, Actor
from application.records import Records
from application.settings import Settings
from application.vault import Vault, open_vault
from domain.account import Account
from domain.base import Aggregate
from domain.pin import Pin, PinnedReport
from domain.values import RecordSurface
from projections.history import Moment, timeline
from projections.pins import shows
from projections.readings import Reading, Readings
from projections.statistics import Statistics


class TerminalLooks(Looks):
    """Leaves the traces of one command."""

    surface: ClassVar = RecordSurface.COMMAND_LINE


def bearer_of(
    database: Database, settings: Settings, records: Records, vault: Vault
) -> Actor | None:
    """Whose token it is; None of whoever runs this machine. Raises `TokenRefused`."""
    if settings.token is None:
        return None
    with open_identity(database, settings, records, vault) as identity:
        return identity.operator(settings.token.get_secret_value())[0]


def require_machine() -> None:
    """Refuse under a token what asks nobody's role, as only who runs this machine does it."""
    if Settings().token is not None:
        fail(
            "This is for who runs this machine, and HUHANG_TOKEN says that somebody else asks; "
            "unset it for this command.",
            WRONG_ARGUMENT,
        )


class Asking:
    """What one command asks, and who it is that asks."""

    def __init__(self, database: Database, readings: Readings, settings: Settings) -> None:
        self.readings = readings
        self.database = database
        self._settings = settings

    @cached_property
    def records(self) -> Records:
        """The records of the log, opened for what is of a person."""
        return open_records(self.database, self._settings)

    @cached_property
    def bearer(self) -> Actor | None:
        """Whose token it is; None of whoever runs this machine. Raises `TokenRefused`."""
        if self._settings.token is None:
            return None
        records = self.records  # before the vault, which believes the log by what they note of it
        with open_vault(self.database, self._settings) as vault:
            return bearer_of(self.database, self._settings, records, vault)

    @cached_property
    def looks(self) -> Looks:
        """The traces to leave."""
        records = self.records  # before the author is asked for: only a new log makes his key
        actor = self.bearer or by_the_system(author_of(self._settings)).by
        return TerminalLooks(actor, Accesses(records))

    def reading(self, as_of: str | None, operation: str, action: Action | None = None) -> Reading:
        """The reading that was asked for, as far as an operation of the API would show it.

        Of an operation with several actions, `action` is the one. Raises `Forbidden`.
        """
        reading = asked(self.readings, as_of)
        if self.bearer is None:
            return reading
        shown = action or SURFACES[operation][0]
        return reading.seen(self.records.jurisdiction.sight(self.bearer, shown))

    def history(self, reading: Reading, record_id: UUID) -> list[Moment]:
        """What happened to a record, traced if it is of a person. Raises `Forbidden`."""
        record = self.records.record(record_id)
        looked_at = looked_at_by(self.records, record)
        jurisdiction = self.records.jurisdiction
        masked: tuple[str, ...] = ()
        if self.bearer is not None:
            self._require_shown(self.bearer, record)
            masked = masked_of(jurisdiction, self.bearer, record)
        moments = timeline(self.readings, reading, record_id, masked=masked)
        kind = PERSONAL.get(type(looked_at))
        if kind is not None:
            spots = jurisdiction.whereabouts(record).spots
            self.looks.record(looked_at.id, kind, spots[0] if spots else None)
        return moments

    def _require_shown(self, bearer: Actor, record: Aggregate) -> None:
        jurisdiction = self.records.jurisdiction
        if jurisdiction.stays_out(bearer, record):
            raise kept_out()
        if isinstance(record, Account):
            offices = record.administered_from(jurisdiction.today)
            jurisdiction.require_offices(bearer, Action.MANAGE_ACCOUNTS, offices)
        else:
            jurisdiction.require_sight(bearer, LOOKING[type(record)], record)

    def require_pin(self, pin: Pin) -> None:
        """Refuse figures of a region that was out of reach when they were pinned, or is now.

        Raises `Forbidden`.
        """
        if self.bearer is None or pin.report is None:
            return
        then, jurisdiction = self.readings.at(pin.report.size), self.records.jurisdiction
        jurisdiction.require_sight(self.bearer, Action.READ_FIGURES, pin)
        jurisdiction.require_question(
            self.bearer,
            Action.READ_FIGURES,
            pin.report.question,
            then.position,
            then.recorded_at,
        )

    def require_pinnable(self, report: PinnedReport) -> None:
        """Refuse to pin figures that the bearer may not see. Raises `Forbidden`."""
        if self.bearer is None:
            return
        then, jurisdiction = self.readings.at(report.size), self.records.jurisdiction
        jurisdiction.require_question(
            self.bearer, Action.PIN, report.question, then.position, then.recorded_at
        )
        seen = then.seen(jurisdiction.sight(self.bearer, Action.PIN))
        if not shows(Statistics(self.readings), seen, report):
            raise forbidden(self.bearer, Action.PIN)

    def close(self) -> None:
        """Give the connections back."""
        if "records" in self.__dict__:
            self.records.close()


@contextmanager
def asking() -> Iterator[Asking]:
    """The read models caught up, ready for the questions of one command."""
    with questions() as (database, readings):
        one = Asking(database, readings, Settings())
        try:
            yield one
        finally:
            one.close()
