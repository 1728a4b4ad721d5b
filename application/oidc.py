"""OpenID Connect: another system of ours says who somebody is (code flow with PKCE, RFC 7636).

It vouches for who linked himself while signed in here; it neither opens accounts nor gives posts,
and a second factor that a post asks for is asked here all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hmac import compare_digest
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from application.accounts import AccountStates
from application.drafts import SELF
from application.identity_keys import IdentityKeys, new_secret
from application.identity_store import ROLES, IdentityStore
from application.limits import Places
from application.records import Actor, Command, Records
from application.sessions import Session, SessionOver, Sessions
from application.settings import Settings
from application.sign_in import SignIn, SignInRefused
from application.vault import Vault
from domain.account import Account
from domain.account_events import IdentityLink, account_id
from domain.values import SignInMethod

ASKED: Final = timedelta(minutes=10)  # for a person to sign in at the provider
TIMEOUT: Final = 10.0  # seconds until a provider that does not answer is called away
KNOWN_FOR: Final = timedelta(hours=1)  # how long what a provider says of itself is believed
AWAY_FOR: Final = timedelta(seconds=2)  # whoever waited while it did not answer is told so too
WAITING: Final = 8  # who waits for a provider, as anybody makes us, holds one of 40 threads
LEEWAY: Final = 60  # seconds that its clock may differ from ours
SCOPE: Final = "openid"  # who it is, and nothing about him
SIGNED_BY: Final = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
"""Signatures with a public key: with a shared one anybody who knows it could be everybody."""

CALLBACK: Final = "/api/v1/oidc/callback"


class NoProvider(Exception):  # noqa: N818 - said to people
    """No provider is configured here."""


class ProviderAway(Exception):  # noqa: N818 - said to people
    """The provider does not answer, or answers nothing that can be used."""


class Departure(NamedTuple):
    """Where to send a browser, and the secret that it must bring back."""

    location: str
    state: str


class Provider(NamedTuple):
    """What a provider says of itself (OpenID Connect Discovery), and its keys."""

    authorization: str
    token: str
    keys: KeySet
    asked_at: datetime


@dataclass(slots=True)
class Oidc:
    """Sends people to the provider and takes them back."""

    settings: Settings
    records: Records
    vault: Vault
    store: IdentityStore
    keys: IdentityKeys
    states: AccountStates
    sessions: Sessions
    steps: SignIn
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _provider: Provider | None = None
    _away_since: datetime | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _places: Places = field(default_factory=partial(Places, WAITING))

    @property
    def issuer(self) -> str:
        """The provider. Raises `NoProvider`."""
        if self.settings.oidc_issuer is None or self.settings.public_url is None:
            raise NoProvider
        return self.settings.oidc_issuer

    def depart(self, to: str, address: str) -> Departure:
        """The way to the provider and then back to a page of ours.

        Raises `ProviderAway`, `TooMany`.
        """
        self.steps.door.take(address)
        return self.departure({"to": to})

    def depart_to_link(self, session: Session, to: str) -> Departure:
        """The way to the provider for who is signed in here and wants to be known by it.

        Raises `NotActing`, `StaleProof`, `ProviderAway`, `TooMany`.
        """
        self.sessions.require_finished(session)
        self.sessions.require_fresh(session)
        actor = session.actor
        return self.departure(
            {
                "to": to,
                "person": str(actor.id),
                "role": actor.role.value,
                "office": str(actor.office),
                "version": session.account.version,
            }
        )

    def departure(self, holds: Mapping[str, Any]) -> Departure:
        """A way to the provider, remembered until somebody comes back by it."""
        with self._places.taken():
            provider = self.provider()
        state, nonce, verifier = new_secret(), new_secret(), new_secret()
        now = self.clock()
        self.store.ask(
            self.keys.hash_of(state),
            "oidc",
            {**holds, "nonce": nonce, "verifier": verifier},
            now,
            now + ASKED,
        )
        location = prepare_grant_uri(
            provider.authorization,
            client_id=self.settings.oidc_client_id,
            response_type="code",
            redirect_uri=self.redirect_uri,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return Departure(location, state)

    def arrive(
        self, code: str, state: str, brought: str, issuer: str | None
    ) -> tuple[Session | None, str]:
        """The session of who comes back, or None after a linking; and the page to go on to.

        `brought` is the secret in the browser's cookie, which nobody else's browser has. Raises
        `SignInRefused`, `ProviderAway`, `TooMany`.
        """
        if not compare_digest(state.encode(), brought.encode()):
            raise SignInRefused
        with self._places.taken():
            asked = self.store.answered(self.keys.hash_of(state), "oidc", self.clock())
            if asked is None or issuer not in (None, self.issuer):  # mix-up (RFC 9207)
                raise SignInRefused
            claims = self.claims_of(code, asked["verifier"], asked["nonce"])
        subject = str(claims["sub"])
        tag = self.keys.tag("oidc", f"{self.issuer}\0{subject}")
        if "person" in asked:
            self.link(asked, subject, tag)
            return None, asked["to"]
        return self.sign_in(tag), asked["to"]

    def sign_in(self, tag: bytes) -> Session:
        """The session of somebody whom the provider knows. Raises `SignInRefused`."""
        linked = self.store.linked(tag)
        if linked is None:
            raise SignInRefused
        link, stream = linked
        account = self.states.newest(stream)
        if link not in account.links:
            raise SignInRefused
        try:
            return self.sessions.begin(account, SignInMethod.OIDC, None)
        except SessionOver:
            raise SignInRefused from None

    def link(self, asked: Mapping[str, Any], subject: str, tag: bytes) -> None:
        """Let the provider vouch for who departed to be linked. Raises `SignInRefused`."""
        actor = Actor(UUID(asked["person"]), ROLES[asked["role"]], UUID(asked["office"]))
        stream, link = account_id(actor.id), uuid4()

        def check(_: object) -> None:
            if not self.states.newest(stream).honours(asked["version"]):
                raise SignInRefused

        check(None)
        if not self.store.link(tag, link, stream):
            raise SignInRefused  # the provider's person is somebody here already
        sealed = self.vault.drafts(stream).of(SELF, subject)
        fact = IdentityLink(id=link, issuer=self.issuer[:64], subject=sealed)
        command = Command(actor)
        self.records.change(command, Account, stream, Account.link_identity, fact, check=check)

    def claims_of(self, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
        """What the provider says of who has this code. Raises `SignInRefused`, `ProviderAway`."""
        provider = self.provider()
        body = prepare_token_request(
            "authorization_code", redirect_uri=self.redirect_uri, code=code, code_verifier=verifier
        )
        secret = self.settings.oidc_client_secret
        auth = ClientAuth(
            self.settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
            "client_secret_basic" if secret else "none",
        )
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        url, headers, body = auth.prepare("POST", provider.token, headers, body)
        try:
            answer = httpx.post(url, headers=headers, content=body, timeout=TIMEOUT)
            given = answer.json()
        except (httpx.HTTPError, ValueError):
            raise ProviderAway from None
        if answer.status_code != httpx.codes.OK or "id_token" not in given:
            raise SignInRefused
        return self.verified(str(given["id_token"]), nonce)

    def verified(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that is for us, now, and for who departed.

        Raises `SignInRefused` (OpenID Connect Core 1.0, 3.1.3.7).
        """
        registry = JWTClaimsRegistry(
            now=int(self.clock().timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.settings.oidc_client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        for fresh in (False, True):  # a key that we do not know may be a new one
            try:
                claims = jwt.decode(token, self.provider(fresh).keys, algorithms=SIGNED_BY).claims
            except (JoseError, ValueError):
                continue
            try:
                registry.validate(claims)
            except JoseError:
                raise SignInRefused from None
            if claims.get("azp", self.settings.oidc_client_id) != self.settings.oidc_client_id:
                raise SignInRefused
            return claims
        raise SignInRefused

    def provider(self, fresh: bool = False) -> Provider:
        """What the provider says of itself. Raises `NoProvider`, `ProviderAway`."""
        with self._turn:
            known, now = self._provider, self.clock()
            if not fresh and known is not None and now - known.asked_at <= KNOWN_FOR:
                return known
            away = None if self._away_since is None else now - self._away_since
            if away is not None and timedelta() <= away <= AWAY_FOR:
                raise ProviderAway
            try:
                known = self._provider = self.discovered(now)
            except ProviderAway:
                self._away_since = self.clock()
                raise
            return known

    def discovered(self, now: datetime) -> Provider:
        """Ask the provider. Raises `NoProvider`, `ProviderAway`."""
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            said = fetched(address)
            if said["issuer"] != self.issuer:
                raise ProviderAway
            keys = KeySet.import_key_set(fetched(said["jwks_uri"]))
            return Provider(said["authorization_endpoint"], said["token_endpoint"], keys, now)
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError):
            raise ProviderAway from None

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to."""
        return f"{self.settings.public_url}{CALLBACK}"


def fetched(url: str) -> Any:
    """The JSON at an address of the provider."""
    answer = httpx.get(url, timeout=TIMEOUT, headers={"Accept": "application/json"})
    return answer.raise_for_status().json()
