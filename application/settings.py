"""One settings object, read from the environment variables that begin with HUHANG_."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How this installation runs. Nothing else reads the environment."""

    model_config = SettingsConfigDict(env_prefix="HUHANG_", frozen=True)

    home: Path = Path(".huhang")
    """Everything the system writes lies below: database cluster, keys, exports."""

    database_url: str | None = None
    """A PostgreSQL server (15 or newer) by URL; without it an embedded one runs in `home`."""

    body_limit: int = 1_000_000
    """The largest request body, in bytes."""

    instance: str = Field("app1", pattern=r"^[0-9a-z][0-9a-z-]{0,31}$")
    """The name under which this installation signs what it records; each one has its own."""

    origin: str | None = None
    """The log's name on checkpoints, a host and path of yours; without it one made of its key."""
