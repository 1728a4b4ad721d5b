"""The rules of a practitioner, and how one counts on any day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import (
    practitioner_certificates,
    practitioner_events,
    practitioner_posts,
    practitioner_service,
)
from domain.base import EVENTS, LAST_DAY, Event, Place, Sealed, Stamp, fold
from domain.practitioner import Practitioner
from domain.practitioner_events import (
    DEFAULT_STARS,
    AppointmentLetter,
    AppointmentLetterIssued,
    Appraisal,
    AppraisalCorrected,
    AppraisalRecorded,
    Certificate,
    CertificateCorrected,
    CertificateRegistered,
    CertificateRevoked,
    CertificateVerified,
    CertificateVoided,
    Credential,
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
    ServiceHours,
    ServiceHoursCorrected,
    ServiceHoursCredited,
    ServiceHoursVoided,
    Span,
    Standing,
    StandingEvent,
    StarAwarded,
    StarRevoked,
    Tenure,
    Training,
    TrainingCompleted,
    TrainingCorrected,
    TrainingVoided,
)
from domain.practitioner_wording import PRACTITIONER_REFUSALS, PRACTITIONER_TITLES
from domain.standing import primary_on, standing_of
from domain.values import (
    AppraisalGrade,
    CertificateKind,
    Education,
    PostStatus,
    PractitionerKind,
    PractitionerSource,
    Sex,
)
from domain.wording import REFUSALS
from tests.domain.scenario import given, known, stamp

Step = Callable[[Practitioner], Iterator[Event]]

JOINED = date(2019, 1, 7)
REGISTRAR, COLLEAGUE, ACCOUNT = "registrar", "colleague", "account"
COUNTY = Place(centre=known("county centre"), region=known("county"))
TOWN = Place(centre=known("town station"), region=known("town"))
VILLAGE = Place(centre=known("village room"), region=known("village"))


def joining(**changes: Any) -> Registration:
    facts = {
        "kind": PractitionerKind.VOLUNTEER,
        "source": PractitionerSource.VOLUNTEER,
        "identity": Sealed(z=1, k="key", n="nonce", h="commitment", c="cipher"),
        "sex": Sex.FEMALE,
        "birth_year": 1980,
        "education": Education.BACHELOR,
        "account": known(ACCOUNT),
    }
    return Registration(**{**facts, **changes})


def on(month: int, day: int, actor: str = COLLEAGUE, **fields: Any) -> Any:
    return stamp(date(2019, month, day), actor=actor, **fields)


def why(month: int, day: int, actor: str = COLLEAGUE) -> Any:
    return on(month, day, actor, reason="录入有误")


def registered(p: Practitioner) -> Iterator[Event]:
    return practitioner_posts.register(p, joining(), on(1, 7, REGISTRAR))


def counsellor(p: Practitioner) -> Iterator[Event]:
    return practitioner_posts.register(
        p, joining(kind=PractitionerKind.COUNSELLOR), on(1, 7, REGISTRAR)
    )


def post(name: str = "first", place: Place = COUNTY, **changes: Any) -> Post:
    facts = {"id": known(name), "place": place, "title": "志愿者", "from_on": JOINED}
    return Post(**{**facts, **changes})


def assumed(held: Post | None = None) -> Step:
    return lambda p: practitioner_posts.assume_post(p, held or post(), why(12, 1))


def left(month: int, day: int, name: str = "first") -> Step:
    return lambda p: practitioner_posts.leave_post(p, known(name), on(month, day))


def certificate(name: str = "certificate", **changes: Any) -> Certificate:
    facts = {
        "id": known(name),
        "kind": CertificateKind.PSYCHOLOGICAL_COUNSELLOR,
        "number": f"No. {name}",
        "issuer": "人力资源和社会保障部",
        "issued_on": date(2017, 5, 1),
        "expires_on": date(2019, 6, 30),
    }
    return Certificate(**{**facts, **changes})


def presented(shown: Certificate | None = None) -> Step:
    return lambda p: practitioner_certificates.register_certificate(
        p, shown or certificate(), on(1, 8, REGISTRAR)
    )


def verified(month: int = 1, day: int = 10, name: str = "certificate") -> Step:
    return lambda p: practitioner_certificates.verify_certificate(p, known(name), on(month, day))


def revoked(month: int, day: int, name: str = "certificate") -> Step:
    return lambda p: practitioner_certificates.revoke_certificate(p, known(name), why(month, day))


def deregistered(month: int, day: int) -> Step:
    return lambda p: practitioner_posts.deregister(p, on(month, day))


def person() -> Practitioner:
    return Practitioner(known("practitioner"))


def span(place: Place, from_on: date, to_on: date | None = None) -> Span:
    return Span(place=place, from_on=from_on, to_on=to_on)


def test_a_person_is_registered_without_being_counted_yet() -> None:
    (event,) = given(person()).when(registered).then(PractitionerRegistered)
    assert event.place is None
    assert given(person(), registered).aggregate.standing == Standing(
        kind=PractitionerKind.VOLUNTEER
    )


def test_a_person_is_registered_once() -> None:
    given(person(), registered).when(registered).refused("practitioner-exists")


@pytest.mark.parametrize(
    "decision",
    [assumed(), presented(), verified(), left(2, 1), deregistered(2, 1)],
)
def test_nothing_is_recorded_of_a_person_who_was_never_registered(decision: Step) -> None:
    given(person()).when(decision).refused("practitioner-not-registered")


def test_a_registration_is_corrected_with_both_sides_and_the_kind_counts_anew() -> None:
    right = joining(kind=PractitionerKind.COUNSELLOR)
    (event,) = (
        given(person(), registered, assumed())
        .when(lambda p: practitioner_posts.correct_registration(p, right, why(2, 1)))
        .then(RegistrationCorrected)
    )
    assert (event.before, event.after) == (joining(), right)
    assert event.standing_before.kind is PractitionerKind.VOLUNTEER
    assert event.standing_after.kind is PractitionerKind.COUNSELLOR
    assert event.standing_after.present == event.standing_before.present


def test_a_corrected_kind_stays_with_later_posts() -> None:
    right = joining(kind=PractitionerKind.COUNSELLOR)
    (event,) = (
        given(
            person(),
            registered,
            lambda p: practitioner_posts.correct_registration(p, right, why(2, 1)),
        )
        .when(assumed())
        .then(PostAssumed)
    )
    assert event.standing_after.kind is PractitionerKind.COUNSELLOR


def test_a_correction_of_the_registration_says_why_and_changes_something() -> None:
    known_person = given(person(), registered)
    known_person.when(
        lambda p: practitioner_posts.correct_registration(p, joining(), why(2, 1))
    ).refused("correction-changes-nothing")
    known_person.when(
        lambda p: practitioner_posts.correct_registration(p, joining(sex=Sex.MALE), on(2, 1))
    ).refused("correction-needs-reason")


def test_a_registration_by_mistake_is_voided_and_takes_nothing_more() -> None:
    void: Step = lambda p: practitioner_posts.void_registration(p, why(2, 1))  # noqa: E731
    (event,) = given(person(), registered).when(void).then(RegistrationVoided)
    assert event.registration == joining()
    given(person(), registered, void).when(assumed()).refused("practitioner-not-registered")
    given(person(), registered).when(
        lambda p: practitioner_posts.void_registration(p, on(2, 1))
    ).refused("correction-needs-reason")


@pytest.mark.parametrize(
    "counted",
    [
        assumed(),
        presented(),
        lambda p: practitioner_service.complete_training(p, course(), on(3, 1)),
        lambda p: practitioner_service.credit_hours(p, service(), on(3, 1)),
    ],
)
def test_a_registration_is_voided_only_after_its_records(counted: Step) -> None:
    given(person(), registered, counted).when(
        lambda p: practitioner_posts.void_registration(p, why(4, 1))
    ).refused("registration-has-records")


def test_voided_records_do_not_keep_a_registration() -> None:
    given(
        person(),
        registered,
        assumed(),
        lambda p: practitioner_posts.void_post(p, known("first"), why(3, 1)),
    ).when(lambda p: practitioner_posts.void_registration(p, why(4, 1))).then(RegistrationVoided)


def test_the_first_post_is_the_primary_one() -> None:
    (event,) = given(person(), registered).when(assumed()).then(PostAssumed)
    assert event.post.primary
    assert (event.primary_before, event.primary_after) == (None, COUNTY)
    assert event.place == COUNTY
    assert event.standing_before.present == ()
    assert event.standing_after.present == (span(COUNTY, JOINED),)


def test_a_second_post_does_not_count_a_second_head() -> None:
    (event,) = (
        given(person(), registered, assumed())
        .when(assumed(post("second", TOWN, from_on=date(2019, 3, 1))))
        .then(PostAssumed)
    )
    assert not event.post.primary
    assert event.place == TOWN
    assert event.standing_after == event.standing_before
    assert (event.primary_before, event.primary_after) == (COUNTY, COUNTY)


def test_a_second_post_assumed_as_primary_moves_the_head() -> None:
    (event,) = (
        given(person(), registered, assumed())
        .when(assumed(post("second", TOWN, from_on=date(2019, 3, 1), primary=True)))
        .then(PostAssumed)
    )
    assert event.standing_after.present == (
        span(COUNTY, JOINED, date(2019, 3, 1)),
        span(TOWN, date(2019, 3, 1)),
    )
    assert (event.primary_before, event.primary_after) == (COUNTY, TOWN)


def test_when_the_primary_post_is_left_the_one_held_longest_becomes_primary() -> None:
    (event,) = (
        given(
            person(),
            registered,
            assumed(),
            assumed(post("third", VILLAGE, from_on=date(2019, 3, 2))),
            assumed(post("second", TOWN, from_on=date(2019, 3, 1))),
        )
        .when(left(5, 1))
        .then(PostLeft)
    )
    assert (event.primary_before, event.primary_after) == (COUNTY, TOWN)
    assert event.place == COUNTY
    assert event.standing_after.present == (
        span(COUNTY, JOINED, date(2019, 5, 1)),
        span(TOWN, date(2019, 5, 1)),
    )


def test_when_the_last_post_is_left_the_head_is_gone_from_that_day_on() -> None:
    (event,) = given(person(), registered, assumed()).when(left(5, 1)).then(PostLeft)
    assert event.left_on == date(2019, 5, 1)
    assert event.standing_after.present == (span(COUNTY, JOINED, date(2019, 5, 1)),)
    assert (event.primary_before, event.primary_after) == (COUNTY, None)


def test_leaving_a_post_that_is_not_primary_leaves_the_standing() -> None:
    (event,) = (
        given(person(), registered, assumed(), assumed(post("second", TOWN)))
        .when(left(5, 1, "second"))
        .then(PostLeft)
    )
    assert event.standing_after == event.standing_before


def test_a_post_is_left_once_and_not_before_it_was_taken() -> None:
    held = given(person(), registered, assumed())
    held.when(left(1, 6)).refused("times-out-of-order", on=date(2019, 1, 6))
    held.when(left(1, 7, "unknown")).refused("record-unknown")
    held.and_then(left(5, 1)).when(left(5, 2)).refused(
        "post-already-left", left_on=date(2019, 5, 1)
    )


def test_a_post_is_at_a_centre() -> None:
    given(person(), registered).when(assumed(post(place=Place(region=known("county"))))).refused(
        "post-needs-centre"
    )


def test_a_post_is_taken_once_and_not_in_the_future() -> None:
    given(person(), registered, assumed()).when(assumed()).refused("record-exists")
    given(person(), registered).when(
        lambda p: practitioner_posts.assume_post(p, post(), on(1, 6))
    ).refused("not-yet-happened")


def test_two_posts_at_one_centre_do_not_overlap() -> None:
    held = given(person(), registered, assumed())
    again = post("again", from_on=date(2019, 5, 1))
    held.when(assumed(again)).refused("post-already-held", post=known("first"))
    held.and_then(left(5, 1)).when(assumed(again)).then(PostAssumed)


def test_returning_to_the_same_centre_is_one_span_without_a_gap() -> None:
    again = post("again", from_on=date(2019, 5, 1))
    (event,) = (
        given(person(), registered, assumed(), left(5, 1)).when(assumed(again)).then(PostAssumed)
    )
    assert event.standing_after.present == (span(COUNTY, JOINED),)


def test_the_primary_post_moves_to_another_one_held() -> None:
    moved = given(person(), registered, assumed(), assumed(post("second", TOWN))).when(
        lambda p: practitioner_posts.move_primary(p, known("second"), on(4, 1))
    )
    (event,) = moved.then(PrimaryPostMoved)
    assert (event.primary_before, event.primary_after) == (COUNTY, TOWN)
    assert event.standing_after.present == (
        span(COUNTY, JOINED, date(2019, 4, 1)),
        span(TOWN, date(2019, 4, 1)),
    )


def test_the_primary_post_moves_back_on_the_same_day() -> None:
    there = given(
        person(),
        registered,
        assumed(),
        assumed(post("second", TOWN)),
        lambda p: practitioner_posts.move_primary(p, known("second"), on(4, 1)),
    )
    (event,) = there.when(
        lambda p: practitioner_posts.move_primary(p, known("first"), on(4, 1))
    ).then(PrimaryPostMoved)
    assert event.standing_after.present == (span(COUNTY, JOINED),)


def test_of_two_posts_made_primary_on_one_day_the_later_entry_counts() -> None:
    (event,) = (
        given(person(), registered, assumed())
        .when(assumed(post("second", TOWN, primary=True)))
        .then(PostAssumed)
    )
    assert event.standing_after.present == (span(TOWN, JOINED),)


def test_the_primary_post_does_not_move_to_itself_or_to_a_post_left() -> None:
    held = given(person(), registered, assumed(), assumed(post("second", TOWN)))
    held.when(lambda p: practitioner_posts.move_primary(p, known("first"), on(4, 1))).refused(
        "post-already-primary"
    )
    held.and_then(left(3, 1, "second")).when(
        lambda p: practitioner_posts.move_primary(p, known("second"), on(4, 1))
    ).refused("post-already-left")


def test_a_corrected_post_carries_both_sides_and_counts_anew() -> None:
    right = Tenure(
        post=post(place=TOWN, primary=True, from_on=date(2019, 2, 1)),
        primary_from=date(2019, 2, 1),
    )
    (event,) = (
        given(person(), registered, assumed())
        .when(lambda p: practitioner_posts.correct_post(p, right, why(3, 1)))
        .then(PostCorrected)
    )
    assert event.before == Tenure(post=post(primary=True), primary_from=JOINED)
    assert event.after == right
    assert event.place == TOWN
    assert event.standing_after.present == (span(TOWN, date(2019, 2, 1)),)
    assert (event.primary_before, event.primary_after) == (COUNTY, TOWN)


def test_a_post_left_by_mistake_is_held_again_by_a_correction() -> None:
    (event,) = (
        given(person(), registered, assumed(), left(3, 1))
        .when(
            lambda p: practitioner_posts.correct_post(p, Tenure(post=post(primary=True)), why(3, 5))
        )
        .then(PostCorrected)
    )
    assert event.standing_after.present == (span(COUNTY, JOINED),)


def test_a_correction_of_a_post_says_why_and_changes_something() -> None:
    held = given(person(), registered, assumed())
    held.when(lambda p: practitioner_posts.correct_post(p, Tenure(post=post()), on(3, 1))).refused(
        "correction-needs-reason"
    )
    same = Tenure(post=post(primary=True), primary_from=JOINED)
    held.when(lambda p: practitioner_posts.correct_post(p, same, why(3, 1))).refused(
        "correction-changes-nothing"
    )
    held.when(
        lambda p: practitioner_posts.correct_post(p, Tenure(post=post("other")), why(3, 1))
    ).refused("record-unknown")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"left_on": date(2019, 1, 6)}, "times-out-of-order"),
        ({"primary_from": date(2019, 1, 6)}, "times-out-of-order"),
        ({"left_on": date(2019, 3, 2)}, "not-yet-happened"),
        ({"primary_from": date(2019, 3, 2)}, "not-yet-happened"),
        ({"post": post(from_on=date(2019, 3, 2))}, "not-yet-happened"),
        ({"post": post(place=TOWN)}, "post-already-held"),
    ],
)
def test_a_corrected_post_stays_sound(wrong: dict[str, Any], code: str) -> None:
    tenure = Tenure(**{"post": post(), **wrong})
    given(person(), registered, assumed(), assumed(post("second", TOWN))).when(
        lambda p: practitioner_posts.correct_post(p, tenure, why(3, 1))
    ).refused(code)


def test_a_voided_post_was_never_held() -> None:
    held = given(person(), registered, assumed(), assumed(post("second", TOWN)))
    (event,) = held.when(lambda p: practitioner_posts.void_post(p, known("first"), why(3, 1))).then(
        PostVoided
    )
    assert event.tenure == Tenure(post=post(primary=True), primary_from=JOINED)
    assert event.place == COUNTY
    assert event.standing_after.present == (span(TOWN, JOINED),)
    assert (event.primary_before, event.primary_after) == (COUNTY, TOWN)


def test_voiding_a_post_says_why_and_happens_once() -> None:
    held = given(person(), registered, assumed())
    held.when(lambda p: practitioner_posts.void_post(p, known("first"), on(3, 1))).refused(
        "correction-needs-reason"
    )
    held.and_then(lambda p: practitioner_posts.void_post(p, known("first"), why(3, 1)))
    held.when(lambda p: practitioner_posts.void_post(p, known("first"), why(3, 2))).refused(
        "record-voided"
    )
    held.when(assumed()).refused("record-exists")


def test_a_person_is_waiting_then_on_post_then_off_post() -> None:
    there = given(person(), registered, assumed(), left(5, 1)).aggregate
    assert there.status_on(date(2019, 1, 6)) is PostStatus.WAITING
    assert there.status_on(JOINED) is PostStatus.ON_POST
    assert there.status_on(date(2019, 4, 30)) is PostStatus.ON_POST
    assert there.status_on(date(2019, 5, 1)) is PostStatus.OFF_POST
    assert person().status_on(JOINED) is PostStatus.WAITING


def test_a_certificate_alone_does_not_make_qualified() -> None:
    shown = given(person(), registered, assumed()).when(presented())
    (event,) = shown.then(CertificateRegistered)
    assert not isinstance(event, StandingEvent)
    waiting = given(person(), registered, assumed(), presented()).aggregate
    assert not waiting.qualified_on(date(2019, 2, 1))


def test_a_verified_certificate_makes_qualified_until_it_expires() -> None:
    outcome = given(person(), registered, assumed(), presented()).when(verified())
    (event,) = outcome.then(CertificateVerified)
    assert event.standing_before.qualified == ()
    assert event.standing_after.qualified == (span(COUNTY, date(2019, 1, 10), date(2019, 7, 1)),)


@pytest.mark.parametrize(
    ("day", "qualified"),
    [
        (date(2019, 1, 9), False),
        (date(2019, 1, 10), True),
        (date(2019, 6, 30), True),
        (date(2019, 7, 1), False),
    ],
)
def test_qualified_is_a_rule_over_certificates_at_a_date(day: date, qualified: bool) -> None:
    there = given(person(), registered, presented(), verified()).aggregate
    assert there.qualified_on(day) is qualified


def test_a_certificate_that_never_expires_qualifies_for_good() -> None:
    outcome = given(person(), registered, assumed(), presented(certificate(expires_on=None))).when(
        verified()
    )
    (event,) = outcome.then(CertificateVerified)
    assert event.standing_after.qualified == (span(COUNTY, date(2019, 1, 10)),)


def test_a_certificate_that_never_expires_names_no_day() -> None:
    with pytest.raises(ValidationError, match="2199-12-31"):
        certificate(expires_on=date.max)


def test_a_certificate_may_expire_on_the_last_day_there_is() -> None:
    outcome = given(
        person(), registered, assumed(), presented(certificate(expires_on=LAST_DAY))
    ).when(verified())
    (event,) = outcome.then(CertificateVerified)
    assert event.standing_after.qualified == (
        span(COUNTY, date(2019, 1, 10), LAST_DAY + timedelta(days=1)),
    )


def test_other_certificates_qualify_for_nothing() -> None:
    other = certificate(kind=CertificateKind.OTHER)
    (event,) = (
        given(person(), registered, assumed(), presented(other))
        .when(verified())
        .then(CertificateVerified)
    )
    assert event.standing_after.qualified == ()


def test_overlapping_certificates_do_not_count_twice() -> None:
    lawyer = certificate("lawyer", kind=CertificateKind.LAWYER, expires_on=date(2019, 9, 30))
    outcome = given(
        person(), registered, assumed(), presented(), verified(), presented(lawyer)
    ).when(verified(2, 1, "lawyer"))
    (event,) = outcome.then(CertificateVerified)
    assert event.standing_after.qualified == (span(COUNTY, date(2019, 1, 10), date(2019, 10, 1)),)


def test_a_certificate_renewed_the_day_after_its_expiry_leaves_no_seam() -> None:
    renewed = certificate("renewed", issued_on=date(2019, 7, 1), expires_on=None)
    outcome = given(
        person(),
        registered,
        assumed(),
        presented(),
        verified(),
        lambda p: practitioner_certificates.register_certificate(p, renewed, on(7, 1, REGISTRAR)),
    ).when(verified(7, 1, "renewed"))
    (event,) = outcome.then(CertificateVerified)
    assert event.standing_after.qualified == (span(COUNTY, date(2019, 1, 10)),)


def test_qualification_moves_with_the_primary_post() -> None:
    outcome = given(person(), registered, assumed(), presented(), verified()).when(
        assumed(post("second", TOWN, from_on=date(2019, 3, 1), primary=True))
    )
    (event,) = outcome.then(PostAssumed)
    assert event.standing_after.qualified == (
        span(COUNTY, date(2019, 1, 10), date(2019, 3, 1)),
        span(TOWN, date(2019, 3, 1), date(2019, 7, 1)),
    )


def test_nobody_is_counted_as_qualified_without_a_post() -> None:
    (event,) = given(person(), registered, presented()).when(verified()).then(CertificateVerified)
    assert event.standing_after.qualified == ()


@pytest.mark.parametrize("actor", [REGISTRAR, ACCOUNT, "practitioner"])
def test_neither_the_holder_nor_the_registrar_verifies_a_certificate(actor: str) -> None:
    given(person(), registered, presented()).when(
        lambda p: practitioner_certificates.verify_certificate(
            p, known("certificate"), on(1, 10, actor)
        )
    ).refused("verifier-not-independent")


def test_a_certificate_is_verified_once_and_only_while_valid() -> None:
    shown = given(person(), registered, presented())
    shown.when(verified(7, 1)).refused("certificate-expired", expires_on=date(2019, 6, 30))
    shown.when(verified(6, 30)).then(CertificateVerified)
    shown.and_then(verified()).when(verified()).refused("certificate-already-verified")
    given(person(), registered, presented(), revoked(2, 1)).when(verified(2, 2)).refused(
        "certificate-revoked"
    )


def test_a_certificate_is_not_verified_before_it_was_presented() -> None:
    shown = given(person(), registered, presented())
    shown.when(verified(1, 7)).refused(
        "certificate-not-yet-presented", presented_on=date(2019, 1, 8)
    )
    shown.when(verified(1, 8)).then(CertificateVerified)


def test_a_certificate_was_issued_by_the_day_on_which_it_was_presented() -> None:
    shown = given(person(), registered, presented(), verified())

    def issued(day: int) -> Step:
        right = certificate(issued_on=date(2019, 1, day))
        return lambda p: practitioner_certificates.correct_certificate(p, right, why(2, 1))

    shown.when(issued(9)).refused("certificate-issued-later", presented_on=date(2019, 1, 8))
    shown.when(issued(8)).then(CertificateCorrected)


def test_a_revoked_certificate_counts_up_to_the_day_before() -> None:
    outcome = given(person(), registered, assumed(), presented(), verified()).when(revoked(3, 1))
    (event,) = outcome.then(CertificateRevoked)
    assert event.standing_after.qualified == (span(COUNTY, date(2019, 1, 10), date(2019, 3, 1)),)


def test_a_certificate_is_revoked_once_with_a_reason_and_after_its_issue() -> None:
    shown = given(person(), registered, presented(certificate(issued_on=date(2019, 1, 8))))
    shown.when(
        lambda p: practitioner_certificates.revoke_certificate(p, known("certificate"), on(3, 1))
    ).refused("revocation-needs-reason")
    shown.when(revoked(1, 7)).refused("times-out-of-order")
    shown.and_then(revoked(3, 1)).when(revoked(3, 2)).refused("certificate-revoked")


def test_a_certificate_revoked_before_its_verification_never_counted() -> None:
    credential = Credential(
        certificate=certificate(),
        registered_by=known(REGISTRAR),
        presented_on=date(2019, 1, 8),
        verified_on=date(2019, 3, 1),
        revoked_on=date(2019, 2, 1),
    )
    tenure = Tenure(post=post())
    assert standing_of(PractitionerKind.VOLUNTEER, [tenure], [credential]).qualified == ()


def test_a_certificate_is_registered_once() -> None:
    shown = given(person(), registered, presented())
    shown.when(presented()).refused("record-exists")
    copy = certificate("copy", number="No. certificate")
    shown.when(presented(copy)).refused("certificate-registered-twice")
    shown.when(presented(certificate("copy", number="No. 2"))).then(CertificateRegistered)
    shown.when(presented(copy.model_copy(update={"kind": CertificateKind.LAWYER}))).then(
        CertificateRegistered
    )


def test_certificates_without_a_number_are_not_taken_for_copies() -> None:
    given(person(), registered, presented(certificate(number=None))).when(
        presented(certificate("second", number=None))
    ).then(CertificateRegistered)


def test_a_certificate_is_issued_before_today_and_before_it_expires() -> None:
    here = given(person(), registered)
    here.when(presented(certificate(issued_on=date(2019, 1, 9)))).refused("not-yet-happened")
    here.when(presented(certificate(expires_on=date(2017, 4, 30)))).refused("times-out-of-order")


def test_an_old_certificate_needs_no_reason_for_being_late() -> None:
    given(person(), registered).when(presented(certificate(issued_on=date(1999, 1, 1)))).then(
        CertificateRegistered
    )


def test_a_corrected_expiry_counts_anew() -> None:
    right = certificate(expires_on=date(2019, 3, 31))
    (event,) = (
        given(person(), registered, assumed(), presented(), verified())
        .when(lambda p: practitioner_certificates.correct_certificate(p, right, why(2, 1)))
        .then(CertificateCorrected)
    )
    assert (event.before, event.after) == (certificate(), right)
    assert event.standing_after.qualified == (span(COUNTY, date(2019, 1, 10), date(2019, 4, 1)),)


def test_a_verified_certificate_is_corrected_by_a_second_person() -> None:
    right = certificate(expires_on=None)
    shown = given(person(), registered, presented())
    shown.when(
        lambda p: practitioner_certificates.correct_certificate(p, right, why(2, 1, REGISTRAR))
    ).then(CertificateCorrected)
    shown.and_then(verified()).when(
        lambda p: practitioner_certificates.correct_certificate(p, right, why(2, 1, REGISTRAR))
    ).refused("verifier-not-independent")


def test_a_correction_of_a_certificate_says_why_and_changes_something() -> None:
    shown = given(person(), registered, presented())
    shown.when(
        lambda p: practitioner_certificates.correct_certificate(p, certificate(), why(2, 1))
    ).refused("correction-changes-nothing")
    shown.when(
        lambda p: practitioner_certificates.correct_certificate(
            p, certificate(number=None), on(2, 1)
        )
    ).refused("correction-needs-reason")
    shown.when(
        lambda p: practitioner_certificates.correct_certificate(p, certificate("other"), why(2, 1))
    ).refused("record-unknown")


def test_a_voided_certificate_never_counted() -> None:
    shown = given(person(), registered, assumed(), presented(), verified())

    def void(p: Practitioner) -> Iterator[Event]:
        return practitioner_certificates.void_certificate(p, known("certificate"), why(3, 1))

    (event,) = shown.when(void).then(CertificateVoided)
    assert event.credential.verified_on == date(2019, 1, 10)
    assert event.standing_after.qualified == ()
    shown.when(
        lambda p: practitioner_certificates.void_certificate(p, known("certificate"), on(3, 1))
    ).refused("correction-needs-reason")
    shown.and_then(void).when(void).refused("record-voided")


def letter(**changes: Any) -> AppointmentLetter:
    facts = {
        "id": known("letter"),
        "number": "聘字 2019-01",
        "title": "特聘辅导员",
        "issuer": "市妇联",
        "issued_on": date(2019, 3, 1),
    }
    return AppointmentLetter(**{**facts, **changes})


def test_a_letter_of_appointment_is_issued_once_and_in_order() -> None:
    def issue(**changes: Any) -> Step:
        return lambda p: practitioner_posts.issue_letter(p, letter(**changes), on(3, 1))

    here = given(person(), registered)
    here.when(issue(expires_on=date(2019, 2, 1))).refused("times-out-of-order")
    here.when(issue(issued_on=date(2019, 3, 2))).refused("not-yet-happened")
    here.when(issue()).then(AppointmentLetterIssued)
    here.and_then(issue()).when(issue()).refused("record-exists")


def course(completed_on: date = date(2019, 3, 1), minutes: int = 2880) -> Training:
    return Training(
        id=known("course"), title="婚姻家庭辅导初级班", completed_on=completed_on, minutes=minutes
    )


def trained(p: Practitioner) -> Iterator[Event]:
    return practitioner_service.complete_training(p, course(), on(3, 1))


def test_training_counts_at_the_primary_post_of_its_day() -> None:
    outcome = given(person(), registered, assumed(), left(3, 5)).when(
        lambda p: practitioner_service.complete_training(p, course(), why(3, 9))
    )
    (event,) = outcome.then(TrainingCompleted)
    assert event.place == COUNTY


def test_training_before_the_first_post_counts_nowhere_yet() -> None:
    (event,) = given(person(), registered).when(trained).then(TrainingCompleted)
    assert event.place is None


def test_a_corrected_course_names_both_places() -> None:
    here = given(person(), registered, assumed(), trained)
    (event,) = here.when(
        lambda p: practitioner_service.correct_training(p, course(date(2019, 1, 1)), why(3, 2))
    ).then(TrainingCorrected)
    assert (event.before, event.after) == (course(), course(date(2019, 1, 1)))
    assert (event.place_before, event.place) == (COUNTY, None)


def test_a_corrected_course_of_the_same_day_keeps_its_place() -> None:
    here = given(person(), registered, trained, assumed())
    (event,) = here.when(
        lambda p: practitioner_service.correct_training(p, course(minutes=60), why(3, 2))
    ).then(TrainingCorrected)
    assert (event.place_before, event.place) == (None, None)


def test_a_course_is_entered_once_and_says_why_it_is_changed() -> None:
    here = given(person(), registered, trained)
    here.when(trained).refused("record-exists")
    here.when(
        lambda p: practitioner_service.correct_training(p, course(minutes=60), on(3, 2))
    ).refused("correction-needs-reason")
    here.when(lambda p: practitioner_service.void_training(p, known("course"), on(3, 2))).refused(
        "correction-needs-reason"
    )


def test_a_voided_course_carries_its_record_and_its_place() -> None:
    here = given(person(), registered, assumed(), trained, left(3, 2))
    void: Step = lambda p: practitioner_service.void_training(p, known("course"), why(3, 9))  # noqa: E731
    (event,) = here.when(void).then(TrainingVoided)
    assert (event.training, event.place) == (course(), COUNTY)
    here.and_then(void).when(void).refused("record-voided")


def test_a_corrected_course_is_corrected_again_from_its_correction() -> None:
    here = given(
        person(),
        registered,
        trained,
        lambda p: practitioner_service.correct_training(p, course(minutes=60), why(3, 2)),
    )
    (event,) = here.when(
        lambda p: practitioner_service.correct_training(p, course(minutes=90), why(3, 3))
    ).then(TrainingCorrected)
    assert event.before.minutes == 60


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2019, 3, day, hour, minute, tzinfo=UTC)


def service(name: str = "service", **changes: Any) -> ServiceHours:
    facts = {
        "id": known(name),
        "place": TOWN,
        "started_at": at(1, 1),
        "ended_at": at(1, 3),
        "credited": 120,
    }
    return ServiceHours(**{**facts, **changes})


def served(p: Practitioner) -> Iterator[Event]:
    return practitioner_service.credit_hours(p, service(), on(3, 1))


def test_service_hours_count_where_they_were_served() -> None:
    (event,) = given(person(), registered, assumed()).when(served).then(ServiceHoursCredited)
    assert (event.place, event.hours.credited) == (TOWN, 120)


def test_other_minutes_than_passed_need_a_rule() -> None:
    here = given(person(), registered)
    here.when(
        lambda p: practitioner_service.credit_hours(p, service(credited=150), on(3, 1))
    ).refused("hours-need-rule", passed=120, credited=150)
    here.when(
        lambda p: practitioner_service.credit_hours(
            p, service(credited=150, rule="路途计半小时"), on(3, 1)
        )
    ).then(ServiceHoursCredited)


@pytest.mark.parametrize("ended_at", [at(1, 1), at(1, 0)])
def test_service_ends_after_it_starts(ended_at: datetime) -> None:
    given(person(), registered).when(
        lambda p: practitioner_service.credit_hours(
            p, service(ended_at=ended_at, rule="规则"), on(3, 1)
        )
    ).refused("times-out-of-order")


def test_service_that_starts_after_the_stamp_has_not_happened() -> None:
    given(person(), registered).when(
        lambda p: practitioner_service.credit_hours(p, service(), stamp(at(1, 0)))
    ).refused("not-yet-happened")


def test_service_hours_are_credited_once() -> None:
    given(person(), registered, served).when(served).refused("record-exists")


def test_the_requester_of_a_correction_of_hours_does_not_verify_it() -> None:
    right = service(ended_at=at(1, 2), credited=60)
    here = given(person(), registered, served)
    here.when(
        lambda p: practitioner_service.correct_hours(p, right, known(COLLEAGUE), why(3, 2))
    ).refused("requester-verifies")
    (event,) = here.when(
        lambda p: practitioner_service.correct_hours(p, right, known("wang"), why(3, 2))
    ).then(ServiceHoursCorrected)
    assert event.requested_by == known("wang")


@pytest.mark.parametrize("actor", [ACCOUNT, "practitioner"])
@pytest.mark.parametrize(
    "step",
    [
        lambda p, by: practitioner_service.credit_hours(p, service("more"), by),
        lambda p, by: practitioner_service.correct_hours(p, service(place=TOWN), known("x"), by),
        lambda p, by: practitioner_service.award_star(p, 1, DEFAULT_STARS, by),
        lambda p, by: practitioner_service.record_appraisal(
            p, Appraisal(year=2019, grade=AppraisalGrade.EXCELLENT), by
        ),
        lambda p, by: practitioner_service.correct_appraisal(
            p, Appraisal(year=2019, grade=AppraisalGrade.EXCELLENT), by
        ),
        lambda p, by: practitioner_service.complete_training(p, course(), by),
        lambda p, by: practitioner_service.correct_training(p, course(), by),
        lambda p, by: practitioner_posts.assume_post(p, post(), by),
        lambda p, by: practitioner_posts.correct_post(p, Tenure(post=post()), by),
        lambda p, by: practitioner_posts.issue_letter(p, letter(), by),
    ],
    ids=[
        "credit", "correct", "star", "appraisal", "other appraisal", "training", "other training",
        "post", "other post", "letter",
    ],
)  # fmt: skip
def test_nobody_credits_trains_rewards_appoints_or_appraises_himself(
    step: Callable[[Practitioner, Stamp], Iterator[Event]], actor: str
) -> None:
    own = why(12, 20, actor)
    given(person(), registered, served).when(lambda p: step(p, own)).refused("own-service")


def test_corrected_hours_carry_both_sides_and_both_places() -> None:
    right = service(place=VILLAGE)
    (event,) = (
        given(person(), registered, served)
        .when(lambda p: practitioner_service.correct_hours(p, right, known("wang"), why(3, 2)))
        .then(ServiceHoursCorrected)
    )
    assert (event.before, event.after) == (service(), right)
    assert (event.place_before, event.place) == (TOWN, VILLAGE)


def test_corrected_hours_count_for_a_star() -> None:
    right = service(credited=6000 // 60, rule="折算")
    here = given(
        person(),
        registered,
        served,
        lambda p: practitioner_service.correct_hours(p, right, known("wang"), why(3, 2)),
    )
    assert here.aggregate.credited_until(date(2019, 3, 1)) == 100


def test_corrected_hours_stay_sound() -> None:
    here = given(person(), registered, served)
    here.when(
        lambda p: practitioner_service.correct_hours(
            p, service(credited=60), known("wang"), why(3, 2)
        )
    ).refused("hours-need-rule")
    here.when(
        lambda p: practitioner_service.correct_hours(
            p, service(credited=60), known("wang"), on(3, 2)
        )
    ).refused("correction-needs-reason")


def test_voided_hours_carry_the_record_and_count_no_longer() -> None:
    void: Step = lambda p: practitioner_service.void_hours(p, known("service"), why(3, 2))  # noqa: E731
    (event,) = given(person(), registered, served).when(void).then(ServiceHoursVoided)
    assert (event.hours, event.place) == (service(), TOWN)
    gone = given(person(), registered, served, void)
    gone.when(void).refused("record-voided")
    assert gone.aggregate.credited_until(date(2019, 3, 2)) == 0


def test_service_is_credited_when_it_is_over() -> None:
    def received(now: datetime) -> Step:
        by = Stamp.issue(now=now, **dict(on(3, 1)))
        return lambda p: practitioner_service.credit_hours(p, service(), by)

    volunteer = given(person(), registered, assumed())
    over = service().ended_at
    volunteer.when(received(over - timedelta(minutes=1))).refused("not-over-yet")
    volunteer.when(received(over)).then(ServiceHoursCredited)


def credited(hours: int, name: str = "service") -> Step:
    ended_at = at(1, 1) + timedelta(hours=1)
    several = [
        service(f"{name} {n}", ended_at=ended_at, credited=20 * 60, rule="集中服务")
        for n in range(hours // 20)
    ]

    def decision(p: Practitioner) -> Iterator[Event]:
        for hours_of_a_day in several:
            for event in practitioner_service.credit_hours(p, hours_of_a_day, on(3, 1)):
                yield event
                p = fold(p, [event])

    return decision


def starred(star: int, month: int = 3, day: int = 2) -> Step:
    return lambda p: practitioner_service.award_star(p, star, DEFAULT_STARS, on(month, day))


def test_a_star_is_awarded_when_its_hours_are_reached() -> None:
    (event,) = given(person(), registered, credited(100)).when(starred(1)).then(StarAwarded)
    assert (event.star, event.minutes, event.policy) == (1, 6000, DEFAULT_STARS)


def test_a_star_that_is_not_reached_is_refused() -> None:
    given(person(), registered, credited(80)).when(starred(1)).refused(
        "star-not-reached", hours=100, credited=4800
    )
    given(person(), registered, credited(280)).when(starred(2)).refused("star-not-reached")


def test_hours_served_after_the_day_of_the_award_do_not_count() -> None:
    given(person(), registered, credited(100)).when(starred(1, 2, 28)).refused("star-not-reached")


def test_voided_hours_do_not_reach_a_star() -> None:
    given(
        person(),
        registered,
        credited(100),
        lambda p: practitioner_service.void_hours(p, known("service 0"), why(3, 1)),
    ).when(starred(1)).refused("star-not-reached")


def test_stars_rise() -> None:
    given(person(), registered, credited(300), starred(2)).when(starred(1)).refused(
        "star-already-held", star=2
    )
    given(person(), registered, credited(300), starred(1)).when(starred(2)).then(StarAwarded)


def test_stars_are_one_to_five_and_for_volunteers() -> None:
    given(person(), registered).when(starred(0)).refused("star-unknown")
    given(person(), registered).when(starred(6)).refused("star-unknown")
    given(person(), counsellor).when(starred(1)).refused("stars-are-for-volunteers")


def test_a_star_is_revoked_with_a_reason_down_to_a_lower_one_or_none() -> None:
    here = given(person(), registered, credited(300), starred(2))
    here.when(lambda p: practitioner_service.revoke_star(p, 1, on(3, 3))).refused(
        "revocation-needs-reason"
    )
    here.when(lambda p: practitioner_service.revoke_star(p, 2, why(3, 3))).refused("star-not-held")
    (event,) = here.when(lambda p: practitioner_service.revoke_star(p, 1, why(3, 3))).then(
        StarRevoked
    )
    assert (event.before, event.after) == (2, 1)
    here.and_then(lambda p: practitioner_service.revoke_star(p, None, why(3, 3)))
    here.when(lambda p: practitioner_service.revoke_star(p, None, why(3, 3))).refused(
        "star-not-held"
    )
    here.when(starred(1)).then(StarAwarded)


def appraised(year: int = 2019, grade: AppraisalGrade = AppraisalGrade.COMPETENT) -> Step:
    return lambda p: practitioner_service.record_appraisal(
        p, Appraisal(year=year, grade=grade), on(12, 20)
    )


def test_a_year_is_appraised_once_and_not_in_advance() -> None:
    here = given(person(), registered)
    here.when(appraised(2020)).refused("not-yet-happened")
    here.when(appraised()).then(AppraisalRecorded)
    here.and_then(appraised()).when(appraised()).refused("year-already-appraised", year=2019)


def test_an_appraisal_is_corrected_with_both_sides() -> None:
    right = Appraisal(year=2019, grade=AppraisalGrade.EXCELLENT)
    here = given(person(), registered, appraised())
    (event,) = here.when(
        lambda p: practitioner_service.correct_appraisal(p, right, why(12, 21))
    ).then(AppraisalCorrected)
    assert (event.before.grade, event.after) == (AppraisalGrade.COMPETENT, right)
    here.when(lambda p: practitioner_service.correct_appraisal(p, right, on(12, 21))).refused(
        "correction-needs-reason"
    )
    here.when(
        lambda p: practitioner_service.correct_appraisal(p, event.before, why(12, 21))
    ).refused("correction-changes-nothing")
    here.when(
        lambda p: practitioner_service.correct_appraisal(
            p, Appraisal(year=2018, grade=right.grade), why(12, 21)
        )
    ).refused("year-not-appraised")


def test_who_leaves_the_team_leaves_every_post_the_primary_one_last() -> None:
    events = (
        given(person(), registered, assumed(), assumed(post("second", TOWN)))
        .when(deregistered(5, 1))
        .then(PostLeft, PostLeft, PractitionerDeregistered)
    )
    assert [event.place for event in events[:2]] == [TOWN, COUNTY]
    assert events[1].standing_before == events[0].standing_after
    assert events[1].standing_after.present == (span(COUNTY, JOINED, date(2019, 5, 1)),)
    assert events[2].place is None


def test_a_post_left_before_is_not_left_again() -> None:
    given(person(), registered, assumed(), left(3, 1)).when(deregistered(5, 1)).then(
        PractitionerDeregistered
    )


def test_who_has_left_takes_no_post_certificate_or_star_and_leaves_once() -> None:
    gone = given(person(), registered, assumed(), deregistered(5, 1))
    gone.when(assumed(post("second", TOWN))).refused("practitioner-deregistered")
    gone.when(presented()).refused("practitioner-deregistered")
    gone.when(starred(1)).refused("practitioner-deregistered")
    gone.when(deregistered(5, 2)).refused("practitioner-deregistered")


def test_service_and_training_of_before_the_leaving_are_entered_late() -> None:
    gone = given(person(), registered, deregistered(3, 1))
    gone.when(lambda p: practitioner_service.credit_hours(p, service(), why(3, 9))).then(
        ServiceHoursCredited
    )
    gone.when(lambda p: practitioner_service.complete_training(p, course(), why(3, 9))).then(
        TrainingCompleted
    )
    gone.when(
        lambda p: practitioner_service.complete_training(p, course(date(2019, 3, 2)), why(3, 9))
    ).refused("practitioner-deregistered")


def test_nobody_leaves_the_team_before_a_post_began_or_ended() -> None:
    given(person(), registered, assumed()).when(deregistered(1, 6)).refused("post-after-leaving")
    given(person(), registered, assumed(), left(5, 1)).when(deregistered(4, 30)).refused(
        "post-after-leaving"
    )


def test_a_leaving_by_mistake_is_voided_and_the_post_resumed_by_a_correction() -> None:
    gone = given(person(), registered, assumed(), deregistered(5, 1))

    def resume(p: Practitioner) -> Iterator[Event]:
        return practitioner_posts.correct_post(p, Tenure(post=post(primary=True)), why(5, 9))

    gone.when(resume).refused("practitioner-deregistered")
    gone.when(lambda p: practitioner_posts.void_deregistration(p, on(5, 8))).refused(
        "correction-needs-reason"
    )
    (event,) = gone.when(lambda p: practitioner_posts.void_deregistration(p, why(5, 8))).then(
        DeregistrationVoided
    )
    assert event.deregistered_on == date(2019, 5, 1)
    gone.and_then(lambda p: practitioner_posts.void_deregistration(p, why(5, 8))).when(resume).then(
        PostCorrected
    )
    gone.when(lambda p: practitioner_posts.void_deregistration(p, why(5, 8))).refused(
        "practitioner-not-deregistered"
    )


def test_a_post_of_who_has_left_is_corrected_up_to_the_leaving() -> None:
    gone = given(person(), registered, assumed(), deregistered(5, 1))

    def ending(day: date) -> Step:
        return lambda p: practitioner_posts.correct_post(
            p, Tenure(post=post(primary=True), left_on=day), why(6, 1)
        )

    gone.when(ending(date(2019, 4, 1))).then(PostCorrected)
    gone.when(ending(date(2019, 5, 2))).refused("practitioner-deregistered")


DAYS = st.dates(date(2019, 1, 1), date(2019, 1, 12))  # few, so that they often coincide
PLACES = st.sampled_from((COUNTY, TOWN, VILLAGE))


@st.composite
def tenures(draw: st.DrawFn) -> list[Tenure]:
    """Posts that overlap as they like, at most one of them made primary on any day."""
    marks: set[date] = set()
    result = []
    for number in range(draw(st.integers(0, 5))):
        from_on = draw(DAYS)
        left_on = draw(st.none() | DAYS.filter(lambda day, start=from_on: day >= start))
        primary_from = draw(st.none() | DAYS.filter(lambda day, start=from_on: day >= start))
        if primary_from in marks:
            primary_from = None
        elif primary_from is not None:
            marks.add(primary_from)
        held = post(f"post {number}", draw(PLACES), from_on=from_on)
        result.append(Tenure(post=held, left_on=left_on, primary_from=primary_from))
    return result


@st.composite
def credentials(draw: st.DrawFn) -> list[Credential]:
    return [
        Credential(
            certificate=certificate(
                f"certificate {number}",
                kind=draw(st.sampled_from((CertificateKind.LAWYER, CertificateKind.OTHER))),
                issued_on=draw(DAYS),
                expires_on=draw(st.none() | DAYS),
            ),
            registered_by=known(REGISTRAR),
            presented_on=JOINED,
            verified_on=draw(st.none() | DAYS),
            revoked_on=draw(st.none() | DAYS),
        )
        for number in range(draw(st.integers(0, 4)))
    ]


def naive_place(held: Iterable[Tenure], on: date) -> Place | None:
    """The primary post on a date, said in another way than `standing` says it."""
    best: tuple[tuple[int, int, int], Place] | None = None
    for entered, tenure in enumerate(held):
        begun = (on - tenure.post.from_on).days
        if begun < 0 or (tenure.left_on is not None and on >= tenure.left_on):
            continue
        mark = tenure.primary_from
        marked = mark is not None and mark <= on
        rank = (1, mark.toordinal(), 0) if marked and mark is not None else (0, begun, -entered)
        if best is None or rank > best[0]:
            best = (rank, tenure.post.place)
    return best[1] if best else None


def naive_qualified(held: Iterable[Credential], on: date) -> bool:
    """Whether any certificate makes qualified on a date, said without spans."""
    for credential in held:
        shown = credential.certificate
        if (
            shown.kind is not CertificateKind.OTHER
            and shown.issued_on <= on
            and not (shown.expires_on is not None and on > shown.expires_on)
            and credential.verified_on is not None
            and credential.verified_on <= on
            and not (credential.revoked_on is not None and on >= credential.revoked_on)
        ):
            return True
    return False


def place_in(spans: Iterable[Span], on: date) -> list[Place]:
    return [s.place for s in spans if s.from_on <= on and (s.to_on is None or on < s.to_on)]


CALENDAR = [date(2018, 12, 30) + timedelta(days=n) for n in range(60)]


@holds(tenures(), credentials())
def test_the_standing_on_any_day_is_what_the_naive_rule_says(
    held: list[Tenure], shown: list[Credential]
) -> None:
    standing = standing_of(PractitionerKind.VOLUNTEER, held, shown)
    for day in CALENDAR:
        place = naive_place(held, day)
        assert place_in(standing.present, day) == ([place] if place else [])
        qualified = place is not None and naive_qualified(shown, day)
        assert place_in(standing.qualified, day) == ([place] if qualified else [])


@holds(tenures(), credentials())
def test_spans_are_sorted_disjoint_and_as_long_as_possible(
    held: list[Tenure], shown: list[Credential]
) -> None:
    standing = standing_of(PractitionerKind.VOLUNTEER, held, shown)
    for spans in (standing.present, standing.qualified):
        assert all(s.to_on is None or s.from_on < s.to_on for s in spans)
        for earlier, later in pairwise(spans):
            assert earlier.to_on is not None
            assert earlier.to_on <= later.from_on
            assert (earlier.to_on, earlier.place) != (later.from_on, later.place)


@holds(tenures(), credentials(), st.randoms(use_true_random=False))
def test_the_standing_does_not_depend_on_the_order_of_certificates(
    held: list[Tenure], shown: list[Credential], random: Any
) -> None:
    shuffled = random.sample(shown, len(shown))
    kind = PractitionerKind.COUNSELLOR
    assert standing_of(kind, held, shuffled) == standing_of(kind, held, shown)


WHAT = (
    "assume",
    "primary",
    "leave",
    "move",
    "correct",
    "void",
    "certify",
    "verify",
    "revoke",
    "recertify",
    "uncertify",
    "gone",
    "back",
)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.integers(0, 3),
        DAYS,
        PLACES,
    ),
    max_size=25,
)


def move(what: str, number: int, day: date, place: Place) -> Step:
    name = f"record {number}"
    by = stamp(date(2019, 2, 9), actor=COLLEAGUE, reason="核对")
    that_day = stamp(day, actor=COLLEAGUE, reason="核对")
    held = post(name, place, from_on=day, primary=what == "primary")
    shown = certificate(name, issued_on=day, expires_on=day + timedelta(days=9 * number))
    steps: dict[str, Step] = {
        "assume": lambda p: practitioner_posts.assume_post(p, held, by),
        "primary": lambda p: practitioner_posts.assume_post(p, held, by),
        "leave": lambda p: practitioner_posts.leave_post(p, known(name), that_day),
        "move": lambda p: practitioner_posts.move_primary(p, known(name), that_day),
        "correct": lambda p: practitioner_posts.correct_post(p, Tenure(post=held), by),
        "void": lambda p: practitioner_posts.void_post(p, known(name), by),
        "certify": lambda p: practitioner_certificates.register_certificate(
            p, shown, stamp(day, actor=REGISTRAR)
        ),
        "verify": lambda p: practitioner_certificates.verify_certificate(p, known(name), that_day),
        "revoke": lambda p: practitioner_certificates.revoke_certificate(p, known(name), that_day),
        "recertify": lambda p: practitioner_certificates.correct_certificate(p, shown, by),
        "uncertify": lambda p: practitioner_certificates.void_certificate(p, known(name), by),
        "gone": lambda p: practitioner_posts.deregister(p, that_day),
        "back": lambda p: practitioner_posts.void_deregistration(p, by),
    }
    return steps[what]


@holds(MOVES)
def test_a_head_counts_as_the_sum_of_what_its_events_say(
    moves: list[tuple[str, int, date, Place]],
) -> None:
    """Each event starts from the standing that the one before it left."""
    state = given(person(), registered).aggregate
    standing = state.standing
    for step in moves:
        for event in given(state).when(move(*step)).events:
            if isinstance(event, StandingEvent):
                assert event.standing_before == standing
                standing = event.standing_after
            state = fold(state, [event])
    assert state.standing == standing
    held = [tenure for tenure in state.tenures.values() if tenure]
    shown = [credential for credential in state.credentials.values() if credential]
    assert standing == standing_of(PractitionerKind.VOLUNTEER, held, shown)
    for day in CALENDAR:
        assert state.primary_on(day) == naive_place(held, day)
        assert state.qualified_on(day) == naive_qualified(shown, day)


@holds(MOVES)
def test_no_two_posts_are_made_primary_on_one_day(
    moves: list[tuple[str, int, date, Place]],
) -> None:
    state = given(person(), registered).aggregate
    for step in moves:
        state = fold(state, given(state).when(move(*step)).events)
    marks = [t.primary_from for t in state.tenures.values() if t and t.primary_from]
    assert len(marks) == len(set(marks))


def test_the_primary_post_of_nobody_is_none() -> None:
    assert primary_on([], JOINED) is None


def test_every_event_of_a_practitioner_has_its_chinese_title() -> None:
    module = practitioner_events.__name__
    topics = {topic for topic, event in EVENTS.items() if event.__module__ == module}
    assert topics == set(PRACTITIONER_TITLES)


def test_every_refusal_of_a_practitioner_has_a_sentence_that_its_context_fills() -> None:
    context = {
        **dict.fromkeys(("left_on", "verified_on", "expires_on", "revoked_on"), JOINED),
        "presented_on": JOINED,
        **dict.fromkeys(("passed", "credited", "hours", "star", "year"), 1),
    }
    for code, sentence in PRACTITIONER_REFUSALS.items():
        assert REFUSALS[code] == sentence
        assert sentence.en.format(**context)
        assert sentence.zh.format(**context)
