"""How a practitioner counts on any day: present at the primary post, qualified by certificates.

Spans are half-open, so that figures add one on `from_on` and take one away on `to_on`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import NamedTuple

from domain.practitioner_events import Credential, Span, Standing, Tenure
from domain.values import CertificateKind, PractitionerKind

QUALIFYING = frozenset(CertificateKind) - {CertificateKind.OTHER}
"""The kinds of certificate that make a practitioner qualified (domain §3)."""

FOREVER = date.max  # stands for "no end" while spans are compared


class Days(NamedTuple):
    """The days from `first` up to but not including `end`."""

    first: date
    end: date = FOREVER


def standing_of(
    kind: PractitionerKind, tenures: Iterable[Tenure], credentials: Iterable[Credential]
) -> Standing:
    """What these posts and certificates make of a practitioner, on every day, in canonical form."""
    present = tuple(presence(tuple(tenures)))
    qualifying = joined(filter(None, map(validity, credentials)))
    return Standing(kind=kind, present=present, qualified=tuple(during(present, qualifying)))


def held_on(tenure: Tenure, on: date) -> bool:
    """Whether a post is held on a date."""
    return tenure.post.from_on <= on < (tenure.left_on or FOREVER)


def primary_on(tenures: Iterable[Tenure], on: date) -> Tenure | None:
    """The post at which the head is counted on a date.

    Of the posts held then, the one made primary last; when none was, the one held longest.
    """
    held = [tenure for tenure in tenures if held_on(tenure, on)]
    marked = [t for t in held if t.primary_from is not None and t.primary_from <= on]
    if marked:
        return max(marked, key=lambda t: t.primary_from or date.min)
    return min(held, key=lambda t: t.post.from_on, default=None)


def validity(credential: Credential) -> Days | None:
    """The days on which a certificate makes qualified; none before someone else verified it."""
    certificate = credential.certificate
    if certificate.kind not in QUALIFYING or credential.verified_on is None:
        return None
    expires_on = certificate.expires_on or FOREVER
    expired_on = expires_on if expires_on == FOREVER else expires_on + timedelta(days=1)
    days = Days(
        max(certificate.issued_on, credential.verified_on),
        min(expired_on, credential.revoked_on or FOREVER),
    )
    return days if days.first < days.end else None


def presence(tenures: Sequence[Tenure]) -> Iterator[Span]:
    """The primary posts one after another; neighbours at the same place are one span."""
    turns = sorted(
        {turn for t in tenures for turn in (t.post.from_on, t.left_on, t.primary_from) if turn}
    )
    last: Span | None = None
    for first, end in pairwise(chain(turns, (FOREVER,))):
        tenure = primary_on(tenures, first)
        if tenure is None:
            continue
        span = span_of(tenure, Days(first, end))
        if last is not None and (last.to_on, last.place) == (span.from_on, span.place):
            last = last.model_copy(update={"to_on": span.to_on})
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def joined(periods: Iterable[Days]) -> list[Days]:
    """The same days without overlaps, so that two certificates do not count twice."""
    result: list[Days] = []
    for days in sorted(periods):
        if result and days.first <= result[-1].end:
            result[-1] = Days(result[-1].first, max(result[-1].end, days.end))
        else:
            result.append(days)
    return result


def during(spans: Iterable[Span], periods: Sequence[Days]) -> Iterator[Span]:
    """The parts of spans that lie within periods."""
    for span in spans:
        for period in periods:
            first = max(span.from_on, period.first)
            end = min(span.to_on or FOREVER, period.end)
            if first < end:
                yield Span(place=span.place, from_on=first, to_on=None if end == FOREVER else end)


def span_of(tenure: Tenure, days: Days) -> Span:
    """Days at the place of a post."""
    to_on = None if days.end == FOREVER else days.end
    return Span(place=tenure.post.place, from_on=days.first, to_on=to_on)
