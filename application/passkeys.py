"""Passkeys (通行密钥, WebAuthn): a device that its person unlocks, two factors at once.

Bound to our own origin, so that nobody can be led to show one elsewhere. A challenge is answered
once, and a device whose count of signatures goes backwards was copied: it is refused.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import webauthn
from webauthn.helpers import bytes_to_base64url, options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from application.accounts import AccountStates
from application.identity_keys import IdentityKeys
from application.identity_store import IdentityStore, KeptFactor
from application.sessions import Session, SessionOver, Sessions
from application.sign_in import SignIn, SignInRefused
from domain.values import FactorKind, Role, SignInMethod

ASKED: Final = timedelta(minutes=5)  # a device is at hand, or it is another sign-in
NAME: Final = "护航 Huhang"
SIGN_IN: Final = "passkey"
ADD: Final = "passkey-add"

LOG: Final = logging.getLogger("huhang")

Found = TypeVar("Found")

Credential = dict[str, Any]
"""What a browser's `navigator.credentials` answers, as JSON (WebAuthn 3, 5.1)."""


class Site(NamedTuple):
    """Our own pages as browsers know them."""

    origin: str

    @property
    def name(self) -> str:
        """The host, to which passkeys are bound (the RP id)."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Adds passkeys and lets people in by them."""

    store: IdentityStore
    keys: IdentityKeys
    states: AccountStates
    sessions: Sessions
    steps: SignIn
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def challenge(self, site: Site, address: str) -> Mapping[str, Any]:
        """What a browser needs to let somebody show a passkey. Raises `TooMany`."""
        self.steps.door.take(address)
        options = webauthn.generate_authentication_options(
            rp_id=site.name, user_verification=UserVerificationRequirement.REQUIRED
        )
        self.ask(options.challenge, SIGN_IN, {})
        return self.written(options)

    def sign_in(
        self, credential: Credential, post: tuple[Role, UUID] | None, site: Site, address: str
    ) -> Session:
        """A session after a passkey. Raises `SignInRefused`, `TooMany`."""
        self.steps.door.take(address)
        challenge, _ = self.answered(credential, SIGN_IN)
        factor = self.store.factor_by(raw_id(credential))
        if factor is None:
            raise SignInRefused
        account = self.states.newest(factor.account)
        if factor.id not in account.factors:
            raise SignInRefused
        checked(lambda: self.verify(credential, challenge, factor, site), "a passkey was refused")
        try:
            return self.sessions.begin(account, SignInMethod.PASSKEY, post)
        except SessionOver:
            raise SignInRefused from None

    def verify(
        self, credential: Credential, challenge: bytes, factor: KeptFactor, site: Site
    ) -> None:
        """Check an answer and note the count of signatures. Raises what the library does."""
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=factor.secret,
            credential_current_sign_count=factor.counter,
            require_user_verification=True,
        )
        if not self.store.advance(factor.id, factor.counter, verified.new_sign_count):
            raise SignInRefused  # another answer of the same device came in between

    def begin_adding(self, session: Session, label: str, site: Site) -> Mapping[str, Any]:
        """What a browser needs to make a passkey. Raises `NotActing`, `StaleProof`."""
        self.steps.require_may_add(session)
        opening = session.account.require_opened()
        options = webauthn.generate_registration_options(
            rp_id=site.name,
            rp_name=NAME,
            user_id=session.account.id.bytes,
            user_name=opening.login,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=factor.credential)
                for factor in self.store.factors_of(session.account.id)
                if factor.credential is not None
            ],
        )
        self.ask(options.challenge, ADD, {"account": str(session.account.id), "label": label})
        return self.written(options)

    def add(self, session: Session, credential: Credential, site: Site) -> Session:
        """Add the passkey that a browser made. Raises `SignInRefused`."""
        self.steps.require_may_add(session)
        challenge, asked = self.answered(credential, ADD)
        if asked["account"] != str(session.account.id):
            raise SignInRefused
        verified = checked(
            lambda: webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=site.name,
                expected_origin=site.origin,
                require_user_verification=True,
            ),
            "a new passkey was refused",
        )
        kept = KeptFactor(
            uuid4(),
            session.account.id,
            FactorKind.PASSKEY,
            asked["label"],
            verified.credential_public_key,
            verified.credential_id,
            verified.sign_count,
        )
        if self.store.factor_by(verified.credential_id) is not None:
            raise SignInRefused
        self.steps.add(session, kept)
        return self.sessions.prove(session, SignInMethod.PASSKEY)

    def ask(self, challenge: bytes, purpose: str, holds: Mapping[str, Any]) -> None:
        """Keep a challenge until it is answered or too old."""
        now, hashed = self.clock(), self.keys.hash_of(bytes_to_base64url(challenge))
        self.store.ask(hashed, purpose, holds, now, now + ASKED)

    def answered(self, credential: Credential, purpose: str) -> tuple[bytes, dict[str, Any]]:
        """The challenge that a credential answers, once. Raises `SignInRefused`."""
        text = checked(lambda: challenge_in(credential), "a passkey was unreadable")
        asked = self.store.answered(self.keys.hash_of(text), purpose, self.clock())
        if asked is None:
            raise SignInRefused
        return webauthn.base64url_to_bytes(text), asked

    @staticmethod
    def written(options: Any) -> Mapping[str, Any]:
        """Options as JSON for a browser."""
        found: Mapping[str, Any] = json.loads(options_to_json(options))
        return found


def challenge_in(credential: Credential) -> str:
    """The challenge that the browser says it answered."""
    client = json.loads(webauthn.base64url_to_bytes(credential["response"]["clientDataJSON"]))
    return str(client["challenge"])


def raw_id(credential: Credential) -> bytes:
    """The id of a passkey. Raises `SignInRefused`."""
    return checked(
        lambda: webauthn.base64url_to_bytes(credential["rawId"]), "a passkey was unreadable"
    )


def checked(check: Callable[[], Found], what: str) -> Found:
    """What a check of something foreign finds. Raises `SignInRefused` whatever goes wrong."""
    try:
        return check()
    except Exception as error:
        # What a stranger sends can break a parser in any way, and is told to nobody.
        LOG.info("%s: %s", what, type(error).__name__)
        raise SignInRefused from None
