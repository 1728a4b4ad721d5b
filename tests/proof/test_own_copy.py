"""A party's own copy: it verifies, and in no file of it is there anything of the other's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application import dossier
from application.casefile import CLOSED, DESTROYED, LOST
from application.casework import Identity, SessionFacts
from application.copies import Copies
from application.dossier import Exported
from application.drafts import COUPLE
from application.evidence import Order
from application.protection import Protection
from application.requests import Claim, Requests
from application.settings import Settings
from application.typesetting import NotSet, chinese_fonts
from application.vault import Vault, open_vault
from application.verifier import verify as verifier
from domain.access import ExportMade
from domain.base import Place, Refused
from domain.request import PersonRequest
from domain.rights import (
    Applicant,
    PersonPart,
    RequestChannel,
    RequestKind,
    RequestStatus,
    VerificationMeans,
)
from domain.values import AccessPurpose, ErasureGround, Party, Role
from tests.domain.case_cast import HER, HIM, session
from tests.proof.casebook import OFFICER
from tests.proof.ledger import Ledger
from tests.vault.world import NAMES, NOTES, World, ago, command, founded, officer

HIS = "他承认转移了存款"
HERS = "她已经咨询了律师"
SHELTER, SAFE_TIME = "历山路救助站三楼", "周二上午打姐姐的电话"
WHOLE: dict[Party, tuple[str, ...]] = {
    HER: (NAMES[HER], NOTES[HER], HERS),
    HIM: (NAMES[HIM], HIS),
}
"""Words that are one party's alone."""
GUARDED = (SHELTER, SAFE_TIME)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other sealer is at work; where no Chinese font is, the PDF is its document in JSON."""
    monkeypatch.setattr(dossier, "AT_WORK", 0.0)
    try:
        chinese_fonts(Settings())
    except NotSet:
        monkeypatch.setattr(dossier, "chinese_fonts", lambda _: None)
    monkeypatch.setattr(dossier, "set_in_type", as_json)


def as_json(document: dict[str, Any], *_: object) -> bytes:
    """What the PDF would say, so that words can be looked for in it."""
    return json.dumps(document, ensure_ascii=False, default=str).encode()


@pytest.fixture
def vault(ledger: Ledger) -> Iterator[Vault]:
    with open_vault(ledger.database, ledger.settings) as vault:
        yield vault


def told(ledger: Ledger, vault: Vault) -> UUID:
    """A case in which each said something alone, and she hides."""
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    for party, words in ((HIM, HIS), (HER, HERS)):
        alone = session(f"{party} alone", party, facts=words, summary=words)
        now = SessionFacts(**{**dict(alone), "started_at": ago(3), "minutes": 1})
        world.casework.hold_session(case, now, command())
    desk = Protection(ledger.records, vault)
    desk.note_safe_contact(case, HER, SAFE_TIME, True, command())
    desk.note_protected_address(case, HER, SHELTER, command())
    return case


def order(ledger: Ledger, case: UUID, own: Party | None) -> Order:
    with psycopg.connect(ledger.database.reader) as connection:
        row = connection.execute(
            "select position, recorded_at from log.event order by position desc limit 1"
        ).fetchone()
    assert row is not None
    if own is None:  # whole, as only a court gets it
        purpose, recipient = AccessPurpose.LEGAL_REQUEST, "某区人民法院"
    else:
        purpose, recipient = AccessPurpose.SUBJECT_REQUEST, "本人"
    return Order(case, row[0], row[1], purpose, recipient, OFFICER, ("all",), own)


def made(ledger: Ledger, vault: Vault, what: Order, out: Path) -> Exported:
    return dossier.export(ledger.database, ledger.records, vault, ledger.settings, what, {}, out)


def words_in(folder: Path) -> str:
    """Everything that any file of a bag says: as it is written, and as its keys open it."""
    findings = verifier.verify(str(folder))
    written = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return b"\n".join(written).decode("utf-8", "replace") + json.dumps(
        findings.events, ensure_ascii=False, default=str
    )


@pytest.mark.parametrize("own", [HER, HIM])
def test_no_file_of_a_copy_holds_words_or_name_of_the_other_or_any_address(
    ledger: Ledger, vault: Vault, tmp_path: Path, own: Party
) -> None:
    case = told(ledger, vault)
    copy = made(ledger, vault, order(ledger, case, own), tmp_path / "out")
    (other,) = {HER, HIM} - {own}
    words = words_in(copy.folder)
    for word in WHOLE[own]:
        assert word in words
    for word in (*WHOLE[other], *GUARDED):
        assert word not in words
    for part, key in vault.store.parts_of(case).items():
        if part.startswith(other):
            assert str(key) not in words, "not even what is sealed of the other is handed out"


def test_the_whole_dossier_has_all_words_but_no_address_unless_it_is_named(
    ledger: Ledger, vault: Vault, tmp_path: Path
) -> None:
    case = told(ledger, vault)
    whole = made(ledger, vault, order(ledger, case, None), tmp_path / "whole")
    words = words_in(whole.folder)
    assert all(word in words for own in WHOLE.values() for word in own)
    assert all(word not in words for word in GUARDED)
    named = replace(order(ledger, case, None), parts=("wife+address",))
    words = words_in(made(ledger, vault, named, tmp_path / "named").folder)
    assert SHELTER in words
    assert SAFE_TIME not in words
    both = replace(order(ledger, case, None), parts=("all", "wife+address"))
    words = words_in(made(ledger, vault, both, tmp_path / "both").folder)
    assert all(word in words for own in WHOLE.values() for word in own)
    assert SHELTER in words
    assert SAFE_TIME not in words


def test_a_copy_verifies_says_whose_part_it_is_and_how_much_is_left_out(
    ledger: Ledger, vault: Vault, tmp_path: Path
) -> None:
    case = told(ledger, vault)
    copy = made(ledger, vault, order(ledger, case, HIM), tmp_path / "out")
    findings = verifier.verify(str(copy.folder), key=ledger.signer.verifier.text)
    assert findings.failures == []
    assert findings.facts["part"] == HIM
    assert findings.facts["withheld"] == copy.evidence.withheld > 0
    assert any("本人部分副本" in limit for limit in findings.limits)
    export = copy.evidence.export.event
    assert isinstance(export, ExportMade)
    assert "男方本人部分副本" in export.selection.what


def asked(
    ledger: Ledger,
    vault: Vault,
    record: UUID,
    kind: RequestKind = RequestKind.COPY,
    part: PersonPart = PersonPart.WIFE,
) -> UUID:
    """A person's request, granted."""
    desk, request = Requests(ledger.records, vault), uuid4()
    claim = Claim(
        record=record,
        part=part,
        kind=kind,
        applicant=Applicant.SELF,
        channel=RequestChannel.IN_PERSON,
    )
    desk.receive(request, claim, Place(region=founded(ledger.records)), command(Role.REGISTRAR))
    desk.verify_identity(request, VerificationMeans.DOCUMENT, command(Role.REGISTRAR))
    desk.grant(request, None, officer())
    return request


def test_a_copy_fulfils_the_request_by_its_export(
    ledger: Ledger, vault: Vault, tmp_path: Path
) -> None:
    case = told(ledger, vault)
    request = asked(ledger, vault, case)
    desk = Copies(ledger.database, ledger.records, vault, ledger.settings)
    what = order(ledger, case, HER)
    ordered = desk.order(request, what.as_of, what.known_at, officer())
    assert (ordered.own, ordered.recipient) == (HER, "女方本人")
    copy = desk.make(request, ordered, {}, tmp_path / "out", officer())
    settled = ledger.records.get(PersonRequest, request)
    assert settled.status is RequestStatus.FULFILLED
    assert copy.evidence.events
    with pytest.raises(Refused, match="request-at-other-step"):
        desk.order(request, what.as_of, what.known_at, officer())


def test_what_was_asked_for_otherwise_is_not_copied(ledger: Ledger, vault: Vault) -> None:
    case = told(ledger, vault)
    request = asked(ledger, vault, case, RequestKind.CORRECT)
    desk = Copies(ledger.database, ledger.records, vault, ledger.settings)
    with pytest.raises(Refused, match="request-of-other-kind"):
        desk.order(request, 1, datetime.now(UTC), officer())


def test_a_member_of_the_team_gets_no_bag_of_a_case(ledger: Ledger, vault: Vault) -> None:
    member = World(ledger.database, ledger.records, vault).practitioner()
    request = asked(ledger, vault, member, part=PersonPart.SELF)
    desk = Copies(ledger.database, ledger.records, vault, ledger.settings)
    with pytest.raises(Refused, match="no-copy-of-team") as refusal:
        desk.order(request, 1, datetime.now(UTC), officer())
    assert refusal.value.code == "no-copy-of-team"


def test_who_never_appeared_gets_no_bag(ledger: Ledger, vault: Vault) -> None:
    case = told(ledger, vault)
    request = asked(ledger, vault, case, part=PersonPart.OTHER)
    desk = Copies(ledger.database, ledger.records, vault, ledger.settings)
    with pytest.raises(Refused, match="nothing-to-copy"):
        desk.order(request, 10**6, datetime.now(UTC), officer())


def test_of_a_voided_case_nothing_is_copied_as_of_the_day_before_either(
    ledger: Ledger, vault: Vault
) -> None:
    case = told(ledger, vault)
    request, before = asked(ledger, vault, case), order(ledger, case, HER)
    world = World(ledger.database, ledger.records, vault)
    world.casework.void(case, None, replace(command(), reason="属于另一对夫妇，录错档案"))
    desk = Copies(ledger.database, ledger.records, vault, ledger.settings)
    with pytest.raises(Refused, match="nothing-to-copy"):
        desk.order(request, before.as_of, before.known_at, officer())


def test_a_copy_cannot_pass_for_the_whole_nor_for_somebody_elses(
    ledger: Ledger, vault: Vault, tmp_path: Path
) -> None:
    copy = made(ledger, vault, order(ledger, told(ledger, vault), HER), tmp_path / "out")
    summary = copy.folder / verifier.SUMMARY
    original = json.loads(summary.read_text("utf-8"))
    for change in (
        {"part": None, "withheld": 0},
        {"part": "husband"},
        {"withheld": -1},
        {"withheld": 0},
        {"events": original["events"][1:], "withheld": 0},
        {"events": original["events"][::-1]},
    ):
        summary.write_text(json.dumps(original | change), "utf-8")
        found = {failure.check for failure in verifier.verify(str(copy.folder)).failures}
        assert found - {"files", "signature"}, change


def pdf_of(copy: Exported) -> str:
    """The readable file of a copy."""
    return (copy.folder / verifier.READABLE).read_text("utf-8")


def test_what_was_erased_is_said_in_her_copy_to_be_erased_and_not_to_be_withheld(
    ledger: Ledger, vault: Vault, tmp_path: Path
) -> None:
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    corrected_together(world, case)
    world.close(case)
    before = order(ledger, case, HER)
    certificate = world.erasures.erase(case, ErasureGround.UNLAWFUL, officer(), [HER, COUPLE])
    erased = DESTROYED.format(position=certificate.case_position)
    for moment, what in (("before", before), ("now", order(ledger, case, HER))):
        copy = made(ledger, vault, what, tmp_path / moment)
        said = pdf_of(copy)
        assert erased in said
        assert CLOSED not in said
        heading = dict(copy.document["heading"])
        assert "未公开 0 个；密钥已依法销毁、无法公开" in heading["密封字段"]
        (told,) = [one for one in copy.document["moments"] if one["number"] == "※"]
        assert erased in {line["text"] for line in told["lines"]}
        findings = verifier.verify(str(copy.folder), key=ledger.signer.verifier.text)
        assert findings.failures == []
        sheet = "\n".join(verifier.sheet_of(findings))
        assert "是否已依法销毁见" in sheet
        assert "未向您公开" not in sheet


def test_what_a_lost_key_seals_is_said_in_her_copy_to_be_neither_erased_nor_withheld(
    ledger: Ledger, vault: Vault, tmp_path: Path
) -> None:
    case = told(ledger, vault)
    ledger.attack(f"delete from vault.key where record = '{case}' and part = 'wife'")
    copy = made(ledger, vault, order(ledger, case, HER), tmp_path / "out")
    said = pdf_of(copy)
    assert LOST in said
    assert "销毁" not in said
    assert "密钥缺失、目前无法打开" in dict(copy.document["heading"])["密封字段"]


STRANGERS = "另一对夫妇的孩子在某校读书"


def test_words_of_another_couple_in_a_session_that_was_voided_are_not_in_her_copy(
    ledger: Ledger,
    vault: Vault,
    tmp_path: Path,
) -> None:
    """The case of decision 223, where the session was one of a wife alone."""
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    alone = dict(session("of another case", HER, facts=STRANGERS, summary=STRANGERS))
    wrong = SessionFacts(**{**alone, "started_at": ago(3), "minutes": 1})
    world.casework.hold_session(case, wrong, command())
    world.casework.void_session(
        case, wrong.id, replace(command(), reason="属于另一对夫妇，录错档案")
    )
    copy = made(ledger, vault, order(ledger, case, HER), tmp_path / "out")
    assert STRANGERS not in words_in(copy.folder)


def test_a_name_that_was_noted_as_hers_by_mistake_is_not_in_her_copy(
    ledger: Ledger,
    vault: Vault,
    tmp_path: Path,
) -> None:
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    for name, reason in (("陌生人", "看错证件"), ("王丽", "前次录成他人")):
        world.casework.correct_identity(
            case, HER, Identity(name=name), None, replace(command(), reason=reason)
        )
    copy = made(ledger, vault, order(ledger, case, HER), tmp_path / "out")
    assert "陌生人" not in words_in(copy.folder)


AGREED, REWORDED, REASON = "商定每周谈一次", "商定带孩子同来", "妻子单独说原记录不对"


def corrected_together(world: World, case: UUID) -> None:
    """A joint session whose words and minutes were put right, for a reason that tells of her."""
    words = {"facts": STRANGERS, "summary": AGREED}
    joint = {**dict(session("together", HER, HIM, **words)), "started_at": ago(3), "minutes": 1}
    world.casework.hold_session(case, SessionFacts(**joint), command())
    after = SessionFacts(**{**joint, "facts": REWORDED, "summary": None, "minutes": 2})
    world.casework.correct_session(case, after, replace(command(), reason=REASON))


@pytest.mark.parametrize("own", [HER, HIM])
def test_a_joint_session_that_was_corrected_is_told_as_it_stands_and_without_the_reason(
    ledger: Ledger, vault: Vault, tmp_path: Path, own: Party
) -> None:
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    corrected_together(world, case)
    copy = made(ledger, vault, order(ledger, case, own), tmp_path / "out")
    said = words_in(copy.folder)
    assert AGREED in said
    assert REWORDED in said
    for never in (STRANGERS, REASON):
        assert never not in said
    assert verifier.verify(str(copy.folder), key=ledger.signer.verifier.text).failures == []
    (other,) = {HER, HIM} - {own}
    assert NAMES[other] not in said


@pytest.mark.parametrize("whole", [False, True])
def test_what_was_taken_back_since_is_not_told_in_a_copy_of_before(
    ledger: Ledger, vault: Vault, tmp_path: Path, whole: bool
) -> None:
    world = World(ledger.database, ledger.records, vault)
    case = world.case()
    corrected_together(world, case)
    before = order(ledger, case, HER)
    together, by = session("together").id, replace(command(), reason="录错档案")
    if whole:
        world.casework.void(case, None, by)
    else:
        world.casework.void_session(case, together, by)
    said = words_in(made(ledger, vault, before, tmp_path / "out").folder)
    for never in (str(together), REWORDED, AGREED):
        assert never not in said
