"""Where the log and the read models are, and whether the system is ready."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.dependencies import CurrentActor, SystemDep
from api.errors import NotReady
from api.questions import BoundariesDep, ReadAt, ReadingDep
from application.cosigning import retired_witnesses, witness_keys
from application.seal_health import SealHealth, seal_health
from projections.health import Health, health

DEAD_AFTER: Final = timedelta(seconds=15)  # a projector that runs beats about every second

router = APIRouter(tags=["日志 Log"])
probes = APIRouter(tags=["健康 Health"])


class LogStatus(BaseModel):
    """The log, its live read models and its seal now, beside the reading that was asked for."""

    reading: ReadAt
    boundaries: str
    now: Health
    seal: SealHealth


class Probe(BaseModel):
    """What a probe is told."""

    status: Literal["ok"] = "ok"


def health_of(system: SystemDep) -> Health:
    """The state of the log and its read models now."""
    return health(system.database)


HealthDep = Annotated[Health, Depends(health_of)]


async def lately_found(system: SystemDep) -> Health:
    """The state of the log and its read models within the last second."""
    return await system.readiness.health()


LatelyDep = Annotated[Health, Depends(lately_found)]


@router.get("/log")
def read_log(
    _: CurrentActor,
    reading: ReadingDep,
    boundaries: BoundariesDep,
    now: HealthDep,
    system: SystemDep,
) -> LogStatus:
    """日志状态 Position, lag in events and seconds, the projector's heartbeat, and the seal."""
    return LogStatus(
        reading=ReadAt.of(reading),
        boundaries=str(boundaries),
        now=now,
        seal=seal_health(
            system.database,
            system.settings.home,
            witness_keys(system.settings),
            retired_witnesses(system.settings),
        ),
    )


@probes.get("/healthz")
def live() -> Probe:
    """存活 The process answers."""
    return Probe()


@probes.get("/readyz")
async def ready(now: LatelyDep) -> Probe:
    """就绪 The database answers and somebody projects; else 503 says what is wrong.

    The database is asked at most once a second, however many ask here.
    """
    require_ready(now)
    return Probe()


def require_ready(now: Health) -> None:
    """Refuse to be called ready. Raises `NotReady`."""
    if now.halted_at is not None:
        # Why it halted may quote the event, and a probe asks without a token.
        raise NotReady(
            f"The projector halted at event {now.halted_at}; see the log status.",
            f"投影停在事件 {now.halted_at}，请查看日志状态。",
        )
    if now.build is None or now.heartbeat_seconds is None:
        raise NotReady(
            "There are no read models yet; wait for the projector.", "查询数据尚未建立，请稍候。"
        )
    if now.heartbeat_seconds > DEAD_AFTER.total_seconds():
        raise NotReady(
            f"Nobody has projected for {now.heartbeat_seconds:.0f} s; restart the service.",
            f"已有 {now.heartbeat_seconds:.0f} 秒无人更新查询数据，请重启服务。",
        )
