"""The territory desk: every change of a region; and whether a place is where it is said to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.as_of import no_position
from application.eventlog import Position, Receipt
from application.records import Command, Records
from domain import region_boundaries, region_mechanism, region_reporting
from domain.base import Event, Place, Refused, Stamp, Text
from domain.centre import Centre
from domain.log import LogPosition
from domain.pin import Pin
from domain.region import Region, SuccessionKey, closing
from domain.region_events import (
    Dispatch,
    Founding,
    JointMeeting,
    LeadingGroup,
    Report,
    ReportingPeriod,
    Requirement,
    Succession,
    Village,
    region_id,
)
from domain.values import CentreKind, RegionLevel


@dataclass(frozen=True, slots=True)
class Regions:
    """The commands on regions."""

    records: Records

    def establish(self, founding: Founding, by: Command) -> Receipt:
        """Begin a region below one that exists, under a code that no other one bears.

        Its id follows from scheme, code and first day.
        """

        def require_parent_and_code(_: Stamp) -> None:
            require_parent(self.records, founding)
            require_free_code(self.records, founding)

        return self.records.change(
            by,
            Region,
            id_of(founding),
            region_boundaries.establish,
            founding,
            check=require_parent_and_code,
        )

    def establish_village(self, township: UUID, village: Village, by: Command) -> Receipt:
        """Make a region of a village in which a room is to open, once."""

        def establish(
            region: Region, township: UUID, village: Village, stamp: Stamp
        ) -> Iterator[Event]:
            above = self.records.get(Region, township)
            return region_boundaries.establish_village(region, above, village, stamp)

        founding = self.founding_of_village(township, village)
        return self.records.change(
            by,
            Region,
            id_of(founding),
            establish,
            township,
            village,
            check=lambda _: require_free_code(self.records, founding),
        )

    def id_of_village(self, township: UUID, village: Village) -> UUID:
        """The id of the region that a village of a township is or would be. Raises `NotFound`."""
        return id_of(self.founding_of_village(township, village))

    def founding_of_village(self, township: UUID, village: Village) -> Founding:
        """What a village of a township is or would be as a region. Raises `NotFound`."""
        above = self.records.get(Region, township).require_established()
        return village.founding_in(township, above)

    def correct_founding(self, region_id: UUID, after: Founding, by: Command) -> Receipt:
        """Put name, level, kind or parent right, as long as no change of them stands."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_boundaries.correct_founding,
            after,
            check=lambda _: require_parent(self.records, after),
        )

    def void_founding(self, region_id: UUID, by: Command) -> Receipt:
        """Take back a region entered by mistake; whatever it counted must be taken back first."""
        return self.records.change(by, Region, region_id, region_boundaries.void_founding)

    def rename(self, region_id: UUID, name: Text, effective_on: date, by: Command) -> Receipt:
        """Bear another name under the same code."""
        return self.records.change(
            by, Region, region_id, region_boundaries.rename, name, effective_on
        )

    def void_renaming(self, region_id: UUID, by: Command) -> Receipt:
        """Take back the last renaming that stands."""
        return self.records.change(by, Region, region_id, region_boundaries.void_renaming)

    def move(self, region_id: UUID, to_parent: UUID, effective_on: date, by: Command) -> Receipt:
        """Lie in another region under the same code."""

        return self.records.change(
            by,
            Region,
            region_id,
            region_boundaries.move,
            to_parent,
            effective_on,
            check=lambda _: require_region(self.records, to_parent),
        )

    def void_move(self, region_id: UUID, by: Command) -> Receipt:
        """Take back the last move that stands."""
        return self.records.change(by, Region, region_id, region_boundaries.void_move)

    def untie(self, region_id: UUID, by: Command) -> Receipt:
        """Take back the last move that stands, of a region that lies below itself.

        No office above reaches it any more, so who has the machine lets the system do it.
        """
        return self.records.change(
            by,
            Region,
            region_id,
            region_boundaries.untie,
            check=lambda _: require_tied(self.records, region_id),
        )

    def succeed(self, region_id: UUID, succession: Succession, by: Command) -> Receipt:
        """Pass all or part of the territory on to a region that exists."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_boundaries.succeed,
            succession,
            check=lambda _: require_region(self.records, succession.successor),
        )

    def correct_succession(
        self, region_id: UUID, successor: UUID, effective_on: date, after: Succession, by: Command
    ) -> Receipt:
        """Put the succession to a region on a day right."""

        def require_successor_and_code(_: Stamp) -> None:
            require_region(self.records, after.successor)
            require_code_after(self.records, region_id, (successor, effective_on), after)

        return self.records.change(
            by,
            Region,
            region_id,
            region_boundaries.correct_succession,
            successor,
            effective_on,
            after,
            check=require_successor_and_code,
        )

    def void_succession(
        self, region_id: UUID, successor: UUID, effective_on: date, by: Command
    ) -> Receipt:
        """Take the succession to a region on a day back; after a whole one the region lives on."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_boundaries.void_succession,
            successor,
            effective_on,
            check=lambda _: require_code_after(self.records, region_id, (successor, effective_on)),
        )

    def form_leading_group(self, region_id: UUID, group: LeadingGroup, by: Command) -> Receipt:
        """Form a joint leading group, or a new one in place of the last."""
        return self.records.change(
            by, Region, region_id, region_mechanism.form_leading_group, group
        )

    def correct_leading_group(self, region_id: UUID, after: LeadingGroup, by: Command) -> Receipt:
        """Put a leading group right."""
        return self.records.change(
            by, Region, region_id, region_mechanism.correct_leading_group, after
        )

    def void_leading_group(self, region_id: UUID, group_id: UUID, by: Command) -> Receipt:
        """Take back the leading group formed last."""
        return self.records.change(
            by, Region, region_id, region_mechanism.void_leading_group, group_id
        )

    def hold_joint_meeting(self, region_id: UUID, meeting: JointMeeting, by: Command) -> Receipt:
        """Record a joint meeting."""
        return self.records.change(
            by, Region, region_id, region_mechanism.hold_joint_meeting, meeting
        )

    def correct_joint_meeting(self, region_id: UUID, after: JointMeeting, by: Command) -> Receipt:
        """Put a joint meeting right."""
        return self.records.change(
            by, Region, region_id, region_mechanism.correct_joint_meeting, after
        )

    def void_joint_meeting(self, region_id: UUID, meeting_id: UUID, by: Command) -> Receipt:
        """Take back a joint meeting."""
        return self.records.change(
            by, Region, region_id, region_mechanism.void_joint_meeting, meeting_id
        )

    def hold_dispatch(self, region_id: UUID, dispatch: Dispatch, by: Command) -> Receipt:
        """Record a situation round-up; what was on screen is pinned by its position in the log."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_mechanism.hold_dispatch,
            dispatch,
            check=lambda _: require_screen(self.records, dispatch),
        )

    def correct_dispatch(self, region_id: UUID, after: Dispatch, by: Command) -> Receipt:
        """Put a dispatch right; what was on screen stays pinned."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_mechanism.correct_dispatch,
            after,
            check=lambda _: require_screen(self.records, after),
        )

    def void_dispatch(self, region_id: UUID, dispatch_id: UUID, by: Command) -> Receipt:
        """Take back a dispatch."""
        return self.records.change(
            by, Region, region_id, region_mechanism.void_dispatch, dispatch_id
        )

    def require_report(self, region_id: UUID, requirement: Requirement, by: Command) -> Receipt:
        """Expect a report by a date, passed by one level after the other."""
        return self.records.change(
            by, Region, region_id, region_reporting.require_report, requirement
        )

    def waive_report(
        self, region_id: UUID, form: Text, period: ReportingPeriod, by: Command
    ) -> Receipt:
        """Expect a report no longer; one that a level has passed stays."""
        return self.records.change(
            by, Region, region_id, region_reporting.waive_report, form, period
        )

    def submit_report(self, region_id: UUID, report: Report, by: Command) -> Receipt:
        """Submit a required or returned report, its figures pinned by a position in the log."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_reporting.submit_report,
            report,
            check=lambda _: require_pinned(self.records, report),
        )

    def return_report(
        self,
        region_id: UUID,
        form: Text,
        period: ReportingPeriod,
        level: RegionLevel,
        due_on: date,
        by: Command,
    ) -> Receipt:
        """Return a report for rework by a date, with a reason; not by its submitter."""
        return self.records.change(
            by, Region, region_id, region_reporting.return_report, form, period, level, due_on
        )

    def approve_report(
        self, region_id: UUID, form: Text, period: ReportingPeriod, level: RegionLevel, by: Command
    ) -> Receipt:
        """Pass a report at the level whose turn it is; not by its submitter."""
        return self.records.change(
            by, Region, region_id, region_reporting.approve_report, form, period, level
        )

    def restate_report(self, region_id: UUID, after: Report, by: Command) -> Receipt:
        """Replace a final report by a new edition (重报), with a reason."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_reporting.restate_report,
            after,
            check=lambda _: require_pinned(self.records, after),
        )

    def lock_period(
        self, region_id: UUID, period: ReportingPeriod, position: LogPosition, by: Command
    ) -> Receipt:
        """Close the records of a period that is over."""
        return self.records.change(
            by,
            Region,
            region_id,
            region_reporting.lock_period,
            period,
            position,
            check=lambda _: require_position(self.records, position),
        )

    def reopen_period(
        self, region_id: UUID, period: ReportingPeriod, expires_on: date, by: Command
    ) -> Receipt:
        """Open a locked period again until a date, with a reason; then it is locked by itself."""
        return self.records.change(
            by, Region, region_id, region_reporting.reopen_period, period, expires_on
        )


def id_of(founding: Founding) -> UUID:
    """The id of the region that this founds."""
    return region_id(founding.scheme, founding.code, founding.valid_from)


def require_parent(records: Records, founding: Founding) -> None:
    """Refuse a region below one that is not known."""
    if founding.parent is not None:
        require_region(records, founding.parent)


def require_free_code(records: Records, founding: Founding) -> None:
    """Refuse a code that another region bears on any day from the first of the new one on.

    Whatever their schemes: people ask for figures by the code alone.
    """
    bearers = records.jurisdiction.territory.bearers(founding.code, founding.valid_from)
    if set(bearers) - {id_of(founding)}:
        raise Refused("region-code-borne", region=founding.code)


def require_code_after(
    records: Records, region_id: UUID, before: SuccessionKey, *after: Succession
) -> None:
    """Refuse another succession in place of one when somebody else bears the code meanwhile."""
    region = records.get(Region, region_id)
    left = [one for key, one in region.successions.items() if key != before]
    until = closing((*left, *after)) or date.max
    code = region.require_established().code
    bearers = records.jurisdiction.territory.bearers(code, region.valid_from, until)
    if set(bearers) - {region_id}:
        raise Refused("region-code-borne", region=code)


def require_tied(records: Records, region: UUID) -> None:
    """Refuse a region that does not lie below itself today."""
    if records.jurisdiction.territory.round_at(region, records.jurisdiction.today) != region:
        raise Refused("region-not-below-itself", region=region)


def require_region(records: Records, region: UUID) -> None:
    """Refuse a region that nobody established. Raises `NotFound`."""
    records.get(Region, region)


def require_site(records: Records, kind: CentreKind, region: UUID) -> None:
    """Refuse a region that is not known, and for a room one that is no village.

    Raises `NotFound`.
    """
    level = records.get(Region, region).require_established().level
    if kind is CentreKind.ROOM and level is not RegionLevel.VILLAGE:
        raise Refused("room-outside-village", level=level)


def require_screen(records: Records, dispatch: Dispatch) -> None:
    """Refuse a round-up of a moment that the log does not hold, or of regions that nobody knows.

    Raises `AsOfRefused`, `NotFound`.
    """
    require_position(records, dispatch.position)
    for region in dispatch.regions:
        require_region(records, region)


def require_place(records: Records, place: Place, on: date) -> None:
    """Refuse a place that is not where its centre lay on a date: figures would go astray.

    Raises `NotFound` when there is no such centre or region.
    """
    if place.centre is None:
        require_region(records, place.region)
        return
    lay = records.get(Centre, place.centre).place_on(on)
    if lay != place:
        raise Refused("place-elsewhere", region=lay.region)


def require_position(records: Records, position: Position) -> None:
    """Refuse to pin what the log does not hold. Raises `AsOfRefused`."""
    last = records.recorder.max_notification_id() or 0
    if position > last:
        raise no_position(last, position)


def require_pinned(records: Records, report: Report) -> None:
    """Refuse a sheet of a position that the log does not hold, or beside the pin that it names.

    Raises `AsOfRefused`, `NotFound`, `Refused`.
    """
    require_position(records, report.position)
    if report.pin is None:
        return
    pinned = records.get(Pin, report.pin).report
    assert pinned is not None, "a pin begins with its answer"
    period = ReportingPeriod(first=pinned.question.first, last=pinned.question.last)
    if (pinned.size, period) != (report.position, report.period):
        raise Refused("report-beside-its-pin", position=pinned.size)
