"""Wrapping keys in a security module (PKCS#11), which never leave it.

Needs the extra `pkcs11`. The keys are AES-256, neither extractable nor usable for anything else.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error, SecretKey
from pkcs11.exceptions import SessionHandleInvalid, UserAlreadyLoggedIn

from application.settings import DangerousSetting
from application.wrapping import WrongWrappingKey, where_in_a_file

# RFC 5649 by its name in PKCS#11 3.0, and by the one under which older modules have it.
MECHANISMS: Final = (Mechanism.AES_KEY_WRAP_KWP, Mechanism.AES_KEY_WRAP_PAD)
ONLY_WRAPS: Final = {
    Attribute.EXTRACTABLE: False,
    Attribute.SENSITIVE: True,
    Attribute.WRAP: True,
    Attribute.UNWRAP: True,
    Attribute.ENCRYPT: False,
    Attribute.DECRYPT: False,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
}
CARRIED: Final = {
    Attribute.TOKEN: False,
    Attribute.EXTRACTABLE: True,
    Attribute.SENSITIVE: False,
}


class TokenKeys:
    """Wrapping keys in a token of a module; one command at a time."""

    def __init__(self, module: Path, token: str, pin: str) -> None:
        """Log in. Raises `DangerousSetting` when the module, the token or the PIN is not right."""
        self._turn = threading.Lock()
        try:
            found = pkcs11.lib(str(module)).get_token(token_label=token)
            offered = found.slot.get_mechanisms()
            self._session = opened(found, pin)
        except (PKCS11Error, RuntimeError) as error:
            raise DangerousSetting(
                f"The security module cannot be used ({type(error).__name__}); check "
                "HUHANG_PKCS11_MODULE, HUHANG_PKCS11_TOKEN and HUHANG_PKCS11_PIN."
            ) from None
        fitting = [mechanism for mechanism in MECHANISMS if mechanism in offered]
        if not fitting:
            self._session.close()
            raise DangerousSetting(
                "The security module wraps no keys by RFC 5649 (AES-KWP); take another one."
            )
        self._mechanism = fitting[0]

    def begin(self, name: str) -> None:
        """Let the module make a wrapping key."""
        with self._turn:
            if not self._keys(name):
                self._session.generate_key(
                    KeyType.AES, 256, store=True, label=label(name), template=ONLY_WRAPS
                )

    def wrap(self, name: str, secret: bytes) -> bytes:
        """A secret wrapped by the module."""
        with self._turn:
            key = self._key(name)
            carrier = self._session.create_object(
                {
                    **CARRIED,
                    Attribute.CLASS: ObjectClass.SECRET_KEY,
                    Attribute.KEY_TYPE: KeyType.GENERIC_SECRET,
                    Attribute.VALUE: secret,
                }
            )
            try:
                return bytes(key.wrap_key(carrier, mechanism=self._mechanism))
            finally:
                carrier.destroy()

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """A secret unwrapped by the module."""
        with self._turn:
            key = self._key(name)
            try:
                carrier = key.unwrap_key(
                    ObjectClass.SECRET_KEY,
                    KeyType.GENERIC_SECRET,
                    wrapped,
                    mechanism=self._mechanism,
                    template=CARRIED,
                )
            except PKCS11Error:  # modules do not agree on which one
                raise WrongWrappingKey from None
            try:
                return bytes(carrier[Attribute.VALUE])
            finally:
                carrier.destroy()

    def holds(self, name: str) -> bool:
        """Whether the module has a wrapping key."""
        with self._turn:
            return bool(self._keys(name))

    def destroy(self, name: str) -> None:
        """Let the module destroy a wrapping key."""
        with self._turn:
            for key in self._keys(name):
                key.destroy()

    def close(self) -> None:
        """Log out."""
        with suppress(SessionHandleInvalid):
            self._session.close()

    def _key(self, name: str) -> Any:
        keys = self._keys(name)
        if len(keys) != 1:
            raise DangerousSetting(
                f"The security module holds {len(keys)} keys “{label(name)}” and there must be "
                "one; without it no personal data of that time can be read or sealed. "
                + where_in_a_file(name)
            )
        return keys[0]

    def _keys(self, name: str) -> list[Any]:
        found = self._session.get_objects(
            {Attribute.LABEL: label(name), Attribute.CLASS: ObjectClass.SECRET_KEY}
        )
        return [key for key in found if isinstance(key, SecretKey)]


def opened(token: Any, pin: str) -> Any:
    """A session; who is logged in from this process already is for all of its sessions."""
    try:
        return token.open(rw=True, user_pin=pin)
    except UserAlreadyLoggedIn:
        return token.open(rw=True)


def label(name: str) -> str:
    """How a wrapping key is called in the module."""
    return f"huhang-vault-{name}"
