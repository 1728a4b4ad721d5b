"""The history of any record: a case, a centre, a person, a region."""

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from api.admission import Admitted, TokenTooNarrow
from api.dependencies import CurrentActor, SystemDep, current
from api.desks import AccountsDep
from api.looks import EmergencyDep, LooksDep
from api.parts import Part
from api.questions import BoundariesDep, ReadAt, ReadingDep
from api.safety import Safety
from application.accounts import Accounts
from application.jurisdiction import LOOKING, Jurisdiction, kept_out
from application.policy import Action, Actor
from application.records import Records, no_record
from domain.access import NEVER_OPENED, Access
from domain.account import Account
from domain.base import Aggregate
from domain.case import Case
from domain.centre import Centre
from domain.disposal import Disposal
from domain.practitioner import Practitioner
from domain.region import Region
from domain.request import PersonRequest
from domain.review import Review
from domain.subject import Subject
from domain.supervision import SupervisionOrder
from domain.values import RecordKind
from projections.history import (
    APPRAISALS,
    FINDINGS,
    FUNDS,
    LEDGERS,
    MEETINGS,
    ORDERS,
    SUMMARIES,
    not_known,
    timeline,
)
from projections.history import Moment as Happened

PERSONAL: Final[dict[type[Aggregate], RecordKind]] = {
    Case: RecordKind.CASE,
    Centre: RecordKind.CENTRE,
    Practitioner: RecordKind.PRACTITIONER,
    SupervisionOrder: RecordKind.ORDER,
    Review: RecordKind.REVIEW,
    Access: RecordKind.ACCESS,
    Account: RecordKind.ACCOUNT,
    PersonRequest: RecordKind.REQUEST,
    Disposal: RecordKind.REQUEST,
}
"""Whose opening leaves a trace; regions, pins and the log itself hold nothing personal."""

router = Part(prefix="/history", tags=["历史 History"])


BREAKABLE: Final = frozenset(PERSONAL.values()) - NEVER_OPENED
"""What a break-glass access opens."""


class OpenUntil(BaseModel):
    """The break-glass access under which an answer was given: until when it opens the record."""

    access: UUID
    until: datetime
    seconds_left: int

    @classmethod
    def of(cls, access: UUID, until: datetime) -> "OpenUntil":
        """An access that is open now."""
        left = int((until - datetime.now(UTC)).total_seconds())
        return cls(access=access, until=until, seconds_left=max(0, left))


class History(BaseModel):
    """What happened, in the order of recording; `next` leads to the following page.

    `under` is there when the record is open only for a while.
    """

    safety: Safety | None = None
    reading: ReadAt
    boundaries: str
    id: UUID
    moments: list[Happened]
    next: int | None
    under: OpenUntil | None = None


def require_account(who: Admitted, desk: Accounts, account: Account) -> None:
    """Refuse an account as the desk of accounts does: to who does not administer it there is none.

    Raises `NotFound`, `TokenTooNarrow`.
    """
    if not desk.reaches(who.actor, account):
        raise no_record(account.id)
    if who.token is not None:
        raise TokenTooNarrow("accounts:read")


def looked_at_by(records: Records, record: Aggregate) -> Aggregate:
    """What a look is a look at: what is held and erased of a record is about that record."""
    if isinstance(record, Subject) and record.record is not None:
        return records.record(record.record)
    return record


def masked_of(jurisdiction: Jurisdiction, actor: Actor, record: Aggregate) -> tuple[str, ...]:
    """Of which facts of a record somebody sees only that they are there."""
    match record:
        case Case() if not jurisdiction.may_see(actor, Action.READ_SUMMARIES, record):
            return SUMMARIES
        case Centre():
            work, funds = (
                jurisdiction.may_see(actor, action, record)
                for action in (Action.LIST_WORK, Action.LIST_FUNDS)
            )
            return (*(() if work else LEDGERS), *(() if funds else FUNDS))
        case SupervisionOrder() if not jurisdiction.may_see(actor, Action.LIST_WORK, record):
            return ORDERS
        case Practitioner(registration=entered) if actor.id not in (
            record.id,
            None if entered is None else entered.account,
        ) and not any(
            jurisdiction.may_see(actor, action, record)
            for action in (Action.CREDIT_SERVICE, Action.REVIEW)
        ):
            return APPRAISALS
        case Review() if not jurisdiction.may_see(actor, Action.READ_CASES, record):
            return FINDINGS
        case Region() if not jurisdiction.may_see(actor, Action.LIST_WORK, record):
            return MEETINGS
        case _:
            return ()


@router.get("/{aggregate_id}")
def read_history(
    aggregate_id: UUID,
    reading: ReadingDep,
    boundaries: BoundariesDep,
    system: SystemDep,
    response: Response,
    actor: CurrentActor,
    who: Annotated[Admitted, Depends(current)],
    accounts: AccountsDep,
    looks: LooksDep,
    emergency: EmergencyDep,
    after: Annotated[
        int, Query(ge=0, le=2**31, description="已见的最后版本。The last version seen.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> History:
    """历史 What happened, when it was recorded, by whom and why, and what it corrected.

    Under a break-glass access it is shown as to who counsels; what is sealed stays sealed. The
    last page bears the record's version as ETag, for the `If-Match` of a command.
    """
    records = system.records
    record, known, tree = records.record_at(aggregate_id, reading.position)
    jurisdiction = records.jurisdiction.at_once({actor.id: who.conflicts}, tree)
    looked_at = looked_at_by(records, record)
    kind = PERSONAL.get(type(looked_at))
    spots = jurisdiction.whereabouts(record).spots if kind else ()
    spot = spots[0] if spots else None
    under = None
    if jurisdiction.stays_out(actor, record):
        raise kept_out()
    if emergency is not None and kind in BREAKABLE:
        until = looks.under(emergency, aggregate_id, kind, spot)
        under = OpenUntil.of(emergency.access, until)
    elif isinstance(record, Account):
        require_account(who, accounts, record)
    else:
        jurisdiction.require_sight(actor, LOOKING[type(record)], record)
    # Before the trace, which is written while the history is read: nobody looks at what there is
    # not.
    if not known:
        raise not_known(aggregate_id, reading)
    trace = (
        looks.recorded(looked_at.id, kind, spot, jurisdiction)
        if kind and under is None
        else nullcontext()
    )
    with trace:
        moments = timeline(
            system.readings,
            reading,
            aggregate_id,
            boundaries=boundaries,
            after=after,
            limit=limit,
            masked=() if under else masked_of(jurisdiction, actor, record),
        )
    if len(moments) < limit:
        response.headers["ETag"] = f'"{moments[-1].version if moments else after}"'
    return History(
        safety=Safety.of(record),
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        id=aggregate_id,
        moments=moments,
        next=moments[-1].version if len(moments) == limit else None,
        under=under,
    )
