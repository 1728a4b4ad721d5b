"""A region (行政区): its validity and successors, its meetings, its reports and locked periods."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple, Self, assert_never
from uuid import UUID

from domain.base import Aggregate, Event, Place, Refused, Stamp, Text
from domain.log import LogPosition
from domain.record import (
    AnyRecord,
    Book,
    Entered,
    find_corrected,
    find_voided,
    present,
    require_in_order,
    require_new,
    require_past,
    require_reason,
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
    region_id,
)
from domain.values import Extent, RegionKind, RegionLevel, ReportStatus

LEVEL_OF: Mapping[RegionKind, RegionLevel] = {
    RegionKind.PROVINCE: RegionLevel.PROVINCE,
    RegionKind.PREFECTURE_CITY: RegionLevel.CITY,
    RegionKind.DISTRICT: RegionLevel.COUNTY,
    RegionKind.COUNTY_CITY: RegionLevel.COUNTY,
    RegionKind.COUNTY: RegionLevel.COUNTY,
    RegionKind.FUNCTIONAL_ZONE: RegionLevel.FUNCTIONAL_ZONE,
    RegionKind.SUBDISTRICT: RegionLevel.TOWNSHIP,
    RegionKind.TOWN: RegionLevel.TOWNSHIP,
    RegionKind.RURAL_TOWNSHIP: RegionLevel.TOWNSHIP,
    RegionKind.TOWNSHIP_LIKE: RegionLevel.TOWNSHIP,
    RegionKind.VILLAGE: RegionLevel.VILLAGE,
    RegionKind.RESIDENTIAL_COMMUNITY: RegionLevel.VILLAGE,
}


class Filing(NamedTuple):
    """A required report and how far it has come; `passed` levels have passed this edition."""

    requirement: Requirement
    due_on: date
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

    Renamings, moves and successions are those that stand.
    """

    about = "region"

    founding: Founding | None = None
    renamings: tuple[Renaming, ...] = ()
    moves: tuple[Move, ...] = ()
    successions: Mapping[SuccessionKey, Succession] = field(default_factory=dict)
    groups: Book[LeadingGroup] = field(default_factory=dict)
    meetings: Book[JointMeeting] = field(default_factory=dict)
    dispatches: Book[Dispatch] = field(default_factory=dict)
    filings: Mapping[FilingKey, Filing] = field(default_factory=dict)
    locks: Mapping[ReportingPeriod, Opening | None] = field(default_factory=dict)

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

    def establish(self, founding: Founding, by: Stamp) -> Iterator[Event]:
        """Begin the region, once or after voiding; its id is of its scheme, code and first day."""
        if self.founding is not None:
            raise Refused("region-exists")
        if founded_id(founding) != self.id:
            raise Refused("region-id-differs", region=founding.code)
        require_sound(founding)
        require_past(founding.valid_from, by)
        yield RegionEstablished.of(self, by, **dict(founding))

    def correct_founding(self, after: Founding, by: Stamp) -> Iterator[Event]:
        """Put name, level, kind or parent right, as long as no change of them stands.

        Scheme, code and first day are the region itself: another one is established instead.
        """
        before = self.require_unchanged(by)
        if before == after:
            raise Refused("correction-changes-nothing")
        if founded_id(after) != self.id:
            raise Refused("region-identity-fixed", region=before.code)
        require_sound(after)
        yield FoundingCorrected.of(self, by, before=before, after=after)

    def void_founding(self, by: Stamp) -> Iterator[Event]:
        """Take back a region entered by mistake; whatever it counted must be taken back first."""
        founding = self.require_unchanged(by)
        self.require_no_records()
        yield FoundingVoided.of(self, by, founding=founding)

    def rename(self, name: Text, effective_on: date, by: Stamp) -> Iterator[Event]:
        """Bear another name under the same code."""
        self.require_open(effective_on)
        require_past(effective_on, by)
        if self.renamings:
            require_in_order(self.renamings[-1].effective_on, effective_on)
        if name == self.name:
            raise Refused("region-name-unchanged", name=name)
        yield RegionRenamed.of(self, by, before=self.name, after=name, effective_on=effective_on)

    def void_renaming(self, by: Stamp) -> Iterator[Event]:
        """Take back the last renaming that stands."""
        require_reason(by)
        self.require_established()
        if not self.renamings:
            raise Refused("region-not-renamed")
        yield RenamingVoided.of(self, by, renaming=self.renamings[-1])

    def move(self, to_parent: UUID, effective_on: date, by: Stamp) -> Iterator[Event]:
        """Lie in another region under the same code."""
        self.require_open(effective_on)
        require_past(effective_on, by)
        if self.moves:
            require_in_order(self.moves[-1].effective_on, effective_on)
        if self.parent is None:
            raise Refused("region-parent-not-possible")
        if to_parent in (self.parent, self.id):
            raise Refused("region-parent-unchanged", parent=to_parent)
        yield RegionMoved.of(
            self, by, from_parent=self.parent, to_parent=to_parent, effective_on=effective_on
        )

    def void_move(self, by: Stamp) -> Iterator[Event]:
        """Take back the last move that stands."""
        require_reason(by)
        self.require_established()
        if not self.moves:
            raise Refused("region-not-moved")
        yield MoveVoided.of(self, by, move=self.moves[-1])

    def succeed(self, succession: Succession, by: Stamp) -> Iterator[Event]:
        """Pass all or part of the territory on; after all of it is passed on the region is closed.

        A part says what it consists of. What was already passed on as a whole cannot be passed on.
        """
        founding = self.require_open(succession.effective_on)
        if self.closed_on is not None:
            raise Refused("region-closed", closed_on=self.closed_on)
        self.require_possible(succession, self.successions.values(), by)
        yield RegionSucceeded.of(self, by, level=founding.level, **dict(succession))

    def correct_succession(
        self, successor: UUID, effective_on: date, after: Succession, by: Stamp
    ) -> Iterator[Event]:
        """Put the succession to a region on a day right."""
        require_reason(by)
        founding = self.require_begun(after.effective_on)
        before = self.require_succession(successor, effective_on)
        if before == after:
            raise Refused("correction-changes-nothing")
        others = [other for other in self.successions.values() if other != before]
        self.require_possible(after, others, by)
        yield SuccessionCorrected.of(self, by, level=founding.level, before=before, after=after)

    def void_succession(self, successor: UUID, effective_on: date, by: Stamp) -> Iterator[Event]:
        """Take the succession to a region on a day back; after a whole one the region lives on."""
        require_reason(by)
        level = self.require_established().level
        succession = self.require_succession(successor, effective_on)
        yield SuccessionVoided.of(self, by, level=level, succession=succession)

    def form_leading_group(self, group: LeadingGroup, by: Stamp) -> Iterator[Event]:
        """Form a joint leading group, or a new one in place of the last."""
        self.require_writable(group.on, by)
        require_new(self.groups, group, by)
        before = self.group
        if before is not None:
            require_in_order(before.formed_on, group.formed_on)
        yield LeadingGroupFormed.of(self, by, group=group, replaces=identity(before))

    def correct_leading_group(self, after: LeadingGroup, by: Stamp) -> Iterator[Event]:
        """Put a leading group right."""
        before = find_corrected(self.groups, after, by).record
        self.require_writable(before.on, by)
        self.require_writable(after.on, by)
        yield LeadingGroupCorrected.of(self, by, before=before, after=after)

    def void_leading_group(self, group_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take back the leading group formed last."""
        group = find_voided(self.groups, group_id, by).record
        self.require_writable(group.on, by)
        if group != self.group:
            raise Refused("leading-group-replaced")
        left = replace(self, groups={**self.groups, group_id: None}).group
        yield LeadingGroupVoided.of(self, by, group=group, restores=identity(left))

    def hold_joint_meeting(self, meeting: JointMeeting, by: Stamp) -> Iterator[Event]:
        """Record a joint meeting."""
        self.require_writable(meeting.on, by)
        require_new(self.meetings, meeting, by)
        yield JointMeetingHeld.of(self, by, meeting=meeting)

    def correct_joint_meeting(self, after: JointMeeting, by: Stamp) -> Iterator[Event]:
        """Put a joint meeting right."""
        before = find_corrected(self.meetings, after, by).record
        self.require_writable(before.on, by)
        self.require_writable(after.on, by)
        yield JointMeetingCorrected.of(self, by, before=before, after=after)

    def void_joint_meeting(self, meeting_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take back a joint meeting."""
        meeting = find_voided(self.meetings, meeting_id, by).record
        self.require_writable(meeting.on, by)
        yield JointMeetingVoided.of(self, by, meeting=meeting)

    def hold_dispatch(self, dispatch: Dispatch, by: Stamp) -> Iterator[Event]:
        """Record a situation round-up."""
        self.require_writable(dispatch.on, by)
        require_new(self.dispatches, dispatch, by)
        yield DispatchHeld.of(self, by, dispatch=dispatch)

    def correct_dispatch(self, after: Dispatch, by: Stamp) -> Iterator[Event]:
        """Put a dispatch right; what was on screen stays pinned."""
        before = find_corrected(self.dispatches, after, by).record
        self.require_writable(before.on, by)
        self.require_writable(after.on, by)
        if after.position != before.position:
            raise Refused("dispatch-position-pinned", position=before.position)
        yield DispatchCorrected.of(self, by, before=before, after=after)

    def void_dispatch(self, dispatch_id: UUID, by: Stamp) -> Iterator[Event]:
        """Take back a dispatch."""
        dispatch = find_voided(self.dispatches, dispatch_id, by).record
        self.require_writable(dispatch.on, by)
        yield DispatchVoided.of(self, by, dispatch=dispatch)

    def require_report(self, requirement: Requirement, by: Stamp) -> Iterator[Event]:
        """Expect a report by a date, passed by one level after the other."""
        require_a_period(requirement.period)
        self.require_open(requirement.period.first)
        if not requirement.levels or len(set(requirement.levels)) < len(requirement.levels):
            raise Refused("report-levels-wrong")
        require_in_order(requirement.period.first, requirement.due_on)
        filing = self.filings.get(key_of(requirement))
        if filing is not None and filing.status is not ReportStatus.WAIVED:
            raise Refused("report-already-required", form=requirement.form)
        yield ReportRequired.of(self, by, requirement=requirement)

    def waive_report(self, form: Text, period: ReportingPeriod, by: Stamp) -> Iterator[Event]:
        """Expect a report no longer; one that a level has passed stays."""
        filing = self.filing(form, period)
        require_reason(by)
        if filing.status is ReportStatus.APPROVED or filing.passed or filing.edition > 1:
            raise Refused("report-already-passed", form=form)
        outstanding = filing.status in (ReportStatus.REQUIRED, ReportStatus.RETURNED)
        yield ReportWaived.of(
            self,
            by,
            requirement=filing.requirement,
            due_on=filing.due_on if outstanding else None,
        )

    def submit_report(self, report: Report, by: Stamp) -> Iterator[Event]:
        """Submit a required or returned report once its period is over."""
        filing = self.filing(report.form, report.period)
        self.require_unlocked(report.period.last, by)
        if filing.status not in (ReportStatus.REQUIRED, ReportStatus.RETURNED):
            raise Refused("report-already-submitted", form=report.form)
        require_ended(report.period, by)
        yield ReportSubmitted.of(
            self, by, report=report, edition=max(filing.edition, 1), due_on=filing.due_on
        )

    def return_report(
        self, form: Text, period: ReportingPeriod, level: RegionLevel, due_on: date, by: Stamp
    ) -> Iterator[Event]:
        """Return a report for rework by a date, with a reason; not by its submitter."""
        filing, report = self.filing_at(form, period, level, by)
        if by.reason is None:
            raise Refused("return-needs-reason")
        require_in_order(by.occurred_on, due_on)
        yield ReportReturned.of(
            self, by, report=report, edition=filing.edition, level=level, due_on=due_on
        )

    def approve_report(
        self, form: Text, period: ReportingPeriod, level: RegionLevel, by: Stamp
    ) -> Iterator[Event]:
        """Pass a report at the level whose turn it is; not by its submitter."""
        filing, report = self.filing_at(form, period, level, by)
        yield ReportApproved.of(
            self,
            by,
            report=report,
            edition=filing.edition,
            level=level,
            final=filing.passed + 1 == len(filing.requirement.levels),
        )

    def restate_report(self, after: Report, by: Stamp) -> Iterator[Event]:
        """Replace a final report by a new edition (重报), with a reason."""
        filing = self.filing(after.form, after.period)
        self.require_unlocked(after.period.last, by)
        require_reason(by)
        if filing.status is not ReportStatus.APPROVED:
            raise Refused("report-not-final", form=after.form)
        if filing.report == after:
            raise Refused("correction-changes-nothing")
        yield ReportRestated.of(
            self, by, before=filing.report, after=after, edition=filing.edition + 1
        )

    def lock_period(
        self, period: ReportingPeriod, position: LogPosition, by: Stamp
    ) -> Iterator[Event]:
        """Close the records of a period that is over; a reopened one can be closed early."""
        require_a_period(period)
        self.require_open(period.first)
        require_ended(period, by)
        if self.is_locked(period, by.occurred_on):
            raise Refused("period-already-locked")
        yield PeriodLocked.of(self, by, period=period, position=position)

    def reopen_period(
        self, period: ReportingPeriod, expires_on: date, by: Stamp
    ) -> Iterator[Event]:
        """Open a locked period again until a date, with a reason; then it is locked by itself."""
        if period not in self.locks:
            raise Refused("period-not-locked")
        if by.reason is None:
            raise Refused("period-reopening-needs-reason")
        if not self.is_locked(period, by.occurred_on):
            raise Refused("period-already-open")
        require_in_order(by.occurred_on, expires_on)
        yield PeriodReopened.of(self, by, period=period, expires_on=expires_on)

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

    def require_unchanged(self, by: Stamp) -> Founding:
        """The founding, as long as no renaming, move or succession builds on it."""
        require_reason(by)
        founding = self.require_established()
        if self.renamings or self.moves or self.successions:
            raise Refused("founding-built-upon")
        return founding

    def require_no_records(self) -> None:
        """Refuse while anything counts in the region."""
        books: tuple[Mapping[UUID, Any], ...] = (self.groups, self.meetings, self.dispatches)
        required = [f for f in self.filings.values() if f.status is not ReportStatus.WAIVED]
        if required or any(present(book) for book in books):
            raise Refused("founding-has-records")

    def require_succession(self, successor: UUID, effective_on: date) -> Succession:
        """The succession to a region on a day."""
        if (successor, effective_on) not in self.successions:
            raise Refused("region-succession-unknown", effective_on=effective_on)
        return self.successions[successor, effective_on]

    def require_possible(
        self, succession: Succession, others: Collection[Succession], by: Stamp
    ) -> None:
        """Refuse a succession that cannot be, or not beside the others: none follows a whole."""
        require_past(succession.announced_on, by)
        require_past(succession.effective_on, by)
        if succession.successor == self.id:
            raise Refused("region-succeeds-itself")
        if succession_key(succession) in map(succession_key, others):
            raise Refused("region-succession-exists", effective_on=succession.effective_on)
        if succession.extent is Extent.PART and succession.area is None:
            raise Refused("region-part-needs-area")
        require_in_order(succession.announced_on, succession.adopted_on)
        closed_on, whole = closing(others), succession.extent is Extent.WHOLE
        if closed_on is not None and (whole or succession.effective_on > closed_on):
            raise Refused("region-closed", closed_on=closed_on)
        if whole:
            for other in others:
                require_in_order(other.effective_on, succession.effective_on)

    def require_unlocked(self, on: date, by: Stamp) -> None:
        """Refuse facts of a date that lies in a locked period."""
        if self.locked_on(on, by.occurred_on):
            raise Refused("period-locked", on=on)

    def require_writable(self, on: date, by: Stamp) -> None:
        """Refuse a fact of a date on which the region takes none."""
        self.require_open(on)
        self.require_unlocked(on, by)

    def filing(self, form: str, period: ReportingPeriod) -> Filing:
        """A report that is expected or has come."""
        self.require_established()
        filing = self.filings.get((form, period))
        if filing is None or filing.status is ReportStatus.WAIVED:
            raise Refused("report-not-required", form=form)
        return filing

    def filing_at(
        self, form: str, period: ReportingPeriod, level: RegionLevel, by: Stamp
    ) -> tuple[Filing, Report]:
        """A report that waits for this level and was not submitted by the same person."""
        filing = self.filing(form, period)
        if filing.status is not ReportStatus.SUBMITTED or filing.report is None:
            raise Refused("report-not-submitted", form=form)
        turn = filing.requirement.levels[filing.passed]
        if level is not turn:
            raise Refused("report-of-other-level", level=turn)
        if by.actor == filing.submitter:
            raise Refused("report-approver-submitted")
        return filing, filing.report

    def evolve(self, event: AnyRegionEvent) -> Self:
        match event:
            case RegionEstablished():
                return replace(self, founding=event.founding)
            case FoundingCorrected(after=founding):
                return replace(self, founding=founding)
            case FoundingVoided():
                return replace(self, founding=None, locks={})
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
                filing = Filing(requirement, requirement.due_on)
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
                return replace(self, locks={**self.locks, period: None})
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


def founded_id(founding: Founding) -> UUID:
    """The id of the region that this founds."""
    return region_id(founding.scheme, founding.code, founding.valid_from)


def require_sound(founding: Founding) -> None:
    """Refuse a kind that stands at another level, and a parent where none can be or is missing."""
    if LEVEL_OF[founding.kind] is not founding.level:
        raise Refused("region-kind-of-other-level", kind=founding.kind, level=founding.level)
    if founding.parent is None and founding.level is not RegionLevel.PROVINCE:
        raise Refused("region-parent-missing", level=founding.level)
    if founding.parent is not None and founding.level is RegionLevel.PROVINCE:
        raise Refused("region-parent-not-possible")
    if founding.parent == founded_id(founding):
        raise Refused("region-parent-unchanged", parent=founding.parent)


def closing(successions: Collection[Succession]) -> date | None:
    """The day from which on all of a region is its successor's; None while some of it is left."""
    whole = (s.effective_on for s in successions if s.extent is Extent.WHOLE)
    return next(whole, None)


def succession_key(succession: Succession) -> SuccessionKey:
    """What tells the successions of a region apart."""
    return succession.successor, succession.effective_on


def require_a_period(period: ReportingPeriod) -> None:
    """Refuse a period that ends before it starts."""
    if period.last < period.first:
        raise Refused("period-ends-before-it-starts", first=period.first, last=period.last)


def require_ended(period: ReportingPeriod, by: Stamp) -> None:
    """Refuse while a period has not reached its last day."""
    if by.occurred_on < period.last:
        raise Refused("period-not-over", last=period.last)


def identity(group: LeadingGroup | None) -> UUID | None:
    """The id of a leading group, if there is one."""
    return None if group is None else group.id


def key_of(filed: Requirement | Report) -> FilingKey:
    """What a requirement and its report have in common."""
    return filed.form, filed.period


def entered(book: Book[AnyRecord], record: AnyRecord, place: Place) -> Book[AnyRecord]:
    """The book with a record as it counts now."""
    return {**book, record.id: Entered(record, place)}
