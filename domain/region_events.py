"""What happens to a region (行政区): its values and its events.

A region is one code of one scheme during one validity; a change of boundaries ends it and names its
successor. Villages are reference data and become a region only when a room opens there.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints

from domain.base import Aggregate, Count, Day, Event, Place, Stamp, Text, Value
from domain.log import LogPosition
from domain.record import Record
from domain.values import Extent, RegionKind, RegionLevel

REGIONS = UUID("8d5c0c52-6f0e-5d0b-9a55-5a1f6f0b3c10")  # the namespace of region ids

Scheme = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
"""Who gave the code; local private codes collide with official ones, so a code alone is no key."""

RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$")]
"""A code within a scheme: 6, 9 or 12 digits in the national statistics codes."""


def region_id(scheme: Scheme, code: RegionCode, valid_from: date) -> UUID:
    """The id of a region: the same for all who name its scheme, its code and its first day."""
    return uuid5(REGIONS, f"{scheme}:{code}:{valid_from.isoformat()}")


class Founding(Value):
    """What a region is and where it lies, from its first day on."""

    scheme: Scheme
    code: RegionCode
    name: Text
    level: RegionLevel
    kind: RegionKind
    parent: UUID | None = None
    valid_from: Day


class Village(Value):
    """A village or residential community (村、居) as reference data know it."""

    code: RegionCode
    name: Text
    kind: RegionKind = RegionKind.VILLAGE

    def founding_in(self, township: UUID, above: Founding) -> Founding:
        """What it is as a region: of its township's scheme, and as old as its township's code.

        So whoever makes a region of it makes the same one.
        """
        return Founding(
            scheme=above.scheme,
            code=self.code,
            name=self.name,
            level=RegionLevel.VILLAGE,
            kind=self.kind,
            parent=township,
            valid_from=above.valid_from,
        )


class Succession(Value):
    """Where a region's territory went.

    Announced, effective and adopted (in this network's own books) differ. `area` says what a part
    consists of. The successor holds it from `effective_on` on.
    """

    successor: UUID
    extent: Extent
    announced_on: Day
    effective_on: Day
    adopted_on: Day | None = None
    document: Text | None = None
    area: Text | None = None


class Renaming(Value):
    """Another name under the same code, from `effective_on` on."""

    before: Text
    after: Text
    effective_on: Day


class Move(Value):
    """Another parent under the same code, from `effective_on` on."""

    from_parent: UUID
    to_parent: UUID
    effective_on: Day


class LeadingGroup(Record):
    """The joint leading group (领导小组) of a region; a later one replaces it."""

    formed_on: Day
    leader: Text
    members: tuple[Text, ...]
    document: Text | None = None

    @property
    def on(self) -> date:
        return self.formed_on


class JointMeeting(Record):
    """A joint meeting (联席会议) of the departments."""

    held_on: Day
    title: Text
    departments: tuple[Text, ...]
    attendance: Count
    decisions: Text | None = None

    @property
    def on(self) -> date:
        return self.held_on


class Dispatch(Record):
    """A situation round-up (情况调度); `position` pins what was on screen."""

    held_on: Day
    title: Text
    position: LogPosition
    regions: tuple[UUID, ...] = ()
    conclusions: Text | None = None

    @property
    def on(self) -> date:
        return self.held_on


class ReportingPeriod(Value):
    """A reporting period (报告期), both days included."""

    first: Day
    last: Day


class Requirement(Value):
    """A report that is due: which form for which period, when, and which levels pass it in turn."""

    form: Text
    period: ReportingPeriod
    due_on: Day
    levels: tuple[RegionLevel, ...]


class Report(Value):
    """A statutory sheet as submitted; `position` pins the figures, `definitions` their version.

    `pin` is the pinned answer that it was filled in from, with all that those figures rest on; the
    names are those at the foot of the sheet: head of unit, statistician, who filled it in.
    """

    form: Text
    period: ReportingPeriod
    definitions: Text
    position: LogPosition
    pin: UUID | None = None
    head: Text | None = None
    statistician: Text | None = None
    prepared_by: Text | None = None


Edition = Annotated[int, Field(ge=1)]
"""The edition of a report (版次): 1 when first submitted, one more with each restatement."""


class RegionEvent(Event):
    """A fact of a region; `place` is the region itself."""

    place: Place

    @classmethod
    def of(cls, aggregate: Aggregate, by: Stamp, **facts: Any) -> Self:
        """The next event of a region."""
        return super().of(aggregate, by, place=Place(region=aggregate.id), **facts)


class RegionEstablished(RegionEvent, topic="region.established.v1"):
    """A region exists from `valid_from` on."""

    scheme: Scheme
    code: RegionCode
    name: Text
    level: RegionLevel
    kind: RegionKind
    parent: UUID | None = None
    valid_from: Day

    @property
    def founding(self) -> Founding:
        """What the region is."""
        return Founding(**{name: getattr(self, name) for name in Founding.model_fields})


class FoundingCorrected(RegionEvent, topic="region.founding-corrected.v1"):
    """Name, level, kind or parent were entered wrongly; no change of them had followed."""

    before: Founding
    after: Founding


class FoundingVoided(RegionEvent, topic="region.founding-voided.v1"):
    """The region was entered by mistake and never existed."""

    founding: Founding


class RegionRenamed(RegionEvent, topic="region.renamed.v1"):
    """The region bears another name from `effective_on` on; its code stays."""

    before: Text
    after: Text
    effective_on: Day

    @property
    def renaming(self) -> Renaming:
        """From which name to which."""
        return Renaming(before=self.before, after=self.after, effective_on=self.effective_on)


class RenamingVoided(RegionEvent, topic="region.renaming-voided.v1"):
    """The last renaming was entered by mistake; the name before it is in force again."""

    renaming: Renaming


class RegionMoved(RegionEvent, topic="region.moved.v1"):
    """The region lies in another one from `effective_on` on."""

    from_parent: UUID
    to_parent: UUID
    effective_on: Day

    @property
    def move(self) -> Move:
        """From which parent to which."""
        return Move(
            from_parent=self.from_parent,
            to_parent=self.to_parent,
            effective_on=self.effective_on,
        )


class MoveVoided(RegionEvent, topic="region.move-voided.v1"):
    """The last move was entered by mistake; the region lies where it lay before."""

    move: Move


class RegionSucceeded(RegionEvent, topic="region.succeeded.v1"):
    """All or part of the region went to a successor, which holds it from `effective_on` on.

    `level` is the level at which the region counted until then.
    """

    level: RegionLevel
    successor: UUID
    extent: Extent
    announced_on: Day
    effective_on: Day
    adopted_on: Day | None = None
    document: Text | None = None
    area: Text | None = None

    @property
    def succession(self) -> Succession:
        """Where the territory went."""
        return Succession(**{name: getattr(self, name) for name in Succession.model_fields})


class SuccessionCorrected(RegionEvent, topic="region.succession-corrected.v1"):
    """A succession was entered wrongly; `level` is the level at which the region counted."""

    level: RegionLevel
    before: Succession
    after: Succession


class SuccessionVoided(RegionEvent, topic="region.succession-voided.v1"):
    """A succession was entered by mistake; `level` is the level at which the region counts."""

    level: RegionLevel
    succession: Succession


class LeadingGroupFormed(RegionEvent, topic="region.leading-group-formed.v1"):
    """A joint leading group was formed; `replaces` is the one before it."""

    group: LeadingGroup
    replaces: UUID | None = None


class LeadingGroupCorrected(RegionEvent, topic="region.leading-group-corrected.v1"):
    """A leading group had been entered wrongly."""

    before: LeadingGroup
    after: LeadingGroup


class LeadingGroupVoided(RegionEvent, topic="region.leading-group-voided.v1"):
    """A leading group was entered by mistake; `restores` is in force again."""

    group: LeadingGroup
    restores: UUID | None = None


class JointMeetingHeld(RegionEvent, topic="region.joint-meeting-held.v1"):
    """A joint meeting took place."""

    meeting: JointMeeting


class JointMeetingCorrected(RegionEvent, topic="region.joint-meeting-corrected.v1"):
    """A joint meeting had been entered wrongly."""

    before: JointMeeting
    after: JointMeeting


class JointMeetingVoided(RegionEvent, topic="region.joint-meeting-voided.v1"):
    """A joint meeting was entered by mistake."""

    meeting: JointMeeting


class DispatchHeld(RegionEvent, topic="region.dispatch-held.v1"):
    """The situation was dispatched."""

    dispatch: Dispatch


class DispatchCorrected(RegionEvent, topic="region.dispatch-corrected.v1"):
    """A dispatch had been entered wrongly."""

    before: Dispatch
    after: Dispatch


class DispatchVoided(RegionEvent, topic="region.dispatch-voided.v1"):
    """A dispatch was entered by mistake."""

    dispatch: Dispatch


class ReportRequired(RegionEvent, topic="region.report-required.v1"):
    """A report is due; overdue from the day after `due_on` until it is submitted."""

    requirement: Requirement


class ReportWaived(RegionEvent, topic="region.report-waived.v1"):
    """A required report is no longer expected, or was required by mistake.

    `due_on` is the date by which it was due; None when it was not outstanding.
    """

    requirement: Requirement
    due_on: Day | None = None


class ReportSubmitted(RegionEvent, topic="region.report-submitted.v1"):
    """A report was submitted that was due by `due_on`."""

    report: Report
    edition: Edition
    due_on: Day


class ReportReturned(RegionEvent, topic="region.report-returned.v1"):
    """A level returned the report for rework, to be submitted again by `due_on`."""

    report: Report
    edition: Edition
    level: RegionLevel
    due_on: Day


class ReportApproved(RegionEvent, topic="region.report-approved.v1"):
    """A level passed the report; `final` when it was the last: the figure is final (核定数)."""

    report: Report
    edition: Edition
    level: RegionLevel
    final: bool


class ReportRestated(RegionEvent, topic="region.report-restated.v1"):
    """A final report was replaced by a new edition, which goes through all levels again."""

    before: Report
    after: Report
    edition: Edition


class PeriodLocked(RegionEvent, topic="region.period-locked.v1"):
    """The region's records of a period are closed; `position` pins its figures."""

    period: ReportingPeriod
    position: LogPosition


class PeriodReopened(RegionEvent, topic="region.period-reopened.v1"):
    """A locked period is open again until `expires_on`; who and why is in the stamp."""

    period: ReportingPeriod
    expires_on: Day


AnyRegionEvent = (
    RegionEstablished
    | FoundingCorrected
    | FoundingVoided
    | RegionRenamed
    | RenamingVoided
    | RegionMoved
    | MoveVoided
    | RegionSucceeded
    | SuccessionCorrected
    | SuccessionVoided
    | LeadingGroupFormed
    | LeadingGroupCorrected
    | LeadingGroupVoided
    | JointMeetingHeld
    | JointMeetingCorrected
    | JointMeetingVoided
    | DispatchHeld
    | DispatchCorrected
    | DispatchVoided
    | ReportRequired
    | ReportWaived
    | ReportSubmitted
    | ReportReturned
    | ReportApproved
    | ReportRestated
    | PeriodLocked
    | PeriodReopened
)
