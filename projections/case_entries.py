"""What a case counts: opened, at risk, moved, closed; with what its families count, all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, get_args
from uuid import UUID, uuid5

from domain.base import Place
from domain.case_facts import ClosureRecord, Opening, Stay, Tally
from domain.case_file_events import (
    AnonymousNoted,
    CaseArchived,
    CaseOpened,
    CaseReopened,
    CaseVoided,
    ClosureApproved,
    ClosureProposed,
    ClosureReturned,
    ClosureVoided,
    EncounterLinked,
    OpeningCorrected,
    PartyIdentified,
    PartyIdentityCorrected,
    PersonalDataErased,
    SealedNoteOpened,
    TransferAccepted,
    TransferRejected,
    TransferRequested,
)
from domain.case_protection_events import ProtectionEvent
from domain.case_safety_events import RiskLevelCorrected, RiskLevelSet, RiskLevelVoided
from domain.values import RiskLevel, ServiceType
from projections import (
    case_care_entries,
    case_counselling_entries,
    case_couple_entries,
    case_safety_entries,
)
from projections.case_care_entries import follow_up_entries, rating_entries, referral_entries
from projections.case_counselling_entries import ACCEPTED, DECLINED, OFFERED, session_entries
from projections.case_couple_entries import application_entries, began_entries, outcome_entries
from projections.case_safety_entries import report_entries, screening_entries
from projections.entries import (
    ONLY_CORRECTS,
    Entry,
    Kinds,
    Rule,
    Rules,
    changed,
    correcting,
    number,
    taken_back,
)

CASES_CLOSED: Final = number("cases_closed")
CASES_FILED: Final = number("cases_filed")
OPEN_CASES: Final = number("open_cases")
OPEN_HIGH_RISK: Final = number("open_high_risk")
CASES: Final = {
    ServiceType.PREMARITAL: number("cases_premarital"),
    ServiceType.RELATIONSHIP: number("cases_relationship"),
    ServiceType.DIVORCE_ADJUSTMENT: number("cases_divorce_adjustment"),
}


def opened(event: CaseOpened) -> list[Entry]:
    on, subject = event.stamp.occurred_on, event.originator_id
    return [
        opening_entry(subject, event.opening, on, event.place),
        Entry(OPEN_CASES, event.place.centre, event.place.region, subject, on, 1),
    ]


def opening_corrected(event: OpeningCorrected) -> list[Entry]:
    subject, place = event.originator_id, event.place
    before = [
        opening_entry(subject, event.before, event.before_on, place),
        Entry(OPEN_CASES, place.centre, place.region, subject, event.before_on, 1),
    ]
    after = [
        opening_entry(subject, event.after, event.after_on, place),
        Entry(OPEN_CASES, place.centre, place.region, subject, event.after_on, 1),
    ]
    return changed(before, after)


def opening_entry(subject: UUID, opening: Opening, on: date, place: Place) -> Entry:
    return Entry(CASES[opening.service], place.centre, place.region, subject, on, 1)


def risk_set(event: RiskLevelSet) -> list[Entry]:
    change = (event.after is RiskLevel.RED) - (event.before is RiskLevel.RED)
    if not change:
        return []
    place, on = event.place, event.stamp.occurred_on
    return [Entry(OPEN_HIGH_RISK, place.centre, place.region, event.originator_id, on, change)]


def risk_changed(event: RiskLevelCorrected | RiskLevelVoided) -> list[Entry]:
    return changed(
        stay_entries(OPEN_HIGH_RISK, event.originator_id, event.red_before),
        stay_entries(OPEN_HIGH_RISK, event.originator_id, event.red_after),
    )


def stay_entries(indicator: int, subject: UUID, stays: Iterable[Stay]) -> list[Entry]:
    """Stretches of time in a stock: in on the first day, out on the last."""
    entries = []
    for stay in stays:
        at = (stay.place.centre, stay.place.region, subject)
        entries.append(Entry(indicator, *at, stay.since, 1))
        if stay.until is not None:
            entries.append(Entry(indicator, *at, stay.until, -1))
    return entries


def transferred(event: TransferAccepted) -> list[Entry]:
    """The stocks move with the case; what was counted before stays where it was."""
    on, subject = event.stamp.occurred_on, event.originator_id
    entries = []
    for stock in stocks(event.risk):
        for place, quantity in ((event.from_place, -1), (event.to_place, 1)):
            entries.append(Entry(stock, place.centre, place.region, subject, on, quantity))
    return entries


def closed(event: ClosureApproved) -> list[Entry]:
    subject, record, place = event.originator_id, event.record, event.place
    at = (place.centre, place.region, subject, record.on, -1)
    return [
        *closure_entries(subject, record, place),
        *(Entry(stock, *at) for stock in stocks(record.risk)),
    ]


def closure_voided(event: ClosureVoided) -> list[Entry]:
    subject, record, place = event.originator_id, event.record, event.place
    return [
        *taken_back(closure_entries(subject, record, place)),
        Entry(OPEN_CASES, place.centre, place.region, subject, record.on, 1),
        *changed(
            stay_entries(OPEN_HIGH_RISK, subject, event.red_before),
            stay_entries(OPEN_HIGH_RISK, subject, event.red_after),
        ),
    ]


def reopened(event: CaseReopened) -> list[Entry]:
    place, on, subject = event.place, event.stamp.occurred_on, event.originator_id
    at = (place.centre, place.region, subject, on, 1)
    return [Entry(stock, *at) for stock in stocks(event.risk)]


def closure_entries(case: UUID, record: ClosureRecord, place: Place) -> list[Entry]:
    """A closure, which is a thing of its own: a case that was reopened is closed again."""
    closure = case if record.number is None else uuid5(case, f"closure:{record.number}")
    at = (place.centre, place.region, closure, record.on, 1)
    entries = [Entry(CASES_CLOSED, *at)]
    if record.filed:
        entries.append(Entry(CASES_FILED, *at))
    return entries


def stocks(risk: RiskLevel | None) -> tuple[int, ...]:
    """The stocks that an open case is in."""
    return (OPEN_CASES, OPEN_HIGH_RISK) if risk is RiskLevel.RED else (OPEN_CASES,)


def case_voided(event: CaseVoided) -> list[Entry]:
    subject = event.originator_id
    return [entry for tally in event.counted for entry in taken_back(tally_entries(subject, tally))]


def tally_entries(subject: UUID, tally: Tally) -> Iterator[Entry]:
    """Everything that a case counts at one place."""
    place = tally.place
    if tally.opening is not None and tally.opened_on is not None:
        yield opening_entry(subject, tally.opening, tally.opened_on, place)
    yield from stay_entries(OPEN_CASES, subject, tally.open)
    yield from stay_entries(OPEN_HIGH_RISK, subject, tally.red)
    if tally.application is not None:
        yield from application_entries(subject, tally.application, place)
    steps = (
        (OFFERED, tally.offered_on),
        (ACCEPTED, tally.accepted_on),
        (DECLINED, tally.declined_on),
    )
    for indicator, on in steps:
        if on is not None:
            yield Entry(indicator, place.centre, place.region, subject, on, 1)
    if tally.began is not None:
        yield from began_entries(subject, tally.began)
    for session in tally.sessions:
        yield from session_entries(session, place)
    if tally.outcome is not None:
        yield from outcome_entries(subject, tally.outcome)
    for screening in tally.screenings:
        yield from screening_entries(screening.screening, screening.on, screening.report_due, place)
    for report in tally.reports:
        yield from report_entries(report, place)
    for referral in tally.referrals:
        yield from referral_entries(referral, place)
    for follow_up in tally.follow_ups:
        yield from follow_up_entries(follow_up, place)
    for rating in tally.ratings:
        yield from rating_entries(rating.rating, rating.on, place)
    for closure in tally.closures:
        yield from closure_entries(subject, closure, place)


RULES: Final[Rules] = {
    CaseOpened: Rule(opened),
    OpeningCorrected: correcting(opening_corrected),
    PartyIdentityCorrected: ONLY_CORRECTS,
    RiskLevelSet: Rule(risk_set),
    RiskLevelCorrected: correcting(risk_changed),
    RiskLevelVoided: correcting(risk_changed),
    TransferAccepted: Rule(transferred),
    ClosureApproved: Rule(closed),
    ClosureVoided: correcting(closure_voided),
    CaseReopened: Rule(reopened),
    CaseVoided: correcting(case_voided),
    **case_couple_entries.RULES,
    **case_counselling_entries.RULES,
    **case_safety_entries.RULES,
    **case_care_entries.RULES,
}

UNCOUNTED: Final[Kinds] = frozenset(
    {
        PartyIdentified,
        AnonymousNoted,
        EncounterLinked,
        TransferRequested,
        TransferRejected,
        ClosureProposed,
        ClosureReturned,
        CaseArchived,
        SealedNoteOpened,
        PersonalDataErased,
        *get_args(ProtectionEvent),
        *case_counselling_entries.UNCOUNTED,
        *case_safety_entries.UNCOUNTED,
        *case_care_entries.UNCOUNTED,
    }
)
