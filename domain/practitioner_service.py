"""The service of a practitioner (辅导员/志愿者): training, hours, stars, appraisals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.base import Event, Refused, Stamp
from domain.practitioner import Practitioner
from domain.practitioner_events import (
    Appraisal,
    AppraisalCorrected,
    AppraisalRecorded,
    ServiceHours,
    ServiceHoursCorrected,
    ServiceHoursCredited,
    ServiceHoursVoided,
    Star,
    StarAwarded,
    StarPolicy,
    StarRevoked,
    Training,
    TrainingCompleted,
    TrainingCorrected,
    TrainingVoided,
)
from domain.record import (
    find_corrected,
    find_voided,
    minutes_between,
    require_happened,
    require_new,
    require_over,
    require_reason,
)
from domain.values import PractitionerKind


def complete_training(practitioner: Practitioner, training: Training, by: Stamp) -> Iterator[Event]:
    """Record somebody else's course; it counts at the primary post of its last day."""
    require_member(practitioner, training.on)
    require_other(practitioner, by)
    require_new(practitioner.trainings, training, by)
    yield TrainingCompleted.of(
        practitioner, by, place=practitioner.primary_on(training.on), training=training
    )


def correct_training(practitioner: Practitioner, after: Training, by: Stamp) -> Iterator[Event]:
    """Put somebody else's course right; one that keeps its date keeps its place."""
    require_member(practitioner, after.on)
    require_other(practitioner, by)
    before, place = find_corrected(practitioner.trainings, after, by)
    yield TrainingCorrected.of(
        practitioner,
        by,
        place_before=place,
        place=place if before.on == after.on else practitioner.primary_on(after.on),
        before=before,
        after=after,
    )


def void_training(practitioner: Practitioner, training_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take a course out of the figures."""
    practitioner.require_registered()
    training, place = find_voided(practitioner.trainings, training_id, by)
    yield TrainingVoided.of(practitioner, by, place=place, training=training)


def credit_hours(practitioner: Practitioner, hours: ServiceHours, by: Stamp) -> Iterator[Event]:
    """Credit somebody else's service; other minutes than passed need the rule that gives them."""
    require_member(practitioner, hours.on)
    require_other(practitioner, by)
    require_new(practitioner.hours, hours, by)
    require_sound_hours(hours, by)
    yield ServiceHoursCredited.of(practitioner, by, place=hours.place, hours=hours)


def correct_hours(
    practitioner: Practitioner, after: ServiceHours, requested_by: UUID, by: Stamp
) -> Iterator[Event]:
    """Put service hours right: one person asks for it, another one verifies and enters it.

    The other one is not the person whose hours they are.
    """
    require_member(practitioner, after.on)
    require_other(practitioner, by)
    before, place = find_corrected(practitioner.hours, after, by)
    if requested_by == by.actor:
        raise Refused("requester-verifies")
    require_sound_hours(after, by)
    yield ServiceHoursCorrected.of(
        practitioner,
        by,
        place_before=place,
        place=after.place,
        before=before,
        after=after,
        requested_by=requested_by,
    )


def void_hours(practitioner: Practitioner, hours_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take service hours out of the figures."""
    practitioner.require_registered()
    hours, place = find_voided(practitioner.hours, hours_id, by)
    yield ServiceHoursVoided.of(practitioner, by, place=place, hours=hours)


def award_star(
    practitioner: Practitioner, star: Star, policy: StarPolicy, by: Stamp
) -> Iterator[Event]:
    """Award a volunteer a star reached by the hours credited up to the stamp's date."""
    registration = practitioner.require_team()
    require_other(practitioner, by)
    if registration.kind is not PractitionerKind.VOLUNTEER:
        raise Refused("stars-are-for-volunteers")
    if not 1 <= star <= len(policy.hours):
        raise Refused("star-unknown", star=star)
    if practitioner.star is not None and star <= practitioner.star:
        raise Refused("star-already-held", star=practitioner.star)
    minutes = practitioner.credited_until(by.occurred_on)
    if minutes < policy.hours[star - 1] * 60:
        raise Refused("star-not-reached", hours=policy.hours[star - 1], credited=minutes)
    yield StarAwarded.of(practitioner, by, star=star, minutes=minutes, policy=policy)


def revoke_star(practitioner: Practitioner, after: Star | None, by: Stamp) -> Iterator[Event]:
    """Take a star back, down to a lower one or to none, with the reason."""
    practitioner.require_registered()
    if by.reason is None:
        raise Refused("revocation-needs-reason")
    if practitioner.star is None or (after is not None and after >= practitioner.star):
        raise Refused("star-not-held", star=practitioner.star)
    yield StarRevoked.of(practitioner, by, before=practitioner.star, after=after)


def record_appraisal(
    practitioner: Practitioner, appraisal: Appraisal, by: Stamp
) -> Iterator[Event]:
    """Appraise a year that has begun, once."""
    practitioner.require_registered()
    require_other(practitioner, by)
    if appraisal.year > by.occurred_on.year:
        raise Refused("not-yet-happened", occurred=appraisal.year)
    if appraisal.year in practitioner.appraisals:
        raise Refused("year-already-appraised", year=appraisal.year)
    yield AppraisalRecorded.of(practitioner, by, appraisal=appraisal)


def correct_appraisal(practitioner: Practitioner, after: Appraisal, by: Stamp) -> Iterator[Event]:
    """Put somebody else's appraisal of a year right."""
    require_reason(by)
    practitioner.require_registered()
    require_other(practitioner, by)
    before = practitioner.appraisals.get(after.year)
    if before is None:
        raise Refused("year-not-appraised", year=after.year)
    if before == after:
        raise Refused("correction-changes-nothing", record=after.year)
    yield AppraisalCorrected.of(practitioner, by, before=before, after=after)


def require_member(practitioner: Practitioner, on: date) -> None:
    """Refuse work after the leaving; earlier days may still be entered late."""
    practitioner.require_registered()
    if practitioner.deregistered_on is not None and on > practitioner.deregistered_on:
        raise Refused("practitioner-deregistered", left_on=practitioner.deregistered_on)


def require_other(practitioner: Practitioner, by: Stamp) -> None:
    """Refuse to credit, train, reward, pay, appoint or appraise oneself."""
    if by.actor in (practitioner.id, practitioner.require_registered().account):
        raise Refused("own-service")


def require_sound_hours(hours: ServiceHours, by: Stamp) -> None:
    """Refuse service that ends before it starts, and other minutes than passed without a rule."""
    require_happened(hours.started_at, by)
    require_over(hours.ended_at, by)
    if hours.ended_at <= hours.started_at:
        raise Refused("times-out-of-order", on=hours.ended_at)
    passed = minutes_between(hours.started_at, hours.ended_at)
    if hours.credited != passed and hours.rule is None:
        raise Refused("hours-need-rule", passed=passed, credited=hours.credited)
