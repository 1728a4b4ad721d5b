"""The case file (案卷) as people read it: each event in Chinese, with what was disclosed opened."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
import segno
from pydantic import BaseModel

from application.envelope import Context, Unopened, envelopes_in, open_with_okm
from application.eventlog import Position
from application.evidence import Disclosures, Evidence, Exhibit
from application.note import Checkpoint, Note
from application.tree import leaf_hash
from domain.access import ExportMade
from domain.base import SHANGHAI, Event, Place, Sealed
from domain.case_facts import Session
from domain.case_file_events import PersonalDataErased
from domain.members import MEMBERS
from domain.values import Labelled
from domain.wording import TITLES

CLOSED: Final = "〔密封，未公开〕"
LOST: Final = "〔密封；密钥缺失，目前无法打开，并非对您隐去〕"
IDENTITY: Final = {"name": "姓名", "document": "证件", "phone": "电话", "born_on": "出生日期"}
ENVELOPE: Final = frozenset({"originator_id", "originator_version", "stamp"})

Opened = Mapping[str, str]
"""The texts of what was disclosed, by the salt under which it was sealed."""


DESTROYED: Final = "〔密封；密钥已依法销毁（日志位置 {position}），无法公开〕"

Destroyed = Mapping[str, Position]
"""The keys that were destroyed, and where the case says so."""

Places = Mapping[Position, str | None]
"""The names of the place where each event counts."""

TOLD_ONLY: Final = (
    "本次辅导经更正或者补录，记录中的理由可能涉及他人，原文未列入证据包；"
    "此处只写明现行内容，由出具方说明，不能用 verify.py 核验。"
)


class Line(NamedTuple):
    """One fact; one without text is the heading of those below it, which are deeper."""

    depth: int
    label: str
    text: str | None
    sealed: bool = False


class Told(NamedTuple):
    """What a copy tells in our word: no record of it is in the bag.

    Sessions that stand, and those of their texts that are disclosed; the keys that were destroyed,
    and those that are lost.
    """

    sessions: Sequence[Session]
    opened: Opened
    destroyed: Destroyed = MappingProxyType({})
    lost: frozenset[str] = frozenset()


NOTHING_TOLD: Final = Told((), {})


def document_of(
    evidence: Evidence, places: Places, disclosures: Disclosures, told: Told = NOTHING_TOLD
) -> dict[str, Any]:
    """What the PDF says."""
    checkpoint = Checkpoint.parse(Note.parse(evidence.checkpoint).text)
    export = evidence.export.event
    assert isinstance(export, ExportMade)
    selection = export.selection
    opened = opened_by(evidence, disclosures)
    destroyed = {**destroyed_in(evidence), **told.destroyed}
    moments = [
        moment_of(one, places.get(one.row.position), opened, destroyed, told.lost)
        for one in evidence.events
    ]
    closed = [line["text"] for moment in moments for line in moment["lines"] if line["sealed"]]
    root = checkpoint.root.hex()
    known_at = evidence.known_at.astimezone(SHANGHAI)
    return {
        "title": "个案案卷" if evidence.own is None else "个案案卷（本人部分副本）",
        "author": "护航 Huhang",
        "simulated": evidence.simulated,
        "as_of": f"{known_at:%Y-%m-%d %H:%M:%S}",
        "position": evidence.as_of,
        "case": evidence.case,
        "heading": [
            ["个案编号", str(evidence.case)],
            ["记录", extent_of(evidence)],
            ["用途", selection.purpose.label],
            ["接收方", legible(selection.recipient or "-")],
            ["调取登记", f"日志位置 {evidence.export.row.position}"],
            ["密封字段", fields_said(len(disclosures), closed)],
            ["日志", checkpoint.origin],
            ["见证人联署", cosigned_said(evidence)],
            ["时间戳", stamped_said(evidence)],
            ["检查点", f"大小 {checkpoint.size}，根 {root[:32]} {root[32:]}"],
        ],
        "qr": code_of(receipt_in(evidence)),
        "preface": [
            "本件由日志中的记录自动生成，供阅读；有出入时以证据包 data/events 中的原文为准。",
            "核验：在证据包文件夹中运行 python3 verify.py，说明见 README.txt。"
            "二维码是本件末条记录的收据（其在日志中的序号和叶的摘要）与日志的检查点，"
            "可与公布的检查点比对。",
        ],
        "moments": [*moments, *told_moments(told)],
    }


def told_moments(told: Told) -> Iterator[dict[str, Any]]:
    """The sessions of the PDF of which no record is in the bag."""
    for session in told.sessions:
        shown = Shown(told.opened, told.destroyed, told.lost, {})
        lines = fact_lines(session, MEMBERS["session"], shown, 0)
        yield {
            "number": "※",
            "title": "辅导记录现行内容",
            "about": TOLD_ONLY,
            "lines": [line._asdict() for line in lines],
        }


def destroyed_in(evidence: Evidence) -> Destroyed:
    """The keys of which an event of the case, also a later one, says that they were destroyed."""
    return {
        key: one.row.position
        for one in (*evidence.events, *evidence.erasures)
        if isinstance(one.event, PersonalDataErased)
        for key in one.event.keys
    }


def fields_said(disclosed: int, closed: Sequence[str]) -> str:
    """How many sealed fields can be read, could be, and cannot be by anybody now or any more."""
    withheld, lost = closed.count(CLOSED), closed.count(LOST)
    destroyed = len(closed) - withheld - lost
    said = [f"公开 {disclosed} 个，未公开 {withheld} 个"]
    if destroyed:
        said.append(f"密钥已依法销毁、无法公开 {destroyed} 个")
    if lost:
        said.append(f"密钥缺失、目前无法打开 {lost} 个")
    return "；".join(said)


def cosigned_said(evidence: Evidence) -> str:
    """Who cosigned the checkpoint, and when."""
    times = evidence.witnessed.items()
    said = (
        f"{name}（{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC）" for name, at in times
    )
    return legible("、".join(said)) if times else "无：制作本件时尚无见证人联署此检查点"


def stamped_said(evidence: Evidence) -> str:
    """Which authority stamped the checkpoint, when; or that none did, and why."""
    if evidence.unstamped is not None:
        return legible(f"无：{evidence.unstamped.authority} 当时未能盖戳")
    if evidence.stamped is None:
        return "无"
    at = evidence.stamped.stamped_at.astimezone(SHANGHAI)
    return legible(f"{evidence.stamped.authority}，{at:%Y-%m-%d %H:%M:%S}")


def extent_of(evidence: Evidence) -> str:
    """Which of the case's events are shown."""
    until = f"截至日志位置 {evidence.as_of}"
    if evidence.own is None:
        return f"第 1 至 {len(evidence.events)} 版，{until}"
    shown = len(evidence.events)
    return f"{evidence.own.label}本人部分 {shown} 条，{until}；其间未列入 {evidence.withheld} 条"


def moment_of(
    one: Exhibit, place: str | None, opened: Opened, destroyed: Destroyed, lost: frozenset[str]
) -> dict[str, Any]:
    """One event of the PDF."""
    event, row = one.event, one.row
    gone = {key: at for key, at in destroyed.items() if at > row.position}
    stamp = event.stamp
    recorded = row.recorded_at.astimezone(SHANGHAI)
    about = [
        f"位置 {row.position}",
        f"业务日期 {stamp.occurred_on}",
        f"记录于 {recorded:%Y-%m-%d %H:%M:%S}",
        f"{stamp.role.label} {stamp.actor}",
        *([f"理由：{legible(stamp.reason)}"] if stamp.reason else []),
    ]
    return {
        "number": f"{row.originator_version}.",
        "title": TITLES[event.topic],
        "about": "　".join(about),
        "lines": [line._asdict() for line in lines_of(event, opened, place, gone, lost)],
    }


def opened_by(evidence: Evidence, disclosures: Disclosures) -> dict[str, str]:
    """What was disclosed, opened where it was sealed first. Raises `Unopened`."""
    texts = {}
    rows = {one.row.position: one.row for one in evidence.events}
    for (position, path), okm in disclosures.items():
        row = rows[position]
        sealed = dict(envelopes_in(orjson.loads(row.state))).get(path)
        if sealed is None:
            raise Unopened(f"At position {position} nothing is sealed at {path}.")
        context = Context(row.originator_id, row.originator_version, row.topic, path)
        texts[sealed.n] = open_with_okm(okm, context, sealed)
    return texts


def receipt_in(evidence: Evidence) -> str:
    """The receipt of the last record shown, and the checkpoint that it is under.

    Two lines say its index, from 0, and its leaf hash; after an empty one comes the checkpoint with
    the log's own signature.
    """
    note, last = Note.parse(evidence.checkpoint), evidence.events[-1]
    own = Note(note.text, note.signatures[:1]).encode()  # Ed25519 comes first
    leaf = b64encode(leaf_hash(last.entry)).decode()
    return f"index {last.row.position - 1}\nleaf {leaf}\n\n{own.decode()}"


def code_of(text: str) -> str:
    """A text as a QR code (ISO/IEC 18004), in SVG."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", border=2)
    return drawn.getvalue().decode()


class Shown(NamedTuple):
    """What is shown in place of what is sealed, and of the ids of places."""

    opened: Opened
    destroyed: Destroyed
    lost: frozenset[str]
    places: Mapping[Place | None, str]


def lines_of(
    event: Event,
    opened: Opened,
    where: str | None,
    destroyed: Destroyed = MappingProxyType({}),
    lost: frozenset[str] = frozenset(),
) -> Iterator[Line]:
    """The facts of an event; `where` names the place at which it counts, whose members are ids."""
    places = {} if where is None else {getattr(event, "place", None): where}
    shown = Shown(opened, destroyed, lost, places)
    for name, value in event:
        if name not in ENVELOPE and value is not None:
            yield from fact_lines(value, MEMBERS.get(name, name), shown, 0)


def fact_lines(value: Any, label: str, shown: Shown, depth: int) -> Iterator[Line]:
    """A fact and what it is made of."""
    match value:
        case Sealed(n=salt) if salt in shown.opened:
            yield Line(depth, label, unsealed(shown.opened[salt]))
        case Sealed(k=key) if key in shown.destroyed:
            yield Line(depth, label, DESTROYED.format(position=shown.destroyed[key]), sealed=True)
        case Sealed(k=key) if key in shown.lost:
            yield Line(depth, label, LOST, sealed=True)
        case Sealed():
            yield Line(depth, label, CLOSED, sealed=True)
        case Place(centre=centre, region=region):
            yield Line(depth, label, shown.places.get(value) or said(centre or region))
        case BaseModel():
            yield Line(depth, label, None)
            for name, inner in value:
                if inner is not None:
                    yield from fact_lines(inner, MEMBERS.get(name, name), shown, depth + 1)
        case (tuple() | list()) as several if any(isinstance(one, BaseModel) for one in several):
            for index, one in enumerate(several):
                yield from fact_lines(one, f"{label} {index + 1}", shown, depth)
        case tuple() | list() | frozenset():
            texts = map(said, value)
            listed = sorted(texts) if isinstance(value, frozenset) else texts
            yield Line(depth, label, "、".join(listed) or "无")
        case _:
            yield Line(depth, label, said(value))


def unsealed(text: str) -> str:
    """A text that was sealed; an identity, which is sealed as JSON, with the names of its parts."""
    try:
        parts = orjson.loads(text)
    except orjson.JSONDecodeError:
        parts = None
    if not isinstance(parts, dict) or not parts or not parts.keys() <= IDENTITY.keys():
        return legible(text)
    return "；".join(f"{IDENTITY[name]} {legible(str(part))}" for name, part in parts.items())


def said(value: Any) -> str:
    """A single value as people write it; instants in Asia/Shanghai."""
    match value:
        case Labelled():
            return value.label
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return legible(str(value))


def legible(text: str) -> str:
    """A text in which every letter can be seen; others are written as their numbers."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else f"〔U+{ord(letter):04X}〕"
        for letter in text
    )
