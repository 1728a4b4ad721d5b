"""What routes ask for by type: the wiring itself, and who acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from api.admission import Admitted, admitted, session_of
from api.readiness import Readiness
from api.upkeep import kept_up
from application.beginning import open_records
from application.database import Database
from application.erasure import Erasures
from application.identity import Identity, open_identity
from application.records import Actor, Records
from application.rotation import rotated
from application.searches import Searches
from application.sessions import Session, StaleProof
from application.settings import Settings
from application.vault import Vault, open_vault
from projections.health import health
from projections.projector import Projector, running
from projections.readings import Readings

STARTUP: Final = 30.0  # seconds until there are read models at all


@dataclass(frozen=True, slots=True)
class System:
    """Everything that routes use, wired once."""

    settings: Settings
    database: Database
    records: Records
    readings: Readings
    projector: Projector
    identity: Identity
    vault: Vault
    searches: Searches
    readiness: Readiness


@contextmanager
def wired(database: Database, settings: Settings) -> Iterator[System]:
    """The system over a database, its projector running live until the end."""
    projector = Projector(database)
    records = open_records(database, settings)
    readings = Readings(database)
    try:
        with (
            running(projector),
            kept_up(database, settings, records),
            open_vault(database, settings) as vault,
            rotated(vault, settings.home),
            open_identity(database, settings, records, vault) as identity,
        ):
            vault.store.require_wrapping()
            projector.wait(0, STARTUP)
            readings.simulated()  # looked at once, so that every answer can say it
            Erasures(records, vault).heal()
            yield System(
                settings,
                database,
                records,
                readings,
                projector,
                identity,
                vault,
                Searches(records, vault),
                Readiness(partial(health, database)),
            )
    finally:
        readings.close()
        records.close()


async def system_of(request: Request) -> System:
    """The wiring of the application that got a request."""
    return cast("System", request.app.state.system)


SystemDep = Annotated[System, Depends(system_of)]

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="接口令牌，或由命令 huhang token 签发的令牌；网页用登录后的 cookie。"
    "An API token, or one issued by `huhang token`; pages send the cookie of their session.",
)


async def current(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Admitted:
    """Who sends the request, and by what."""
    return await admitted(request)


async def current_actor(who: Annotated[Admitted, Depends(current)]) -> Actor:
    """Who acts."""
    return who.actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def current_session(request: Request) -> Session:
    """The session that a request belongs to, also one that is not finished."""
    return session_of(request)


CurrentSession = Annotated[Session, Depends(current_session)]


def lately_proved(who: Annotated[Admitted, Depends(current)], system: SystemDep) -> Session:
    """The session of who signed in lately; a token is no proof. Raises `StaleProof`."""
    if who.session is None:
        raise StaleProof
    system.identity.sessions.require_fresh(who.session)
    return who.session


ProvedSession = Annotated[Session, Depends(lately_proved)]
