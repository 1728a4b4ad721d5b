"""Region (行政区): an administrative division during one validity of its code, and how it evolves.

The decisions are functions of this state in the modules beside it: `region_boundaries`,
`region_mechanism` and `region_reporting`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple, Self, assert_never
from uuid import UUID

from domain.base import Aggregate, Place, Refused, Stamp
from domain.record import (
    AnyRecord,
    Book,
    Entered,
)
from domain.region_events import (
    AnyRegionEvent,
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
    LeadingGroup,
    LeadingGroupCorrected,
    LeadingGroupFormed,
    LeadingGroupVoided,
    Move,
    MoveVoided,
    PeriodLocked,
    PeriodReopened,
    RegionEstablished,
    RegionMoved,
    RegionRenamed,
    RegionSucceeded,
    Renaming,
    RenamingVoided,
    Report,
    ReportApproved,
    ReportingPeriod,
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
from domain.values import Extent, ReportStatus


class Filing(NamedTuple):
    """A required report and how far it has come; `passed` levels have passed this edition.

    `required_by` is the office that expects it.
    """

    requirement: Requirement
    due_on: date
    required_by: UUID
    status: ReportStatus = ReportStatus.REQUIRED
    report: Report | None = None
    submitter: UUID | None = None
    edition: int = 0
    passed: int = 0


class Opening(NamedTuple):
    """The days on which a locked period is open again, both included."""

    first: date
    last: date


FilingKey = tuple[str, ReportingPeriod]
SuccessionKey = tuple[UUID, date]


@dataclass(frozen=True, slots=True)
class Region(Aggregate):
    """A region during one validity of its code; without a founding there is none, or none any more.

    Renamings, moves and successions are those that stand. `lockers` are the offices that ever
    locked a period, `noted_by` those that entered or corrected a group, a meeting or a dispatch.
    """

    about = "region"

    founding: Founding | None = None
    renamings: tuple[Renaming, ...] = ()
    moves: tuple[Move, ...] = ()
    successions: Mapping[SuccessionKey, Succession] = field(default_factory=dict)
    groups: Book[LeadingGroup] = field(default_factory=dict)
    meetings: Book[JointMeeting] = field(default_factory=dict)
    dispatches: Book[Dispatch] = field(default_factory=dict)
    noted_by: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    filings: Mapping[FilingKey, Filing] = field(default_factory=dict)
    locks: Mapping[ReportingPeriod, Opening | None] = field(default_factory=dict)
    lockers: Mapping[ReportingPeriod, frozenset[UUID]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name it bears last."""
        return self.renamings[-1].after if self.renamings else self.require_established().name

    @property
    def parent(self) -> UUID | None:
        """The region in which it lies last."""
        return self.moves[-1].to_parent if self.moves else self.require_established().parent

    @property
    def valid_from(self) -> date:
        """Its first day."""
        return self.require_established().valid_from

    @property
    def closed_on(self) -> date | None:
        """The day of its whole succession: later facts belong to the successor."""
        return closing(self.successions.values())

    @property
    def group(self) -> LeadingGroup | None:
        """The leading group formed last."""
        formed = [entered.record for entered in self.groups.values() if entered is not None]
        return max(formed, key=lambda group: group.formed_on, default=None)

    def locked_on(self, on: date, today: date) -> bool:
        """Whether facts of a date are locked on the day of work."""
        return any(
            period.first <= on <= period.last and self.is_locked(period, today)
            for period in self.locks
        )

    def is_locked(self, period: ReportingPeriod, today: date) -> bool:
        """Whether a period is locked on the day of work; a reopening ends by itself."""
        if period not in self.locks:
            return False
        opening = self.locks[period]
        return opening is None or not opening.first <= today <= opening.last

    def require_established(self) -> Founding:
        """Refuse anything before a region is established, or after it was voided."""
        if self.founding is None:
            raise Refused("region-not-established")
        return self.founding

    def require_begun(self, on: date) -> Founding:
        """Refuse facts before the region's first day."""
        if on < self.valid_from:
            raise Refused("before-region", valid_from=self.valid_from)
        return self.require_established()

    def require_open(self, on: date) -> Founding:
        """Refuse facts of a region that does not exist, not yet, or no longer on a date."""
        founding = self.require_begun(on)
        if self.closed_on is not None and on > self.closed_on:
            raise Refused("region-closed", closed_on=self.closed_on)
        return founding

    def require_unlocked(self, on: date, by: Stamp) -> None:
        """Refuse facts of a date that lies in a locked period."""
        if self.locked_on(on, by.occurred_on):
            raise Refused("period-locked", on=on)

    def evolve(self, event: AnyRegionEvent) -> Self:
        """The state after one more event."""
        after, note = self.changed(event), note_of(event)
        if note is None:
            return after
        offices = self.noted_by.get(note, frozenset()) | {event.stamp.office}
        return replace(after, noted_by={**self.noted_by, note: offices})

    def changed(self, event: AnyRegionEvent) -> Self:
        """The state after what one more event says of the region."""
        match event:
            case RegionEstablished():
                return replace(self, founding=event.founding)
            case FoundingCorrected(after=founding):
                return replace(self, founding=founding)
            case FoundingVoided():
                return replace(self, founding=None, locks={}, lockers={})
            case RegionRenamed():
                return replace(self, renamings=(*self.renamings, event.renaming))
            case RenamingVoided():
                return replace(self, renamings=self.renamings[:-1])
            case RegionMoved():
                return replace(self, moves=(*self.moves, event.move))
            case MoveVoided():
                return replace(self, moves=self.moves[:-1])
            case RegionSucceeded():
                return self.passed_on(event.succession)
            case SuccessionCorrected(before=before, after=succession):
                return self.not_passed_on(before).passed_on(succession)
            case SuccessionVoided(succession=succession):
                return self.not_passed_on(succession)
            case LeadingGroupFormed(group=group, place=place):
                return replace(self, groups=entered(self.groups, group, place))
            case LeadingGroupCorrected(after=group, place=place):
                return replace(self, groups=entered(self.groups, group, place))
            case LeadingGroupVoided(group=group):
                return replace(self, groups={**self.groups, group.id: None})
            case JointMeetingHeld(meeting=meeting, place=place):
                return replace(self, meetings=entered(self.meetings, meeting, place))
            case JointMeetingCorrected(after=meeting, place=place):
                return replace(self, meetings=entered(self.meetings, meeting, place))
            case JointMeetingVoided(meeting=meeting):
                return replace(self, meetings={**self.meetings, meeting.id: None})
            case DispatchHeld(dispatch=dispatch, place=place):
                return replace(self, dispatches=entered(self.dispatches, dispatch, place))
            case DispatchCorrected(after=dispatch, place=place):
                return replace(self, dispatches=entered(self.dispatches, dispatch, place))
            case DispatchVoided(dispatch=dispatch):
                return replace(self, dispatches={**self.dispatches, dispatch.id: None})
            case ReportRequired(requirement=requirement):
                filing = Filing(requirement, requirement.due_on, event.stamp.office)
                return replace(self, filings={**self.filings, key_of(requirement): filing})
            case ReportWaived(requirement=requirement):
                return self.filed(key_of(requirement), status=ReportStatus.WAIVED)
            case ReportSubmitted(report=report):
                return self.filed(
                    key_of(report),
                    status=ReportStatus.SUBMITTED,
                    report=report,
                    submitter=event.stamp.actor,
                    edition=event.edition,
                    passed=0,
                )
            case ReportReturned(report=report):
                return self.filed(
                    key_of(report), status=ReportStatus.RETURNED, due_on=event.due_on, passed=0
                )
            case ReportApproved(report=report, final=final):
                key = key_of(report)
                return self.filed(
                    key,
                    status=ReportStatus.APPROVED if final else ReportStatus.SUBMITTED,
                    passed=self.filings[key].passed + 1,
                )
            case ReportRestated(after=report):
                return self.filed(
                    key_of(report),
                    status=ReportStatus.SUBMITTED,
                    report=report,
                    submitter=event.stamp.actor,
                    edition=event.edition,
                    passed=0,
                )
            case PeriodLocked(period=period):
                lockers = self.lockers.get(period, frozenset()) | {event.stamp.office}
                return replace(
                    self,
                    locks={**self.locks, period: None},
                    lockers={**self.lockers, period: lockers},
                )
            case PeriodReopened(period=period):
                opening = Opening(event.stamp.occurred_on, event.expires_on)
                return replace(self, locks={**self.locks, period: opening})
            case _:
                assert_never(event)

    def passed_on(self, succession: Succession) -> Self:
        """With a succession that stands."""
        key = succession_key(succession)
        return replace(self, successions={**self.successions, key: succession})

    def not_passed_on(self, succession: Succession) -> Self:
        """With a succession that stands no longer."""
        left = {key: kept for key, kept in self.successions.items() if kept != succession}
        return replace(self, successions=left)

    def filed(self, key: FilingKey, **changes: Any) -> Self:
        """With a report changed."""
        filing = self.filings[key]._replace(**changes)
        return replace(self, filings={**self.filings, key: filing})


def note_of(event: AnyRegionEvent) -> UUID | None:
    """The id of the group, meeting or dispatch that an event enters or corrects."""
    match event:
        case LeadingGroupFormed(group=note) | LeadingGroupCorrected(after=note):
            return note.id
        case JointMeetingHeld(meeting=note) | JointMeetingCorrected(after=note):
            return note.id
        case DispatchHeld(dispatch=note) | DispatchCorrected(after=note):
            return note.id
        case _:
            return None


def closing(successions: Collection[Succession]) -> date | None:
    """The day from which on all of a region is its successor's; None while some of it is left."""
    whole = (s.effective_on for s in successions if s.extent is Extent.WHOLE)
    return next(whole, None)


def succession_key(succession: Succession) -> SuccessionKey:
    """What tells the successions of a region apart."""
    return succession.successor, succession.effective_on


def key_of(filed: Requirement | Report) -> FilingKey:
    """What a requirement and its report have in common."""
    return filed.form, filed.period


def entered(book: Book[AnyRecord], record: AnyRecord, place: Place) -> Book[AnyRecord]:
    """The book with a record as it counts now."""
    return {**book, record.id: Entered(record, place)}
