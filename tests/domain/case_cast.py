"""The words in which the rules of a case are tested: the cast, the calendar, one step each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from domain import case_care, case_counselling, case_file, case_registry, case_safety
from domain.base import SHANGHAI, Place, Sealed
from domain.calendar import Deadlines
from domain.case import Case
from domain.case_facts import (
    Appointment,
    CaseEvent,
    ClosureProposal,
    Compartment,
    FollowUp,
    FollowUpWanted,
    Opening,
    Rating,
    Referral,
    Report,
    SafetyDocument,
    Screening,
    Session,
)
from domain.values import (
    CaseChannel,
    CaseOutcome,
    ClosureKind,
    FollowUpKind,
    Party,
    ReferralKind,
    ReportedTo,
    RiskLevel,
    Role,
    SafetyLevel,
    ServiceType,
    SessionForm,
    Visit,
)
from tests.domain.scenario import Given, given, known, stamp

Step = Callable[[Case], Iterator[CaseEvent]]

HER, HIM, OTHER = Party
JINAN = Place(centre=known("centre"), region=known("jinan"))
QINGDAO = Place(centre=known("other centre"), region=known("qingdao"))
D = date(2019, 3, 1)
B = date(2021, 1, 4)

OPENING = Opening(
    number="2019-0001",
    service=ServiceType.DIVORCE_ADJUSTMENT,
    channel=CaseChannel.REGISTRY_WINDOW,
    visit=Visit.FIRST,
)
PROPOSAL = ClosureProposal(kind=ClosureKind.GOALS_REACHED)
SEALED = Sealed(z=1, k="key", n="nonce", h="commitment", c="cipher")
DEADLINES = Deadlines(
    cooling_off_nominal=date(2021, 2, 3),
    cooling_off_effective=date(2021, 2, 3),
    window_nominal=date(2021, 3, 5),
    window_effective=date(2021, 3, 5),
    calendar_version="2021-1",
    closing="17:00",
)


def later(days: int = 1, start: date = D) -> date:
    return start + timedelta(days=days)


def hour(hours: int, on: date = D) -> datetime:
    return datetime.combine(on, datetime.min.time(), SHANGHAI) + timedelta(hours=hours)


def registry(on: date | datetime = B, **why: Any) -> Any:
    """The stamp of the registrar, who counsels nobody."""
    return stamp(on, actor="qian", role=Role.REGISTRAR, **why)


def opened(c: Case) -> Iterator[CaseEvent]:
    return case_file.open_case(c, OPENING, JINAN, stamp(D))


def opened_in_2021(c: Case) -> Iterator[CaseEvent]:
    return case_file.open_case(c, OPENING, JINAN, stamp(B))


def offered(c: Case) -> Iterator[CaseEvent]:
    return case_counselling.offer(c, stamp(D))


def applied(c: Case) -> Iterator[CaseEvent]:
    return case_registry.observe_application(c, stamp(D))


def accepted(c: Case) -> Iterator[CaseEvent]:
    return case_registry.accept_application(c, "R-1", DEADLINES, registry())


def consented(party: Party, on: date = D) -> Step:
    return lambda c: case_counselling.consent(c, party, stamp(on))


def declined(party: Party, on: date = D) -> Step:
    return lambda c: case_counselling.decline(c, party, stamp(on))


def screening(
    party: Party, level: SafetyLevel = SafetyLevel.NONE, name: str = "screening", alone: bool = True
) -> Screening:
    return Screening(
        id=known(f"{name} {party}"),
        party=party,
        tool="DA-20",
        tool_version="1",
        level=level,
        alone=alone,
    )


def screened(party: Party, level: SafetyLevel = SafetyLevel.NONE, at: date | datetime = D) -> Step:
    return lambda c: case_safety.screen(c, screening(party, level), stamp(at))


def session(name: str = "session", *present: Party, on: date = D, **facts: Any) -> Session:
    return Session(
        **{
            "id": known(name),
            "started_at": hour(10, on),
            "minutes": 50,
            "form": SessionForm.ON_SITE,
            "present": present or (HER,),
            "practitioners": (known("wang"),),
        }
        | facts
    )


def held(held: Session) -> Step:
    return lambda c: case_counselling.hold_session(c, held, stamp(held.started_at))


def why(on: date | datetime = D, **who: Any) -> Any:
    """A stamp with a reason."""
    return stamp(on, reason="entered wrongly", **who)


def risk(level: RiskLevel, on: date = D) -> Step:
    return lambda c: case_safety.set_risk(c, level, stamp(on))


def ended(outcome: CaseOutcome, at: date | datetime = D) -> Step:
    return lambda c: case_registry.declare_outcome(c, outcome, at, stamp(at))


def proposed(on: date = D) -> Step:
    return lambda c: case_file.propose_closure(c, PROPOSAL, stamp(on, actor="li"))


def approved(on: date = D) -> Step:
    return lambda c: case_file.approve_closure(c, stamp(on, actor="zhao"))


def reopened(on: date) -> Step:
    return lambda c: case_file.reopen(c, why(on))


def transfer_requested(to: Place = QINGDAO, on: date = D) -> Step:
    return lambda c: case_file.request_transfer(c, to, stamp(on))


def transferred(on: date = D, to: Place = QINGDAO, office: str = "other centre") -> Step:
    return lambda c: case_file.accept_transfer(c, stamp(on, office=office))


def follow_up(name: str = "follow-up", due_on: date = D + timedelta(days=30)) -> FollowUp:
    return FollowUp(id=known(name), kind=FollowUpKind.PHONE, due_on=due_on)


def wanted(what: FollowUp) -> FollowUpWanted:
    return FollowUpWanted(id=what.id, kind=what.kind, due_on=what.due_on)


def scheduled(what: FollowUp | None = None, on: date = D) -> Step:
    return lambda c: case_care.schedule_follow_up(c, wanted(what or follow_up()), stamp(on))


def referral(name: str = "referral", kind: ReferralKind = ReferralKind.LEGAL_AID) -> Referral:
    return Referral(id=known(name), kind=kind)


def referred(c: Case) -> Iterator[CaseEvent]:
    return case_care.refer(c, referral(), stamp(D))


def report(name: str = "report", party: Party | None = HER) -> Report:
    answered = known(f"screening {party}") if party is not None else None
    return Report(id=known(name), to=ReportedTo.POLICE, screening=answered)


def reported(at: datetime) -> Step:
    return lambda c: case_safety.report(c, report(), stamp(at))


def rating(score: int = 5, name: str = "rating", **facts: Any) -> Rating:
    return Rating(id=known(name), score=score, **facts)


def rated(c: Case) -> Iterator[CaseEvent]:
    return case_care.rate(c, rating(), stamp(D))


def document(name: str = "document", issued_on: date = D, **facts: Any) -> SafetyDocument:
    return SafetyDocument(
        id=known(name), number="2019-1", issuer="Lixia police", issued_on=issued_on, **facts
    )


def appointment(starts_at: datetime, name: str = "appointment") -> Appointment:
    return Appointment(
        id=known(name), starts_at=starts_at, form=SessionForm.ON_SITE, parties=(HER, HIM)
    )


def booked(c: Case) -> Iterator[CaseEvent]:
    return case_care.book(c, appointment(hour(34)), stamp(hour(9)))


def compartment(party: Party | None = None, key: str = "k:couple") -> Compartment:
    return Compartment(note=Sealed(z=1, k=key, n="nonce", h="commitment", c="cipher"), party=party)


def a_case(*steps: Step) -> Given[Case]:
    """A case opened on 1 March 2019 in Jinan that has taken these steps."""
    return given(Case(known("case")), opened, *steps)


def a_case_of_2021(*steps: Step) -> Given[Case]:
    """A case opened on 4 January 2021 in Jinan that has taken these steps."""
    return given(Case(known("case")), opened_in_2021, *steps)


WILLING = (offered, consented(HER), consented(HIM))
SAFE = (*WILLING, screened(HER), screened(HIM))
COUNSELLED = (*WILLING, held(session()))
CLOSED = (proposed(), approved())
SEVERE = screened(HER, SafetyLevel.SEVERE, hour(9))
