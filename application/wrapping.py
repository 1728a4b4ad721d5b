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
    does, into 40 to 4,096 bytes that tell any change. Epochs are numbered from 1.
    """

    def begin(self, epoch: int) -> None:
        """Make the wrapping key of an epoch; one that is there already stays."""

    def wrap(self, epoch: int, secret: bytes) -> bytes:
        """A secret wrapped. Raises `DangerousSetting` where the epoch's key is missing."""

    def unwrap(self, epoch: int, wrapped: bytes) -> bytes:
        """A secret unwrapped. Raises `WrongWrappingKey`; `DangerousSetting` as `wrap` does."""

    def destroy(self, epoch: int) -> None:
        """Destroy the wrapping key of an epoch for good; one that is gone already is no error."""

    def close(self) -> None:
        """Let go of what is held open."""


class FileKeys:
    """Wrapping keys in files of their own, which only their owner may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[int, bytes] = {}

    def begin(self, epoch: int) -> None:
        """Make the file of an epoch."""
        self._read[epoch] = kept_key(self._file(epoch))

    def wrap(self, epoch: int, secret: bytes) -> bytes:
        """A secret wrapped under the key in the file."""
        return aes_key_wrap_with_padding(self._key(epoch), secret)

    def unwrap(self, epoch: int, wrapped: bytes) -> bytes:
        """A secret unwrapped under the key in the file."""
        try:
            return aes_key_unwrap_with_padding(self._key(epoch), wrapped)
        except InvalidUnwrap:
            raise WrongWrappingKey from None

    def destroy(self, epoch: int) -> None:
        """Overwrite the file and remove it.

        Where the disk keeps old blocks, as flash does, only an encrypted disk makes this final.
        """
        self._read.pop(epoch, None)
        try:
            with self._file(epoch).open("r+b") as file:
                file.write(bytes(self._file(epoch).stat().st_size))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        self._file(epoch).unlink()
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Forget what was read."""
        self._read.clear()

    def _file(self, epoch: int) -> Path:
        return self._folder / f"vault-{epoch}.key"

    def _key(self, epoch: int) -> bytes:
        """What was read, as long as there is the file: a key in memory must not outlive it."""
        if not self._file(epoch).exists():
            self._read.pop(epoch, None)
            raise DangerousSetting(
                f"{self._file(epoch)} is missing, and without it no personal data of that time "
                "can be read or sealed; restore the folder keys of this installation."
            )
        if epoch not in self._read:
            self._read[epoch] = self._file(epoch).read_bytes()
        return self._read[epoch]


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
            "HUHANG_PKCS11_MODULE needs the extra “pkcs11”: pip install 'huhang[pkcs11]'."
        ) from None
    pin = settings.pkcs11_pin.get_secret_value() if settings.pkcs11_pin else ""
    return TokenKeys(settings.pkcs11_module, settings.pkcs11_token, pin)
