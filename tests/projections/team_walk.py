"""Practitioners to whom anything may happen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain import practitioner_certificates, practitioner_posts, practitioner_service
from domain.base import Event, Place, Sealed
from domain.practitioner import Practitioner
from domain.practitioner_events import (
    Certificate,
    Post,
    Registration,
    ServiceHours,
    Tenure,
    Training,
)
from domain.values import (
    CertificateKind,
    Education,
    PractitionerKind,
    PractitionerSource,
    Sex,
)
from tests.domain.scenario import known, stamp
from tests.projections.walks import walks

NAMES = ("one", "two", "three", "four")
COUNTY = Place(centre=known("county centre"), region=known("county"))
TOWN = Place(centre=known("town station"), region=known("town"))
JOINED = date(2019, 1, 7)

JOINING = Registration(
    kind=PractitionerKind.VOLUNTEER,
    source=PractitionerSource.VOLUNTEER,
    identity=Sealed(z=1, k="k:key", n="nonce", h="commitment", c="cipher"),
    sex=Sex.FEMALE,
    birth_year=1980,
    education=Education.BACHELOR,
)


def why(on: date, actor: str = "colleague") -> Any:
    return stamp(on, actor=actor, reason="entered wrongly")


def registered(p: Practitioner) -> Iterator[Event]:
    return practitioner_posts.register(p, JOINING, stamp(JOINED, actor="registrar"))


def post(name: str = "one", place: Place = COUNTY, from_on: date = JOINED, **facts: Any) -> Post:
    return Post(id=known(name), place=place, title="志愿者", from_on=from_on, **facts)


def certificate(name: str = "one", **facts: Any) -> Certificate:
    known_facts = {
        "id": known(name),
        "kind": CertificateKind.SOCIAL_WORKER,
        "issuer": "人社部",
        "issued_on": date(2018, 5, 1),
    }
    return Certificate(**{**known_facts, **facts})


def training(name: str = "one", on: date = JOINED, minutes: int = 90) -> Training:
    return Training(id=known(name), title="个案管理", completed_on=on, minutes=minutes)


def hours(
    name: str = "one", on: date = JOINED, minutes: int = 90, place: Place = COUNTY
) -> ServiceHours:
    started_at = datetime.combine(on, time(1), UTC)
    return ServiceHours(
        id=known(name),
        place=place,
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=minutes),
        credited=minutes,
    )


def step(
    person: Practitioner, random: Random, now: date
) -> Callable[[Practitioner], Iterator[Event]]:
    """Something that might happen to a practitioner, entered on this day."""
    name, place = random.choice(NAMES), random.choice((COUNTY, TOWN))
    on = max(JOINED, now - timedelta(days=random.choice((0, 0, 1, 10, 40))))
    then = max(JOINED, now - timedelta(days=random.choice((0, 0, 1, 10, 40))))
    by, reason, minutes = stamp(now, actor="colleague"), why(now), random.randint(1, 200)
    asked = post(name, place, on, primary=random.choice((True, False)))
    tenure = Tenure(
        post=asked,
        left_on=random.choice((None, then)),
        primary_from=on if asked.primary else None,
    )
    paper = certificate(
        name,
        kind=random.choice([*CertificateKind]),
        expires_on=random.choice((None, now + timedelta(days=random.choice((1, 30))))),
    )
    joining = JOINING.model_copy(
        update={
            "kind": random.choice([*PractitionerKind]),
            "source": random.choice([*PractitionerSource]),
        }
    )
    at = Place(centre=place.centre, region=random.choice((place.region, known("new region"))))
    return random.choice(
        (
            lambda p: practitioner_posts.correct_registration(p, joining, reason),
            *3 * (lambda p: practitioner_posts.assume_post(p, asked, reason),),
            lambda p: practitioner_posts.leave_post(p, some(random, p.tenures), stamp(on)),
            lambda p: practitioner_posts.move_primary(p, some(random, p.tenures), stamp(on)),
            lambda p: practitioner_posts.correct_post(p, tenure, reason),
            lambda p: practitioner_posts.void_post(p, some(random, p.tenures), reason),
            lambda p: (
                practitioner_posts.deregister(p, by)
                if random.random() < 0.2
                else practitioner_posts.void_deregistration(p, reason)
            ),
            lambda p: practitioner_posts.void_deregistration(p, reason),
            lambda p: practitioner_certificates.register_certificate(
                p, paper, stamp(on, actor="registrar")
            ),
            *3
            * (
                lambda p: practitioner_certificates.verify_certificate(
                    p, some(random, p.credentials), by
                ),
            ),
            lambda p: practitioner_certificates.revoke_certificate(
                p, some(random, p.credentials), why(on)
            ),
            lambda p: practitioner_certificates.correct_certificate(p, paper, reason),
            lambda p: practitioner_certificates.void_certificate(
                p, some(random, p.credentials), reason
            ),
            lambda p: practitioner_service.complete_training(
                p, training(name, on, minutes), reason
            ),
            lambda p: practitioner_service.correct_training(p, training(name, on, minutes), reason),
            lambda p: practitioner_service.void_training(p, some(random, p.trainings), reason),
            lambda p: practitioner_service.credit_hours(
                p, hours(name, on, minutes, at), why(now + timedelta(days=1))
            ),
            lambda p: practitioner_service.correct_hours(
                p, hours(name, on, minutes, at), known("someone"), why(now + timedelta(days=1))
            ),
            lambda p: practitioner_service.void_hours(p, some(random, p.hours), reason),
        )
    )


def some(random: Random, book: Collection[UUID]) -> UUID:
    return random.choice([*book]) if book else known("nothing")


practitioner_walks = walks(lambda: Practitioner(known("practitioner")), (registered,), step, JOINED)
