"""Tokens of `huhang token`: whom the operator of this machine lets act, in which post, until when.

Signed with one key file (JWT, RFC 7519, HS256): who can read it may act as anybody here. What
people and their programs use instead are sessions and API tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import psycopg
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry
from pydantic import BaseModel

from application.database import Database
from application.keys import kept_key
from application.records import Actor, NotFound
from application.settings import Settings
from domain.centre_events import CentreEstablished, EstablishmentVoided
from domain.region_events import FoundingVoided, RegionEstablished
from domain.values import Role

ALGORITHM: Final = "HS256"
HOURS: Final = 8  # a working day
FOUNDED: Final = [CentreEstablished.topic, RegionEstablished.topic]
UNDONE: Final = [EstablishmentVoided.topic, FoundingVoided.topic]
LONGEST_HOURS: Final = 24  # after which a revocation need not be remembered


class TokenRefused(Exception):  # noqa: N818 - said to people
    """A token that lets nobody in; `expired` when it once did."""

    def __init__(self, sentence: str, *, expired: bool = False) -> None:
        super().__init__(sentence)
        self.expired = expired


class Claims(BaseModel):
    """What a token says about who carries it."""

    jti: UUID
    sub: UUID
    role: Role
    office: UUID

    @property
    def actor(self) -> Actor:
        """Who acts under it."""
        return Actor(self.sub, self.role, self.office)


class Tokens:
    """Issues tokens and reads them."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._key = OctKey.import_key(kept_key(settings.home / "keys" / "tokens.key"))
        self._clock = clock

    def issue(self, actor: Actor, *, hours: int = HOURS) -> str:
        """A token under which an actor acts for so many hours."""
        now = self._clock()
        claims = {
            "jti": str(uuid4()),
            "sub": str(actor.id),
            "role": actor.role.value,
            "office": str(actor.office),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=hours)).timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key)

    def read(self, token: str) -> Claims:
        """What a token says. Raises `TokenRefused`."""
        registry = JWTClaimsRegistry(
            now=int(self._clock().timestamp()), exp={"essential": True}, sub={"essential": True}
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            registry.validate(claims)
            return Claims.model_validate(claims)
        except ExpiredTokenError:
            raise TokenRefused("The token has expired; take a new one.", expired=True) from None
        except (JoseError, ValueError):
            raise TokenRefused("This is no token of this installation; take a new one.") from None


def issue(settings: Settings, actor: Actor, *, hours: int = HOURS) -> str:
    """A token of this installation."""
    return Tokens(settings).issue(actor, hours=hours)


def require_office(database: Database, office: UUID) -> bool:
    """Whether an office is there; False while there is none at all, so that a first one can begin.

    Raises `NotFound` for what is neither a centre nor a region of the log.
    """
    with psycopg.connect(database.reader) as connection:
        last = connection.execute(
            "select topic from only log.event where originator_id = %s and topic = any(%s)"
            " order by originator_version desc limit 1",
            (office, FOUNDED + UNDONE),
        ).fetchone()
        if last is not None and last[0] in FOUNDED:
            return True
        begun = connection.execute(
            "select exists (select from only log.event founded where topic = any(%s) and not exists"
            " (select from only log.event undone where topic = any(%s)"
            " and undone.originator_id = founded.originator_id"
            " and undone.originator_version > founded.originator_version))",
            (FOUNDED, UNDONE),
        ).fetchone()
    if begun is not None and begun[0]:
        raise NotFound(
            f"{office} is neither a centre nor a region of this log; huhang ledger centres and "
            "huhang regions list them.",
            f"{office} 既不是本系统的机构，也不是行政区，请从机构名册或行政区划中查找编号。",
        )
    return False
