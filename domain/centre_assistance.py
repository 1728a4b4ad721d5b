"""The whistle of a centre (吹哨报到): help requested, volunteers sent and arrived, the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.base import Event, Refused, Stamp, Text
from domain.centre import Centre
from domain.centre_events import (
    Assistance,
    AssistanceCancelled,
    AssistanceCompleted,
    AssistanceCorrected,
    AssistanceRequest,
    AssistanceRequested,
    AssistanceVoided,
    VolunteerArrived,
    VolunteerDispatched,
)
from domain.record import minutes_between, require_happened, require_in_order, require_reason
from domain.values import AssistanceStatus


def request_assistance(centre: Centre, request: AssistanceRequest, by: Stamp) -> Iterator[Event]:
    """Whistle for volunteers (吹哨), on a day on which the station works."""
    centre.require_working(request.on)
    if request.id in centre.whistles:
        raise Refused("record-exists", record=request.id)
    require_happened(request.requested_at, by)
    assistance = Assistance(id=request.id, requested_at=request.requested_at, what=request.what)
    yield AssistanceRequested.of(
        centre, by, place=centre.place_on(request.on), assistance=assistance
    )


def dispatch_volunteer(
    centre: Centre, assistance_id: UUID, practitioner: UUID, dispatched_at: datetime, by: Stamp
) -> Iterator[Event]:
    """Send a volunteer; several may be sent, each once, until the matter is settled."""
    whistle = centre.require_whistle(assistance_id)
    before = whistle.assistance
    require_unsettled(before)
    if practitioner in whistle.dispatched:
        raise Refused("volunteer-already-dispatched", practitioner=practitioner)
    require_in_order(before.requested_at, dispatched_at)
    require_happened(dispatched_at, by)
    changes: dict[str, Any] = {}
    if before.status is AssistanceStatus.REQUESTED:
        changes["status"] = AssistanceStatus.DISPATCHED
    if before.dispatched_at is None:
        changes["dispatched_at"] = dispatched_at
    yield VolunteerDispatched.of(
        centre,
        by,
        place=whistle.place,
        assistance=before.model_copy(update=changes),
        practitioner=practitioner,
        dispatched_at=dispatched_at,
    )


def volunteer_arrives(
    centre: Centre, assistance_id: UUID, practitioner: UUID, arrived_at: datetime, by: Stamp
) -> Iterator[Event]:
    """A volunteer who was sent reports (报到); the first one answers the whistle."""
    whistle = centre.require_whistle(assistance_id)
    before = whistle.assistance
    require_unsettled(before)
    if practitioner not in whistle.dispatched:
        raise Refused("volunteer-not-dispatched", practitioner=practitioner)
    if practitioner in whistle.arrived:
        raise Refused("volunteer-already-arrived", practitioner=practitioner)
    require_in_order(whistle.dispatched[practitioner], arrived_at)
    require_happened(arrived_at, by)
    first = before.arrived_at is None
    yield VolunteerArrived.of(
        centre,
        by,
        place=whistle.place,
        assistance=answered(before, arrived_at) if first else before,
        practitioner=practitioner,
        requested_at=before.requested_at,
        arrived_at=arrived_at,
        response_minutes=minutes_between(before.requested_at, arrived_at),
        first=first,
    )


def complete_assistance(
    centre: Centre, assistance_id: UUID, completed_at: datetime, result: Text | None, by: Stamp
) -> Iterator[Event]:
    """Settle the matter, after a volunteer came."""
    whistle = centre.require_whistle(assistance_id)
    require_unsettled(whistle.assistance)
    if whistle.assistance.arrived_at is None:
        raise Refused("assistance-unanswered", record=assistance_id)
    require_in_order(whistle.assistance.arrived_at, completed_at)
    require_happened(completed_at, by)
    completed = {"status": AssistanceStatus.COMPLETED}
    yield AssistanceCompleted.of(
        centre,
        by,
        place=whistle.place,
        assistance=whistle.assistance.model_copy(update=completed),
        completed_at=completed_at,
        result=result,
    )


def cancel_assistance(centre: Centre, assistance_id: UUID, by: Stamp) -> Iterator[Event]:
    """Call the request off before anyone arrived."""
    whistle = centre.require_whistle(assistance_id)
    require_unsettled(whistle.assistance)
    if whistle.assistance.arrived_at is not None:
        raise Refused("assistance-answered", record=assistance_id)
    cancelled = {"status": AssistanceStatus.CANCELLED}
    yield AssistanceCancelled.of(
        centre,
        by,
        place=whistle.place,
        assistance=whistle.assistance.model_copy(update=cancelled),
    )


def correct_assistance(
    centre: Centre, after: AssistanceRequest, arrived_at: datetime | None, by: Stamp
) -> Iterator[Event]:
    """Put a whistle right, and the time of its first answer.

    None as `arrived_at` takes a wrongly entered arrival back, unless the matter is settled.
    """
    require_reason(by)
    whistle = centre.require_whistle(after.id)
    before = whistle.assistance
    centre.require_working(after.on)
    require_happened(after.requested_at, by)
    require_in_order(after.requested_at, before.dispatched_at)
    corrected = before.model_copy(update={"requested_at": after.requested_at, "what": after.what})
    if arrived_at is not None:
        if before.arrived_at is None:
            raise Refused("assistance-unanswered", record=after.id)
        require_in_order(before.dispatched_at, arrived_at)
        require_happened(arrived_at, by)
        corrected = answered(corrected, arrived_at)
    elif before.arrived_at is not None:
        if before.status is AssistanceStatus.COMPLETED:
            raise Refused("assistance-settled", record=after.id)
        corrected = unanswered(corrected)
    if corrected == before:
        raise Refused("correction-changes-nothing", record=after.id)
    yield AssistanceCorrected.of(
        centre,
        by,
        place_before=whistle.place,
        place=whistle.place if after.on == before.on else centre.place_on(after.on),
        before=before,
        after=corrected,
    )


def void_assistance(centre: Centre, assistance_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take a whistle, with its answer, out of the figures."""
    require_reason(by)
    whistle = centre.require_whistle(assistance_id)
    yield AssistanceVoided.of(centre, by, place=whistle.place, assistance=whistle.assistance)


def require_unsettled(assistance: Assistance) -> None:
    """Refuse a further step once a request is completed or cancelled."""
    if assistance.status in (AssistanceStatus.COMPLETED, AssistanceStatus.CANCELLED):
        raise Refused("assistance-settled", record=assistance.id)


def answered(assistance: Assistance, arrived_at: datetime) -> Assistance:
    """The request with its first answer; one that is settled stays so."""
    settled = assistance.status is AssistanceStatus.COMPLETED
    return assistance.model_copy(
        update={
            "status": assistance.status if settled else AssistanceStatus.ARRIVED,
            "arrived_at": arrived_at,
            "response_minutes": minutes_between(assistance.requested_at, arrived_at),
        }
    )


def unanswered(assistance: Assistance) -> Assistance:
    """The request as if nobody had come yet."""
    return assistance.model_copy(
        update={
            "status": AssistanceStatus.DISPATCHED,
            "arrived_at": None,
            "response_minutes": None,
        }
    )
