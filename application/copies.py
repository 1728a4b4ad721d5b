"""A person's copy (本人部分副本): its own part of a case as a dossier, as it was granted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from application.casefile import Places
from application.database import Database
from application.dossier import Exported, export
from application.eventlog import Position
from application.evidence import Order
from application.policy import Action
from application.records import Command, Records
from application.requests import Requests, recipient_of, require_granted
from application.settings import Settings
from application.vault import Vault
from domain.base import Event, Refused
from domain.case import VOIDED, Case
from domain.own_part import own_part
from domain.request import PersonRequest
from domain.rights import RequestKind
from domain.values import AccessPurpose, Party

KINDS: Final = (RequestKind.COPY, RequestKind.INSPECT)


@dataclass(frozen=True, slots=True)
class Copies:
    """Makes copies for persons."""

    database: Database
    records: Records
    vault: Vault
    settings: Settings

    def order(self, request_id: UUID, as_of: Position, known_at: datetime, by: Command) -> Order:
        """What is to be copied. Raises `Forbidden`, `NotFound`, `Refused`."""
        request = self.records.get_proved(PersonRequest, request_id)
        self.records.jurisdiction.require_sight(by.by, Action.DECIDE_REQUESTS, request)
        demand = require_granted(request, KINDS)
        request.require_answerable(by.by.id)
        if demand.part.party is None:
            raise Refused("no-copy-of-team")
        case = self.records.get_proved(Case, demand.record)
        self.records.jurisdiction.require_sight(by.by, Action.READ_CASES, case)
        # Of what should not exist nothing is handed out, as of no moment: it may be another's.
        if case.status is VOIDED or not self.handed_out(demand.record, as_of, demand.part.party):
            raise Refused("nothing-to-copy", part=demand.part)
        return Order(
            case=demand.record,
            as_of=as_of,
            known_at=known_at,
            purpose=AccessPurpose.SUBJECT_REQUEST,
            recipient=recipient_of(demand),
            by=by.by,
            own=demand.part.party,
        )

    def handed_out(self, case: UUID, as_of: Position, party: Party) -> list[Event]:
        """The events of a case that a copy for a party holds."""
        version = self.records.recorder.version_at(case, as_of)
        return own_part(self.records.events_of(case, until=version), party)

    def make(
        self, request_id: UUID, order: Order, places: Places, out: Path, by: Command
    ) -> Exported:
        """Write the copy below `out` and note that the request is fulfilled; raises as `export`."""
        made = export(self.database, self.records, self.vault, self.settings, order, places, out)
        answer = made.evidence.export.row.position
        Requests(self.records, self.vault).fulfil(request_id, answer, by)
        return made
