"""An ID token counts only if it is of the provider, for us, now, and for who departed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import islice
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from application.limits import TooMany
from application.oidc import AWAY_FOR, WAITING, NoProvider, Oidc, Provider, ProviderAway
from application.settings import Settings
from application.sign_in import SignInRefused
from tests.identity.authenticator import b64
from tests.identity.world import World

ISSUER = "http://127.0.0.1:9"  # where nobody answers
KEY = ECKey.generate_key("P-256", {"kid": "one"})


@pytest.fixture
def oidc(world: World) -> Oidc:
    """Sign-in by a provider whose keys are known and who does not answer."""
    known = world.identity.oidc
    settings = Settings(
        home=world.settings.home, public_url="https://huhang.example", oidc_issuer=ISSUER
    )
    found = Oidc(
        settings,
        known.records,
        known.vault,
        known.store,
        known.keys,
        known.states,
        known.sessions,
        known.steps,
        world.clock,
    )
    keys = KeySet([ECKey.import_key(KEY.as_dict(private=False))])
    found._provider = Provider(f"{ISSUER}/auth", f"{ISSUER}/token", keys, world.clock())
    return found


def claims(oidc: Oidc, **changes: Any) -> dict[str, Any]:
    now = int(oidc.clock().timestamp())
    facts = {
        "iss": ISSUER,
        "aud": "huhang",
        "sub": "42",
        "nonce": "n",
        "iat": now,
        "exp": now + 300,
        **changes,
    }
    return {name: value for name, value in facts.items() if value is not None}


def signed(facts: dict[str, Any], key: Any = KEY, algorithm: str = "ES256") -> str:
    return jwt.encode({"alg": algorithm, "kid": "one"}, facts, key, algorithms=[algorithm])


def test_a_token_for_us_says_who_it_is(oidc: Oidc) -> None:
    assert oidc.verified(signed(claims(oidc)), "n")["sub"] == "42"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"azp": "another"},
        {"nonce": "of another departure"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_for_another_or_of_another_time_lets_nobody_in(
    oidc: Oidc, change: dict[str, Any]
) -> None:
    with pytest.raises(SignInRefused):
        oidc.verified(signed(claims(oidc, **change)), "n")


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ECKey.generate_key("P-256", {"kid": "one"}), "ES256"),
        (OctKey.import_key(b"x" * 32), "HS256"),
    ],
    ids=["another key", "a shared key"],
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    oidc: Oidc, key: Any, algorithm: str
) -> None:
    with pytest.raises((SignInRefused, ProviderAway)):
        oidc.verified(signed(claims(oidc), key, algorithm), "n")


def test_a_token_without_a_signature_lets_nobody_in(oidc: Oidc) -> None:
    _, facts, _ = signed(claims(oidc)).split(".")
    unsigned = b64(b'{"alg":"none"}')
    with pytest.raises((SignInRefused, ProviderAway)):
        oidc.verified(f"{unsigned}.{facts}.", "n")


def test_a_provider_that_does_not_answer_is_said_to_be_away(oidc: Oidc) -> None:
    oidc._provider = None
    with pytest.raises(ProviderAway):
        oidc.provider()


def test_a_provider_that_does_not_answer_keeps_few_waiting(
    oidc: Oidc, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, crowd, asked = threading.Event(), 3 * WAITING, []

    def fetched(address: str) -> Any:
        asked.append(address)
        answers.wait()
        raise httpx.ReadTimeout("the provider does not answer")

    monkeypatch.setattr("application.oidc.fetched", fetched)
    oidc._provider = None
    with ThreadPoolExecutor(crowd) as people:
        departures = [people.submit(oidc.departure, {"to": "/docs"}) for _ in range(crowd)]
        try:
            turned_away = list(islice(as_completed(departures, timeout=10), crowd - WAITING))
        finally:
            answers.set()
    assert {type(one.exception()) for one in turned_away} == {TooMany}
    waited = {type(one.exception()) for one in departures if one not in turned_away}
    assert waited == {ProviderAway}
    assert len(asked) == 1, "they wait for one answer, not each for another"


def test_a_provider_that_was_away_is_asked_again_in_a_moment(
    oidc: Oidc, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Provider("https://there.example", "https://there.example", KeySet([]), world.clock())
    monkeypatch.setattr(Oidc, "discovered", Mock(side_effect=[ProviderAway(), there]))
    oidc._provider = None
    for _ in range(2):
        with pytest.raises(ProviderAway):
            oidc.provider()
    world.clock.wait(AWAY_FOR + timedelta(seconds=1))
    assert oidc.provider() is there


def test_without_a_provider_nobody_is_sent_to_one(world: World) -> None:
    with pytest.raises(NoProvider):
        world.identity.oidc.depart("/docs", "203.0.113.9")
