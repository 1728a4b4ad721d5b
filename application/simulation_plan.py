"""Who does how much, where and when in the simulated year: quotas by largest remainder.

Every published figure is scaled and rounded once, for the province; counties and months then share
that number, so that their sum is the figure and no rate is lost in rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from random import Random
from typing import Final

from application.calendars import calendar_on
from application.divisions import LegalCounty, legal_counties, published_figures
from application.simulation_life import FIRST_DAY, random_of

SMALLEST: Final = Fraction(1, 1000)
LARGEST: Final = 100

SEASON: Final = (98, 100, 112, 102, 98, 103, 104, 104, 100, 97, 104, 108)  # per cent, by month
WEEKDAYS: Final = (122, 106, 100, 95, 92, 70, 70)  # per cent; the last two work in exchange
HOLIDAY_LULL: Final = (date(2019, 1, 21), date(2019, 2, 3), 55)  # before the Spring Festival
HOLIDAY_PEAK: Final = (date(2019, 2, 11), date(2019, 3, 8), 138)  # after it
EXAM_PEAK: Final = (date(2019, 6, 24), date(2019, 7, 12), 122)  # once the children's exams are over
AUSPICIOUS: Final = {date(2019, 2, 14): 45, date(2019, 5, 20): 40, date(2019, 8, 7): 55}

CANCELLED: Final = Fraction(62, 100)  # of the deferrals; the others postponed
OTHER_CASES: Final = {"premarital": 2900, "relationship": 2300}  # at scale 1, without application
STATIONS, ROOMS, WHISTLES = 420, 180, 2450  # at scale 1
ORDERS, FEWEST_ORDERS = 230, 4  # supervision orders at scale 1, and at any scale
DUPLICATES: Final = 900  # cases entered twice and voided, at scale 1
DAYS: Final = tuple(FIRST_DAY + timedelta(days=n) for n in range(365))


class SimulationRefused(Exception):  # noqa: N818 - said to people
    """A year that cannot be simulated; the sentence says why and what to do."""


def share(total: int, weights: Sequence[int], caps: Sequence[int] | None = None) -> list[int]:
    """Parts of a whole in proportion to weights, none above its cap, by largest remainder.

    Of equal remainders the first takes the unit. What a cap refuses is shared among the others.
    """
    if caps is not None and sum(caps) < total:
        raise ValueError(f"{total} do not fit below caps of {sum(caps)}")
    parts = [0] * len(weights)
    free = [n for n, weight in enumerate(weights) if weight > 0]
    rest = total
    while rest:
        if not free:
            # Only parts without weight are left to take what the caps of the others refused.
            free = [n for n in range(len(weights)) if caps is None or parts[n] < caps[n]]
            weights = [1] * len(weights)
        whole = sum(weights[n] for n in free)
        quotas = [divmod(rest * weights[n], whole) for n in free]
        left = rest - sum(quota for quota, _ in quotas)
        by_remainder = sorted(range(len(free)), key=lambda k: -quotas[k][1])
        units = set(by_remainder[:left])
        wanted = {n: parts[n] + quotas[k][0] + (k in units) for k, n in enumerate(free)}
        over = [n for n in free if caps is not None and wanted[n] > caps[n]]
        if not over or caps is None:
            for n, part in wanted.items():
                parts[n] = part
            break
        for n in over:
            rest -= caps[n] - parts[n]
            parts[n] = caps[n]
        free = [n for n in free if n not in over]
    return parts


def rounded(value: Fraction) -> int:
    """The nearest whole number, halves up."""
    return int(value + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Targets:
    """What the year comes to in the whole province."""

    applications: int
    counselled: int
    deferred: int
    cancelled: int
    outreach_events: int
    outreach_attendance: int
    counsellors: int
    volunteers: int
    volunteers_qualified: int
    premarital: int
    relationship: int
    stations: int
    rooms: int
    whistles: int
    duplicates: int
    orders: int

    @classmethod
    def at(cls, scale: Fraction) -> Targets:
        """The published figures of 2019 times the scale, each rounded once."""
        figures = published_figures()

        def scaled(value: int) -> int:
            return rounded(value * scale)

        return cls(
            applications=scaled(figures["applications"]),
            counselled=scaled(figures["couples_counselled"]),
            deferred=scaled(figures["deferred"]),
            cancelled=rounded(scaled(figures["deferred"]) * CANCELLED),
            outreach_events=scaled(figures["outreach_events"]),
            outreach_attendance=scaled(figures["outreach_attendance"]),
            counsellors=scaled(figures["counsellors"]),
            volunteers=scaled(figures["volunteers"]),
            volunteers_qualified=scaled(figures["volunteers_qualified"]),
            premarital=scaled(OTHER_CASES["premarital"]),
            relationship=scaled(OTHER_CASES["relationship"]),
            stations=scaled(STATIONS),
            rooms=scaled(ROOMS),
            whistles=scaled(WHISTLES),
            duplicates=scaled(DUPLICATES),
            orders=max(scaled(ORDERS), FEWEST_ORDERS),
        )


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """What one county does in the year; days count from 2019-01-01 and are sorted.

    `lender` is the county whose practitioners come here when it has none of its own.
    """

    index: int
    county: LegalCounty
    lender: int
    cancelled: tuple[int, ...]
    postponed: tuple[int, ...]
    counselled_otherwise: tuple[int, ...]
    uncounselled: tuple[int, ...]
    premarital: tuple[int, ...]
    relationship: tuple[int, ...]
    duplicates: tuple[int, ...]
    whistles: tuple[int, ...]
    orders: tuple[int, ...]
    outreach: tuple[tuple[int, int], ...]
    counsellors: int
    volunteers: int
    volunteers_qualified: int
    stations: tuple[str, ...]
    rooms: tuple[str, ...]

    @property
    def weight(self) -> int:
        """How much work it is to simulate, roughly in cases."""
        return len(self.uncounselled) + 2 * (
            len(self.cancelled) + len(self.postponed) + len(self.counselled_otherwise)
        )


def plan_year(scale: Fraction, seed: int) -> list[CountyPlan]:
    """The year of every legal county.

    Raises `SimulationRefused` for a scale that is too small, or beyond any nation's.
    """
    if scale > LARGEST:
        raise SimulationRefused(
            f"A scale of {float(scale):g} is more than any nation's; take {LARGEST} or less."
        )
    if scale < SMALLEST:
        raise SimulationRefused(
            f"At a scale of {float(scale):g} no rate survives; take {float(SMALLEST):g} or more."
        )
    targets = Targets.at(scale)
    counties = legal_counties()
    rng = random_of(seed, "plan")
    size = [100 * len(county.townships) for county in counties]
    demand = [jittered(rng, weight, 25) for weight in size]
    cases = share_cases(rng, targets, demand)
    townships = [[township.code for township in county.townships] for county in counties]
    room_for = [len(codes) for codes in townships]
    stations = share(min(targets.stations, sum(room_for)), size, room_for)
    rooms = share(targets.rooms, size)
    sites = [s + r for s, r in zip(stations, rooms, strict=True)]
    whistles = share(targets.whistles, [jittered(rng, n, 50) for n in sites])
    whistled = dealt(rng, whistles, AT_WORK)
    ordered = dealt(rng, share(targets.orders, size), AT_WORK)
    outreach = share_outreach(rng, targets, size)
    counsellors = share(targets.counsellors, demand)
    volunteers = share(targets.volunteers, [jittered(rng, n, 40) for n in size])
    qualified = share(
        targets.volunteers_qualified, [jittered(rng, n, 30) for n in volunteers], volunteers
    )
    lenders = lenders_of(counties, counsellors, volunteers)
    return [
        CountyPlan(
            index=n,
            county=county,
            lender=lenders[n],
            cancelled=cases["cancelled"][n],
            postponed=cases["postponed"][n],
            counselled_otherwise=cases["counselled_otherwise"][n],
            uncounselled=cases["uncounselled"][n],
            premarital=cases["premarital"][n],
            relationship=cases["relationship"][n],
            duplicates=cases["duplicates"][n],
            whistles=whistled[n],
            orders=ordered[n],
            outreach=outreach[n],
            counsellors=counsellors[n],
            volunteers=volunteers[n],
            volunteers_qualified=qualified[n],
            stations=tuple(sorted(rng.sample(townships[n], stations[n]))),
            rooms=tuple(sorted(rng.choices(townships[n], k=rooms[n]))),
        )
        for n, county in enumerate(counties)
    ]


def share_cases(
    rng: Random, targets: Targets, demand: Sequence[int]
) -> dict[str, list[tuple[int, ...]]]:
    """The days of each county's cases by how they go: nowhere more counselled than applied."""
    applied = share(targets.applications, demand)
    counselled = share(targets.counselled, [jittered(rng, n, 18) for n in applied], applied)
    deferred = share(targets.deferred, [jittered(rng, n, 22) for n in counselled], counselled)
    cancelled = share(targets.cancelled, deferred, deferred)
    counts = {
        "cancelled": cancelled,
        "postponed": [d - c for d, c in zip(deferred, cancelled, strict=True)],
        "counselled_otherwise": [c - d for c, d in zip(counselled, deferred, strict=True)],
        "uncounselled": [a - c for a, c in zip(applied, counselled, strict=True)],
        "premarital": share(targets.premarital, demand),
        "relationship": share(targets.relationship, demand),
        "duplicates": share(targets.duplicates, demand),
    }
    return {
        kind: dealt(rng, parts, AT_WORK if kind == "relationship" else AT_REGISTRY)
        for kind, parts in counts.items()
    }


def share_outreach(
    rng: Random, targets: Targets, size: Sequence[int]
) -> list[tuple[tuple[int, int], ...]]:
    """The days of each county's outreach events and how many attend."""
    events = share(targets.outreach_events, [jittered(rng, n, 45) for n in size])
    crowds = [int(100 * rng.lognormvariate(4.0, 0.55)) for _ in range(targets.outreach_events)]
    attendance = iter(share(targets.outreach_attendance, crowds))
    return [tuple((day, next(attendance)) for day in days) for days in dealt(rng, events, OUTDOORS)]


def calendar_day(number: int) -> date:
    """The date of a day of the year, counted from 2019-01-01."""
    return DAYS[number]


calendar: Final = calendar_on(date(2020, 1, 1))
"""The working days of the year, as they turned out."""


def registry_weight(on: date) -> int:
    """How many couples come to a registry office on a day, against other days; none when closed."""
    if not calendar.is_working_day(on):
        return 0
    weight = SEASON[on.month - 1] * WEEKDAYS[on.weekday()]
    for first, last, per_cent in (HOLIDAY_LULL, HOLIDAY_PEAK, EXAM_PEAK):
        if first <= on <= last:
            weight = weight * per_cent // 100
    return weight * AUSPICIOUS.get(on, 100) // 100


def outreach_weight(on: date) -> int:
    """When publicity and training are held: around the days of women, families and the law."""
    peaks = ((date(2019, 3, 8), 6), (date(2019, 5, 15), 8), (date(2019, 8, 7), 4),
             (date(2019, 11, 25), 6), (date(2019, 12, 4), 4))  # fmt: skip
    weight = 100 if calendar.is_working_day(on) else 35
    for peak, reach in peaks:
        away = abs((on - peak).days)
        if away <= reach:
            weight += 60 * (reach - away + 1)
    return 10 if date(2019, 1, 28) <= on <= date(2019, 2, 14) else weight


def jittered(rng: Random, weight: int, per_cent: int) -> int:
    """A weight of which some counties have more and others less."""
    return weight * rng.randrange(100 - per_cent, 101 + per_cent)


def dealt(rng: Random, counts: Sequence[int], weights: Sequence[int]) -> list[tuple[int, ...]]:
    """Days for each county: months share the whole by largest remainder, chance deals them out."""
    months: list[list[int]] = [[] for _ in range(12)]
    for number, on in enumerate(DAYS):
        months[on.month - 1].append(number)
    by_month = share(sum(counts), [sum(weights[n] for n in month) for month in months])
    days = [
        day
        for month, part in zip(months, by_month, strict=True)
        for day in rng.choices(month, [weights[n] for n in month], k=part)
    ]
    rng.shuffle(days)
    ends = list(accumulate(counts, initial=0))
    return [tuple(sorted(days[first:end])) for first, end in pairwise(ends)]


def lenders_of(
    counties: Sequence[LegalCounty], counsellors: Sequence[int], volunteers: Sequence[int]
) -> list[int]:
    """For each county whose team serves there: its own, its city's, or the next one's."""
    staffed = [n for n, heads in enumerate(counsellors) if heads]
    staffed = staffed or [n for n, heads in enumerate(volunteers) if heads]

    def nearest(index: int) -> int:
        city = counties[index].city
        return min(staffed, key=lambda n: (n != index, counties[n].city != city, abs(n - index)))

    return [nearest(index) for index in range(len(counties))]


AT_REGISTRY: Final = tuple(registry_weight(on) for on in DAYS)
AT_WORK: Final = tuple(100 if calendar.is_working_day(on) else 12 for on in DAYS)
OUTDOORS: Final = tuple(outreach_weight(on) for on in DAYS)
"""How much happens on the days of the year, against other days."""
