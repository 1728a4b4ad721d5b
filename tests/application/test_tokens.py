"""Tokens: they say who acts, for a time, and only those of this installation do."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from application.keys import kept_key
from application.records import Actor
from application.settings import Settings
from application.tokens import TokenRefused, Tokens, issue
from domain.values import Role

NOW = datetime(2019, 3, 1, 8, tzinfo=UTC)
ACTOR = Actor(uuid4(), Role.SUPERVISOR, uuid4())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_a_token_says_who_acts_in_which_role_for_which_office(settings: Settings) -> None:
    assert Tokens(settings).read(issue(settings, ACTOR, hours=1)).actor == ACTOR


def test_a_token_holds_for_its_hours_and_no_longer(settings: Settings) -> None:
    token = Tokens(settings, clock=lambda: NOW).issue(ACTOR, hours=8)
    in_time = Tokens(settings, clock=lambda: NOW + timedelta(hours=8, seconds=-1))
    too_late = Tokens(settings, clock=lambda: NOW + timedelta(hours=8, seconds=1))
    assert in_time.read(token).actor == ACTOR
    with pytest.raises(TokenRefused) as refusal:
        too_late.read(token)
    assert refusal.value.expired


def test_a_token_of_another_installation_is_refused(settings: Settings, tmp_path: Path) -> None:
    foreign = issue(Settings(home=tmp_path / "other"), ACTOR)
    with pytest.raises(TokenRefused):
        Tokens(settings).read(foreign)


def test_an_unsigned_token_is_refused(settings: Settings) -> None:
    claims = issue(settings, ACTOR).split(".")[1]
    header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    with pytest.raises(TokenRefused):
        Tokens(settings).read(f"{header}.{claims}.")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "令牌", "e30.e30.e30", "\x00"])
def test_what_is_no_token_is_refused(text: str, settings: Settings) -> None:
    with pytest.raises(TokenRefused):
        Tokens(settings).read(text)


@pytest.mark.parametrize("missing", ["sub", "role", "office", "exp"])
def test_a_token_that_leaves_something_out_is_refused(missing: str, settings: Settings) -> None:
    tokens = Tokens(settings)
    key = OctKey.import_key(kept_key(settings.home / "keys" / "tokens.key"))
    claims = jwt.decode(tokens.issue(ACTOR), key).claims
    del claims[missing]
    with pytest.raises(TokenRefused):
        tokens.read(jwt.encode({"alg": "HS256"}, claims, key))
