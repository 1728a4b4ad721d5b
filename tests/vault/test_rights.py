"""The desks of persons' rights over a real vault: erasure as asked for, answers, disposal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.casework import Identity
from application.codec import encode
from application.copies import Copies
from application.disposals import Disposals
from application.envelope import Unopened
from application.eventlog import Conflict, Receipt
from application.jurisdiction import Forbidden, Jurisdiction
from application.keystore import KeyStore
from application.protection import Protection
from application.records import Actor, Command
from application.requests import Claim, Requests
from application.settings import Settings
from domain import case_file
from domain.access import Viewing
from domain.base import Place, Refused, Stamp, day, decide
from domain.case import Case
from domain.case_file_events import CaseArchived, PartyIdentified
from domain.disposal import Disposal
from domain.request import PersonRequest
from domain.retention import YEARS, RecordClass, years_after
from domain.rights import (
    Age,
    Applicant,
    DisposalStatus,
    PersonPart,
    RequestChannel,
    RequestKind,
    RequestRefusal,
    RequestStatus,
    VerificationMeans,
)
from domain.subject import LegalHold
from domain.values import (
    AccessPurpose,
    ErasureGround,
    HoldGround,
    Party,
    RecordKind,
    RecordSurface,
    Role,
    SafetyLevel,
)
from tests.domain.case_cast import HER, HIM, OTHER, screening
from tests.proof.test_own_stream import append_to
from tests.vault.world import NAMES, NOTES, OFFICE, World, command, founded, officer, viewing

WITHDRAWN = ErasureGround.CONSENT_WITHDRAWN
WRONG = "登记的电话是我丈夫的"


def desk(world: World) -> Requests:
    return Requests(world.records, world.vault)


def asked(
    world: World,
    record: UUID,
    kind: RequestKind = RequestKind.ERASE,
    part: PersonPart = PersonPart.WIFE,
    details: str | None = WRONG,
    verifier: Command | None = None,
) -> UUID:
    """A request, its identity verified."""
    request = uuid4()
    claim = Claim(
        record=record,
        part=part,
        kind=kind,
        applicant=Applicant.SELF,
        channel=RequestChannel.WRITTEN,
        details=details,
    )
    place = Place(region=founded(world.records))
    desk(world).receive(request, claim, place, command(Role.REGISTRAR))
    desk(world).verify_identity(
        request, VerificationMeans.DOCUMENT, verifier or command(Role.REGISTRAR)
    )
    return request


def status(world: World, request: UUID) -> RequestStatus:
    return world.records.get(PersonRequest, request).status


def look(record: UUID) -> Viewing:
    return Viewing(
        record=record,
        kind=RecordKind.REQUEST,
        surface=RecordSurface.API,
        purpose=AccessPurpose.SUBJECT_REQUEST,
    )


def test_an_erasure_that_was_granted_destroys_her_keys_and_no_others(world: World) -> None:
    case = world.closed_case()
    request = asked(world, case)
    desk(world).grant(request, WITHDRAWN, officer())
    by = officer()
    certificate = desk(world).erase(request, by)
    assert status(world, request) is RequestStatus.FULFILLED
    left = set(world.texts(case))
    assert {NAMES[HER], NOTES[HER]}.isdisjoint(left)
    assert NOTES[None] in left
    assert desk(world).erase(request, by).positions == certificate.positions


def test_a_request_that_is_overtaken_by_the_erasure_is_not_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is gone between the decision and the moment at which it would be kept."""
    case, keep = world.closed_case(), KeyStore.keep
    erasures: list[UUID] = []

    def overtaken(store: KeyStore, *arguments: Any) -> None:
        if not erasures:
            erasures.append(case)
            world.erasures.erase(case, WITHDRAWN, officer())
        keep(store, *arguments)

    monkeypatch.setattr(KeyStore, "keep", overtaken)
    for refused in ("erased-meanwhile", "part-erased"):
        with pytest.raises(Refused, match=refused):
            asked(world, case)
    assert not world.fetch("select from log.event where starts_with(topic, 'request.')")
    assert world.texts(case) == []


def test_her_safe_contact_and_address_go_with_her(world: World) -> None:
    case = world.closed_case()
    protection = Protection(world.records, world.vault)
    protection.note_safe_contact(case, HER, "周二上午", True, command())
    protection.note_protected_address(case, HER, "救助站", command())
    request = asked(world, case)
    desk(world).grant(request, WITHDRAWN, officer())
    assert len(desk(world).erase(request, officer()).keys) == 3
    with pytest.raises(Unopened):
        protection.contacts(viewing(case), command())


def test_nothing_is_erased_before_it_is_granted_or_under_a_hold(world: World) -> None:
    case = world.closed_case()
    request = asked(world, case)
    with pytest.raises(Refused, match="request-at-other-step"):
        desk(world).erase(request, officer())
    hold = LegalHold(id=uuid4(), ground=HoldGround.LITIGATION)
    world.erasures.place_hold(case, hold, officer())
    with pytest.raises(Refused, match="record-held"):
        desk(world).grant(request, WITHDRAWN, officer())
    desk(world).refuse(request, RequestRefusal.LEGAL_HOLD, "正在诉讼", officer())
    assert status(world, request) is RequestStatus.REFUSED
    assert NAMES[HER] in world.texts(case)


def test_what_was_written_and_told_is_sealed_and_opened_under_a_trace(world: World) -> None:
    case = world.closed_case()
    request = asked(world, case, RequestKind.CORRECT)
    desk(world).refuse(request, RequestRefusal.ACCURATE, "电话已经核实", officer())
    stored = world.records.recorder.select_events(request)
    assert all(word.encode() not in e.state for e in stored for word in (WRONG, "电话已经核实"))
    words = desk(world).read(request, look(request), officer())
    assert (words.details, words.explanation) == (WRONG, "电话已经核实")
    traces = "select count(*) from log.event where topic = 'access.key-released.v1'"
    assert world.fetch(traces) == [(1,)]


def test_her_request_is_read_no_more_once_her_key_is_gone(world: World) -> None:
    case = world.closed_case()
    request = asked(world, case)
    desk(world).grant(request, WITHDRAWN, officer())
    desk(world).erase(request, officer())
    with pytest.raises(Unopened):
        desk(world).read(request, look(request), officer())


def test_a_correction_is_answered_by_an_event_of_that_record(world: World) -> None:
    case, other = world.case(), world.case()
    request = asked(world, case, RequestKind.CORRECT)
    desk(world).grant(request, None, officer())
    by = command(reason="当事人申请更正")
    elsewhere = world.casework.correct_identity(other, HER, Identity(name="王莉"), None, by)
    with pytest.raises(Refused, match="answer-is-another"):
        desk(world).fulfil(request, elsewhere.last_position, officer())
    by = command(reason="当事人申请更正")
    right = world.casework.correct_identity(case, HER, Identity(name="王莉"), None, by)
    desk(world).fulfil(request, right.last_position, officer())
    assert status(world, request) is RequestStatus.FULFILLED


@pytest.mark.parametrize("kind", [RequestKind.COPY, RequestKind.ERASE, RequestKind.INSPECT])
def test_an_event_that_does_not_do_it_is_no_answer(world: World, kind: RequestKind) -> None:
    case = world.case()
    request = asked(world, case, kind)
    granted = desk(world).grant(
        request, WITHDRAWN if kind is RequestKind.ERASE else None, officer()
    )
    with pytest.raises(Refused, match="answer-is-another"):
        desk(world).fulfil(request, granted.last_position, officer())


def test_an_explanation_is_answered_by_the_decision_itself(world: World) -> None:
    request = asked(world, world.case(), RequestKind.EXPLAIN)
    granted = desk(world).grant(request, None, officer())
    desk(world).fulfil(request, granted.last_position, officer())
    desk_status = status(world, request)
    assert desk_status is RequestStatus.FULFILLED


def test_a_look_after_the_grant_answers_a_request_to_inspect(world: World) -> None:
    case = world.case()
    request = asked(world, case, RequestKind.INSPECT)
    seen = replace_purpose(viewing(case), AccessPurpose.SUBJECT_REQUEST)
    before = world.vault.release(world.records, seen, command(), [HER])
    desk(world).grant(request, None, officer())
    other = world.release(case, [HER])
    for released in (before, other):
        with pytest.raises(Refused, match="answer-is-another"):
            desk(world).fulfil(request, released.receipt.last_position, officer())
    shown = world.vault.release(world.records, seen, command(), [HER])
    desk(world).fulfil(request, shown.receipt.last_position, officer())


def replace_purpose(seen: Viewing, purpose: AccessPurpose) -> Viewing:
    return seen.model_copy(update={"purpose": purpose})


def test_her_request_to_erase_is_not_answered_by_the_end_of_his_key(world: World) -> None:
    case = world.closed_case()
    request = asked(world, case)
    desk(world).grant(request, WITHDRAWN, officer())
    his = world.erasures.erase(case, WITHDRAWN, officer(), (HIM,))
    with pytest.raises(Refused, match="answer-is-another"):
        desk(world).fulfil(request, his.positions[0], officer())
    hers = world.erasures.erase(case, WITHDRAWN, officer(), (HER,))
    desk(world).fulfil(request, hers.positions[0], officer())
    assert status(world, request) is RequestStatus.FULFILLED


def test_a_correction_is_answered_by_one_of_that_part_after_the_grant(world: World) -> None:
    case = world.case()
    request = asked(world, case, RequestKind.CORRECT)

    def corrected(party: Party) -> Receipt:
        by = command(reason="当事人申请更正")
        return world.casework.correct_identity(case, party, Identity(name="王莉"), None, by)

    before = corrected(HER)
    desk(world).grant(request, None, officer())
    noted = world.casework.link_encounter(case, uuid4(), command())
    for receipt in (before, noted, corrected(HIM)):
        with pytest.raises(Refused, match="answer-is-another"):
            desk(world).fulfil(request, receipt.last_position, officer())
    desk(world).fulfil(request, corrected(HER).last_position, officer())


def test_who_verified_a_request_neither_erases_under_it_nor_copies(world: World) -> None:
    case, verifier = world.closed_case(), officer()
    again = lambda: replace(verifier, request=uuid4())  # noqa: E731
    erasure = asked(world, case, RequestKind.ERASE, verifier=again())
    desk(world).grant(erasure, WITHDRAWN, officer())
    with pytest.raises(Refused, match="verifier-answers"):
        desk(world).erase(erasure, again())
    assert HER in world.vault.store.parts_of(case)
    copy = asked(world, case, RequestKind.COPY, verifier=again())
    desk(world).grant(copy, None, officer())
    copies, now = Copies(world.database, world.records, world.vault, Settings()), datetime.now(UTC)
    with pytest.raises(Refused, match="verifier-answers"):
        copies.order(copy, 10**6, now, again())
    assert copies.order(copy, 10**6, now, officer()).own is HER


def test_a_request_is_of_a_record_with_that_part(world: World) -> None:
    with pytest.raises(Refused, match="part-of-other-record"):
        asked(world, world.case(), part=PersonPart.SELF)
    with pytest.raises(Refused, match="part-of-other-record"):
        asked(world, world.practitioner(), part=PersonPart.WIFE)
    with pytest.raises(Refused, match="record-without-persons"):
        asked(world, founded(world.records))


def test_nothing_is_sealed_for_a_person_whose_data_were_erased(world: World) -> None:
    case = world.closed_case()
    world.erasures.erase(case, ErasureGround.UNLAWFUL, officer())
    with pytest.raises(Refused, match="part-erased"):
        asked(world, case)
    assert world.vault.store.parts_of(case) == {}
    silent = asked(world, case, details=None)
    assert status(world, silent) is RequestStatus.VERIFIED


def test_no_position_is_looked_at_before_an_answer_is_due(world: World) -> None:
    request = asked(world, world.case(), RequestKind.CORRECT)
    for position in (1, 10**6):
        with pytest.raises(Refused, match="request-at-other-step"):
            desk(world).fulfil(request, position, officer())


def test_no_position_is_looked_at_for_who_may_not_see_the_record(world: World) -> None:
    request = asked(world, world.case(region=uuid4()), RequestKind.CORRECT)
    desk(world).grant(request, None, officer())
    under_the_policy(world)
    there = founded(world.records)
    manager = Command(Actor(uuid4(), Role.CENTRE_MANAGER, there))
    for position in (1, 10**6):
        with pytest.raises(Forbidden):
            desk(world).fulfil(request, position, manager)


def test_the_term_is_fifteen_working_days_and_fifteen_more(world: World) -> None:
    request = asked(world, world.case())
    due = world.records.get(PersonRequest, request).due
    assert due is not None
    assert due.on > datetime.now(UTC).date() + timedelta(days=18)
    desk(world).extend(request, replace(officer(), reason="须调阅纸质档案"))
    extended = world.records.get(PersonRequest, request).due
    assert extended is not None
    assert extended.on > due.on + timedelta(days=18)


def archived(world: World, keep_until: date | None) -> UUID:
    """A case handed to the archive long ago."""
    case = world.closed_case()
    by = command(Role.CENTRE_MANAGER)

    def archive(state: Case, until: date | None, stamp: Any) -> Any:
        return case_file.archive(state, until, stamp)

    world.casework.archive(case, keep_until, by)
    return case


SCHEDULED = years_after(day(datetime.now(UTC)) + timedelta(days=1), YEARS[RecordClass.CASE])


def test_two_persons_dispose_of_what_is_over(world: World) -> None:
    case, kept = archived(world, SCHEDULED), archived(world, SCHEDULED)
    later = Later(world, SCHEDULED + timedelta(days=2))
    disposal, manager = uuid4(), later.by(Role.CENTRE_MANAGER)
    later.propose(disposal, (case, kept), manager)
    later.desk.approve(disposal, (kept,), "其一有史料价值", later.by())
    certificate = later.desk.dispose(disposal, case, by := later.by())
    assert certificate.ground is ErasureGround.RETENTION_OVER
    assert later.desk.dispose(disposal, case, by).positions == certificate.positions
    assert later.records.get(Disposal, disposal).status is DisposalStatus.DONE
    assert world.vault.store.parts_of(case) == {}
    assert HER in world.vault.store.parts_of(kept)
    with pytest.raises(Refused, match="not-to-be-disposed"):
        later.desk.dispose(disposal, kept, later.by())


def test_nothing_is_proposed_that_is_open_for_good_or_of_another_class(world: World) -> None:
    refusals = {
        archived(world, None): "kept-for-good",
        world.case(): "kept-for-good",
        world.practitioner(): "class-of-other-record",
        archived(world, SCHEDULED): "still-to-be-kept",
    }
    later = Later(world, SCHEDULED)
    for record, refusal in refusals.items():
        with pytest.raises(Refused, match=refusal):
            later.propose(uuid4(), (record,), later.by())


def test_a_file_is_kept_its_term_after_the_log_knew_of_its_end(world: World) -> None:
    """An archiving of a log from before the rule, whose day was written as long past."""
    case = world.closed_case()
    state, long_ago = world.records.get(Case, case), datetime.now(UTC).date() - timedelta(days=4000)
    by = world.records.stamp(command(Role.CENTRE_MANAGER))
    world.records.save(CaseArchived.of(state, by, keep_until=long_ago))
    desk = Disposals(world.records, world.vault)
    candidate = desk.candidate(case, RecordClass.CASE, officer().by, Place(region=OFFICE))
    assert candidate.keep_until == SCHEDULED - timedelta(days=1)
    violent = world.closed_case()
    world.casework.screen(violent, screening(HER, SafetyLevel.VIOLENCE, "late"), command())
    state = world.records.get(Case, violent)
    by = world.records.stamp(command(Role.CENTRE_MANAGER))
    world.records.save(CaseArchived.of(state, by, keep_until=long_ago))
    candidate = desk.candidate(violent, RecordClass.CASE, officer().by, Place(region=OFFICE))
    assert candidate.keep_until == years_after(day(datetime.now(UTC)), 30)


def decided_on(world: World) -> tuple[UUID, UUID, UUID, UUID, Later]:
    """A case and its approved disposal; another case, and her request that was granted."""
    case, hers = archived(world, SCHEDULED), world.closed_case()
    request, disposal = asked(world, hers), uuid4()
    desk(world).grant(request, WITHDRAWN, officer())
    later = Later(world, SCHEDULED + timedelta(days=2))
    later.propose(disposal, (case,), later.by(Role.CENTRE_MANAGER))
    later.desk.approve(disposal, (), "同意", later.by())
    return case, disposal, hers, request, later


def test_who_may_not_note_a_disposal_or_answer_destroys_no_key(world: World) -> None:
    """The officer is in charge of the record, not of the province where both were entered."""
    case, disposal, hers, request, later = decided_on(world)
    under_the_policy(world)
    by = replace(later.by(), by=Actor(uuid4(), Role.PRIVACY_OFFICER, OFFICE))
    with pytest.raises(Forbidden):
        later.desk.dispose(disposal, case, by)
    with pytest.raises(Forbidden):
        desk(world).erase(request, by)
    assert HER in world.vault.store.parts_of(case)
    assert HER in world.vault.store.parts_of(hers)
    assert not world.vault.store.unrecorded()


def test_what_could_not_be_noted_destroys_no_key(world: World) -> None:
    case, disposal, hers, request, later = decided_on(world)
    too_early = replace(later.by(), occurred=later.now - timedelta(days=1))
    with pytest.raises(Refused, match="times-out-of-order"):
        later.desk.dispose(disposal, case, too_early)
    stale = replace(later.by(), expected_version=1)
    with pytest.raises(Conflict):
        later.desk.dispose(disposal, case, stale)
    with pytest.raises(Conflict):
        desk(world).erase(request, stale)
    assert HER in world.vault.store.parts_of(case)
    assert HER in world.vault.store.parts_of(hers)


class Later:
    """The desk of disposals on a later day."""

    def __init__(self, world: World, on: date) -> None:
        self.now = datetime.combine(on, datetime.min.time(), UTC)
        self.records = world.records
        self.records._clock = lambda: self.now
        self.desk = Disposals(self.records, replace(world.vault, clock=lambda: self.now))
        self.place = Place(region=founded(world.records))

    def by(self, role: Role = Role.PRIVACY_OFFICER) -> Command:
        return Command(Actor(uuid4(), role, uuid4()), occurred=self.now)

    def propose(self, disposal: UUID, records: tuple[UUID, ...], by: Command) -> Receipt:
        return self.desk.propose(disposal, RecordClass.CASE, records, "期满", self.place, by)


def test_a_minor_is_identified_after_the_manager_allowed_it(world: World) -> None:
    case, child = world.case(), Identity(name="李小宝", born_on=date(2020, 1, 1))
    with pytest.raises(Refused, match="minor-not-approved"):
        world.casework.identify(case, OTHER, child, None, command())
    Protection(world.records, world.vault).approve_minor(
        case, OTHER, Age.UNDER_14, True, command(Role.CENTRE_MANAGER)
    )
    world.casework.identify(case, OTHER, child, None, command())
    assert world.records.get(Case, case).parties.keys() >= {OTHER}


def test_the_newest_contact_is_read_and_an_address_alone(world: World) -> None:
    case, protection = world.case(), Protection(world.records, world.vault)
    for contact in ("晚上打手机", "周二上午打姐姐的电话"):
        protection.note_safe_contact(case, HER, contact, True, command())
    protection.note_protected_address(case, HER, "历山路救助站", command())
    (reach,) = protection.contacts(viewing(case), command())
    assert (reach.text, reach.only) == ("周二上午打姐姐的电话", True)
    assert protection.address(HER, viewing(case), command()).text == "历山路救助站"
    stored = world.records.recorder.select_events(case)
    assert all("救助站".encode() not in event.state for event in stored)


def under_the_policy(world: World) -> None:
    """From here on the policy is asked."""
    world.records.jurisdiction = Jurisdiction(
        world.records, world.records.jurisdiction._tree, lambda: datetime.now(UTC)
    )


def test_who_has_no_business_with_a_record_destroys_no_key(world: World) -> None:
    case = world.closed_case()
    under_the_policy(world)
    with pytest.raises(Forbidden):
        world.erasures.erase(case, ErasureGround.UNLAWFUL, officer())
    assert HER in world.vault.store.parts_of(case)
    assert not world.vault.store.unrecorded()


def test_nothing_is_disposed_of_by_an_approval_that_nobody_signed(world: World) -> None:
    case = archived(world, SCHEDULED)
    later, disposal = Later(world, SCHEDULED + timedelta(days=2)), uuid4()
    one = later.by()
    later.propose(disposal, (case,), one)
    proposed = later.records.get(Disposal, disposal)
    forger = Stamp.issue(
        now=later.now,
        actor=uuid4(),
        role=Role.PRIVACY_OFFICER,
        office=uuid4(),
        occurred=later.now,
        reason="x",
        request=uuid4(),
    )
    for event in decide(proposed, lambda state: state.approve((), "同意", forger)):
        append_to(world.database, event.topic, encode(event), disposal)
    with pytest.raises(Refused, match="not-to-be-disposed"):
        later.desk.dispose(disposal, case, replace(one, request=uuid4()))
    assert [*world.vault.store.parts_of(case)]


def test_no_request_is_answered_by_what_nobody_signed(world: World) -> None:
    case = world.case()
    request = asked(world, case, RequestKind.CORRECT)
    desk(world).grant(request, None, officer())
    by = command(reason="当事人申请更正")
    right = world.casework.correct_identity(case, HER, Identity(name="王莉"), None, by)
    (stored,) = world.records.recorder.select_notifications(right.last_position, 1)
    at = append_to(world.database, stored.topic, stored.state, case)
    with pytest.raises(Refused, match="answer-is-another"):
        desk(world).fulfil(request, at, officer())
    desk(world).fulfil(request, right.last_position, officer())


def test_his_erasure_is_not_answered_by_the_end_of_her_key(world: World) -> None:
    """Nor where a row that nobody signed calls her key his."""
    case = world.closed_case()
    his = asked(world, case, part=PersonPart.HUSBAND, details=None)
    desk(world).grant(his, WITHDRAWN, officer())
    destroyed = world.erasures.erase(case, WITHDRAWN, officer(), (HER,))
    events = world.records.events_of(case)
    hers = next(e for e in events if isinstance(e, PartyIdentified) and e.party is HER)
    forged = hers.model_copy(update={"party": HIM})
    append_to(world.database, forged.topic, encode(forged), case)
    with pytest.raises(Refused, match="answer-is-another"):
        desk(world).fulfil(his, destroyed.positions[0], officer())
    assert status(world, his) is RequestStatus.GRANTED
