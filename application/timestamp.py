"""Time stamps: what an authority outside says of when a checkpoint existed (RFC 3161).

The authority sees a SHA-256 digest and nothing else. Its token is kept raw, and anybody can check
it with `openssl ts -verify`, without this program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import httpx
import psycopg
from cryptography.x509 import Certificate, load_pem_x509_certificates
from psycopg.rows import tuple_row
from pydantic import TypeAdapter, ValidationError
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from application import outside
from application.database import Database
from application.memory import held, write_durably
from application.outside import NotAnswered
from application.seal import NotSealed, Sealed, newest_checkpoint
from application.settings import DangerousSetting, Settings
from application.token_order import token_in, with_certificates_in_order

ANSWERED_WITHIN: Final = 30.0  # seconds; an authority answers within a few
REPLY_LIMIT: Final = 100_000  # bytes; a token with its chain has some 5,000
CLOCK_TOLERANCE: Final = timedelta(minutes=5)  # between the authority's clock and ours
QUERY_TYPE: Final = "application/timestamp-query"  # RFC 3161 §3.4

STORE: Final = """
insert into seal.timestamp (size, authority, token, stamped_at) values (%s, %s, %s, %s)
on conflict do nothing
"""
STORED: Final = """
select size, coalesce(authority, ''), coalesce(note, ''), coalesce(token, ''),
       least(greatest(stamped_at, '0001-01-02'), '9999-12-30')
from seal.timestamp join seal.checkpoint using (size)
order by size, authority
"""
STAMPED: Final = """
select coalesce(token, ''), least(greatest(stamped_at, '0001-01-02'), '9999-12-30')
from seal.timestamp where size = %s and authority = %s
"""
DIGESTS: Final = """
select size, authority, encode(sha256(token), 'hex') from seal.timestamp
where size is not null and authority is not null and token is not null
"""


class NotStamped(Exception):  # noqa: N818 - said to people
    """There is no good time stamp; the sentence says why."""


class StoredTimestamp(NamedTuple):
    """A stored time stamp, in UTC, and what is wrong with it, if anything."""

    size: int
    authority: str
    stamped_at: datetime
    wrong: str | None = None


class Stamp(NamedTuple):
    """A time stamp as this installation remembers it: whose, and the SHA-256 of its token."""

    size: int
    authority: str
    token: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority: its address, and certificates by which its own is trusted.

    `memory` is the file in which is kept what it stamped.
    """

    url: httpx.URL
    certificates: tuple[Certificate, ...]
    memory: Path | None = None

    @property
    def address(self) -> str:
        """The address without the name and password under which we may be known there."""
        return str(self.url.copy_with(userinfo=b""))

    def stamp(
        self, message: bytes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> tuple[bytes, datetime]:
        """A token over a message and the time it says. Raises `NotStamped`."""
        request = (
            TimestampRequestBuilder(data=message, hash_algorithm=HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )
        try:
            answer = self._answer(request.as_bytes())
            token = token_in(answer)
            response = decode_timestamp_response(readable(answer, token))
            status = PKIStatus(response.status)
            if status is not PKIStatus.GRANTED:
                told = "; ".join(response.status_string) or status.name
                self._fail(f"refuses to stamp ({told}); ask who runs it")
        except ValueError as error:
            self._fail("sends what is no time stamp in DER; check HUHANG_TSA_URL", error)
        said = checked(message, token, self.certificates, request.nonce)
        now = clock()
        if abs(said - now) > CLOCK_TOLERANCE:
            self._fail(
                f"says that it is {said.isoformat()}, the clock here {now.isoformat()}; "
                "set the wrong one right"
            )
        return token, said

    def remember(self, stamps: Iterable[Stamp]) -> None:
        """Keep outside of the database what it stamped. Raises `DangerousSetting`."""
        if self.memory is None:
            return
        ours = {stamp for stamp in stamps if stamp.authority == self.address}
        with held(self.memory):
            known = remembered_stamps(self.memory)
            if not ours <= known:
                write_durably(self.memory, json.dumps(sorted(known | ours)).encode())

    def _answer(self, query: bytes) -> bytes:
        try:
            with httpx.Client() as client:
                answer = outside.post(
                    client,
                    self.url,
                    query,
                    limit=REPLY_LIMIT,
                    seconds=ANSWERED_WITHIN,
                    headers={"Content-Type": QUERY_TYPE},
                )
        except NotAnswered as error:
            self._fail(f"does not answer as it should ({error}); check HUHANG_TSA_URL", error)
        if answer.status != httpx.codes.OK:
            self._fail(f"answers with HTTP {answer.status}; check HUHANG_TSA_URL")
        return answer.content

    def _fail(self, what: str, cause: Exception | None = None) -> NoReturn:
        raise NotStamped(f"The time-stamping authority {self.address} {what}.") from cause


def authority_of(settings: Settings) -> Authority:
    """The authority that is configured. Raises `NotStamped`."""
    if settings.tsa_url is None:
        raise NotStamped(
            "No time-stamping authority is configured; set HUHANG_TSA_URL to its address and "
            "HUHANG_TSA_CERTIFICATES to the PEM file of its certificates."
        )
    try:
        url = httpx.URL(settings.tsa_url)
    except httpx.InvalidURL as error:
        raise NotStamped(f"HUHANG_TSA_URL is no address ({error}); set it right.") from None
    return Authority(url, certificates_of(settings), stamps_file(settings))


def certificates_of(settings: Settings) -> tuple[Certificate, ...]:
    """The certificates by which authorities are trusted. Raises `NotStamped`."""
    path = settings.tsa_certificates
    if path is None:
        raise NotStamped(
            "No certificate of a time-stamping authority is known here; set "
            "HUHANG_TSA_CERTIFICATES to the PEM file that it hands out."
        )
    return read_certificates(path)


def read_certificates(path: Path) -> tuple[Certificate, ...]:
    """The certificates in a PEM file. Raises `NotStamped`."""
    try:
        return tuple(load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise NotStamped(f"{path} holds no certificates in PEM: {error}.") from None


def remembered_stamps(memory: Path) -> frozenset[Stamp]:
    """The time stamps that this installation got, as it remembers by itself.

    Raises `DangerousSetting` where that memory is damaged.
    """
    if not memory.exists():
        return frozenset()
    try:
        return frozenset(TypeAdapter(list[Stamp]).validate_json(memory.read_bytes()))
    except ValidationError:
        raise DangerousSetting(
            f"{memory} is damaged. Find out by what; then remove it: time stamps that were taken "
            "away before are missed no more."
        ) from None


def stamps_file(settings: Settings) -> Path:
    """Where this installation remembers the time stamps that it got, beside what it sealed."""
    return settings.home / "seal" / "stamps.json"


def missing_stamps(
    connection: psycopg.Connection[Any], remembered: Collection[Stamp]
) -> list[Stamp]:
    """Those of the remembered time stamps that the database lacks, the oldest first."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        stored = {Stamp(*row) for row in cursor.execute(DIGESTS)}
    return sorted(set(remembered) - stored)


def stamp_newest(
    database: Database,
    authority: Authority,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    size: int | None = None,
) -> StoredTimestamp:
    """Have the newest checkpoint, or the newest of at most a size, stamped, once.

    Asked again it answers what is stored, where that holds.

    Raises `NotSealed` where there is none, `NotStamped`.
    """
    with psycopg.connect(database.sealer, autocommit=True, row_factory=tuple_row) as connection:
        newest = newest_checkpoint(connection, size)
        if newest is None:
            raise NotSealed("Nothing is sealed yet; run huhang seal, then stamp it.")
        stored = stamped(connection, newest, authority)
        if stored is None:
            token, said = authority.stamp(newest.note, clock)
            connection.execute(STORE, (newest.size, authority.address, token, said))
            stored = stamped(connection, newest, authority)
            assert stored is not None
        return stored


def stamped(
    connection: psycopg.Connection[Any], sealed: Sealed, authority: Authority
) -> StoredTimestamp | None:
    """The time stamp of a checkpoint by an authority, if it has one; a good one is remembered.

    Raises `NotStamped` for one that does not hold.
    """
    asked = (sealed.size, authority.address)
    row = connection.execute(STAMPED, asked).fetchone()
    if row is None:
        return None
    token, stamped_at = row
    found = checked_stored(sealed.note, token, stamped_at, authority.certificates)
    if found is not None:
        raise NotStamped(
            f"Somebody put a time stamp that does not hold where that of the checkpoint of "
            f"{sealed.size:,} records belongs, and none can take its place; seal more, and stamp "
            f"that. {found}"
        )
    authority.remember([Stamp(*asked, sha256(token).hexdigest())])
    return StoredTimestamp(*asked, stamped_at)


def checked_stored(
    note: bytes, token: bytes, stamped_at: datetime, certificates: Sequence[Certificate]
) -> str | None:
    """What is wrong with a stored time stamp of a note, if anything."""
    try:
        said = check_timestamp(note, token, certificates)
    except NotStamped as not_stamped:
        return str(not_stamped)
    if said != stamped_at:
        return f"The token says {said.isoformat()}, the table another time."
    return None


def check_stored(
    connection: psycopg.Connection[Any], certificates: Sequence[Certificate]
) -> Iterator[StoredTimestamp]:
    """Every stored time stamp, checked against its checkpoint's note, the oldest first."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        for size, authority, note, token, stamped_at in cursor.execute(STORED).fetchall():
            wrong = checked_stored(note, token, stamped_at, certificates)
            yield StoredTimestamp(size, authority, stamped_at, wrong)


def check_timestamp(message: bytes, token: bytes, certificates: Sequence[Certificate]) -> datetime:
    """The time, in UTC, at which a trusted authority saw the message. Raises `NotStamped`."""
    return checked(message, token, certificates, None)


def checked(
    message: bytes, token: bytes, certificates: Sequence[Certificate], nonce: int | None
) -> datetime:
    """As `check_timestamp`, and that the token answers the request with this nonce, if any."""
    verifier = verifier_of(certificates, nonce)
    try:
        response = decode_timestamp_response(as_response(with_certificates_in_order(token)))
        verifier.verify_message(response, message)
        return response.tst_info.gen_time.astimezone(UTC)
    except Exception as wrong:  # the libraries have many for bytes that anybody may have written
        raise NotStamped(
            f"The time stamp does not hold: {said_shortly(wrong)}. It is of another checkpoint or "
            "request, was changed, or its authority is not trusted by HUHANG_TSA_CERTIFICATES."
        ) from None


def said_shortly(wrong: Exception) -> str:
    """What a library says of a token, without the insides of OpenSSL."""
    return str(wrong).partition(": ErrorStack(")[0]


def verifier_of(certificates: Sequence[Certificate], nonce: int | None) -> Verifier:
    """What trusts the self-signed certificates, by way of the others. Raises `NotStamped`."""
    roots = [one for one in certificates if one.issuer == one.subject]
    if not roots:
        raise NotStamped(
            "The certificates of the time-stamping authority hold no root; add its self-signed one."
        )
    between = [one for one in certificates if one.issuer != one.subject]
    return VerifierBuilder(roots=roots, intermediates=between, nonce=nonce).build()


def readable(reply: bytes, token: bytes) -> bytes:
    """A reply whose token the library reads. Raises `ValueError` for a token that is none."""
    if not token:
        return reply
    return reply.removesuffix(token) + with_certificates_in_order(token)


def as_response(token: bytes) -> bytes:
    """The granted response (RFC 3161 §2.4.2) that carries a token: the library reads only those."""
    granted = bytes.fromhex("3003020100")
    length = len(granted) + len(token)
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    header = bytes([length]) if length < 0x80 else bytes([0x80 | len(octets)]) + octets
    return b"\x30" + header + granted + token
