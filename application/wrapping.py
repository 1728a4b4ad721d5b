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

from application.keys import kept_key, whole_key
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

    def keeps_any(self) -> bool:
        """Whether there is a wrapping key, of whatever key store."""
        return next(self._folder.glob(file_name("*")), None) is not None

    def _file(self, name: str) -> Path:
        return self._folder / file_name(name)

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
            self._read[name] = whole_key(self._file(name))
        return self._read[name]


class MovingKeys:
    """Wrapping keys on their way out of files: each is begun in the new place alone.

    One that was begun in a file is used there until it is destroyed, as at the next rotation.
    """

    def __init__(self, files: FileKeys, place: WrappingKeys) -> None:
        self._files = files
        self._place = place

    def begin(self, name: str) -> None:
        """Make it in the new place, whatever file somebody put there under its name."""
        self._place.begin(name)

    def wrap(self, name: str, secret: bytes) -> bytes:
        """A secret wrapped in the new place, but for a key that only a file holds."""
        place = self._files if self._only_a_file(name) else self._place
        return place.wrap(name, secret)

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """A secret unwrapped where it was wrapped.

        A name can be held in both: a rotation was stopped and the setting taken back before the
        next, or what the database says of epochs made a first one begin again.
        """
        if self._only_a_file(name):
            return self._files.unwrap(name, wrapped)
        try:
            return self._place.unwrap(name, wrapped)
        except WrongWrappingKey:
            if not self._files.holds(name):
                raise
            return self._files.unwrap(name, wrapped)

    def holds(self, name: str) -> bool:
        """Whether it is in either."""
        return self._files.holds(name) or self._place.holds(name)

    def destroy(self, name: str) -> None:
        """Destroy it in both."""
        self._place.destroy(name)
        self._files.destroy(name)

    def close(self) -> None:
        """Let go of both."""
        self._files.close()
        self._place.close()

    def _only_a_file(self, name: str) -> bool:
        # The file first: where there is none, as from the rotation on, no service is asked twice.
        return self._files.holds(name) and not self._place.holds(name)


def file_name(name: str) -> str:
    """How the file of a wrapping key is called."""
    return f"vault-{name}.key"


def where_in_a_file(name: str) -> str:
    """What else to do where a module or service lacks a key: it may have been begun in a file."""
    return (
        f"Where it was made in a file, before that was set, bring {file_name(name)} to the folder "
        "keys of this installation, from its backup or from the installation that changes the "
        "wrapping keys, and start again."
    )


def wrapping_keys(settings: Settings) -> WrappingKeys:
    """Where this installation keeps its wrapping keys. Raises `DangerousSetting`."""
    files, place = FileKeys(settings.home / "keys"), outside_of_files(settings)
    if place is None:
        return files
    return MovingKeys(files, place) if files.keeps_any() else place


def outside_of_files(settings: Settings) -> WrappingKeys | None:
    """The security module or key service that is set, if one is. Raises `DangerousSetting`."""
    if settings.kms_command is not None:
        if settings.pkcs11_module is not None:
            raise DangerousSetting(
                "HUHANG_KMS_COMMAND and HUHANG_PKCS11_MODULE are both set; unset the one that does "
                "not keep the wrapping keys."
            )
        from application.kms import CommandKeys

        return CommandKeys(settings.kms_command)
    if settings.pkcs11_module is None:
        return None
    try:
        from application.token_keys import TokenKeys
    except ImportError:
        raise DangerousSetting(
            "HUHANG_PKCS11_MODULE needs the extra “pkcs11”: in this project's folder "
            ".venv/bin/pip install -e '.[pkcs11]'."
        ) from None
    pin = settings.pkcs11_pin.get_secret_value() if settings.pkcs11_pin else ""
    return TokenKeys(settings.pkcs11_module, settings.pkcs11_token, pin)
