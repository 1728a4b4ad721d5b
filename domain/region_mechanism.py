"""The mechanism of a region (行政区): leading groups, joint meetings and dispatches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from domain.base import Event, Refused, Stamp
from domain.record import find_corrected, find_voided, require_in_order, require_new
from domain.region import Region
from domain.region_events import (
    Dispatch,
    DispatchCorrected,
    DispatchHeld,
    DispatchVoided,
    JointMeeting,
    JointMeetingCorrected,
    JointMeetingHeld,
    JointMeetingVoided,
    LeadingGroup,
    LeadingGroupCorrected,
    LeadingGroupFormed,
    LeadingGroupVoided,
)


def form_leading_group(region: Region, group: LeadingGroup, by: Stamp) -> Iterator[Event]:
    """Form a joint leading group, or a new one in place of the last."""
    require_writable(region, group.on, by)
    require_new(region.groups, group, by)
    before = region.group
    if before is not None:
        require_in_order(before.formed_on, group.formed_on)
    yield LeadingGroupFormed.of(region, by, group=group, replaces=identity(before))


def correct_leading_group(region: Region, after: LeadingGroup, by: Stamp) -> Iterator[Event]:
    """Put a leading group right."""
    before = find_corrected(region.groups, after, by).record
    require_writable(region, before.on, by)
    require_writable(region, after.on, by)
    yield LeadingGroupCorrected.of(region, by, before=before, after=after)


def void_leading_group(region: Region, group_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take back the leading group formed last."""
    group = find_voided(region.groups, group_id, by).record
    require_writable(region, group.on, by)
    if group != region.group:
        raise Refused("leading-group-replaced")
    left = replace(region, groups={**region.groups, group_id: None}).group
    yield LeadingGroupVoided.of(region, by, group=group, restores=identity(left))


def hold_joint_meeting(region: Region, meeting: JointMeeting, by: Stamp) -> Iterator[Event]:
    """Record a joint meeting."""
    require_writable(region, meeting.on, by)
    require_new(region.meetings, meeting, by)
    yield JointMeetingHeld.of(region, by, meeting=meeting)


def correct_joint_meeting(region: Region, after: JointMeeting, by: Stamp) -> Iterator[Event]:
    """Put a joint meeting right."""
    before = find_corrected(region.meetings, after, by).record
    require_writable(region, before.on, by)
    require_writable(region, after.on, by)
    yield JointMeetingCorrected.of(region, by, before=before, after=after)


def void_joint_meeting(region: Region, meeting_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take back a joint meeting."""
    meeting = find_voided(region.meetings, meeting_id, by).record
    require_writable(region, meeting.on, by)
    yield JointMeetingVoided.of(region, by, meeting=meeting)


def hold_dispatch(region: Region, dispatch: Dispatch, by: Stamp) -> Iterator[Event]:
    """Record a situation round-up."""
    require_writable(region, dispatch.on, by)
    require_new(region.dispatches, dispatch, by)
    yield DispatchHeld.of(region, by, dispatch=dispatch)


def correct_dispatch(region: Region, after: Dispatch, by: Stamp) -> Iterator[Event]:
    """Put a dispatch right; what was on screen stays pinned."""
    before = find_corrected(region.dispatches, after, by).record
    require_writable(region, before.on, by)
    require_writable(region, after.on, by)
    if after.position != before.position:
        raise Refused("dispatch-position-pinned", position=before.position)
    yield DispatchCorrected.of(region, by, before=before, after=after)


def void_dispatch(region: Region, dispatch_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take back a dispatch."""
    dispatch = find_voided(region.dispatches, dispatch_id, by).record
    require_writable(region, dispatch.on, by)
    yield DispatchVoided.of(region, by, dispatch=dispatch)


def require_writable(region: Region, on: date, by: Stamp) -> None:
    """Refuse a fact of a date on which the region takes none."""
    region.require_open(on)
    region.require_unlocked(on, by)


def identity(group: LeadingGroup | None) -> UUID | None:
    """The id of a leading group, if there is one."""
    return None if group is None else group.id
