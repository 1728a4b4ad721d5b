"""Wrapping keys: under one of them, that of the epoch, the key store keeps all its keys.

They are outside the database, so that neither a backup of it nor its administrator opens anything;
and they end, so that a key destroyed today cannot come back from a backup after the horizon.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from application.keys import kept_key
from application.settings import DangerousSetting, Settings


class WrongWrappingKey(Exception):  # noqa: N818 - said to people
    """A key that was wrapped under another wrapping key, or was changed."""


class WrappingKeys(Protocol):
    """Where wrapping keys are: in files, in a security module, or with a service that manages keys.

    Files and modules wrap with AES-KWP (RFC 5649) under an AES-256 key an epoch; a service as it
    does, into 40 to 4,096 bytes that tell any change. A key has a name of lower-case letters,
    digits and hyphens, which holds that of the key store: others may keep theirs in the same place.
    """

    def begin(self, name: str) -> None:
        """Make a wrapping key; one that is there already stays."""

    def wrap(self, name: str, secret: bytes) -> bytes:
        """A secret wrapped. Raises `DangerousSetting` where the wrapping key is missing."""

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """A secret unwrapped. Raises `WrongWrappingKey`; `DangerousSetting` as `wrap` does."""

    def holds(self, name: str) -> bool:
        """Whether there is a wrapping key. Raises `DangerousSetting` where nobody can say."""

    def destroy(self, name: str) -> None:
        """Destroy a wrapping key for good; one that is gone already is no error."""

    def close(self) -> None:
        """Let go of what is held open."""


class FileKeys:
    """Wrapping keys in files of their own, which only their owner may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, bytes] = {}

    def begin(self, name: str) -> None:
        """Make the file."""
        self._read[name] = kept_key(self._file(name))

    def wrap(self, name: str, secret: bytes) -> bytes:
        """A secret wrapped under the key in the file."""
        return aes_key_wrap_with_padding(self._key(name), secret)

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """A secret unwrapped under the key in the file."""
        try:
            return aes_key_unwrap_with_padding(self._key(name), wrapped)
        except InvalidUnwrap:
            raise WrongWrappingKey from None

    def holds(self, name: str) -> bool:
        """Whether there is the file."""
        return self._file(name).exists()

    def destroy(self, name: str) -> None:
        """Overwrite the file and remove it.

        Where the disk keeps old blocks, as flash does, only an encrypted disk makes this final.
        """
        self._read.pop(name, None)
        try:
            with self._file(name).open("r+b") as file:
                file.write(bytes(self._file(name).stat().st_size))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        self._file(name).unlink()
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Forget what was read."""
        self._read.clear()

    def _file(self, name: str) -> Path:
        return self._folder / f"vault-{name}.key"

    def _key(self, name: str) -> bytes:
        """What was read, as long as there is the file: a key in memory must not outlive it."""
        if not self.holds(name):
            self._read.pop(name, None)
            raise DangerousSetting(
                f"{self._file(name)} is missing, and without it no personal data of that time "
                "can be read or sealed; restore the folder keys of this installation. Where another"
                " one changes the wrapping keys, this one must share its folder keys, or have each "
                "new file copied from there; where they are in a token or with a key service, "
                "HUHANG_PKCS11_MODULE or HUHANG_KMS_COMMAND must be set."
            )
        if name not in self._read:
            self._read[name] = self._file(name).read_bytes()
        return self._read[name]


def wrapping_keys(settings: Settings) -> WrappingKeys:
    """Where this installation keeps its wrapping keys. Raises `DangerousSetting`."""
    if settings.kms_command is not None:
        if settings.pkcs11_module is not None:
            raise DangerousSetting(
                "HUHANG_KMS_COMMAND and HUHANG_PKCS11_MODULE are both set; unset the one that does "
                "not keep the wrapping keys."
            )
        from application.kms import CommandKeys

        return CommandKeys(settings.kms_command)
    if settings.pkcs11_module is None:
        return FileKeys(settings.home / "keys")
    try:
        from application.token_keys import TokenKeys
    except ImportError:
        raise DangerousSetting(
            "HUHANG_PKCS11_MODULE needs the extra “pkcs11”: in this project's folder "
            ".venv/bin/pip install -e '.[pkcs11]'."
        ) from None
    pin = settings.pkcs11_pin.get_secret_value() if settings.pkcs11_pin else ""
    return TokenKeys(settings.pkcs11_module, settings.pkcs11_token, pin)
