"""One settings object, read from the environment variables that begin with HUHANG_."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class DangerousSetting(Exception):  # noqa: N818 - said to people
    """A setting under which the log would not keep its promise."""


class Settings(BaseSettings):
    """How this installation runs. Nothing else reads the environment."""

    model_config = SettingsConfigDict(env_prefix="HUHANG_", env_ignore_empty=True, frozen=True)

    home: Path = Path(".huhang")
    """Everything the system writes lies below: database cluster, keys, exports."""

    database_url: str | None = None
    """A PostgreSQL server (15 or newer) by URL; without it an embedded one runs in `home`.

    The system logs in under its own roles, with the passwords that `huhang init-db` left in `home`;
    a user or password in the URL is not used.
    """

    owner_url: str | None = None
    """Who administers the log on that server: for `huhang init-db` and loading a simulated year."""

    reader_url: str | None = None
    """A login of one's own on that server, a member of `huhang_reader`, as auditors have.

    With it nothing is asked for under another role: `verify`, `timestamp --check`, `checkpoint`,
    `keys`, `receipt` and `entry` work, and whatever else opens the log refuses.
    """

    suite: int = Field(1, ge=1, le=2)
    """How personal data are sealed from now on: 1 by AES and SHA-2, 2 by SM4 and SM3 (国密).

    What was sealed before is read all the same.
    """

    pkcs11_module: Path | None = None
    """The library of a security module that keeps the wrapping keys; without it files do."""

    pkcs11_token: str = "huhang"  # noqa: S105 - its name
    """The label of the token in the module."""

    pkcs11_pin: SecretStr | None = None
    """The PIN of the token's user."""

    kms_command: Path | None = None
    """A program by which a key service (KMS) keeps the wrapping keys; see `application/kms.py`."""

    token: SecretStr | None = None
    """A token of `huhang token`: commands show and do what the API would for its bearer, or end.

    Without one they show everything, as to whoever runs this machine.
    """

    body_limit: int = 1_000_000
    """The largest request body, in bytes."""

    public_url: str | None = Field(None, pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")
    """The address under which people reach this installation, as `https://huhang.example.cn`.

    Passkeys are bound to its name and cookies to its scheme; without it, to what a request asks.
    """

    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    """Networks of our own proxies, commas between; X-Forwarded-For of others is not believed."""

    oidc_issuer: str | None = Field(None, pattern=r"^https?://[!-~]+$")
    """The OpenID Connect provider by which people may sign in; it needs `public_url` as well."""

    oidc_client_id: str = "huhang"
    """How the provider knows this installation."""

    oidc_client_secret: SecretStr | None = None
    """What proves it to the provider; without one PKCE alone does."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def between_commas(cls, value: object) -> object:
        """Networks as they stand in an environment variable."""
        return value.replace(",", " ").split() if isinstance(value, str) else value

    instance: str = Field("app1", pattern=r"^[0-9a-z][0-9a-z-]{0,31}$")
    """The name under which this installation signs what it records; each one has its own."""

    origin: str | None = Field(None, pattern=r"^[!-*,-~]{1,120}$")
    """The log's name on checkpoints, a host and path of yours; without it one made of its key."""

    fonts: Path | None = None
    """A folder with Chinese fonts for PDF, beside those that the system has."""

    witnesses: Path | None = None
    """The file that names the witnesses of this log; by default `witnesses` in `home`.

    A line is the witness's address, or `-` where only files go, a space, and its public key.
    """

    seal_lag: int = Field(60, ge=1)
    """Seconds for which records may wait although nothing is sealed, until an alarm rings."""

    witness_lag: int = Field(3600, ge=1)
    """Seconds for which a witness may leave the newest checkpoints, until an alarm rings.

    One whose cosignatures are carried as files has a day more.
    """

    tsa_url: str | None = None
    """The address of a time-stamping authority (RFC 3161), for `huhang timestamp`."""

    tsa_certificates: Path | None = None
    """A PEM file of the root certificates by which such authorities are trusted, and others that
    lead to them."""

    sm2: bool = False
    """Sign each checkpoint with SM2 as well, by a key of its own; needs the extra `sm2`."""
