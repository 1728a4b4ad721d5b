#!/usr/bin/env python3
"""核验案卷：python3 verify.py [案卷文件夹]。无须安装任何程序，无须联网；结论以退出码表示。

Checks a dossier: the case file of one case, with the proof of each event in it. Needs Python 3.8
or newer, nothing that is not part of it, and no network. All that is checked stands below, from top
to bottom: the bag (RFC 8493), the log's keys, each event with its entry, author and place in the
Merkle tree (RFC 9162), the disclosed fields, and last the algorithms themselves (Ed25519 of RFC
8032, AES, SM3 of GB/T 32905, SM4 of GB/T 32907, GCM of NIST SP 800-38D) in plain Python.

Whoever made the bag can have exchanged this program too: take it from somebody you trust, and run
it as `python3 verify.py FOLDER`.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import re
import sys
from base64 import b64decode, b64encode
from datetime import datetime, timezone
from typing import Any, Callable, Iterator, NamedTuple

MANIFEST = "manifest-sha256.txt"
TAGMANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = "tagmanifest-sha256.note"  # the tag manifest as a signed note; it cannot list itself
ADDED = {TAGMANIFEST, SIGNATURE}
BESIDE = {"bagit.txt", "bag-info.txt", "README.txt", "verify.py", MANIFEST}  # the other tag files
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
FORMAT = "rec-dossier/v1"

SUMMARY = "data/dossier.json"
CHECKPOINT = "data/checkpoint.note"
KEYS = "data/keys.json"
DISCLOSURES = "data/disclosures.json"
READABLE = "data/dossier.pdf"
OF_EVENT = ("state.json", "entry.txt", "proof.tlog-proof")
STAMPED = "data/timestamp/checkpoint.note"  # as the log alone signed it, which is what was stamped
STAMP = "data/timestamp/token.tst"  # RFC 3161

STAMPED_BY = ("authority", "stamped_at")
NOT_STAMPED = ("authority", "missing")
OF_HEADS = ("position", "place", "hashes")
OF_KEYS = ("log", "authors")
OF_DISCLOSURE = ("position", "path", "okm")

LOG_STREAM = "00000000-0000-5000-8000-000000000001"
GENESIS_TOPIC = "log.genesis.v1"
REGISTERED_TOPIC = "log.author-registered.v1"
HEADS_TOPIC = "log.stream-heads.v1"
EXPORT_TOPIC = "access.export-made.v1"
ERASED_TOPIC = "case.personal-data-erased.v1"

RECORDED = "%Y-%m-%dT%H:%M:%S.%fZ"  # when something was recorded, in UTC
NUMBER_LIMIT = 2**63 - 1
ENTRY_LIMIT = 4096  # bytes
STATE_LIMIT = 4 * 2**20  # bytes; the API takes no more than 1 MiB at once, which sealing lengthens
PIECE = 2**20  # bytes of a file that are read at once
PROOF_LIMIT = 63  # hashes: the height of the tallest tree

EXPORTED = {
    None: "案卷（证据包）",
    "wife": "案卷（女方本人部分副本）",
    "husband": "案卷（男方本人部分副本）",
    "other": "案卷（其他家庭成员本人部分副本）",
}  # whose part of the case the log says was handed out; None: the whole

NO_KEY = (
    "--key 所给的“%s”不是日志公钥，未作核验。请从日志运营者的公布渠道取得公钥（形如 "
    "名称+编号+base64，运营者由 huhang keys 的 log 一行给出，不含“log”一词），整段照抄。"
)
NO_WITNESS = (
    "--witness 所给的“%s”不是见证人公钥，或其算法不是本程序所能核验的，未作核验。请从见证人的公布"
    "渠道取得公钥（形如 名称+编号+base64），整段照抄；日志公钥以 --key 给出。"
)
NO_CHECKPOINT = (
    "--checkpoint 所给的文件“%s”不是检查点，未作核验。请从案卷之外取得检查点文件（三行文字、一个"
    "空行和签名行），不作改动。"
)
NO_CONSISTENCY = (
    "--consistency 所给的文件“%s”不是一致性证明，未作核验。请向日志运营者索取该文件（每行一个 "
    "base64 摘要，由 huhang consistency 给出），不作改动。"
)

EXIT_CODES = (
    "核验案卷。退出码：0 通过，1 不通过或未见 --witness 所要求的联署，2 参数有误或欠缺，"
    "3 前后一致但未与外部取得的公钥或检查点比对。"
)

CHECKS = {
    "files": "文件齐全，未被改动",
    "signature": "文件清单由日志密钥签名",
    "keys": "日志首条记录及其公布的密钥",
    "states": "每条记录的原文与其条目相符",
    "authors": "每条记录由已登记的系统实例签名",
    "checkpoint": "检查点由日志密钥签名",
    "proofs": "每条记录确在检查点所述的日志中",
    "versions": "本案记录先后有序，完整案卷的版本自 1 起连续，截至时间与之相容",
    "export": "本次调取已先行登记在日志中（请核对接收方）",
    "fields": "已公开的密封字段与密文相符",
}
ONLY_IF = {
    "heads": "版本总表证明本案记录一条不缺",
    "timestamp": "时间戳所述的是本检查点；签名须以 openssl ts 核验",
    "key": "与外部取得的日志公钥比对",
    "witnesses": "外部见证人的联署",
    "known": "与外部取得的检查点比对",
}


class Wrong(Exception):  # noqa: N818 - said to people
    """Something that is not as it must be, in a sentence for people."""


class NotCosigned(Wrong):
    """A witness has not signed a checkpoint, which he may do yet; the log has."""

    def __init__(self, name: str, key_id: str) -> None:
        super().__init__(
            "检查点没有 %s（公钥编号 %s）的联署，可能尚未联署。"
            " The checkpoint is not cosigned by %s." % (name, key_id, name)
        )
        self.name = name


class NotCompared(Wrong):
    """A checkpoint from outside is of another size, and the proof between the two was not given."""


class Verdict(NamedTuple):
    """What it all comes to: for programs, for people, and as the exit code."""

    name: str
    sentence: str
    exit_code: int


VERIFIED = Verdict("verified", "核验通过，已与案卷之外取得的公钥或检查点比对。", 0)
FORGED = Verdict("failed", "核验不通过，请勿采信。", 1)
CONSISTENT = Verdict(
    "consistent",
    "前后一致；未与外部公钥比对，不能排除整份伪造。请以 --key 给出从公布渠道取得的日志公钥。",
    3,
)
INCOMPLETE = Verdict(
    "wrong-argument",
    "未作出结论：其余相符，但外部检查点与案卷的大小不同，未给出两者之间的一致性证明，不能比对。"
    "请向日志运营者索取，以 --consistency 给出，重新核验。",
    2,
)

LACKING_BOTH = (
    "未作出结论：外部检查点与案卷的大小不同，未给出两者之间的一致性证明，不能比对；检查点也没有 %s "
    "的联署，可能尚未联署；其余相符。请向日志运营者索取一致性证明，以 --consistency 给出，重新"
    "核验。"
)


def incomplete(names: list[str]) -> Verdict:
    """The verdict where a proof was not given, and these witnesses have not cosigned."""
    if not names:
        return INCOMPLETE
    return INCOMPLETE._replace(sentence=LACKING_BOTH % "、".join(map(printable, names)))


def not_cosigned(names: list[str], compared: bool) -> Verdict:
    """The verdict on a bag in which all is right, but that witnesses have not cosigned."""
    uncompared = "" if compared else "；也未与外部公钥比对，不能排除整份伪造"
    return Verdict(
        "not-cosigned",
        "未能证明所要求的：其余相符，但检查点没有 %s 的联署，可能尚未联署%s。请向出具方索取联署后"
        "的案卷，重新核验。 Not shown: all else fits, but the checkpoint is not cosigned by %s "
        "(perhaps not yet)%s."
        % (
            "、".join(map(printable, names)),
            uncompared,
            ", ".join(map(printable, names)),
            "" if compared else ", nor was anything compared with a key from outside",
        ),
        1,
    )


class Failure(NamedTuple):
    """A check that found something wrong, and in which file."""

    check: str
    where: str
    sentence: str


class Findings:
    """What was checked and what was found. A check that never ran counts as failed."""

    def __init__(self) -> None:
        self.passed: dict[str, int] = {}
        self.failures: list[Failure] = []
        self.asked = dict(CHECKS)
        self.facts: dict[str, Any] = {}
        self.compared = False
        self.events: list[dict[str, Any]] = []
        self.uncosigned: list[str] = []
        self.uncompared: list[str] = []
        self.limits: list[str] = []
        self.unproven: list[str] = []
        self.word: list[str] = []

    def ask(self, *checks: str) -> None:
        """Make checks necessary that not every dossier needs."""
        self.asked.update({check: ONLY_IF[check] for check in checks})

    def attempt(self, check: str, where: str, step: Callable[..., Any], *given: Any) -> Any:
        """What a step of a check answers; None, and a failure noted, where it goes wrong."""
        try:
            answer = step(*given)
        except NotCosigned as missing:
            self.uncosigned.append(missing.name)
            self.fail(check, where, str(missing))
            return None
        except NotCompared as missing:
            self.uncompared.append(check)
            self.fail(check, where, str(missing))
            return None
        except Wrong as wrong:
            self.fail(check, where, str(wrong))
            return None
        except (ArithmeticError, LookupError, MemoryError, OSError, RecursionError) as error:
            self.fail(check, where, "无法读取：%r" % error)
            return None
        except (AttributeError, TypeError, ValueError) as error:
            self.fail(check, where, "内容不合格式：%r" % error)
            return None
        self.passed[check] = self.passed.get(check, 0) + 1
        return answer

    def fail(self, check: str, where: str, sentence: str) -> None:
        """Note something wrong."""
        self.failures.append(Failure(check, where, sentence))

    def finish(self) -> None:
        """Whatever should have been checked and was not is a failure."""
        for check, what in self.asked.items():
            if check not in self.passed and all(check != f.check for f in self.failures):
                self.fail(check, "-", "“%s”未能进行，因为所需的内容缺失或有误。" % what)

    @property
    def sound(self) -> bool:
        """Whether everything that should be there is there and right."""
        return not self.failures

    @property
    def verdict(self) -> Verdict:
        """What it all comes to. A bag that is only right by its own keys is not verified."""
        if self.sound:
            return VERIFIED if self.compared else CONSISTENT
        if len(self.failures) > len(self.uncosigned) + len(self.uncompared):
            return FORGED
        if self.uncompared:
            return incomplete(self.uncosigned)
        return not_cosigned(self.uncosigned, self.compared)

    def outcome(self, check: str) -> str:
        """What a check came to; of a time stamp it is not checked who signed it."""
        failed = sum(failure.check == check for failure in self.failures)
        if check == "witnesses" and failed and failed == len(self.uncosigned):
            return "not-cosigned"
        if check in self.uncompared:
            return "not-compared"
        if failed:
            return "failed"
        return "signature-not-checked" if check == "timestamp" else "passed"


def verify(
    folder: str,
    key: str | None = None,
    checkpoint: bytes | None = None,
    consistency: bytes | None = None,
    witnesses: tuple[str, ...] = (),
) -> Findings:
    """Check the dossier in a folder.

    From outside the bag come: `key`, the log's public key; `checkpoint`, a signed note; where that
    is of another size, `consistency`, the proof between the two; `witnesses`, keys of those who
    must have cosigned.
    """
    findings = Findings()
    outside = {"key": key, "witnesses": witnesses, "known": checkpoint}
    findings.ask(*[name for name in outside if outside[name] not in (None, ())])
    findings.compared = key is not None or checkpoint is not None
    bag = Bag(folder, findings)
    findings.attempt("files", TAGMANIFEST, bag.check_files)
    summary = findings.attempt("files", SUMMARY, read_summary, bag)
    if summary is None:
        findings.finish()
        return findings

    log = findings.attempt("keys", folder_of(summary.genesis), read_log, bag, summary)
    if log is not None:
        check_log(findings, bag, log, key)
        tree = check_tree(findings, bag, log, witnesses)
        check_events(findings, bag, summary, log, tree)
        if tree is not None and checkpoint is not None:
            findings.attempt("known", "-", check_known, log, tree, checkpoint, consistency)
    say_limits(findings, key, checkpoint, witnesses)
    findings.finish()
    return findings


# The bag ------------------------------------------------------------------------------------------


class Bag:
    """The files of a bag, by their path from its top."""

    def __init__(self, folder: str, findings: Findings) -> None:
        self.folder = folder
        self.findings = findings
        self.payload: set[str] = set()

    def read(self, path: str, limit: int | None = None) -> bytes:
        """The bytes of a file, which are at most so many."""
        full = self.real(path)
        if limit is not None and os.path.getsize(full) > limit:
            raise Wrong("文件过大：%s 超过 %d 字节。" % (path, limit))
        with open(full, "rb") as file:
            return file.read()

    def real(self, path: str) -> str:
        """Where a file is: in this folder, as no part of its path is a link."""
        full = self.folder
        for part in path.split("/"):
            full = os.path.join(full, part)
            if os.path.islink(full):
                raise Wrong("文件缺失：%s 的路径中有指向别处的链接。" % path)
        if not os.path.isfile(full):
            raise Wrong("文件缺失：%s。" % path)
        return full

    def present(self) -> set[str]:
        """The paths of all files there are. Raises `OSError` for a folder that cannot be read."""
        found = set()
        for top, folders, files in os.walk(self.folder, onerror=refuse):
            for name in files + [name for name in folders if is_link(top, name)]:
                found.add(self.path_of(os.path.join(top, name)))
            if not files and not folders and top != self.folder:
                found.add(self.path_of(top) + "/")  # an empty folder says what its name says
        return found

    def path_of(self, full: str) -> str:
        """The path of a file from the top of the bag."""
        return os.path.relpath(full, self.folder).replace(os.sep, "/")

    def check_files(self) -> None:
        """The manifests list all files there are, and each file is the one listed."""
        if self.read("bagit.txt") != BAGIT:
            raise Wrong("bagit.txt 不是 BagIt 1.0 的声明。")
        tags = manifest_of(TAGMANIFEST, self.read(TAGMANIFEST))
        payload = manifest_of(MANIFEST, self.read(MANIFEST))
        if any(path.startswith("data/") for path in tags) or MANIFEST not in tags:
            raise Wrong("%s 所列不是标签文件。" % TAGMANIFEST)
        if not all(path.startswith("data/") for path in payload):
            raise Wrong("%s 所列有的不在 data 文件夹内。" % MANIFEST)
        self.payload = set(payload)
        listed = dict(payload)
        listed.update(tags)
        required = {SUMMARY, CHECKPOINT, KEYS, DISCLOSURES, READABLE}
        for path in sorted(required | BESIDE):
            if path not in listed:
                self.findings.fail("files", path, "清单中没有这个文件，案卷不完整。")
        for path in sorted(set(tags) - BESIDE):
            self.findings.fail("files", path, "案卷不应含有的文件，其内容未经证明。")
        present = self.present()
        for path in sorted(present - set(listed) - ADDED):
            self.findings.fail("files", path, "多出的文件，清单中没有；案卷不应含有它。")
        for path in sorted(listed):
            self.findings.attempt("files", path, self.check_file, path, listed[path])

    def check_payload(self, expected: set[str]) -> None:
        """The files in data are those that follow from the events, and no others.

        A manifest proves only that whoever held the log's key listed a file, not what it says.
        """
        for path in sorted(self.payload - expected):
            self.findings.fail("files", path, "案卷不应含有的文件，其内容未经证明。")
        for path in sorted(expected - self.payload if self.payload else ()):
            self.findings.fail("files", path, "清单中没有这个文件，案卷不完整。")

    def check_file(self, path: str, digest: str) -> None:
        """A file has its listed digest; it is read in pieces, however large it is."""
        found = hashlib.sha256()
        with open(self.real(path), "rb") as file:
            for piece in iter(lambda: file.read(PIECE), b""):
                found.update(piece)
        if found.hexdigest() != digest:
            raise Wrong("文件已被改动或调换：%s 的 SHA-256 与清单不符。" % path)


def refuse(error: OSError) -> None:
    """Let no folder be passed over that cannot be read: anything could be in it."""
    raise error


def is_link(top: str, name: str) -> bool:
    """Whether a folder is none, but leads elsewhere."""
    return os.path.islink(os.path.join(top, name))


def manifest_of(name: str, content: bytes) -> dict[str, str]:
    """The digests that a manifest lists, by path."""
    found: dict[str, str] = {}
    for line in text_of(content).splitlines(keepends=True):
        match = re.match(r"([0-9a-f]{64})  ([!-~]+)\n\Z", line)
        if match is None:
            raise Wrong("%s 中有一行不合格式：%r。" % (name, line))
        digest, path = match.groups()
        if path in found or any(part in ("", ".", "..") for part in path.split("/")):
            raise Wrong("%s 中的路径重复或不安全：%s。" % (name, path))
        found[path] = digest
    return found


class Summary(NamedTuple):
    """What the dossier says it is.

    `known_at` is when the event at `as_of` was recorded. Events are given by position, those of the
    case in the order of versions. `authors` are the events that registered more authors than the
    first one did. `heads` is None, or says which event commits to the versions of all streams, at
    which place this case is among them, and the hashes that prove it. `timestamp` is None, or says
    which authority stamped the checkpoint when, or why that one did not.
    `part` is None, or whose own part of the case this is; then `withheld` events are left out.
    `erasures` are later events of the case, by which keys of fields in it were destroyed; where
    there is none, the member is missing.
    """

    case: str
    as_of: int
    known_at: str
    simulated: bool
    genesis: int
    authors: list[int]
    events: list[int]
    export: int
    heads: dict[str, Any] | None
    timestamp: dict[str, str] | None
    part: str | None
    withheld: int
    erasures: list[int]


def read_summary(bag: Bag) -> Summary:
    """What the dossier says it is, and nothing that nobody would check."""
    said = json_of(bag.read(SUMMARY))
    if said["format"] != FORMAT:
        raise Wrong("案卷格式 %r 不是本程序所能核验的 %s。" % (said["format"], FORMAT))
    later = said.setdefault("erasures", [])
    require_members(said, ("format", *Summary._fields), SUMMARY)
    summary = Summary(*[said[name] for name in Summary._fields])
    if not all(type(listed) is list for listed in (summary.authors, summary.events, later)):
        raise Wrong("%s 没有列出各条记录的位置。" % SUMMARY)
    written = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z", summary.known_at, re.ASCII)
    if written is None:
        raise Wrong("%s 没有说明截至何时。" % SUMMARY)
    datetime.strptime(summary.known_at, RECORDED).replace(tzinfo=timezone.utc)
    numbers = [summary.as_of, summary.genesis, *summary.authors, *summary.events, summary.export]
    if not all(type(number) is int and 0 < number <= NUMBER_LIMIT for number in numbers + later):
        raise Wrong("%s 中的位置不是正整数。" % SUMMARY)
    if later != sorted(set(later) - set(numbers)):
        raise Wrong("%s 所列的截至位置之后的销毁记录重复、无序或另有其用。" % SUMMARY)
    if summary.heads is not None:
        require_members(summary.heads, OF_HEADS, SUMMARY)
        if type(summary.heads["position"]) is not int:
            raise Wrong("%s 没有说明版本总表在何处。" % SUMMARY)
    if summary.timestamp is not None:
        named = NOT_STAMPED if "missing" in summary.timestamp else STAMPED_BY
        require_members(summary.timestamp, named, SUMMARY)
        if not all(type(summary.timestamp[name]) is str for name in named):
            raise Wrong("%s 没有说明时间戳由谁何时所盖。" % SUMMARY)
    if not summary.events or type(summary.case) is not str or type(summary.simulated) is not bool:
        raise Wrong("%s 没有说明是哪个个案、有哪些记录。" % SUMMARY)
    whole = summary.part is None
    known = summary.part in list(EXPORTED)
    if type(summary.withheld) is not int or not known:
        raise Wrong("%s 没有说明是全部记录还是本人部分。" % SUMMARY)
    if summary.withheld < 0 or (summary.withheld if whole else summary.heads is not None):
        raise Wrong("%s 所述的范围前后矛盾。" % SUMMARY)
    bag.findings.facts.update(
        part=summary.part,
        withheld=summary.withheld,
        case=summary.case,
        as_of=summary.as_of,
        known_at=summary.known_at,
        versions=len(summary.events),
        simulated=summary.simulated,
        timestamp=summary.timestamp,
    )
    bag.findings.word = words_of_issuer(summary)
    return summary


def require_members(said: Any, names: tuple[str, ...], where: str) -> None:
    """An object has these members and no others: what is not checked would look proven."""
    if type(said) is not dict or set(said) != set(names):
        found = sorted(said) if type(said) is dict else said
        raise Wrong("%s 中的成员应当恰为 %s，不是 %r。" % (where, "、".join(names), found))


def words_of_issuer(summary: Summary) -> list[str]:
    """What no event proves, so that it is only what whoever made the dossier says."""
    word = ["as_of", "known_at"]
    if summary.part is not None:
        word.append("withheld")
    if summary.timestamp is not None:
        word += ["timestamp." + name for name in summary.timestamp if name != "stamped_at"]
    return word


# The log: its keys, its checkpoint ----------------------------------------------------------------


class Log(NamedTuple):
    """What the first event says of the log: its name, the key of its checkpoints, its authors.

    Later events may register more authors; each has its key and the place from which on it counts.
    """

    origin: str
    public: bytes
    authors: dict[str, tuple[bytes, int]]
    simulated: bool

    @property
    def text(self) -> str:
        """The key of the checkpoints as people pass it on."""
        return key_text(self.origin, b"\x01" + self.public)


class Tree(NamedTuple):
    """A checkpoint: so many leaves, under this root."""

    note: bytes
    size: int
    root: bytes


def read_log(bag: Bag, summary: Summary) -> Log:
    """The keys that the log itself publishes; the list of keys in the bag says the same."""
    genesis = read_event(bag, summary.genesis)
    entry = genesis.entry
    if (entry.place, entry.stream, entry.version) != (0, LOG_STREAM, 1):
        raise Wrong("这不是日志的首条记录。")
    if entry.topic != GENESIS_TOPIC:
        raise Wrong("日志的首条记录不是 %s。" % GENESIS_TOPIC)
    keys = genesis.fields["keys"]
    authors = {one["name"]: (bytes_of(one["key"], 32), 0) for one in keys["authors"]}
    listed_authors = list(keys["authors"])
    for position in summary.authors:
        event = read_event(bag, position)
        if (event.entry.stream, event.entry.topic) != (LOG_STREAM, REGISTERED_TOPIC):
            raise Wrong("位置 %d 的记录没有登记系统实例。" % position)
        author = event.fields["author"]
        if author["name"] in authors:
            raise Wrong("系统实例“%s”登记了两次。" % author["name"])
        authors[author["name"]] = (bytes_of(author["key"], 32), position)
        listed_authors.append(author)
    public = bytes_of(keys["checkpoint_key"], 32)
    log = Log(keys["origin"], public, authors, genesis.fields["simulated"])
    listed = json_of(bag.read(KEYS))
    require_members(listed, OF_KEYS, KEYS)
    if (listed["log"], listed["authors"]) != (log.text, listed_authors):
        raise Wrong("%s 与日志自身公布的密钥不一致。" % KEYS)
    return log


def check_log(findings: Findings, bag: Bag, log: Log, key: str | None) -> None:
    """The log's key signed the manifest, and it is the one known outside."""
    findings.facts.update(log=log.origin, key=log.text)
    if findings.facts["simulated"] is not log.simulated:
        findings.fail("keys", SUMMARY, "案卷所述“是否模拟数据”与日志首条记录不一致。")
    findings.attempt("signature", SIGNATURE, check_manifest_signature, bag, log)
    if key is not None:
        findings.attempt("key", KEYS, check_key, log, key)


def check_manifest_signature(bag: Bag, log: Log) -> None:
    """The log's key signed the tag manifest, and nobody else did."""
    text, signatures = note_of(bag.read(SIGNATURE))
    if text != FORMAT + "\n" + text_of(bag.read(TAGMANIFEST)):
        raise Wrong("签名的不是这份 %s。" % TAGMANIFEST)
    if len(signatures) != 1:
        raise Wrong("清单应当恰有一个签名。")
    require_signed(text, signatures, log.text)


def check_key(log: Log, key: str) -> None:
    """The key in the bag is the one that was given."""
    if key.strip() not in (log.text, b64encode(log.public).decode()):
        raise Wrong("案卷内的日志公钥 %s 不是外部给出的 %s：案卷出自另一日志。" % (log.text, key))


def check_tree(findings: Findings, bag: Bag, log: Log, witnesses: tuple[str, ...]) -> Tree | None:
    """The checkpoint, signed by the log and by those who had to."""
    content = findings.attempt("checkpoint", CHECKPOINT, bag.read, CHECKPOINT)
    if content is None:
        return None
    tree: Tree | None = findings.attempt("checkpoint", CHECKPOINT, open_checkpoint, content, log)
    if tree is not None:
        findings.facts.update(size=tree.size, root=tree.root.hex())
        cosigned = [
            findings.attempt("witnesses", CHECKPOINT, check_witness, content, log, names)
            for names in by_key(witnesses)
        ]
        findings.facts["cosigned_by"] = [names[0] for names in cosigned if names]
        findings.facts["not_cosigned_by"] = findings.uncosigned
        findings.facts["further_names"] = [name for names in cosigned for name in (names or [])[1:]]
        findings.facts["signatures_not_checked"] = [
            one.name
            for one in note_of(content)[1]
            if (one.name, one.key_id.hex()) != tuple(log.text.split("+")[:2])
            and one.name not in findings.facts["cosigned_by"] + findings.facts["further_names"]
        ]
        stamped = findings.facts["timestamp"]
        if stamped is not None and "missing" not in stamped:
            findings.ask("timestamp")
            said = stamped["stamped_at"]
            attime = findings.attempt("timestamp", STAMP, check_timestamp, bag, log, tree, said)
            findings.facts["stamped_attime"] = attime
    return tree


def open_checkpoint(content: bytes, log: Log) -> Tree:
    """The checkpoint in a note that the log signed."""
    text, signatures = note_of(content)
    require_signed(text, signatures, log.text)
    origin, size, root = tree_in(text)
    if origin != log.origin:
        raise Wrong("这是 %s 的检查点，不是 %s 的。" % (origin, log.origin))
    return Tree(content, size, root)


def tree_in(text: str) -> tuple[str, int, bytes]:
    """What the text of a checkpoint says: of which log it is, its size and its root."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise Wrong("检查点应有三行以上，且无空行。")
    return lines[0], number_of(lines[1]), bytes_of(lines[2], 32)


def is_checkpoint(content: bytes) -> bool:
    """Whether bytes are a checkpoint with signatures, whoever's and whether they hold or not."""
    try:
        tree_in(note_of(content)[0])
    except Wrong:
        return False
    return True


def by_key(witnesses: tuple[str, ...]) -> list[list[str]]:
    """The keys given for witnesses, each once; one key under several names is one witness."""
    found: dict[str, list[str]] = {}
    for text in (witness.strip() for witness in witnesses):
        names = found.setdefault(text.split("+", 2)[-1], [])
        if text not in names:
            names.append(text)
    return list(found.values())


def check_witness(content: bytes, log: Log, witness: list[str]) -> list[str]:
    """The names of a witness whose key cosigned the checkpoint; a log cannot be its own."""
    text, signatures = note_of(content)
    absent = []
    for key in witness:
        material = bytes_of(key.split("+", 2)[-1])
        if material[:1] != b"\x04" or material[1:] == log.public:
            raise Wrong("这不是见证人的公钥：%s。" % key)
        if signed_by(key, signatures):
            require_signed(text, signatures, key)
        else:
            absent.append(key)
    if absent:  # said last: a line that is false is worse than one that is missing
        raise NotCosigned(*absent[0].split("+")[:2])
    return [key.split("+")[0] for key in witness]


def check_timestamp(bag: Bag, log: Log, tree: Tree, said: str) -> int:
    """The token says the digest of this very checkpoint, as the log signed it, and the time said.

    Answers that time in seconds since 1970, UTC, as `openssl ts -verify -attime` takes it.
    Anybody can write such a token: the authority's signature, which needs its certificates, is
    checked by `openssl ts -verify` and not here.
    """
    content = bag.read(STAMPED)
    if open_checkpoint(content, log)[1:] != tree[1:]:
        raise Wrong("所盖的检查点不是 %s 中的。" % CHECKPOINT)
    digest, time = stamped_in(bag.read(STAMP))
    if digest != hashlib.sha256(content).digest():
        raise Wrong("时间戳盖的不是 %s。" % STAMPED)
    second = re.match(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?\+00:00\Z", said)
    if second is None or "".join(second.groups()) != time:
        raise Wrong("时间戳中没有 %s 这一时间。" % said)
    at = datetime.strptime(time, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    return int(at.timestamp())


def check_known(log: Log, tree: Tree, known: bytes, consistency: bytes | None) -> None:
    """The tree in the bag and the one known outside are one: the older is the newer's beginning."""
    outside = open_checkpoint(known, log)
    old, new = sorted((outside, tree), key=lambda one: one.size)
    if old.size == new.size:
        if old.root != new.root:
            raise Wrong("同一大小 %d 有两个不同的根：日志被分叉，请立即报告。" % old.size)
        return
    if consistency is None:
        raise NotCompared(
            "外部检查点的大小是 %d，案卷的是 %d：请向日志索取两者之间的一致性证明，以 "
            "--consistency 给出。" % (outside.size, tree.size)
        )
    check_consistency(old.size, new.size, old.root, new.root, hashes_of(consistency))


def hashes_of(content: bytes) -> list[bytes]:
    """The hashes of a consistency proof, of which a file has one a line."""
    return [bytes_of(line, 32) for line in text_of(content).split("\n") if line]


def is_consistency(content: bytes) -> bool:
    """Whether bytes are a consistency proof, which has a hash at least, whatever it proves."""
    try:
        return bool(hashes_of(content))
    except Wrong:
        return False


# The events ---------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """What the entry of an event says; its lines are those of rec-leaf/v1."""

    place: int
    stream: str
    version: int
    topic: str
    recorded: str
    actor: str
    keys: str
    state: str
    author: str
    signature: bytes
    signed: bytes


class Event(NamedTuple):
    """An event as evidence: what was stored, and the entry that the tree holds."""

    folder: str
    content: bytes
    entry: Entry
    state: bytes
    fields: dict[str, Any]


def folder_of(position: int) -> str:
    """Where the event at a position is."""
    return "data/events/%012d" % position


def read_event(bag: Bag, position: int) -> Event:
    """An event; its entry is read strictly, and describes the bytes stored."""
    folder = folder_of(position)
    content = bag.read(folder + "/entry.txt")
    entry = entry_of(content)
    if entry.place != position - 1:
        raise Wrong("条目属于位置 %d，不属于位置 %d。" % (entry.place + 1, position))
    state = bag.read(folder + "/state.json", STATE_LIMIT)
    fast, _, slow = entry.state.partition(" ")
    # SM3 in plain Python is slow: it never runs over what SHA-256 already tells apart.
    if fast != "sha256:" + hashlib.sha256(state).hexdigest() or slow != "sm3:" + sm3(state).hex():
        raise Wrong("记录原文的摘要与条目不符：原文已被改动或调换。")
    fields = json_of(state)
    if entry.actor != "s:" + fields["stamp"]["actor"]:
        raise Wrong("条目中的行为人与记录原文不符。")
    if entry.keys != (",".join(sorted(set(keys_in(fields)))) or "-"):
        raise Wrong("条目中的密钥编号与记录原文不符。")
    return Event(folder, content, entry, state, fields)


def entry_of(content: bytes) -> Entry:
    """The parsed entry: ten lines in their order, each in its one spelling."""
    if len(content) > ENTRY_LIMIT:
        raise Wrong("条目超过 %d 字节。" % ENTRY_LIMIT)
    match = re.match(
        r"rec-leaf/v1\n"
        r"index (0|[1-9][0-9]{0,18})\n"
        r"(?P<before>stream ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n"
        r"version (0|[1-9][0-9]{0,18})\n"
        r"topic ([a-z0-9][a-z0-9.-]*)\n)"
        r"recorded ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\n"
        r"(?P<after>actor (s:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n"
        r"keys (-|k:[0-9a-z-]{1,64}(?:,k:[0-9a-z-]{1,64})*)\n"
        r"state (sha256:[0-9a-f]{64} sm3:[0-9a-f]{64})\n)"
        r"author ([0-9a-z][0-9a-z-]{0,31}) ([A-Za-z0-9+/]{86}==)\n\Z",
        ascii_of(content),
    )
    if match is None:
        raise Wrong("条目不是 rec-leaf/v1 的格式。")
    index, _, stream, version, topic, recorded, _, actor, keys, state, author, signature = (
        match.groups()
    )
    datetime.strptime(recorded, RECORDED).replace(tzinfo=timezone.utc)
    signed = "rec-author/v1\n" + match.group("before") + match.group("after")
    return Entry(
        number_of(index),
        stream,
        number_of(version),
        topic,
        recorded,
        actor,
        keys,
        state,
        author,
        bytes_of(signature, 64),
        signed.encode("ascii"),
    )


def check_events(
    findings: Findings, bag: Bag, summary: Summary, log: Log, tree: Tree | None
) -> None:
    """Each event by itself, and those of the case as a history."""
    disclosed = findings.attempt("fields", DISCLOSURES, read_disclosures, bag, summary)
    history, later, shown, overview = [], [], [], None
    expected = {SUMMARY, CHECKPOINT, KEYS, DISCLOSURES, READABLE}
    firsts: dict[str, First] = {}
    heads = [] if summary.heads is None else [summary.heads["position"]]
    others = (summary.export, *heads, *summary.erasures)
    for position in (summary.genesis, *summary.authors, *summary.events, *others):
        where = folder_of(position)
        expected.update(where + "/" + name for name in OF_EVENT)
        event = findings.attempt("states", where, read_event, bag, position)
        if event is None:  # nobody knows of which topic it is, and whose schema is here for it
            expected.update(path for path in bag.payload if path.startswith("data/schemas/"))
            continue
        shown.append(event)
        schema = "data/schemas/%s.json" % event.entry.topic
        expected.add(schema)
        findings.attempt("files", schema, json_of_file, bag, schema)
        findings.attempt("authors", where, check_author, event, log)
        if tree is not None:
            findings.attempt("proofs", where, check_proof, bag, event, tree)
        if position == summary.export:
            export = findings.attempt("export", where, check_export, event, summary)
            findings.facts["export"] = export
        elif position in heads:
            overview = event
        elif position in summary.erasures:
            if findings.attempt("versions", where, check_erasure, event, summary):
                later.append(event)
        elif position in summary.events:
            history.append(event)
            check_fields(findings, event, (disclosed or {}).get(position, {}), firsts)
    say_destroyed(findings, history + later)
    if summary.timestamp is not None and "missing" not in summary.timestamp:
        expected.update((STAMPED, STAMP))
    findings.attempt("files", MANIFEST, bag.check_payload, expected)
    schemas = sorted(path for path in expected if path.startswith("data/schemas/"))
    findings.unproven = [READABLE, *schemas, "README.txt", "bag-info.txt", "verify.py"]
    findings.attempt("versions", SUMMARY, check_history, history, summary)
    if findings.attempt("versions", SUMMARY, check_moment, shown, summary):
        findings.word = [name for name in findings.word if name != "known_at"]
    if summary.heads is not None:
        findings.ask("heads")
        if overview is not None:
            complete = findings.attempt(
                "heads", SUMMARY, check_heads, overview, history, summary.heads
            )
            findings.facts["complete_up_to"] = complete


def check_author(event: Event, log: Log) -> None:
    """A registered application instance signed what it recorded."""
    entry = event.entry
    public, since = log.authors.get(entry.author, (b"", 0))
    if not public or entry.place < since:
        raise Wrong("作者“%s”未在日志中登记，或此时尚未登记。" % entry.author)
    if not ed25519_verifies(public, entry.signed, entry.signature):
        raise Wrong("作者“%s”的签名不成立。" % entry.author)


def check_proof(bag: Bag, event: Event, tree: Tree) -> None:
    """The event stands at its place in the tree of the checkpoint."""
    content = bag.read(event.folder + "/proof.tlog-proof")
    head, _, checkpoint = content.partition(b"\n\n")
    if checkpoint != tree.note:
        raise Wrong("证明所用的检查点与 %s 不是同一份。" % CHECKPOINT)
    lines = ascii_of(head).split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index "):
        raise Wrong("证明不是 c2sp.org/tlog-proof@v1 的格式。")
    index = number_of(lines[1][len("index ") :])
    if index != event.entry.place:
        raise Wrong("证明属于日志中的另一处（%d）。" % index)
    proof = [bytes_of(line, 32) for line in lines[2:]]
    leaf = hashlib.sha256(b"\x00" + event.content).digest()
    check_inclusion(index, tree.size, leaf, tree.root, proof)


def check_history(history: list[Event], summary: Summary) -> None:
    """The versions of the case are in the order of recording, and dense from 1 if it is whole."""
    last_index, last_recorded, last_version = 0, "", 0
    if len(history) != len(summary.events):
        raise Wrong("应有 %d 条记录，可核验的只有 %d 条。" % (len(summary.events), len(history)))
    for event in history:
        entry = event.entry
        version = entry.version if summary.part is not None else last_version + 1
        if entry.stream != summary.case:
            raise Wrong("位置 %d 的记录不属于本案。" % (entry.place + 1))
        if entry.version != version:
            raise Wrong("第 %d 版记录缺失，其位置上是第 %d 版。" % (version, entry.version))
        if version <= last_version:
            raise Wrong("第 %d 版记录不在其应在的次序。" % version)
        if entry.place <= last_index or entry.recorded < last_recorded:
            raise Wrong("第 %d 版记录的位置或时间早于前一版。" % version)
        if not entry.topic.startswith("case."):
            raise Wrong("第 %d 版记录不是个案记录。" % version)
        last_index, last_recorded, last_version = entry.place, entry.recorded, version
    if last_version - len(history) > summary.withheld:
        raise Wrong("所缺的记录多于所述未列入的 %d 条。" % summary.withheld)
    if last_index >= summary.as_of:
        raise Wrong("案卷截至位置 %d，却含有其后的记录。" % summary.as_of)


def check_erasure(event: Event, summary: Summary) -> bool:
    """An event of the case after those shown, of the destruction of keys. Raises `Wrong`."""
    entry = event.entry
    if (entry.stream, entry.topic) != (summary.case, ERASED_TOPIC) or entry.place < summary.as_of:
        raise Wrong("位置 %d 的记录不是本案在截至位置之后的销毁记录。" % (entry.place + 1))
    return True


def check_moment(shown: list[Event], summary: Summary) -> bool:
    """Whether an event of the bag proves when the dossier's last position was recorded.

    Without one, the time is at least between those before and after it.
    """
    proven = False
    for event in shown:
        place, recorded = event.entry.place, event.entry.recorded
        if place + 1 == summary.as_of:
            proven = True
            fits = recorded == summary.known_at
        elif place < summary.as_of:
            fits = recorded <= summary.known_at
        else:
            fits = recorded >= summary.known_at
        if not fits:
            raise Wrong(
                "案卷称截至位置 %d、时间 %s，与位置 %d 的记录时间 %s 不符。"
                % (summary.as_of, summary.known_at, place + 1, recorded)
            )
    return proven


def check_heads(overview: Event, history: list[Event], heads: dict[str, Any]) -> int:
    """Up to which position nothing of the case is missing.

    An event of the log commits to a tree with one leaf a stream: its last version among the first
    `size` events. So the case had no more versions then than the dossier holds.
    """
    entry, said = overview.entry, overview.fields
    if (entry.stream, entry.topic) != (LOG_STREAM, HEADS_TOPIC):
        raise Wrong("位置 %d 的记录不是版本总表。" % (entry.place + 1))
    size = int(said["size"])
    if size > entry.place:
        raise Wrong("版本总表声称包括其后的记录。")
    last = [event.entry for event in history if event.entry.place < size][-1]
    line = "%s %d %d\n" % (last.stream, last.version, last.place)
    leaf = hashlib.sha256(b"\x00" + line.encode("ascii")).digest()
    proof = [bytes_of(hash_, 32) for hash_ in heads["hashes"]]
    root = bytes.fromhex(said["root"])
    check_inclusion(heads["place"], said["streams"], leaf, root, proof)
    return size


def check_export(event: Event, summary: Summary) -> dict[str, str]:
    """An export of this case was recorded before the bag was handed out: for whom, what for, when.

    Whether it is this one, the recipient sees: who hands a case out a second time unrecorded can
    show only the record of the first.
    """
    selection = event.fields["selection"]
    if event.entry.topic != EXPORT_TOPIC or selection["record"] != summary.case:
        raise Wrong("这不是本案案卷的调取登记。")
    if selection["what"] != EXPORTED[summary.part]:
        raise Wrong("调取登记的不是“%s”。" % EXPORTED[summary.part])
    if event.entry.place < summary.as_of:
        raise Wrong("调取登记在案卷的截止位置之前，不是本次调取。")
    return {
        "recipient": str(selection["recipient"]),
        "purpose": str(selection["purpose"]),
        "recorded": event.entry.recorded,
    }


# The sealed fields --------------------------------------------------------------------------------


class Suite(NamedTuple):
    """The algorithms that `z` names."""

    digest: Callable[[bytes], bytes]
    cipher: Callable[[bytes], Callable[[bytes], bytes]]
    key_bytes: int


class First(NamedTuple):
    """Where something was sealed first, which is the place that it is bound to; and its text."""

    version: int
    path: str
    envelope: dict[str, Any]
    text: str | None


def read_disclosures(bag: Bag, summary: Summary) -> dict[int, dict[str, bytes]]:
    """What was disclosed: by position and path of the field, the bytes that open it."""
    found: dict[int, dict[str, bytes]] = {}
    listed = json_of(bag.read(DISCLOSURES))
    if type(listed) is not list:
        raise Wrong("%s 不是列表。" % DISCLOSURES)
    for disclosure in listed:
        require_members(disclosure, OF_DISCLOSURE, DISCLOSURES)
        position, path = disclosure["position"], disclosure["path"]
        if position not in summary.events or type(path) is not str:
            raise Wrong("位置 %r 不在本案卷内，却公开了它的字段。" % position)
        if path in found.setdefault(position, {}):
            raise Wrong("位置 %d 的字段 %s 公开了两次。" % (position, path))
        found[position][path] = bytes_of(disclosure["okm"])
    return found


def check_fields(
    findings: Findings, event: Event, disclosed: dict[str, bytes], firsts: dict[str, First]
) -> None:
    """Open what was disclosed; say what stays sealed.

    `firsts` knows what was sealed before: a later event may repeat it, such as when it corrects.
    """
    fields = []
    where = event.folder + "/state.json"
    envelopes = findings.attempt("fields", where, dict, envelopes_in(event.fields)) or {}
    for path, envelope in envelopes.items():
        field: dict[str, Any] = {"path": path, "sealed": True, "key": str(envelope.get("k"))}
        salt = str(envelope.get("n"))
        if salt not in firsts:
            text = None
            if path in disclosed:
                given = (event, path, envelope, disclosed.pop(path))
                text = findings.attempt("fields", "%s（%s）" % (where, path), open_field, *given)
            firsts[salt] = First(event.entry.version, path, envelope, text)
        elif firsts[salt].envelope == envelope:
            field["first"] = {"version": firsts[salt].version, "path": firsts[salt].path}
        else:
            findings.fail("fields", where, "字段 %s 不是其所重复的密封内容。" % path)
            continue
        if firsts[salt].text is not None:
            field.update(sealed=False, text=firsts[salt].text)
        fields.append(field)
    for path in sorted(disclosed):
        findings.fail("fields", where, "公开了字段 %s，但该处没有初次密封的内容。" % path)
    entry = event.entry
    findings.events.append(
        {
            "position": entry.place + 1,
            "version": entry.version,
            "topic": entry.topic,
            "recorded": entry.recorded,
            "actor": entry.actor,
            "fields": fields,
        }
    )


def say_destroyed(findings: Findings, history: list[Event]) -> None:
    """Say of a field that nobody can open any more where a later event of the case says so."""
    destroyed: dict[str, int] = {}
    for event in history:
        keys = event.fields.get("keys")
        if event.entry.topic == ERASED_TOPIC and type(keys) is list:
            for key in keys:
                destroyed.setdefault(str(key), event.entry.place + 1)
    for shown in findings.events:
        for field in shown["fields"]:
            position = destroyed.get(field["key"], 0)
            if field["sealed"] and position > shown["position"]:
                field["destroyed"] = position


def open_field(event: Event, path: str, envelope: dict[str, Any], okm: bytes) -> str:
    """The text of a field: under the one key it commits to, at the one place it was sealed for."""
    if set(envelope) != {"z", "k", "n", "h", "c"} or envelope["z"] not in SUITES:
        raise Wrong("密封格式不是本程序所能打开的。")
    suite, entry = SUITES[envelope["z"]], event.entry
    bytes_of(envelope["n"], 32)
    commitment, box = bytes_of(envelope["h"], 32), bytes_of(envelope["c"])
    if len(okm) != suite.key_bytes + 12:
        raise Wrong("公开的密钥长度不对。")
    if not hmac.compare_digest(suite.digest(b"rec-kc/v1\x00" + okm), commitment):
        raise Wrong("公开的密钥不是密封时所用的那一个：密文可能被造成能以两种密钥打开。")
    place = ("rec-field/v1", entry.stream, str(entry.version), entry.topic, path)
    associated = bytes([envelope["z"]]) + commitment + "\x00".join(place).encode("utf-8")
    key, nonce = okm[: suite.key_bytes], okm[suite.key_bytes :]
    plaintext = gcm_open(suite.cipher(key), nonce, box, associated)
    length = int.from_bytes(plaintext[:2], "big")
    text = plaintext[2 : 2 + length]
    if plaintext != (plaintext[:2] + text) + bytes(-(2 + len(text)) % 32) or len(text) != length:
        raise Wrong("密封内容的填充不合格式。")
    return text_of(text)


def envelopes_in(fields: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every envelope in a state with its path, in the order of the document."""
    left: list[tuple[str, Any]] = [("", fields)]
    while left:
        path, value = left.pop()
        inner: list[tuple[str, Any]] = []
        if isinstance(value, dict) and "z" in value:
            yield path, value
        elif isinstance(value, dict):
            inner = list(value.items())
        elif isinstance(value, list):
            inner = [(str(at), value[at]) for at in range(len(value))]
        for name, found in reversed(inner):
            if not name or "/" in name or "\x00" in name:
                raise Wrong("字段名 %r 不合格式。" % name)
            left.append((path + "/" + name if path else name, found))


def keys_in(fields: Any) -> Iterator[str]:
    """The ids of the keys under which anything in a state is sealed."""
    for _, envelope in envelopes_in(fields):
        # The interim suite 0 has no commitment, and its keys are not named by the entry.
        if "h" in envelope:
            yield envelope["k"]


# Notes and keys (C2SP signed-note) ----------------------------------------------------------------


class Signature(NamedTuple):
    """A signature line: whose key, and what it says."""

    name: str
    key_id: bytes
    value: bytes


def note_of(content: bytes) -> tuple[str, list[Signature]]:
    """The text of a note and its signatures, which are not verified yet."""
    text, blank, lines = text_of(content).rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise Wrong("签名文书没有签名行。")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise Wrong("签名行不合格式：%r。" % line)
        value = bytes_of(parts[2])
        signatures.append(Signature(parts[1], value[:4], value[4:]))
    return text + "\n", signatures


def key_text(name: str, material: bytes) -> str:
    """A public key as configurations write it: name+id+base64 of its type and bytes."""
    key_id = hashlib.sha256(name.encode("utf-8") + b"\n" + material).digest()[:4]
    return "%s+%s+%s" % (name, key_id.hex(), b64encode(material).decode())


def is_key(text: str) -> bool:
    """Whether a text is a log's public key: name+id+base64, or the base64 of its 32 bytes alone."""
    try:
        return len(bytes_of(text)) == 32
    except Wrong:
        return is_named_key(text, b"\x01")


def is_witness_key(text: str) -> bool:
    """Whether a text is a witness's public key: name+id+base64, of the one kind that is checked."""
    return is_named_key(text, b"\x04")


def is_named_key(text: str, kind: bytes) -> bool:
    """Whether a text is a public key of a kind, and its id that of its name and its bytes.

    That tells a slip of the pen.
    """
    name, _, encoded = [*text.split("+", 2), "", ""][:3]
    try:
        return text == key_text(name, kind + bytes_of(encoded, 33)[1:])
    except (Wrong, UnicodeEncodeError):  # a letter that another encoding's terminal gave
        return False


def signed_by(key: str, signatures: list[Signature]) -> list[Signature]:
    """The signature lines that say that they are by a key, which must be spelled right."""
    name, key_id, encoded = [*key.split("+", 2), "", ""][:3]
    if key_text(name, bytes_of(encoded, 33)) != key:
        raise Wrong("公钥的写法有误：%s。" % key)
    return [one for one in signatures if (one.name, one.key_id.hex()) == (name, key_id)]


def require_signed(text: str, signatures: list[Signature], key: str) -> None:
    """The key signed the text, exactly once."""
    found = signed_by(key, signatures)
    name, _, encoded = key.split("+", 2)
    material = bytes_of(encoded, 33)
    if len(found) != 1:
        raise Wrong("没有 %s 的签名，或不止一个。" % name)
    kind, public, value = material[:1], material[1:], found[0].value
    if kind == b"\x04":  # a cosignature: the time at which a witness signed, then its signature
        time, value = int.from_bytes(value[:8], "big"), value[8:]
        text = "cosignature/v1\ntime %d\n%s" % (time, text)
    elif kind != b"\x01":
        raise Wrong("%s 的签名算法不是本程序所能核验的。" % name)
    if not ed25519_verifies(public, text.encode("utf-8"), value):
        raise Wrong("%s 的签名不成立。" % name)


# Time stamps (RFC 3161), in DER (X.690) -----------------------------------------------------------

INTEGER, OCTETS, NULL, OID, GENERALIZED_TIME = 0x02, 0x04, 0x05, 0x06, 0x18
SEQUENCE, SET, EXPLICIT = 0x30, 0x31, 0xA0
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
TST_INFO = bytes.fromhex("2a864886f70d0109100104")  # 1.2.840.113549.1.9.16.1.4
SHA_256 = bytes.fromhex("608648016503040201")  # 2.16.840.1.101.3.4.2.1


def stamped_in(token: bytes) -> tuple[bytes, str]:
    """The SHA-256 digest that a token says it stamped, and its time in UTC to the second."""
    said = tst_info_in(token)
    version, _, imprint, _, time = elements(said, INTEGER, OID, SEQUENCE, INTEGER, GENERALIZED_TIME)
    algorithm, digest = elements(imprint, SEQUENCE, OCTETS, last=True)
    (name,) = elements(algorithm, OID)
    rest = algorithm[2 + len(name) :]
    if version != b"\x01" or name != SHA_256 or rest not in (b"", bytes([NULL, 0])):
        raise Wrong("时间戳不是第 1 版，或所盖的不是 SHA-256 摘要。")
    match = re.match(r"(\d{14})(?:\.\d*[1-9])?Z\Z", ascii_of(time), re.ASCII)
    if match is None or len(digest) != 32:
        raise Wrong("时间戳中的摘要或时间不合格式。")
    return digest, match.group(1)


def tst_info_in(token: bytes) -> bytes:
    """The content of the TSTInfo in a token, which is a ContentInfo with SignedData (RFC 5652)."""
    (outer,) = elements(token, SEQUENCE, last=True)
    kind, explicit = elements(outer, OID, EXPLICIT, last=True)
    (signed,) = elements(explicit, SEQUENCE, last=True)
    _, _, held = elements(signed, INTEGER, SET, SEQUENCE)
    held_kind, held_explicit = elements(held, OID, EXPLICIT, last=True)
    if (kind, held_kind) != (SIGNED_DATA, TST_INFO):
        raise Wrong("这不是 RFC 3161 时间戳。")
    (octets,) = elements(held_explicit, OCTETS, last=True)
    (info,) = elements(octets, SEQUENCE, last=True)
    return info


def elements(content: bytes, *tags: int, last: bool = False) -> list[bytes]:
    """The contents of the first elements, which have these tags; `last`: nothing follows them."""
    found, at = [], 0
    for tag in tags:
        if content[at : at + 1] != bytes([tag]):
            raise Wrong("时间戳不是所要求的 DER 结构。")
        start, length = der_length(content, at + 1)
        at = start + length
        if at > len(content):
            raise Wrong("时间戳不完整。")
        found.append(content[start:at])
    if last and at != len(content):
        raise Wrong("时间戳中有多余的内容。")
    return found


def der_length(content: bytes, at: int) -> tuple[int, int]:
    """Where the content of an element begins, and how long it is: in its one, shortest spelling."""
    first = content[at] if at < len(content) else 0x80  # which no length begins with
    if first < 0x80:
        return at + 1, first
    octets = content[at + 1 : at + 1 + (first & 0x7F)]
    length = int.from_bytes(octets, "big")
    if not 1 <= len(octets) <= 4 or octets[0] == 0 or length < 0x80 or len(octets) != first & 0x7F:
        raise Wrong("时间戳中的长度不合 DER。")
    return at + 1 + len(octets), length


# Texts, each in its one spelling ------------------------------------------------------------------


def text_of(content: bytes) -> str:
    """UTF-8, decoded."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Wrong("内容不是 UTF-8 文本。") from None


def ascii_of(content: bytes) -> str:
    """ASCII, decoded."""
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise Wrong("内容不是 ASCII 文本。") from None


def number_of(text: str) -> int:
    """A decimal number without leading zeros."""
    if re.match(r"(0|[1-9][0-9]{0,18})\Z", text, re.ASCII) is None or int(text) > NUMBER_LIMIT:
        raise Wrong("不是数字：%r。" % text)
    return int(text)


def bytes_of(text: str, length: int | None = None) -> bytes:
    """Canonical base64, decoded."""
    try:
        found = b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Wrong("不是 base64：%r。" % text) from None
    if b64encode(found).decode() != text or length not in (None, len(found)):
        raise Wrong("不是规范的 base64，或长度不对：%r。" % text)
    return found


def json_of(content: bytes) -> Any:
    """JSON in which no object has a member twice."""
    text = text_of(content)
    try:
        return json.loads(text, object_pairs_hook=object_of, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise Wrong(
            "内容不是 JSON：第 %d 行第 %d 字起无法读取。" % (error.lineno, error.colno)
        ) from None


def json_of_file(bag: Bag, path: str) -> Any:
    """A file of JSON."""
    return json_of(bag.read(path))


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Wrong("JSON 中有重名的成员。")
    return found


def no_number(text: str) -> Any:
    """JSON knows no NaN and no infinity."""
    raise Wrong("JSON 中不应有 %s。" % text)


# The tree (RFC 9162) ------------------------------------------------------------------------------


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, root: bytes, proof: list[bytes]) -> None:
    """The leaf stands at this place in the tree (§2.1.3.2)."""
    if not 0 <= index < size or len(proof) > PROOF_LIMIT:
        raise Wrong("大小为 %d 的日志没有第 %d 处。" % (size, index))
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Wrong("证明过长。")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise Wrong("证明不能从这条记录推出检查点的根：记录不在该日志中，或已被改动。")


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: list[bytes]
) -> None:
    """The newer tree begins with the older one (§2.1.4.2)."""
    if not 0 < old_size < new_size or not 0 < len(proof) <= 2 * PROOF_LIMIT:
        raise Wrong("一致性证明的长度不对。")
    path = list(proof)
    if not old_size & (old_size - 1):
        path.insert(0, old_root)
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Wrong("一致性证明过长。")
        if node & 1 or node == last:
            old_found, new_found = node_hash(sibling, old_found), node_hash(sibling, new_found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_found = node_hash(new_found, sibling)
        node, last = node >> 1, last >> 1
    if last or old_found != old_root or new_found != new_root:
        raise Wrong("一致性证明不成立：两个检查点不属于同一份日志，请立即报告。")


# Ed25519 (RFC 8032 §5.1) --------------------------------------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


class Point(NamedTuple):
    """A point of the curve: x = X/Z, y = Y/Z, x·y = T/Z."""

    X: int
    Y: int
    Z: int
    T: int


NEUTRAL = Point(0, 1, 1, 0)


def added(a: Point, b: Point) -> Point:
    """The sum of two points."""
    e, f = (a.Y - a.X) * (b.Y - b.X) % P, (a.Y + a.X) * (b.Y + b.X) % P
    g, h = 2 * a.T * b.T * D % P, 2 * a.Z * b.Z % P
    x, y, z, t = f - e, h + g, h - g, f + e
    return Point(x * z % P, y * t % P, z * y % P, x * t % P)


def point_of(encoded: bytes) -> Point | None:
    """The point of its 32 bytes; None where there is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return Point(x, y, 1, x * y % P)


def encoded_point(point: Point) -> bytes:
    """The 32 bytes of a point."""
    inverse = pow(point.Z, P - 2, P)
    x, y = point.X * inverse % P, point.Y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = Point(
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
    1,
    46827403850823179245072216630277197565144205554125654976674165829533817101731,
)


def is_weak(point: Point) -> bool:
    """Whether eight times a point is nothing: by such a key or R anybody signs what he likes."""
    for _ in range(3):
        point = added(point, point)
    return point.X == 0 and point.Y == point.Z


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is that of the message: R = S·B - k·A as bytes, neither of them weak."""
    key = point_of(public) if len(public) == 32 else None
    if key is None or is_weak(key) or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    negative = Point(P - key.X, key.Y, 1, P - key.T)
    both = added(BASE, negative)
    total = NEUTRAL
    for bit in range(max(s, k).bit_length() - 1, -1, -1):
        total = added(total, total)
        chosen = (s >> bit & 1, k >> bit & 1)
        if chosen != (0, 0):
            total = added(total, {(1, 0): BASE, (0, 1): negative, (1, 1): both}[chosen])
    return not is_weak(total) and hmac.compare_digest(encoded_point(total), signature[:32])


# SM3 (GB/T 32905) ---------------------------------------------------------------------------------


def turned(word: int, bits: int) -> int:
    """A 32-bit word, rotated to the left."""
    bits %= 32
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


def sm3(message: bytes) -> bytes:
    """The digest of a message."""
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64)
    padded += (8 * len(message)).to_bytes(8, "big")
    state = [
        0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
        0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
    ]  # fmt: skip
    for start in range(0, len(padded), 64):
        mixed = sm3_compressed(state, padded[start : start + 64])
        state = [old ^ new for old, new in zip(state, mixed)]
    return b"".join(word.to_bytes(4, "big") for word in state)


SM3_ROUNDS = [turned(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64)]


def sm3_compressed(state: list[int], block: bytes) -> list[int]:
    """The state after 64 rounds over a block; words are turned in place, which takes a third."""
    m, w = 0xFFFFFFFF, words_of(block)
    for j in range(16, 68):
        x, y = w[j - 3], w[j - 13]
        x = w[j - 16] ^ w[j - 9] ^ (x << 15 | x >> 17) & m
        w.append((x ^ (x << 15 | x >> 17) ^ (x << 23 | x >> 9) ^ (y << 7 | y >> 25) ^ w[j - 6]) & m)
    a, b, c, d, e, f, g, h = state
    for j, constant in enumerate(SM3_ROUNDS):
        a12 = (a << 12 | a >> 20) & m
        ss1 = a12 + e + constant & m
        ss1 = (ss1 << 7 | ss1 >> 25) & m
        ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
        gg = e ^ f ^ g if j < 16 else e & f | ~e & g
        tt1 = ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4]) & m
        tt2 = gg + h + ss1 + w[j] & m
        a, b, c, d = tt1, a, (b << 9 | b >> 23) & m, c
        p0 = (tt2 ^ (tt2 << 9 | tt2 >> 23) ^ (tt2 << 17 | tt2 >> 15)) & m
        e, f, g, h = p0, e, (f << 19 | f >> 13) & m, g
    return [a, b, c, d, e, f, g, h]


def words_of(block: bytes) -> list[int]:
    """The 32-bit words of a block."""
    return [int.from_bytes(block[at : at + 4], "big") for at in range(0, len(block), 4)]


# AES (FIPS 197) and SM4 (GB/T 32907), to encrypt only: all that GCM needs -------------------------


def aes_doubled(byte: int) -> int:
    """A byte times x in AES' field."""
    return byte << 1 if byte < 128 else byte << 1 ^ 0x11B


def aes_boxes() -> list[int]:
    """The S-box: inverses in the field, then an affine map."""
    box = [0x63] * 256
    power, inverse = 1, 1
    for _ in range(255):
        power ^= aes_doubled(power)  # times 3
        for shift in (1, 2, 4):  # divided by 3
            inverse ^= inverse << shift
        inverse &= 0xFF
        inverse ^= 0x09 if inverse & 0x80 else 0
        spread = inverse | inverse << 8
        for shift in (4, 5, 6, 7):
            box[power] ^= spread >> shift & 0xFF
        box[power] ^= inverse
    return box


AES_BOX = aes_boxes()


def aes(key: bytes) -> Callable[[bytes], bytes]:
    """The block cipher under a key of 32 bytes."""
    words = [list(key[at : at + 4]) for at in range(0, len(key), 4)]
    width, rounds = len(words), len(words) + 6
    constant = 1
    for at in range(width, 4 * (rounds + 1)):
        word = list(words[at - 1])
        if at % width == 0:
            word = [AES_BOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = aes_doubled(constant)
        elif width > 6 and at % width == 4:
            word = [AES_BOX[byte] for byte in word]
        words.append([left ^ right for left, right in zip(words[at - width], word)])
    keys = [joined(words[4 * turn : 4 * turn + 4]) for turn in range(rounds + 1)]

    def encrypt(block: bytes) -> bytes:
        state = [left ^ right for left, right in zip(block, keys[0])]
        for turn in range(1, rounds + 1):
            state = [AES_BOX[state[(at + 4 * (at % 4)) % 16]] for at in range(16)]
            if turn < rounds:
                state = joined([aes_mixed(state[at : at + 4]) for at in range(0, 16, 4)])
            state = [left ^ right for left, right in zip(state, keys[turn])]
        return bytes(state)

    return encrypt


def joined(words: list[list[int]]) -> list[int]:
    """The bytes of words, one after another."""
    return [byte for word in words for byte in word]


def aes_mixed(column: list[int]) -> list[int]:
    """A column after MixColumns."""
    a, b, c, d = column
    every = a ^ b ^ c ^ d
    pairs = ((a, b), (b, c), (c, d), (d, a))
    return [left ^ every ^ aes_doubled(left ^ right) for left, right in pairs]


SM4_BOX = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699"
    "9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6"
    "4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
    "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e"
    "eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3"
    "1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0"
    "8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948"
)
SM4_FAMILY = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)


def sm4(key: bytes) -> Callable[[bytes], bytes]:
    """The block cipher under a key of 16 bytes."""
    words = [word ^ family for word, family in zip(words_of(key), SM4_FAMILY)]
    keys = []
    for turn in range(32):
        constant = int.from_bytes(bytes((4 * turn + at) * 7 % 256 for at in range(4)), "big")
        mixed = sm4_substituted(words[1] ^ words[2] ^ words[3] ^ constant)
        keys.append(words[0] ^ mixed ^ turned(mixed, 13) ^ turned(mixed, 23))
        words = words[1:] + keys[-1:]

    def encrypt(block: bytes) -> bytes:
        state = words_of(block)
        for key in keys:
            mixed = sm4_substituted(state[1] ^ state[2] ^ state[3] ^ key)
            for bits in (2, 10, 18, 24):
                state[0] ^= turned(mixed, bits)
            state = [*state[1:], state[0] ^ mixed]
        return b"".join(word.to_bytes(4, "big") for word in reversed(state))

    return encrypt


def sm4_substituted(word: int) -> int:
    """A word, byte by byte through the S-box."""
    return int.from_bytes(bytes(SM4_BOX[byte] for byte in word.to_bytes(4, "big")), "big")


# GCM (NIST SP 800-38D) with a nonce of 12 bytes ---------------------------------------------------


def gcm_open(
    encrypt: Callable[[bytes], bytes], nonce: bytes, box: bytes, associated: bytes
) -> bytes:
    """The plaintext of an authentic ciphertext with its tag of 16 bytes."""
    ciphertext, tag = box[:-16], box[-16:]
    mask = encrypt(nonce + (1).to_bytes(4, "big"))
    hashed = gcm_hash(encrypt(bytes(16)), associated, ciphertext)
    if not hmac.compare_digest(exclusive(hashed, mask), tag):
        raise Wrong("密文已被改动，或从别处移来。")
    stream = b"".join(
        encrypt(nonce + (2 + at).to_bytes(4, "big")) for at in range(-(-len(ciphertext) // 16))
    )
    return exclusive(ciphertext, stream)


def gcm_hash(key: bytes, associated: bytes, ciphertext: bytes) -> bytes:
    """GHASH over both, padded, and their lengths."""
    powers = [int.from_bytes(key, "big")]  # the key times x, x², …; bits count from the left
    for _ in range(127):
        powers.append(powers[-1] >> 1 ^ (0xE1 << 120 if powers[-1] & 1 else 0))
    lengths = (8 * len(associated)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    hashed = 0
    for part in (associated, ciphertext, lengths):
        for at in range(0, len(part), 16):
            hashed ^= int.from_bytes(part[at : at + 16].ljust(16, b"\x00"), "big")
            product = 0
            for bit in range(128):
                if hashed >> (127 - bit) & 1:
                    product ^= powers[bit]
            hashed = product
    return hashed.to_bytes(16, "big")


def exclusive(left: bytes, right: bytes) -> bytes:
    """One XOR the other, as long as the shorter."""
    return bytes(a ^ b for a, b in zip(left, right))


def sha256(message: bytes) -> bytes:
    """SHA-256 of a message."""
    return hashlib.sha256(message).digest()


SUITES = {1: Suite(sha256, aes, 32), 2: Suite(sm3, sm4, 16)}


# What people and programs read --------------------------------------------------------------------


def say_limits(
    findings: Findings, key: str | None, checkpoint: bytes | None, witnesses: tuple[str, ...]
) -> None:
    """What the outcome does not prove."""
    say = findings.limits.append
    if key is None and checkpoint is None:
        say(
            "未从案卷之外给出日志公钥（--key）或检查点（--checkpoint）：只证明案卷与其自带的密钥"
            "前后一致，不能排除整份案卷连同密钥一起伪造。请从公布渠道取得公钥后重新核验。"
        )
    elif checkpoint is None and not witnesses:
        say("未给出外部检查点或见证人公钥：不能排除日志运营者对不同的人出示不同的日志。")
    complete = findings.facts.get("complete_up_to")
    if findings.facts.get("part") is not None:
        say(
            "这是一方当事人的本人部分副本，据出具方所述另有 %d 条记录未列入；"
            "不证明列入的已是其全部。" % findings.facts["withheld"]
        )
    elif complete is None:
        say(
            "不证明本案在第 %s 版之后没有更新的记录（本案卷未附版本总表的证明）。"
            % findings.facts.get("versions", "-")
        )
    else:
        say("本案记录至日志位置 %d 一条不缺；不证明其后没有更新的记录。" % complete)
    fields = [field for event in findings.events for field in event["fields"]]
    firsts = [field for field in fields if field["sealed"] and "first" not in field]
    destroyed = sum("destroyed" in field for field in firsts)
    if len(firsts) > destroyed and findings.facts.get("part") is not None:
        say(
            "有 %d 个密封字段未公开：只证明密文未变，不证明也不显示其内容。本人部分副本"
            "不含销毁记录；其中哪些的密钥已依法销毁、任何人都无法再公开，据出具方所述写在 %s 中。"
            % (len(firsts) - destroyed, READABLE)
        )
    elif len(firsts) > destroyed:
        say(
            "有 %d 个密封字段未向您公开：只证明密文未变，不证明也不显示其内容。"
            % (len(firsts) - destroyed)
        )
    if destroyed:
        say(
            "有 %d 个密封字段的密钥已依法销毁，任何人都无法再公开，并非对您隐去：本案记录载有"
            "销毁之事，只证明密文未变。" % destroyed
        )
    say("只证明所记录的内容自记录后未被改动、由谁的系统何时记录，不证明所记内容符合事实。")
    say(
        "截至的位置%s据出具方所述，只核对了不早于本案末条记录、早于调取登记。"
        % ("和时间" if "known_at" in findings.word else "")
    )
    say(
        "%s、格式说明（data/schemas）、README.txt、bag-info.txt 和本程序只列在日志密钥签名的"
        "清单中，其内容未经证明；有出入时以 data/events 中的原文为准。" % READABLE
    )
    if "size" in findings.facts and not findings.facts["cosigned_by"]:
        say("检查点未经外部见证人联署，或联署未经本程序核验（以 --witness 给出见证人公钥）。")
    unchecked = findings.facts.get("signatures_not_checked")
    if unchecked:
        say(
            "检查点另有 %d 行签名（%s）未核验：见证人的以 --witness 给出其公钥；"
            "SM2 签名本程序不核验。" % (len(unchecked), "、".join(map(printable, unchecked)))
        )
    stamped = findings.facts.get("timestamp")
    if stamped is None:
        say("记录时间由日志的数据库给出，本案卷没有可信时间戳。")
    elif "missing" in stamped:
        say(
            "记录时间由日志的数据库给出；本案卷没有可信时间戳：据出具方所述，时间戳机构 %s 当时"
            "未能盖戳（%s）。" % tuple(printable(stamped[name]) for name in NOT_STAMPED)
        )
    else:
        say(
            "时间戳（%s，%s；机构名据出具方所述）只核对了所述的是本检查点和这一时间，未核验签名："
            "任何人都能写出这样的时间戳。其签名须以 openssl ts 和该机构的证书核验（-attime %s），"
            "方法见 README.txt。"
            % (
                *(printable(stamped[name]) for name in STAMPED_BY),
                findings.facts.get("stamped_attime", "-"),
            )
        )
    if findings.facts.get("simulated"):
        say("这是模拟数据，不是真实业务。")


OUTCOMES = {
    "passed": "相符",
    "failed": "不符",
    "not-cosigned": "未见联署",
    "not-compared": "未能比对",
    "signature-not-checked": "未核验签名",
}


def answer_of(findings: Findings) -> dict[str, Any]:
    """What programs read."""
    return {
        "sound": findings.sound,
        "verdict": findings.verdict.name,
        "sentence": findings.verdict.sentence,
        "compared_with_outside": findings.compared and findings.sound,
        **findings.facts,
        "checks": {
            check: {
                "title": what,
                "outcome": findings.outcome(check),
                "passed": findings.passed.get(check, 0),
            }
            for check, what in findings.asked.items()
        },
        "failures": [failure._asdict() for failure in findings.failures],
        "events": findings.events,
        "not_proven": findings.limits,
        "unproven_files": findings.unproven,
        "according_to_issuer": findings.word,
    }


def sheet_of(findings: Findings) -> Iterator[str]:
    """What people read, line by line."""
    facts = findings.facts
    yield "案卷核验"
    shown = {name: printable(str(value)) for name, value in facts.items()}
    yield "  个案编号    %s" % shown.get("case", "-")
    word = "；位置和时间据出具方所述" if "known_at" in findings.word else "；位置据出具方所述"
    yield "  截至位置    %s（%s%s）" % (shown.get("as_of", "-"), shown.get("known_at", "-"), word)
    yield "  日志        %s" % shown.get("log", "-")
    yield "  日志公钥    %s" % shown.get("key", "-")
    yield "  检查点      大小 %s，根 %s" % (shown.get("size", "-"), shown.get("root", "-"))
    yield "  见证人联署  %s" % (
        "、".join(map(printable, facts.get("cosigned_by", ()))) or "未核验到"
    )
    if facts.get("further_names"):
        names = "、".join(map(printable, facts["further_names"]))
        yield "  ！%s 与上列见证人用的是同一把密钥，不另计为见证人" % names
    if facts.get("export"):
        export = {name: printable(value) for name, value in facts["export"].items()}
        yield "  调取登记    接收方 %(recipient)s，用途 %(purpose)s，%(recorded)s" % export
    if facts.get("simulated"):
        yield "  ！模拟数据，不是真实业务 SIMULATED"
    yield ""
    for check, what in findings.asked.items():
        count = findings.passed.get(check, 0)
        yield "  %s  %s（%d 项）" % (OUTCOMES[findings.outcome(check)], what, count)
    yield ""
    closed = "〔密封，未公开〕"
    if facts.get("part") is not None:  # where erasures are told in our word alone
        closed = "〔密封，未公开；是否已依法销毁见 %s〕" % READABLE
    for event in findings.events:
        yield "  第 %(version)d 版  位置 %(position)d  %(recorded)s  %(topic)s" % event
        for field in event["fields"]:
            if "destroyed" in field:
                yield "      %s：〔密封；密钥已依法销毁（日志位置 %d），无法公开〕" % (
                    printable(field["path"]),
                    field["destroyed"],
                )
            elif field["sealed"]:
                yield "      %s：%s" % (printable(field["path"]), closed)
            else:
                yield "      %s：%s" % (printable(field["path"]), printable(field["text"]))
            if "first" in field:
                first = (field["first"]["version"], printable(field["first"]["path"]))
                yield "          （即第 %d 版的 %s）" % first
    yield ""
    for failure in findings.failures:
        yield "  ✗ %s：%s" % (printable(failure.where), printable(failure.sentence))
    yield "结论：%s" % findings.verdict.sentence
    if findings.unproven:
        yield "未经证明、只作说明的文件：%s。" % "、".join(shortly(findings.unproven))
    yield ""
    yield "本核验不证明："
    for limit in findings.limits:
        yield "  · %s" % limit


def shortly(paths: list[str]) -> list[str]:
    """Paths as people read them: the schemas as one."""
    named = ["data/schemas/" if path.startswith("data/schemas/") else path for path in paths]
    return list(dict.fromkeys(named))


def printable(text: str) -> str:
    """A text in which nothing moves the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else "\\u%04x" % ord(letter) for letter in text)


def content_of(path: str | None) -> bytes | None:
    """The bytes of a file that was given."""
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()


def wrong_arguments(
    given: argparse.Namespace, checkpoint: bytes | None, consistency: bytes | None
) -> Iterator[str]:
    """What was given from outside and is not what its option says: a slip, and no forgery."""
    if given.key is not None and not is_key(given.key.strip()):
        yield NO_KEY % printable(given.key)
    for witness in given.witness:
        if not is_witness_key(witness.strip()):
            yield NO_WITNESS % printable(witness)
    if checkpoint is not None and not is_checkpoint(checkpoint):
        yield NO_CHECKPOINT % printable(given.checkpoint)
    if consistency is not None and not is_consistency(consistency):
        yield NO_CONSISTENCY % printable(given.consistency)


def main(arguments: list[str] | None = None) -> int:
    """Run the program; its exit code is that of the verdict, or 2 for wrong arguments."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=EXIT_CODES)
    parser.add_argument("folder", nargs="?", default=here, help="案卷文件夹，默认为本程序所在处")
    parser.add_argument("--key", help="从外部取得的日志公钥（name+id+base64 或 32 字节的 base64）")
    parser.add_argument("--checkpoint", metavar="FILE", help="从外部取得的检查点")
    parser.add_argument("--consistency", metavar="FILE", help="两个检查点之间的一致性证明")
    parser.add_argument("--witness", action="append", default=[], help="见证人公钥，可多次给出")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    given = parser.parse_args(arguments)
    if not os.path.isdir(given.folder):
        parser.error("没有文件夹 %s" % given.folder)
    if given.consistency and not given.checkpoint:
        parser.error("--consistency 须与 --checkpoint 一起给出")
    try:
        checkpoint, consistency = content_of(given.checkpoint), content_of(given.consistency)
    except OSError as error:
        parser.error("无法读取 %s：%s" % (error.filename, error.strerror))
    for sentence in wrong_arguments(given, checkpoint, consistency):
        if given.json:
            print(json.dumps({"verdict": INCOMPLETE.name, "sentence": sentence}))
        parser.error(sentence)
    findings = verify(given.folder, given.key, checkpoint, consistency, tuple(given.witness))
    lines = [json.dumps(answer_of(findings))] if given.json else list(sheet_of(findings))
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    return findings.verdict.exit_code


if __name__ == "__main__":
    sys.exit(main())
