"""A dossier (案卷): one case as evidence, in a BagIt bag that verifies itself without us.

The bag (RFC 8493) holds what `application/verifier/verify.py` reads; that program is the exact
description. The log's key signs the tag manifest as a note whose text is the line `rec-dossier/v1`
and then the manifest: no checkpoint can be mistaken for one, for its second line is a number.

The export is recorded in the log before the bag is made, and the bag proves that too.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import orjson
import psycopg

from application import seal
from application.access import Accesses
from application.alarms import Alarm
from application.casefile import NOTHING_TOLD, Destroyed, Places, Told, document_of
from application.cosigning import KnownWitness, known_witnesses
from application.database import Database
from application.drafts import (
    ADDRESS,
    CONTACT,
    COUPLE,
    DISCLOSED,
    EVERYBODY,
    guarded,
    id_of,
    name_of,
    require_parts,
)
from application.eventlog import Position
from application.evidence import Disclosures, Evidence, NotProven, Order, Unstamped, gather
from application.heads import HeadProof
from application.jurisdiction import Forbidden
from application.keys import signer_of
from application.note import Note, Signer, open_checkpoint
from application.policy import Action
from application.records import Actor, Command, NotFound, Records
from application.sealer import Sealer
from application.settings import Settings
from application.timestamp import Authority, NotStamped, authority_of, stamp_newest
from application.typesetting import chinese_fonts, set_in_type
from application.vault import KeyLost, NothingToOpen, Released, Vault
from application.verifier import verify as verifier
from domain.access import Selection, Viewing, access_id
from domain.account import Account
from domain.account_events import account_id
from domain.base import EVENTS, SHANGHAI, Event, Refused, day
from domain.case import Case
from domain.case_file_events import PersonalDataErased
from domain.own_part import no_longer_standing, sealed_in, told_only
from domain.values import AccessPurpose, Party, RecordKind, RecordSurface, Role
from domain.wording import TITLES

FORMAT: Final = verifier.FORMAT
VERIFIER: Final = Path(verifier.__file__)
README: Final = VERIFIER.with_name("README.txt")
AT_WORK: Final = 2.0  # seconds in which a sealer that is at work has sealed
SEALED_WITHIN: Final = 30.0  # seconds after which something is wrong with it
PAUSE: Final = 0.1  # seconds between two looks at the newest checkpoint

IN_CLEAR: Final = (Action.EXPORT_CASES, Action.READ_CASES, Action.READ_SUMMARIES)
"""What a whole case takes, though nothing is disclosed.

Reasons, and what was written before it was sealed, stand in its states.
"""

PERSONS: Final = ("当事人", "本人", "wife", "husband", *(party.label for party in Party))
"""How a recipient begins that is no court and no authority."""


class Exported(NamedTuple):
    """A dossier that was written, and what it holds."""

    folder: Path
    evidence: Evidence
    document: dict[str, Any]


def export(
    database: Database,
    records: Records,
    vault: Vault,
    settings: Settings,
    order: Order,
    places: Places,
    out: Path,
    wait: float = 0.0,
) -> Exported:
    """Record the export, wait for its seal, and write the dossier below `out`.

    What is disclosed the vault opens, under a trace of its own. Cosignatures are waited for up to
    `wait` seconds. Where a time-stamping authority is configured, the checkpoint is stamped; where
    that one fails, the dossier says so and why. Raises `NotFound`, `Unopened`, `NotStamped` for a
    wrong setting, `NotSet` where no PDF can be made, and `NotProven` where its folder is taken,
    before the export is recorded; afterwards `NotProven`, `Unverified`. A whole case is refused
    before anything else as `require_allowed` does.
    """
    if order.own is None:
        require_allowed(records, order)
    chinese_fonts(settings)
    authority = None if settings.tsa_url is None else authority_of(settings)
    require_free(folder_of(out, order.case, order.as_of))
    with psycopg.connect(database.reader, autocommit=True) as connection:
        versions = version_at(connection, order)
        released = released_for(vault, records, order)
        position = record_export(records, order, versions)
        require_sealed(connection, database, settings, position)
        witnesses = known_witnesses(settings)
        size = size_to_show(connection, witnesses, position, wait)
        unstamped = None if authority is None else asked_in_vain(database, authority, size)
        stamping = None if authority is None or unstamped else authority.address
        evidence = gather(connection, order, position, size, stamping)
        facts = () if order.own is None else records.proved_events_of(order.case)
        destroyed = destroyed_by(connection, order.case, facts)
    evidence = replace(
        evidence,
        unstamped=unstamped,
        witnessed=witnessed_by(evidence.checkpoint, signer_of(settings), witnesses),
    )
    withheld = no_longer_standing(facts)
    disclosures = disclosures_of(released, evidence, withheld)
    told = told_to(order, facts, versions, released)._replace(destroyed=destroyed)
    document = document_of(evidence, places, disclosures, told)
    pdf = set_in_type(document, evidence.export.row.recorded_at, settings)
    folder = write(out, evidence, pdf, disclosures, signer_of(settings))
    return Exported(folder, evidence, document)


def require_held(records: Records, actor: Actor) -> None:
    """Refuse who does not hold the post today in which he would act. Raises `Forbidden`."""
    account = records.find(Account, account_id(actor.id))
    today = records.jurisdiction.today
    if account is None or account.locked or not account.holds(actor.role, actor.office, today):
        raise Forbidden(
            f"{actor.id} does not hold this post today ({actor.role} at {actor.office}); name one "
            "that the account holds.",
            f"{actor.id} 今日不担任该岗位（{actor.role.label}，单位 {actor.office}），"
            "请填写其现任岗位。",
        )


def require_allowed(records: Records, order: Order) -> None:
    """Refuse a whole case to a person, and to whom the policy does not show all that is in it.

    And to whoever names a part that no case has: what was meant by it would stay sealed unsaid.

    What each said alone stands in the states that are proven, and cannot be left out of them. Who
    has the machine has the database anyway. Raises `Forbidden`, `NotFound`, `Refused`.
    """
    to_a_person = order.recipient.strip().casefold().startswith(PERSONS)
    if to_a_person or order.purpose is AccessPurpose.SUBJECT_REQUEST:
        raise Refused("whole-case-for-a-person")
    require_parts(order.parts, (*DISCLOSED, EVERYBODY))
    if order.by.role is Role.SYSTEM:
        return
    case = records.get_proved(Case, order.case)
    for action in (*IN_CLEAR, *opening(order.parts)):
        records.jurisdiction.require_sight(order.by, action, case)


def opening(parts: Collection[str]) -> Iterator[Action]:
    """What somebody must be able to see to whom these parts are opened.

    A party's identity and the notes on what it said lie under one key.
    """
    if not all(map(guarded, parts)):
        yield from (Action.READ_IDENTITIES, Action.READ_NOTES)
    for behind, action in ((CONTACT, Action.READ_CONTACTS), (ADDRESS, Action.READ_ADDRESSES)):
        if any(part.endswith(behind) for part in parts):
            yield action


def folder_of(out: Path, case: UUID, as_of: Position) -> Path:
    """Where a dossier is written."""
    return out / f"dossier-{case}-{as_of}"


def require_free(folder: Path) -> None:
    """Refuse a folder that is there. Raises `NotProven`."""
    if folder.exists():
        raise NotProven(f"{folder} exists already; move it away or choose another --out.")


def size_to_show(
    connection: psycopg.Connection[Any],
    witnesses: Sequence[KnownWitness],
    position: Position,
    wait: float,
) -> int:
    """The newest checkpoint over a position that each witness with an address cosigned.

    It is waited for so many seconds; without it the newest one.
    """
    asked = [witness.key for witness in witnesses if witness.address]
    deadline = time.monotonic() + wait
    while asked:
        size = seal.cosigned_size(connection, position, asked)
        if size is not None:
            return size
        if time.monotonic() >= deadline:
            break
        time.sleep(PAUSE)
    return seal.sealed_size(connection)


def asked_in_vain(database: Database, authority: Authority, size: int) -> Unstamped | None:
    """Have a checkpoint stamped; where that fails, by whom and why not."""
    try:
        stamp_newest(database, authority, size=size)
    except NotStamped as failed:
        return Unstamped(authority.address, str(failed))
    return None


def witnessed_by(
    checkpoint: bytes, signer: Signer, witnesses: Sequence[KnownWitness]
) -> dict[str, int]:
    """Who cosigned, and when. Raises `Unverified` for a cosignature that does not hold."""
    keys = [witness.key for witness in witnesses]
    return open_checkpoint(checkpoint, signer.name, [signer.verifier], keys).witnessed


def version_at(connection: psycopg.Connection[Any], order: Order) -> int:
    """The version that the case had reached. Raises `NotFound`."""
    row = connection.execute(
        "select coalesce(max(originator_version), 0) from only log.event"
        " where originator_id = %s and position <= %s and topic like 'case.%%'",
        (order.case, order.as_of),
    ).fetchone()
    assert row is not None
    if row[0] == 0:
        raise NotFound(
            f"There is no case {order.case} as of position {order.as_of}; check the number.",
            f"截至位置 {order.as_of} 没有编号为 {order.case} 的个案，请核对编号。",
        )
    return int(row[0])


def record_export(records: Records, order: Order, versions: int) -> Position:
    """Record in the log that the case goes out; the position of that event."""
    now, desk = datetime.now(UTC), Accesses(records)
    command = Command(order.by, request=uuid4(), occurred=now)
    selection = Selection(
        kind=RecordKind.CASE,
        what=verifier.EXPORTED[order.own],
        rows=versions,
        purpose=order.purpose,
        place=desk.office_of(command),
        record=order.case,
        recipient=order.recipient,
        surface=RecordSurface.COMMAND_LINE,
    )
    stream = access_id(order.by.id, order.by.office, day(now))
    return desk.make_export(stream, selection, command).last_position


def released_for(vault: Vault, records: Records, order: Order) -> Released | None:
    """What the vault opens for a dossier; None where nothing is disclosed. Raises `Unopened`.

    One of everybody's is not made where a key is lost: nobody would see that something is missing.
    """
    everybody = EVERYBODY in order.parts and order.own is None
    if not order.parts and order.own is None:
        return None
    viewing = Viewing(
        record=order.case,
        kind=RecordKind.CASE,
        surface=RecordSurface.COMMAND_LINE,
        purpose=order.purpose,
        what=verifier.EXPORTED[order.own],
    )
    parts = disclosed_parts(vault, order)
    try:
        released = vault.release(records, viewing, Command(order.by, request=uuid4()), parts)
    except NothingToOpen:
        if everybody or order.own is not None:
            return None  # everything there is to be opened: nothing
        raise
    if everybody and released.lost:
        raise KeyLost(name_of(min(released.lost)))
    return released


def disclosed_parts(vault: Vault, order: Order) -> Collection[str]:
    """Whose sealed data are opened.

    Everybody's never are safe contacts and protected addresses, which are named beside it: a
    dossier may come into the hands of the other party. A party's own copy opens what it said alone
    and what both said.
    """
    if order.own is not None:
        return (order.own, COUPLE)
    if EVERYBODY not in order.parts:
        return order.parts
    everybody = [part for part in vault.store.parts_of(order.case) if not guarded(part)]
    return [*everybody, *filter(guarded, order.parts)]


def told_to(order: Order, facts: Sequence[Event], versions: int, released: Released | None) -> Told:
    """What a party is told of sessions of which its copy holds no fact, as they stood and stand.

    What was put right or taken back since may be of another couple.
    """
    if order.own is None:
        return NOTHING_TOLD
    then = [fact for fact in facts if fact.originator_version <= versions]
    now = told_only(facts, order.own)
    sessions = [session for session in told_only(then, order.own) if session in now]
    opened = {
        sealed.n: released.open(sealed)
        for session in sessions
        for sealed, _, _ in sealed_in(session)
        if released is not None and id_of(sealed.k) in released.keys
    }
    lost = frozenset(map(name_of, released.lost)) if released is not None else frozenset[str]()
    return Told(sessions, opened, lost=lost)


def destroyed_by(
    connection: psycopg.Connection[Any], case: UUID, facts: Sequence[Event]
) -> Destroyed:
    """The keys of a case of which facts of it say that they were destroyed, and where they do."""
    erasures = [fact for fact in facts if isinstance(fact, PersonalDataErased)]
    if not erasures:
        return {}
    found = connection.execute(
        "select originator_version, position from only log.event"
        " where originator_id = %s and topic = %s",
        (case, PersonalDataErased.topic),
    ).fetchall()
    positions: dict[int, Position] = dict(found)
    return {
        key: positions[erasure.originator_version] for erasure in erasures for key in erasure.keys
    }


def disclosures_of(
    released: Released | None, evidence: Evidence, withheld: Collection[str] = ()
) -> Disclosures:
    """What opens each released field that the dossier holds, but for what is withheld."""
    if released is None:
        return {}
    positions = {one.row.originator_version: one.row.position for one in evidence.events}
    return {
        (positions[place.version], place.path): released.disclose(sealed)
        for place, sealed in released.fields
        if place.version in positions and sealed.n not in withheld
    }


def require_sealed(
    connection: psycopg.Connection[Any],
    database: Database,
    settings: Settings,
    position: Position,
) -> None:
    """Wait for the sealer; where none is at work, seal here. Raises `NotProven`."""
    began, alarm = time.monotonic(), None
    while (waited := time.monotonic() - began) < SEALED_WITHIN:
        sealed = seal.newest_checkpoint(connection)
        if sealed is not None and sealed.size >= position:
            return
        if waited >= AT_WORK and alarm is None:
            try:
                with Sealer(database, settings) as sealer:
                    while sealer.seal_next() is not None:
                        pass
            except Alarm as rung:
                alarm = rung
        time.sleep(PAUSE)
    raise NotProven(
        f"The export is recorded at position {position} but not sealed, so nothing was handed out: "
        f"{alarm or 'the sealer is behind.'} Ask again when the log is sealed.",
        f"本次调取已登记在位置 {position}，但日志尚未封存至此，案卷未生成。请在封存后重试。",
    )


def write(
    out: Path, evidence: Evidence, pdf: bytes, disclosures: Disclosures, signer: Signer
) -> Path:
    """Write the bag below `out`, whole or not at all, and check it as its recipient will.

    Raises `NotProven` when the check finds anything, as when the log itself was changed.
    """
    folder = folder_of(out, evidence.case, evidence.as_of)
    require_free(folder)
    payload = {**payload_of(evidence, disclosures, signer), verifier.READABLE: pdf}
    draft = out / f".{folder.name}.{os.getpid()}"
    try:
        for path, content in (payload | tags_of(evidence, payload, signer)).items():
            file = draft / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        findings = verifier.verify(str(draft), key=signer.verifier.text)
        if not findings.sound:
            first = findings.failures[0]
            raise NotProven(
                f"The log does not prove this case ({first.where}: {first.sentence}); nothing was "
                "handed out. Find the reason with: huhang verify"
            )
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def payload_of(evidence: Evidence, disclosures: Disclosures, signer: Signer) -> dict[str, bytes]:
    """The files below data, but for the PDF."""
    genesis = orjson.loads(evidence.genesis.row.state)
    files = {
        verifier.SUMMARY: json_bytes(
            {
                "format": FORMAT,
                "case": str(evidence.case),
                "as_of": evidence.as_of,
                "known_at": f"{evidence.known_at.astimezone(UTC):{verifier.RECORDED}}",
                "simulated": evidence.simulated,
                "genesis": evidence.genesis.row.position,
                "authors": [one.row.position for one in evidence.authors],
                "events": [one.row.position for one in evidence.events],
                "export": evidence.export.row.position,
                "heads": heads_said(evidence.heads),
                "timestamp": stamped_said(evidence),
                "part": evidence.own,
                "withheld": evidence.withheld,
                **erasures_said(evidence),
            }
        ),
        verifier.CHECKPOINT: evidence.checkpoint,
        verifier.KEYS: json_bytes(
            {
                "log": signer.verifier.text,
                "authors": [
                    *genesis["keys"]["authors"],
                    *(orjson.loads(one.row.state)["author"] for one in evidence.authors),
                ],
            }
        ),
        verifier.DISCLOSURES: json_bytes(
            [
                {"position": position, "path": path, "okm": b64encode(okm).decode()}
                for (position, path), okm in sorted(disclosures.items())
            ]
        ),
    }
    if evidence.stamped is not None:
        files[verifier.STAMPED] = evidence.stamped.note
        files[verifier.STAMP] = evidence.stamped.token
    for one in evidence.exhibits:
        files[f"{verifier.folder_of(one.row.position)}/state.json"] = one.row.state
        files[f"{verifier.folder_of(one.row.position)}/entry.txt"] = one.entry
        files[f"{verifier.folder_of(one.row.position)}/proof.tlog-proof"] = one.proof
        schema = {**EVENTS[one.row.topic].model_json_schema(), "title": TITLES[one.row.topic]}
        files[f"data/schemas/{one.row.topic}.json"] = json_bytes(schema)
    return files


def heads_said(heads: HeadProof | None) -> dict[str, Any] | None:
    """What the bag says of the proof of completeness."""
    if heads is None:
        return None
    hashes = [b64encode(hash_).decode() for hash_ in heads.path]
    return {"position": heads.noted_at, "place": heads.index, "hashes": hashes}


def erasures_said(evidence: Evidence) -> dict[str, list[Position]]:
    """Where later erasures stand, if there are any; else verifiers of before read the bag too."""
    positions = [one.row.position for one in evidence.erasures]
    return {"erasures": positions} if positions else {}


def stamped_said(evidence: Evidence) -> dict[str, Any] | None:
    """What the bag says of the time stamp."""
    stamped, unstamped = evidence.stamped, evidence.unstamped
    if unstamped is not None:
        return {"authority": unstamped.authority, "missing": unstamped.reason}
    if stamped is None:
        return None
    at = stamped.stamped_at.astimezone(UTC).isoformat()
    return {"authority": stamped.authority, "stamped_at": at}


def tags_of(evidence: Evidence, payload: Mapping[str, bytes], signer: Signer) -> dict[str, bytes]:
    """The files beside data: what a bag must have, README, verifier, and the signature."""
    written = evidence.export.row.recorded_at.astimezone(SHANGHAI)
    octets = sum(map(len, payload.values()))
    tags = {
        "bagit.txt": verifier.BAGIT,
        "bag-info.txt": (
            f"Bag-Software-Agent: Huhang\n"
            f"Bagging-Date: {written.date()}\n"
            f"External-Identifier: {evidence.case}\n"
            f"Payload-Oxum: {octets}.{len(payload)}\n"
            f"Source-Organization: {signer.name}\n"
        ).encode(),
        "README.txt": Template(README.read_text(encoding="utf-8"))
        .substitute(
            case=evidence.case,
            as_of=evidence.as_of,
            extent=extent_of(evidence),
            key=signer.verifier.text,
            attime=attime_of(evidence),
            simulated="\n！！模拟数据，不是真实业务 SIMULATED ！！\n" if evidence.simulated else "",
        )
        .encode(),
        "verify.py": VERIFIER.read_bytes(),
        verifier.MANIFEST: manifest(payload),
    }
    tags[verifier.TAGMANIFEST] = manifest(tags)
    text = f"{FORMAT}\n{tags[verifier.TAGMANIFEST].decode()}"
    tags[verifier.SIGNATURE] = Note(text, (signer.sign(text),)).encode()
    return tags


def attime_of(evidence: Evidence) -> str:
    """The time of the time stamp in seconds since 1970, as openssl takes it."""
    if evidence.stamped is None:
        return "时间戳所述时间的秒数"
    return str(int(evidence.stamped.stamped_at.timestamp()))


def extent_of(evidence: Evidence) -> str:
    """What of the case the bag holds."""
    if evidence.own is None:
        return f"含该案第 1 至 {len(evidence.events)} 版全部记录"
    return (
        f"为{evidence.own.label}本人部分副本，含记录 {len(evidence.events)} 条；其间另有 "
        f"{evidence.withheld} 条不属于或者不能确认只属于本人的记录未列入"
    )


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The lines of a manifest, by path."""
    lines = (f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def json_bytes(value: object) -> bytes:
    """JSON for programs and for people."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
