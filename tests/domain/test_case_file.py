"""The file of a case: opening, identity, transfer, closure, archive, erasure, voiding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain import case_care, case_counselling, case_file, case_registry, case_safety
from domain.base import Stamp
from domain.case import Case
from domain.case_care_events import FollowUpCancelled, FollowUpScheduled, SatisfactionRated
from domain.case_counselling_events import CounsellingOffered
from domain.case_facts import (
    Assessment,
    CaseEvent,
    FollowUpRecord,
    NoteReading,
    Plan,
    Profile,
    Stay,
)
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
from domain.case_registry_events import OutcomeRevised
from domain.case_safety_events import SafetyScreened
from domain.values import (
    CaseOutcome,
    ClosureKind,
    DivorceReason,
    MarriageLength,
    RiskLevel,
    Role,
    SafetyLevel,
    Sex,
    Visit,
)
from tests.domain.case_cast import (
    CLOSED,
    COUNSELLED,
    HER,
    HIM,
    JINAN,
    OPENING,
    PROPOSAL,
    QINGDAO,
    SAFE,
    SEALED,
    SEVERE,
    WILLING,
    D,
    Step,
    a_case,
    applied,
    appointment,
    approved,
    compartment,
    ended,
    follow_up,
    held,
    hour,
    later,
    offered,
    opened,
    proposed,
    rated,
    referred,
    registry,
    reopened,
    reported,
    risk,
    scheduled,
    screened,
    session,
    transfer_requested,
    transferred,
    why,
)
from tests.domain.scenario import given, known, stamp

PROFILE = Profile(
    sex=Sex.FEMALE,
    birth_decade=1980,
    marriage_length=MarriageLength.FROM_6_TO_9,
    divorce_reason=DivorceReason.FAMILY_DISPUTES,
)
ARCHIVED = (*CLOSED, lambda c: case_file.archive(c, None, stamp(later())))


def voided(c: Case):
    return case_file.void(c, known("other case"), why(later(50)))


def test_a_case_is_opened_once() -> None:
    (event,) = given(Case(known("case"))).when(opened).then(CaseOpened)
    assert event.place == JINAN
    a_case().when(opened).refused("case-already-opened")


def test_nothing_happens_before_a_case_is_opened() -> None:
    given(Case(known("case"))).when(offered).refused("case-not-opened")
    given(Case(known("case"))).when(applied).refused("case-not-opened")


def test_a_fact_does_not_precede_the_opening() -> None:
    a_case().when(lambda c: case_counselling.offer(c, stamp(later(-1)))).refused(
        "before-opening", opened_on=D
    )


def correct_opening(on, after=OPENING):
    return lambda c: case_file.correct_opening(c, after, on, why(later(90)))


def test_a_corrected_opening_carries_both_sides() -> None:
    after = OPENING.model_copy(update={"visit": Visit.REPEAT})
    (event,) = a_case().when(correct_opening(later(-1), after)).then(OpeningCorrected)
    assert (event.before, event.before_on) == (OPENING, D)
    assert (event.after, event.after_on) == (after, later(-1))
    a_case().when(correct_opening(D)).refused("correction-changes-nothing")
    a_case().when(correct_opening(later(91))).refused("not-yet-happened")


@pytest.mark.parametrize(
    "first",
    [
        (offered,),
        (screened(HER),),
        (risk(RiskLevel.RED),),
        (rated,),
        (referred,),
        (ended(CaseOutcome.LOST),),
        COUNSELLED,
        CLOSED,
        (SEVERE, reported(hour(10))),
    ],
)
def test_the_opening_does_not_move_behind_another_fact(first) -> None:
    a_case(*first).when(correct_opening(later())).refused("after-first-fact", first=D)


def test_an_opening_moved_back_lets_the_case_be_open_longer() -> None:
    case = a_case(correct_opening(later(-9))).aggregate
    assert case.stays == (Stay(place=JINAN, since=later(-9)),)


def identify(party=HER, profile=PROFILE):
    return lambda c: case_file.identify(c, party, SEALED, profile, stamp())


def test_a_party_is_identified_once() -> None:
    (event,) = a_case().when(identify()).then(PartyIdentified)
    assert event.profile == PROFILE
    a_case(identify()).when(identify()).refused("party-already-identified", party=HER)
    a_case(identify()).when(identify(HIM, None)).then(PartyIdentified)


def test_a_corrected_identity_carries_both_profiles() -> None:
    correct = lambda c: case_file.correct_identity(c, HER, SEALED, None, why())  # noqa: E731
    (event,) = a_case(identify()).when(correct).then(PartyIdentityCorrected)
    assert (event.before, event.after) == (PROFILE, None)
    assert a_case(identify(), correct).aggregate.parties == {HER: None}
    a_case().when(correct).refused("party-not-identified")


def test_domestic_violence_is_no_reason_for_divorce_but_an_axis_of_its_own() -> None:
    assert len(DivorceReason) == 11
    assert not any("暴力" in reason.label for reason in DivorceReason)
    assert len(MarriageLength) == 9


def test_a_birth_year_is_kept_by_decade_only() -> None:
    with pytest.raises(ValidationError):
        Profile(sex=Sex.FEMALE, birth_decade=1984)


def test_they_may_stay_unnamed() -> None:
    note = lambda c: case_file.note_anonymous(c, stamp())  # noqa: E731
    a_case().when(note).then(AnonymousNoted)
    a_case(note).when(note).refused("identity-already-noted")
    a_case(identify()).when(note).refused("identity-already-noted")
    a_case(note).when(identify()).then(PartyIdentified)


def test_an_encounter_is_linked_once() -> None:
    link = lambda c: case_file.link_encounter(c, known("call"), stamp())  # noqa: E731
    a_case().when(link).then(EncounterLinked)
    a_case(link).when(link).refused("encounter-already-linked")


def test_a_transfer_moves_the_case_and_its_risk() -> None:
    a_case().when(transfer_requested()).then(TransferRequested)
    case = a_case(risk(RiskLevel.RED), transfer_requested())
    (event,) = case.when(transferred(later())).then(TransferAccepted)
    assert (event.from_place, event.to_place, event.place) == (JINAN, QINGDAO, QINGDAO)
    assert event.risk is RiskLevel.RED


def test_a_transfer_is_accepted_by_the_receiving_centre_only() -> None:
    case = a_case(transfer_requested())
    case.when(transferred(office="centre")).refused("not-receiving-centre")
    case.when(lambda c: case_file.reject_transfer(c, why())).refused("not-receiving-centre")


def test_a_region_without_centre_accepts_for_itself() -> None:
    county = QINGDAO.model_copy(update={"centre": None})
    case = a_case(transfer_requested(county))
    case.when(transferred(office="qingdao")).then(TransferAccepted)


def test_a_transfer_is_requested_before_it_is_answered() -> None:
    a_case().when(transferred()).refused("no-transfer-requested")


def test_a_rejected_transfer_leaves_the_case_where_it_is() -> None:
    reject = lambda c: case_file.reject_transfer(c, why(office="other centre"))  # noqa: E731
    case = a_case(transfer_requested())
    case.when(lambda c: case_file.reject_transfer(c, stamp(office="other centre"))).refused(
        "rejection-needs-reason"
    )
    case.when(reject).then(TransferRejected)
    assert case.and_then(reject).aggregate.place == JINAN
    case.when(transfer_requested()).then(TransferRequested)


def test_a_case_waits_for_one_answer_at_a_time() -> None:
    a_case(transfer_requested()).when(transfer_requested()).refused("transfer-pending")
    a_case(transfer_requested()).when(proposed()).refused("transfer-pending")
    a_case(proposed()).when(transfer_requested()).refused("closure-pending")
    a_case(proposed()).when(proposed()).refused("closure-pending")


def test_a_transfer_goes_somewhere_else() -> None:
    a_case().when(transfer_requested(JINAN)).refused("transfer-to-same-place")


def test_the_first_receiver_stays_responsible_for_a_mandatory_report() -> None:
    a_case(SEVERE).when(transfer_requested()).refused("report-owed", due=hour(33))
    a_case(transfer_requested(), SEVERE).when(transferred()).refused("report-owed")
    a_case(SEVERE).when(proposed()).refused("report-owed")
    a_case(proposed(), SEVERE).when(approved()).refused("report-owed")
    a_case(SEVERE, reported(hour(10))).when(transfer_requested()).then(TransferRequested)


def test_a_transfer_does_not_precede_what_moved_the_case_before() -> None:
    case = a_case(risk(RiskLevel.RED, later(5)), transfer_requested(on=later(5)))
    case.when(transferred(later(4))).refused("times-out-of-order")


def test_follow_ups_waiting_at_a_transfer_go_on_at_the_receiving_centre() -> None:
    done = follow_up("done")
    case = a_case(
        scheduled(),
        scheduled(done),
        lambda c: case_care.make_follow_up(c, done.id, None, stamp()),
        transfer_requested(),
    )
    cancelled, moved, again = case.when(transferred(later(40))).then(
        FollowUpCancelled, TransferAccepted, FollowUpScheduled
    )
    assert (cancelled.place, cancelled.follow_up.due_on) == (JINAN, later(30))
    assert (again.place, again.follow_up.due_on) == (QINGDAO, later(40))
    assert again.follow_up.id == follow_up().id
    assert moved.originator_version == cancelled.originator_version + 1
    after = case.and_then(transferred(later(40))).aggregate
    at_jinan, at_qingdao = after.tallies()
    assert [f.cancelled_on for f in at_jinan.follow_ups] == [later(40), None]
    assert [f.settled_on for f in at_qingdao.follow_ups] == [None]


def test_facts_after_a_transfer_count_at_the_new_place() -> None:
    case = a_case(transfer_requested(), transferred())
    (event,) = case.when(screened(HER)).then(SafetyScreened)
    assert event.place == QINGDAO


def test_a_case_is_closed_for_its_outcome_when_one_is_known() -> None:
    proposal = PROPOSAL.model_copy(update={"kind": ClosureKind.OUTCOME_KNOWN})
    decided = lambda c: case_file.propose_closure(c, proposal, stamp(actor="li"))  # noqa: E731
    known = ended(CaseOutcome.CANCELLED)
    mistaken = lambda c: case_registry.void_outcome(c, why())  # noqa: E731
    a_case().when(decided).refused("outcome-not-known")
    a_case(applied, known).when(decided).then(ClosureProposed)
    a_case(applied, known, decided, mistaken).when(approved()).refused("outcome-not-known")


def test_the_approver_of_a_closure_is_not_its_proposer() -> None:
    case = a_case(proposed())
    case.when(lambda c: case_file.approve_closure(c, stamp(actor="li"))).refused(
        "approver-is-proposer"
    )
    case.when(approved()).then(ClosureApproved)


def test_a_closure_is_proposed_before_it_is_decided() -> None:
    a_case().when(proposed()).then(ClosureProposed)
    a_case().when(approved()).refused("no-closure-proposed")
    a_case().when(lambda c: case_file.return_closure(c, why())).refused("no-closure-proposed")


def test_a_returned_closure_says_why_and_leaves_the_case_open() -> None:
    back = lambda c: case_file.return_closure(c, why(actor="zhao"))  # noqa: E731
    a_case(proposed()).when(lambda c: case_file.return_closure(c, stamp())).refused(
        "rejection-needs-reason"
    )
    a_case(proposed()).when(back).then(ClosureReturned)
    a_case(proposed(), back).when(approved()).refused("no-closure-proposed")


def test_a_closure_carries_risk_sessions_and_whether_the_couple_was_counselled() -> None:
    case = a_case(risk(RiskLevel.YELLOW), *COUNSELLED, held(session("second")), proposed())
    (event,) = case.when(approved()).then(ClosureApproved)
    record = event.record
    assert (record.risk, record.sessions, record.counselled) == (RiskLevel.YELLOW, 2, True)
    (plain,) = a_case(proposed()).when(approved()).then(ClosureApproved)
    assert (plain.record.risk, plain.record.sessions, plain.record.counselled) == (None, 0, False)


def assessed(c: Case):
    return case_care.assess(
        c, Assessment(id=known("a"), method="interview", summary="needs"), stamp()
    )


ANONYMOUS = lambda c: case_file.note_anonymous(c, stamp())  # noqa: E731


@pytest.mark.parametrize(
    ("steps", "filed"),
    [
        ((), False),
        ((identify(),), False),
        ((assessed,), False),
        ((identify(), assessed), True),
        ((ANONYMOUS, assessed), True),
        ((identify(), *COUNSELLED), False),
        ((identify(), *WILLING, held(session(facts="came alone"))), True),
        ((identify(), *WILLING, held(session(summary="first talk"))), True),
    ],
)
def test_a_file_is_complete_with_who_they_are_and_what_was_done(steps, filed) -> None:
    (event,) = a_case(*steps, proposed()).when(approved()).then(ClosureApproved)
    assert event.record.filed is filed


def test_a_closure_does_not_precede_what_moved_the_case_before() -> None:
    case = a_case(risk(RiskLevel.RED, later(5)), proposed(later(5)))
    case.when(approved(later(4))).refused("times-out-of-order")


def test_a_closed_case_takes_nothing_new_but_what_comes_afterwards() -> None:
    a_case(*CLOSED).when(offered).refused("case-closed")
    a_case(*CLOSED).when(rated).then(SatisfactionRated)


def test_a_closed_case_can_be_reopened_for_a_reason() -> None:
    a_case(*CLOSED).when(lambda c: case_file.reopen(c, stamp(later()))).refused(
        "reopening-needs-reason"
    )
    case = a_case(risk(RiskLevel.RED), proposed(later()), approved(later()))
    case.when(reopened(D)).refused("times-out-of-order")
    (event,) = case.when(reopened(later(3))).then(CaseReopened)
    assert (event.risk, event.closed.on) == (RiskLevel.RED, later())
    a_case().when(reopened(later())).refused("case-open")


def test_a_voided_closure_leaves_the_case_open_all_the_time() -> None:
    void = lambda c: case_file.void_closure(c, why(later(9)))  # noqa: E731
    case = a_case(risk(RiskLevel.RED), proposed(later()), approved(later()))
    (event,) = case.when(void).then(ClosureVoided)
    assert event.red_before == (Stay(place=JINAN, since=D, until=later()),)
    assert event.red_after == (Stay(place=JINAN, since=D),)
    after = case.and_then(void).aggregate
    assert after.stays == (Stay(place=JINAN, since=D),)
    assert after.closures == ()
    case.when(void).refused("case-open")


def test_a_case_is_archived_only_after_closure() -> None:
    def archive(until=None):
        return lambda c: case_file.archive(c, until, stamp(later()))

    a_case().when(archive()).refused("case-open")
    a_case(*CLOSED).when(archive()).then(CaseArchived)
    a_case(proposed(later(2)), approved(later(2))).when(archive()).refused("times-out-of-order")


VIOLENT = screened(HER, SafetyLevel.VIOLENCE)


@pytest.mark.parametrize(("past", "years"), [((), 10), ((VIOLENT,), 30)])
def test_a_case_is_kept_as_long_as_the_schedule_says(past: tuple[Step, ...], years: int) -> None:
    def archive(until: date):
        return lambda c: case_file.archive(c, until, stamp(D))

    earliest = D.replace(year=D.year + years)
    a_case(*past, *CLOSED).when(archive(earliest - timedelta(days=1))).refused(
        "retention-too-short", years=years, earliest=earliest
    )
    a_case(*past, *CLOSED).when(archive(earliest)).then(CaseArchived)


def test_what_is_entered_late_is_kept_as_long_from_the_day_of_its_entry() -> None:
    now = hour(9, later(7000))
    by = Stamp.issue(now=now, **dict(stamp(reason="补录纸质档案")))
    earliest = later(7000).replace(year=later(7000).year + 10)

    def archive(until: date):
        return lambda c: case_file.archive(c, until, by)

    a_case(*CLOSED).when(archive(D.replace(year=D.year + 10))).refused(
        "retention-too-short", earliest=earliest
    )
    a_case(*CLOSED).when(archive(earliest)).then(CaseArchived)


@pytest.mark.parametrize("level", [SafetyLevel.VIOLENCE, SafetyLevel.SEVERE])
def test_violence_that_was_recorded_counts_also_once_it_is_voided(level: SafetyLevel) -> None:
    ten, thirty = (D.replace(year=D.year + years) for years in (10, 30))
    void = lambda c: case_safety.void_screening(c, known("screening wife"), why())  # noqa: E731
    case = a_case(screened(HER, level, hour(9)), void, *CLOSED)
    assert not case.aggregate.violent
    case.when(lambda c: case_file.archive(c, ten, stamp())).refused(
        "retention-too-short", earliest=thirty
    )
    case.when(lambda c: case_file.archive(c, thirty, stamp())).then(CaseArchived)


def followed_up(on: date) -> Step:
    return lambda c: case_care.make_follow_up(c, known("follow-up"), None, stamp(on))


@pytest.mark.parametrize(
    "fact",
    [
        (screened(HER, SafetyLevel.VIOLENCE, later(2)),),
        (*WILLING, held(session(on=later(2)))),
        (scheduled(), followed_up(later(2))),
    ],
)
def test_a_case_does_not_end_before_its_last_fact(fact: tuple[Step, ...]) -> None:
    case = a_case(*fact)
    case.and_then(proposed(later())).when(approved(later())).refused(
        "before-last-fact", last=later(2)
    )
    case.when(approved(later(2))).then(ClosureApproved)


def test_a_case_is_not_archived_before_what_followed_its_closure() -> None:
    case = a_case(scheduled(), *CLOSED, followed_up(later(9)))
    case.when(lambda c: case_file.archive(c, None, stamp(later(8)))).refused(
        "before-last-fact", last=later(9)
    )
    case.when(lambda c: case_file.archive(c, None, stamp(later(9)))).then(CaseArchived)


def test_a_case_is_archived_once_no_follow_up_waits() -> None:
    a_case(scheduled(), *CLOSED).when(lambda c: case_file.archive(c, None, stamp())).refused(
        "follow-ups-open"
    )


def test_an_archived_case_takes_corrections_only() -> None:
    a_case(*ARCHIVED).when(scheduled()).refused("case-archived")
    a_case(*ARCHIVED).when(reopened(later(2))).refused("case-archived")
    a_case(*COUNSELLED, *ARCHIVED).when(voided).then(CaseVoided)


NOTES = session(notes=(compartment(), compartment(HER, "k:her-key")))


def read(party=None):
    reading = NoteReading(session=known("session"), party=party, purpose="supervision")
    return lambda c: case_file.read_note(c, reading, stamp(later(5)))


def test_reading_sealed_notes_leaves_a_trace() -> None:
    (event,) = a_case(*WILLING, held(NOTES)).when(read(HER)).then(SealedNoteOpened)
    assert event.reading.party is HER
    a_case(*WILLING, held(NOTES)).when(read()).then(SealedNoteOpened)


def test_only_notes_that_exist_are_read() -> None:
    a_case(*WILLING, held(NOTES)).when(read(HIM)).refused("no-sealed-note")
    a_case(*COUNSELLED).when(read()).refused("no-sealed-note")
    a_case().when(read()).refused("record-unknown")


def erase(*keys, reason="retention ended"):
    return lambda c: case_file.erase(c, keys, stamp(later(5), reason=reason))


def test_erased_notes_are_never_read_again() -> None:
    case = a_case(*WILLING, held(NOTES), *CLOSED, erase("k:her-key"))
    case.when(read(HER)).refused("personal-data-erased")
    case.when(read()).then(SealedNoteOpened)


def test_reading_notes_changes_nothing() -> None:
    case = a_case(*WILLING, held(NOTES))
    before = case.aggregate
    after = case.and_then(read()).aggregate
    assert after.version == before.version + 1
    assert after.sessions == before.sessions


def test_erasure_names_keys_only_says_why_and_spares_an_open_case() -> None:
    (event,) = a_case(*CLOSED).when(erase("k:a", "k:b")).then(PersonalDataErased)
    assert event.keys == ("k:a", "k:b")
    a_case(*CLOSED).when(erase("k:a", reason=None)).refused("erasure-needs-reason")
    a_case().when(erase("k:a")).refused("case-open")
    a_case(*CLOSED, voided).when(lambda c: case_file.erase(c, ("k:a",), why(later(60)))).then(
        PersonalDataErased
    )
    with pytest.raises(ValidationError):
        a_case(*CLOSED).when(erase())


def test_a_voided_case_carries_what_it_counted() -> None:
    case = a_case(
        applied, *SAFE, held(session()), ended(CaseOutcome.CANCELLED), risk(RiskLevel.RED)
    )
    (event,) = case.when(voided).then(CaseVoided)
    (tally,) = event.counted
    assert tally.place == JINAN
    assert tally.open == tally.red == (Stay(place=JINAN, since=D),)
    assert (tally.offered_on, tally.accepted_on, tally.declined_on) == (D, D, None)
    assert tally.application.on == tally.began.on == tally.outcome.on == D
    assert [s.id for s in tally.sessions] == [known("session")]
    assert len(tally.screenings) == 2
    assert event.duplicate_of == known("other case")


def test_a_voided_case_carries_what_it_counted_at_each_place() -> None:
    case = a_case(
        *COUNSELLED, transfer_requested(), transferred(later()), held(session("2", on=later(2)))
    )
    (event,) = case.when(voided).then(CaseVoided)
    jinan, qingdao = event.counted
    assert [s.id for s in jinan.sessions] == [known("session")]
    assert [s.id for s in qingdao.sessions] == [known("2")]
    assert jinan.open == (Stay(place=JINAN, since=D, until=later()),)
    assert qingdao.open == (Stay(place=QINGDAO, since=later()),)
    assert (jinan.opened_on, qingdao.opened_on) == (D, None)


def test_a_voided_case_counts_nothing_and_is_voided_once() -> None:
    case = a_case(*COUNSELLED, voided)
    assert case.aggregate.tallies() == ()
    case.when(voided).refused("case-voided")
    case.when(applied).refused("case-voided")


def test_a_case_is_voided_for_a_reason_and_not_as_its_own_duplicate() -> None:
    a_case().when(lambda c: case_file.void(c, None, stamp())).refused("correction-needs-reason")
    a_case().when(lambda c: case_file.void(c, known("case"), why())).refused("duplicate-of-itself")


def test_who_registers_a_divorce_does_not_counsel_the_couple_nor_the_other_way_round() -> None:
    as_registrar = stamp(D, actor="zhao", role=Role.REGISTRAR)
    as_counsellor = stamp(D, actor="zhao", role=Role.COUNSELLOR)

    def registers(c: Case) -> Iterator[CaseEvent]:
        return case_registry.observe_application(c, as_registrar)

    def counsels(c: Case) -> Iterator[CaseEvent]:
        return case_counselling.offer(c, as_counsellor)

    a_case(registers).when(counsels).refused("registrar-counsels", role=Role.REGISTRAR)
    a_case(counsels).when(registers).refused("registrar-counsels", role=Role.COUNSELLOR)
    a_case(applied).when(counsels).then(CounsellingOffered)


def confirmed(c: Case) -> Iterator[CaseEvent]:
    return case_registry.confirm_outcome(c, CaseOutcome.CANCELLED, D, registry(D))


QIAN = registry(D).actor
HELD_BY_QIAN = session(practitioners=(known("wang"), QIAN))


@pytest.mark.parametrize("post", [Role.COUNSELLOR, Role.VOLUNTEER, Role.CENTRE_MANAGER])
def test_who_registered_counsels_in_no_post_and_is_named_as_nobody_who_does(post: Role) -> None:
    case = a_case(applied, *WILLING, confirmed)
    own = stamp(hour(10), actor="qian", role=post)
    refusals = (
        lambda c: case_counselling.hold_session(c, session(), own),
        lambda c: case_counselling.hold_session(c, HELD_BY_QIAN, stamp(hour(10))),
        lambda c: case_care.assign(c, QIAN, stamp()),
        lambda c: case_care.agree_plan(c, Plan(id=known("plan"), goals="talk"), own),
        lambda c: case_care.book(
            c, appointment(hour(34)).model_copy(update={"practitioner": QIAN}), stamp(hour(9))
        ),
    )
    for decision in refusals:
        case.when(decision).refused("registrar-counsels", person=QIAN, role=Role.REGISTRAR)
    corrected = lambda c: case_counselling.correct_session(c, HELD_BY_QIAN, why(hour(20)))  # noqa: E731
    a_case(applied, *COUNSELLED, confirmed).when(corrected).refused(
        "registrar-counsels", person=QIAN
    )


def test_who_registered_rewrites_no_session_and_makes_no_follow_up_by_a_correction() -> None:
    own = why(hour(20), actor="qian", role=Role.CENTRE_MANAGER)
    made = FollowUpRecord(follow_up=follow_up(), made_on=D)
    case = a_case(applied, *COUNSELLED, scheduled(), confirmed)
    rewritten = session().model_copy(update={"facts": "rewritten"})
    for decision in (
        lambda c: case_counselling.correct_session(c, rewritten, own),
        lambda c: case_care.correct_follow_up(c, made, own),
    ):
        case.when(decision).refused("registrar-counsels", person=QIAN, role=Role.REGISTRAR)


@pytest.mark.parametrize(
    "counsels",
    [
        held(HELD_BY_QIAN),
        lambda c: case_care.assign(c, QIAN, stamp()),
        lambda c: case_counselling.hold_session(
            c, session(), stamp(hour(10), actor="qian", role=Role.CENTRE_MANAGER)
        ),
        lambda c: case_counselling.offer(c, stamp(actor="qian", role=Role.VOLUNTEER)),
    ],
)
def test_who_counsels_in_whatever_post_confirms_no_outcome(counsels: Step) -> None:
    a_case(applied, *WILLING, counsels).when(confirmed).refused(
        "registrar-counsels", person=QIAN, role=Role.COUNSELLOR
    )


def test_a_manager_who_held_a_session_leaves_what_the_registry_confirmed_alone() -> None:
    manager: dict[str, Any] = {"actor": "sun", "role": Role.CENTRE_MANAGER}
    case = a_case(
        applied,
        *WILLING,
        lambda c: case_counselling.hold_session(c, session(), stamp(hour(10), **manager)),
        confirmed,
    )
    revised = lambda c: case_registry.revise_outcome(  # noqa: E731
        c, CaseOutcome.POSTPONED, D, why(**manager)
    )
    for decision in (revised, lambda c: case_registry.void_outcome(c, why(**manager))):
        case.when(decision).refused("registrar-counsels", role=Role.COUNSELLOR)
    a_case(applied, *COUNSELLED, confirmed).when(revised).then(OutcomeRevised)
    a_case(applied, *COUNSELLED, ended(CaseOutcome.CANCELLED)).when(
        lambda c: case_registry.revise_outcome(c, CaseOutcome.POSTPONED, D, why())
    ).then(OutcomeRevised)


def test_who_stays_out_does_not_get_the_case_back_as_its_receiver() -> None:
    recused = lambda c: case_care.recuse(c, known("li"), why())  # noqa: E731
    case = a_case(recused, transfer_requested())
    case.when(transferred()).refused("counsellor-recused", practitioner=known("li"))
    case.when(
        lambda c: case_file.accept_transfer(c, stamp(actor="sun", office="other centre"))
    ).then(TransferAccepted)
