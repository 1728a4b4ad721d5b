"""What regions and supervision orders count: counties, meetings, statutory sheets, orders."""

from __future__ import annotations

from datetime import date, timedelta
from operator import attrgetter
from typing import Final, get_args
from uuid import UUID, uuid5

from domain.access import (
    AccessExpired,
    AccessGranted,
    AccessRefused,
    AccessRequested,
    AfterReviewed,
    ExportMade,
    KeyReleased,
    ListOpened,
    PrintMade,
    RecordOpened,
    SearchMade,
)
from domain.assessment import (
    AssessmentApproved,
    AssessmentCorrected,
    AssessmentReturned,
    ImpactAssessed,
)
from domain.base import Place
from domain.disposal import AnyDisposalEvent
from domain.region_events import (
    Dispatch,
    DispatchCorrected,
    DispatchHeld,
    DispatchVoided,
    Founding,
    FoundingCorrected,
    FoundingVoided,
    JointMeeting,
    JointMeetingCorrected,
    JointMeetingHeld,
    JointMeetingVoided,
    LeadingGroupCorrected,
    LeadingGroupFormed,
    LeadingGroupVoided,
    MoveVoided,
    PeriodLocked,
    PeriodReopened,
    RegionEstablished,
    RegionMoved,
    RegionRenamed,
    RegionSucceeded,
    RenamingVoided,
    Report,
    ReportApproved,
    ReportRequired,
    ReportRestated,
    ReportReturned,
    ReportSubmitted,
    ReportWaived,
    Requirement,
    Succession,
    SuccessionCorrected,
    SuccessionVoided,
)
from domain.request import AnyRequestEvent
from domain.review import (
    FindingAnswered,
    FindingRaised,
    FindingSettled,
    ReviewClosed,
    ReviewOpened,
    SampleDrawn,
)
from domain.subject import LegalHoldLifted, LegalHoldPlaced, SubjectKeyDestroyed
from domain.supervision import (
    DeadlineExtended,
    EvidenceSubmitted,
    OrderAcknowledged,
    OrderCorrected,
    OrderEscalated,
    OrderIssued,
    OrderReturned,
    OrderVerified,
    OrderVoided,
    OrderWrittenOff,
    ProgressReported,
    WriteOffVoided,
)
from domain.values import Extent, RegionLevel
from projections.entries import (
    ONLY_CORRECTS,
    Entry,
    Kinds,
    Rule,
    Rules,
    changed,
    correcting,
    net,
    number,
    taken_back,
)

COUNTIES: Final = number("counties")
JOINT_MEETINGS: Final = number("joint_meetings")
DISPATCHES: Final = number("dispatches")
SHEETS_DUE: Final = number("sheets_due")
SHEETS_OVERDUE: Final = number("sheets_overdue")
ORDERS_ISSUED: Final = number("orders_issued")
ORDERS_WRITTEN_OFF: Final = number("orders_written_off")
ORDERS_OVERDUE: Final = number("orders_overdue")

NEXT_DAY: Final = timedelta(days=1)  # a day that is due is in time to its end


def region_established(event: RegionEstablished) -> list[Entry]:
    return founding_entries(event.originator_id, event.founding)


def founding_corrected(event: FoundingCorrected) -> list[Entry]:
    region = event.originator_id
    return net(founding_entries(region, event.before), founding_entries(region, event.after))


def founding_voided(event: FoundingVoided) -> list[Entry]:
    return taken_back(founding_entries(event.originator_id, event.founding))


def founding_entries(region: UUID, founding: Founding) -> list[Entry]:
    """A county, from its first day on."""
    if founding.level is not RegionLevel.COUNTY:
        return []
    return [Entry(COUNTIES, None, region, region, founding.valid_from, 1)]


def region_succeeded(event: RegionSucceeded) -> list[Entry]:
    return succession_entries(event.originator_id, event.level, event.succession)


def succession_corrected(event: SuccessionCorrected) -> list[Entry]:
    region, level = event.originator_id, event.level
    return net(
        succession_entries(region, level, event.before),
        succession_entries(region, level, event.after),
    )


def succession_voided(event: SuccessionVoided) -> list[Entry]:
    return taken_back(succession_entries(event.originator_id, event.level, event.succession))


def succession_entries(region: UUID, level: RegionLevel, succession: Succession) -> list[Entry]:
    """A county that is one no longer, from the day on which its successor holds all of it."""
    if level is not RegionLevel.COUNTY or succession.extent is not Extent.WHOLE:
        return []
    return [Entry(COUNTIES, None, region, region, succession.effective_on, -1)]


def meeting_held(event: JointMeetingHeld) -> list[Entry]:
    return [meeting_entry(event.meeting, event.place)]


def meeting_corrected(event: JointMeetingCorrected) -> list[Entry]:
    return changed(
        [meeting_entry(event.before, event.place)], [meeting_entry(event.after, event.place)]
    )


def meeting_voided(event: JointMeetingVoided) -> list[Entry]:
    return taken_back([meeting_entry(event.meeting, event.place)])


def meeting_entry(meeting: JointMeeting, place: Place) -> Entry:
    return Entry(JOINT_MEETINGS, place.centre, place.region, meeting.id, meeting.on, 1)


def dispatch_held(event: DispatchHeld) -> list[Entry]:
    return [dispatch_entry(event.dispatch, event.place)]


def dispatch_corrected(event: DispatchCorrected) -> list[Entry]:
    return changed(
        [dispatch_entry(event.before, event.place)], [dispatch_entry(event.after, event.place)]
    )


def dispatch_voided(event: DispatchVoided) -> list[Entry]:
    return taken_back([dispatch_entry(event.dispatch, event.place)])


def dispatch_entry(dispatch: Dispatch, place: Place) -> Entry:
    return Entry(DISPATCHES, place.centre, place.region, dispatch.id, dispatch.on, 1)


def sheet_required(event: ReportRequired) -> list[Entry]:
    due_on = event.requirement.due_on
    at = (None, event.originator_id, sheet(event.originator_id, event.requirement))
    return [Entry(SHEETS_DUE, *at, due_on, 1), Entry(SHEETS_OVERDUE, *at, due_on + NEXT_DAY, 1)]


def sheet_waived(event: ReportWaived) -> list[Entry]:
    """A sheet waived was never due; if it was outstanding, it is so no longer."""
    at = (None, event.originator_id, sheet(event.originator_id, event.requirement))
    entries = [Entry(SHEETS_DUE, *at, event.requirement.due_on, -1)]
    if event.due_on is not None:
        until = max(event.due_on + NEXT_DAY, event.stamp.occurred_on)
        entries.append(Entry(SHEETS_OVERDUE, *at, until, -1))
    return entries


def sheet_submitted(event: ReportSubmitted) -> list[Entry]:
    until = max(event.due_on + NEXT_DAY, event.stamp.occurred_on)
    subject = sheet(event.originator_id, event.report)
    return [Entry(SHEETS_OVERDUE, None, event.originator_id, subject, until, -1)]


def sheet_returned(event: ReportReturned) -> list[Entry]:
    subject = sheet(event.originator_id, event.report)
    since = event.due_on + NEXT_DAY
    return [Entry(SHEETS_OVERDUE, None, event.originator_id, subject, since, 1)]


def sheet(region: UUID, filed: Requirement | Report) -> UUID:
    """The id of a region's sheet of one form for one period, which has none of its own."""
    return uuid5(region, f"{filed.form}:{filed.period.first}:{filed.period.last}")


def order_issued(event: OrderIssued) -> list[Entry]:
    order = event.order
    return order_entries(event.originator_id, order.issued_on, order.deadline, event.place)


def written_off(event: OrderWrittenOff) -> list[Entry]:
    return write_off_entries(
        event.originator_id, event.issued_on, event.deadline, event.written_off_on, event.place
    )


def write_off_voided(event: WriteOffVoided) -> list[Entry]:
    return taken_back(
        write_off_entries(
            event.originator_id, event.issued_on, event.deadline, event.written_off_on, event.place
        )
    )


def deadline_extended(event: DeadlineExtended) -> list[Entry]:
    at = (event.place.centre, event.place.region, event.originator_id)
    return [
        Entry(ORDERS_OVERDUE, *at, event.before + NEXT_DAY, -1),
        Entry(ORDERS_OVERDUE, *at, event.after + NEXT_DAY, 1),
    ]


def order_corrected(event: OrderCorrected) -> list[Entry]:
    subject, done_on = event.originator_id, event.written_off_on
    before, after = event.before, event.after
    return changed(
        order_entries(subject, before.issued_on, before.deadline, event.place_before, done_on),
        order_entries(subject, after.issued_on, after.deadline, event.place, done_on),
    )


def order_voided(event: OrderVoided) -> list[Entry]:
    order, done_on = event.order, event.written_off_on
    return taken_back(
        order_entries(event.originator_id, order.issued_on, order.deadline, event.place, done_on)
    )


def order_entries(
    subject: UUID, issued_on: date, deadline: date, place: Place, done_on: date | None = None
) -> list[Entry]:
    """An order, overdue from the day after its deadline until it is written off."""
    at = (place.centre, place.region, subject)
    entries = [
        Entry(ORDERS_ISSUED, *at, issued_on, 1),
        Entry(ORDERS_OVERDUE, *at, deadline + NEXT_DAY, 1),
    ]
    if done_on is not None:
        entries += write_off_entries(subject, issued_on, deadline, done_on, place)
    return entries


def write_off_entries(
    subject: UUID, issued_on: date, deadline: date, done_on: date, place: Place
) -> list[Entry]:
    """A write-off, dated when the order was issued."""
    at = (place.centre, place.region, subject)
    return [
        Entry(ORDERS_WRITTEN_OFF, *at, issued_on, 1),
        Entry(ORDERS_OVERDUE, *at, max(deadline + NEXT_DAY, done_on), -1),
    ]


RULES: Final[Rules] = {
    RegionEstablished: Rule(region_established, record=False),
    FoundingCorrected: Rule(founding_corrected, record=False, corrects=True),
    FoundingVoided: Rule(founding_voided, record=False, corrects=True),
    RenamingVoided: ONLY_CORRECTS,
    MoveVoided: ONLY_CORRECTS,
    RegionSucceeded: Rule(region_succeeded, record=False),
    SuccessionCorrected: Rule(succession_corrected, record=False, corrects=True),
    SuccessionVoided: Rule(succession_voided, record=False, corrects=True),
    LeadingGroupCorrected: ONLY_CORRECTS,
    LeadingGroupVoided: ONLY_CORRECTS,
    JointMeetingHeld: Rule(meeting_held, on=attrgetter("meeting.held_on")),
    JointMeetingCorrected: correcting(meeting_corrected),
    JointMeetingVoided: correcting(meeting_voided),
    DispatchHeld: Rule(dispatch_held, on=attrgetter("dispatch.held_on")),
    DispatchCorrected: correcting(dispatch_corrected),
    DispatchVoided: correcting(dispatch_voided),
    ReportRequired: Rule(sheet_required),
    ReportWaived: Rule(sheet_waived),
    ReportSubmitted: Rule(sheet_submitted),
    ReportReturned: Rule(sheet_returned),
    OrderIssued: Rule(order_issued, on=attrgetter("order.issued_on")),
    OrderWrittenOff: Rule(written_off, on=attrgetter("written_off_on")),
    WriteOffVoided: correcting(write_off_voided),
    DeadlineExtended: Rule(deadline_extended),
    OrderCorrected: correcting(order_corrected),
    OrderVoided: correcting(order_voided),
    AssessmentCorrected: ONLY_CORRECTS,
}

UNCOUNTED: Final[Kinds] = frozenset(
    {
        RegionRenamed,
        RegionMoved,
        LeadingGroupFormed,
        ReportApproved,
        ReportRestated,
        PeriodLocked,
        PeriodReopened,
        OrderAcknowledged,
        ProgressReported,
        EvidenceSubmitted,
        OrderReturned,
        OrderVerified,
        OrderEscalated,
        ReviewOpened,
        SampleDrawn,
        FindingRaised,
        FindingAnswered,
        FindingSettled,
        ReviewClosed,
        RecordOpened,
        ListOpened,
        SearchMade,
        ExportMade,
        PrintMade,
        KeyReleased,
        AccessRequested,
        AccessGranted,
        AccessRefused,
        AccessExpired,
        AfterReviewed,
        LegalHoldPlaced,
        LegalHoldLifted,
        SubjectKeyDestroyed,
        ImpactAssessed,
        AssessmentApproved,
        AssessmentReturned,
        *get_args(AnyRequestEvent),
        *get_args(AnyDisposalEvent),
    }
)
