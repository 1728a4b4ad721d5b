"""A practitioner (辅导员/志愿者) in the team: registration, letters, posts, leaving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from domain import standing as standings
from domain.base import Event, Refused, Stamp, fold
from domain.practitioner import Practitioner, place_on, taken
from domain.practitioner_events import (
    AppointmentLetter,
    AppointmentLetterIssued,
    DeregistrationVoided,
    Post,
    PostAssumed,
    PostCorrected,
    PostLeft,
    PostVoided,
    PractitionerDeregistered,
    PractitionerRegistered,
    PrimaryPostMoved,
    Registration,
    RegistrationCorrected,
    RegistrationVoided,
    Standing,
    Tenure,
)
from domain.practitioner_service import require_other
from domain.record import find, present, require_happened, require_in_order, require_reason


def register(practitioner: Practitioner, registration: Registration, by: Stamp) -> Iterator[Event]:
    """Join the team; nobody is counted before the first post."""
    if practitioner.exists:
        raise Refused("practitioner-exists")
    yield PractitionerRegistered.of(practitioner, by, registration=registration)


def correct_registration(
    practitioner: Practitioner, after: Registration, by: Stamp
) -> Iterator[Event]:
    """Put right what was entered at registration, the kind included."""
    require_reason(by)
    before = practitioner.require_registered()
    if before == after:
        raise Refused("correction-changes-nothing", record=practitioner.id)
    yield RegistrationCorrected.of(
        practitioner, by, before=before, after=after, **practitioner.restated(kind=after.kind)
    )


def void_registration(practitioner: Practitioner, by: Stamp) -> Iterator[Event]:
    """Take back a registration made by mistake; whatever it counted must be voided first."""
    require_reason(by)
    registration = practitioner.require_registered()
    books: tuple[Mapping[UUID, Any], ...] = (
        practitioner.credentials,
        practitioner.tenures,
        practitioner.trainings,
        practitioner.hours,
    )
    if any(present(book) for book in books):
        raise Refused("registration-has-records")
    yield RegistrationVoided.of(practitioner, by, registration=registration)


def deregister(practitioner: Practitioner, by: Stamp) -> Iterator[Event]:
    """Leave the team: every post still held is left the same day, the primary one last."""
    practitioner.require_team()
    on = by.occurred_on
    for tenure in present(practitioner.tenures):
        if max(tenure.post.from_on, tenure.left_on or date.min) > on:
            raise Refused("post-after-leaving", post=tenure.post.id)
    person = practitioner
    for tenure in leaving_order(practitioner, on):
        left = leaving(person, tenure, by)
        yield left
        person = fold(person, [left])
    yield PractitionerDeregistered.of(person, by)


def void_deregistration(practitioner: Practitioner, by: Stamp) -> Iterator[Event]:
    """Take back a leaving entered by mistake; posts resume by correcting their ends."""
    require_reason(by)
    practitioner.require_registered()
    if practitioner.deregistered_on is None:
        raise Refused("practitioner-not-deregistered")
    yield DeregistrationVoided.of(practitioner, by, deregistered_on=practitioner.deregistered_on)


def issue_letter(
    practitioner: Practitioner, letter: AppointmentLetter, by: Stamp
) -> Iterator[Event]:
    """Hand over a letter of appointment (聘书) to somebody else."""
    practitioner.require_team()
    require_other(practitioner, by)
    if letter.id in practitioner.letters:
        raise Refused("record-exists", record=letter.id)
    require_happened(letter.issued_on, by)
    require_in_order(letter.issued_on, letter.expires_on)
    yield AppointmentLetterIssued.of(practitioner, by, letter=letter)


def assume_post(practitioner: Practitioner, post: Post, by: Stamp) -> Iterator[Event]:
    """Give somebody else a post; the first one held is the primary one, whatever was asked for."""
    practitioner.require_team()
    require_other(practitioner, by)
    if post.id in practitioner.tenures:
        raise Refused("record-exists", record=post.id)
    require_happened(post.from_on, by)
    require_sound_post(practitioner, Tenure(post=post))
    if practitioner.primary_on(post.from_on) is None:
        post = post.model_copy(update={"primary": True})
    yield PostAssumed.of(
        practitioner, by, place=post.place, post=post, **moved(practitioner, taken(post), by)
    )


def leave_post(practitioner: Practitioner, post_id: UUID, by: Stamp) -> Iterator[Event]:
    """Leave a post: the stamp's date is the first day without it."""
    practitioner.require_registered()
    yield leaving(practitioner, require_held(practitioner, post_id, by), by)


def move_primary(practitioner: Practitioner, post_id: UUID, by: Stamp) -> Iterator[Event]:
    """Be counted at another post that is held, from the stamp's date on."""
    practitioner.require_registered()
    tenure = require_held(practitioner, post_id, by)
    primary = standings.primary_on(present(practitioner.tenures), by.occurred_on)
    if primary is not None and primary.post.id == post_id:
        raise Refused("post-already-primary", post=post_id)
    here = tenure.model_copy(update={"primary_from": by.occurred_on})
    yield PrimaryPostMoved.of(
        practitioner,
        by,
        place=tenure.post.place,
        post=tenure.post,
        **moved(practitioner, here, by),
    )


def correct_post(practitioner: Practitioner, after: Tenure, by: Stamp) -> Iterator[Event]:
    """Put somebody else's post, its end or being primary right; without an end it is held again."""
    require_reason(by)
    practitioner.require_registered()
    require_other(practitioner, by)
    before = find(practitioner.tenures, after.post.id)
    if before == after:
        raise Refused("correction-changes-nothing", record=after.post.id)
    for day_of_post in (after.post.from_on, after.left_on, after.primary_from):
        if day_of_post is not None:
            require_happened(day_of_post, by)
    require_in_order(after.post.from_on, after.left_on)
    require_in_order(after.post.from_on, after.primary_from)
    gone_on = practitioner.deregistered_on
    if gone_on is not None and (after.left_on is None or after.left_on > gone_on):
        raise Refused("practitioner-deregistered", left_on=gone_on)
    require_sound_post(practitioner, after)
    yield PostCorrected.of(
        practitioner,
        by,
        place=after.post.place,
        before=before,
        after=after,
        **moved(practitioner, after, by),
    )


def void_post(practitioner: Practitioner, post_id: UUID, by: Stamp) -> Iterator[Event]:
    """Take back a post entered by mistake: it was never held."""
    require_reason(by)
    practitioner.require_registered()
    tenure = find(practitioner.tenures, post_id)
    yield PostVoided.of(
        practitioner,
        by,
        place=tenure.post.place,
        tenure=tenure,
        **primary_moves(practitioner.restated(without_post=post_id), by.occurred_on),
    )


def leaving(practitioner: Practitioner, tenure: Tenure, by: Stamp) -> PostLeft:
    """The event of leaving a post on the stamp's date."""
    left = tenure.model_copy(update={"left_on": by.occurred_on})
    return PostLeft.of(
        practitioner,
        by,
        place=tenure.post.place,
        post=tenure.post,
        left_on=by.occurred_on,
        **moved(practitioner, left, by),
    )


def leaving_order(practitioner: Practitioner, on: date) -> list[Tenure]:
    """The posts still held, the primary one last."""
    held = [tenure for tenure in present(practitioner.tenures) if tenure.left_on is None]
    primary = standings.primary_on(held, on)
    return sorted(held, key=lambda tenure: tenure is primary)


def moved(practitioner: Practitioner, tenure: Tenure, by: Stamp) -> dict[str, Any]:
    """The standing and the primary place before and after a post changes."""
    return primary_moves(practitioner.restated(tenure=tenure), by.occurred_on)


def require_held(practitioner: Practitioner, post_id: UUID, by: Stamp) -> Tenure:
    """A post that is held on the stamp's date."""
    tenure = find(practitioner.tenures, post_id)
    if tenure.left_on is not None:
        raise Refused("post-already-left", left_on=tenure.left_on)
    require_in_order(tenure.post.from_on, by.occurred_on)
    return tenure


def require_sound_post(practitioner: Practitioner, tenure: Tenure) -> None:
    """Refuse a post without a centre, and two posts at one centre at a time."""
    centre, end = tenure.post.place.centre, tenure.left_on or date.max
    if centre is None:
        raise Refused("post-needs-centre")
    for other in present(practitioner.tenures):
        if other.post.id == tenure.post.id or other.post.place.centre != centre:
            continue
        if tenure.post.from_on < (other.left_on or date.max) and other.post.from_on < end:
            raise Refused("post-already-held", post=other.post.id)


def primary_moves(restated: dict[str, Standing], on: date) -> dict[str, Any]:
    """The primary place before and after, on a date, beside the standing."""
    return {
        **restated,
        "primary_before": place_on(restated["standing_before"].present, on),
        "primary_after": place_on(restated["standing_after"].present, on),
    }
