"""Which passwords are good enough, and that hashing leaves room for everybody else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from argon2 import PasswordHasher
from hypothesis import given as holds
from hypothesis import strategies as st

from application.guessable import is_guessable
from application.limits import Buckets, TooMany
from application.passwords import HASHER, LEAST, MOST, Passwords, once, require_fit
from domain.base import Refused

PEPPER = b"of the key of sign-in"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "password-short"),
        ("x" * (MOST + 1), "password-long"),
        ("my lw-0412 is long", "password-personal"),
        ("2140-wl backwards", "password-personal"),
        ("aaaaaaaaaaaa", "password-known"),
        ("abababababab", "password-known"),
        ("123456789012", "password-known"),
        ("qwertyuiop12", "password-known"),
        ("poiuytrewq!!", "password-known"),
        ("Password2026", "password-known"),
        ("admin1234567", "password-known"),
        ("woaini1314520", "password-known"),
        ("20190301201903", "password-known"),
        ("1qaz2wsx3edc", "password-known"),
    ],
)
def test_what_is_tried_first_is_no_password(password: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        require_fit(password, "lw-0412")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password",
    ["四月湖边自行车与茶叶蛋也好", "correct horse battery", "kz7m-4wqn-c2ht-y9pf", "Wq8!zr-Lu2#vP"],
)
def test_a_few_words_or_chance_make_a_password(password: str) -> None:
    require_fit(password, "lw-0412")


@holds(st.text("abcdefghijklmnopqrstuvwxyz ", min_size=1, max_size=6), st.integers(2, 20))
def test_whatever_is_repeated_is_known(part: str, times: int) -> None:
    assert is_guessable((part * times)[:MOST]) or len(part * times) < LEAST or len(set(part)) >= 5


def test_one_way_of_writing_is_the_same_password() -> None:
    passwords = Passwords(PEPPER, QUICK)
    assert passwords.matches(passwords.hash("ａｂｃ１２３ é"), "abc123 e\u0301")


def test_without_a_password_kept_the_same_work_says_no() -> None:
    passwords = Passwords(PEPPER, QUICK)
    assert not passwords.matches(None, "anything")
    assert not passwords.matches("$argon2id$broken", "anything")


def test_a_hash_says_how_it_was_made() -> None:
    assert HASHER.hash("x").startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_a_password_for_once_is_chance_that_can_be_read_out() -> None:
    given = {once() for _ in range(100)}
    assert len(given) == 100
    for password in given:
        require_fit(password, "lw-0412")
        assert not set("01lio") & set(password)


class Slow:
    """A hasher that holds its slot until the test lets go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running = 0
        self.most = 0

    def hash(self, _: str) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        self.go.wait(10)
        self.running -= 1
        return "hash"


def test_few_hash_at_once_few_wait_and_the_rest_come_again() -> None:
    slow = Slow()
    slow.go.set()
    passwords = Passwords(PEPPER, slow, slots=2, waiting=3)  # type: ignore[arg-type]
    slow.go.clear()
    slow.most = 0

    def hashes() -> str:
        with passwords.places.taken():
            return passwords.hash("x")

    with ThreadPoolExecutor(5) as threads:
        taken = [threads.submit(hashes) for _ in range(5)]
        for _ in range(500):
            if slow.running == 2 and passwords.places._free._value == 0:
                break
            time.sleep(0.01)
        for _ in range(195):
            with pytest.raises(TooMany):
                hashes()
        slow.go.set()
        assert [one.result() for one in taken] == ["hash"] * 5
    assert slow.most <= 2
    assert hashes() == "hash"


@holds(st.lists(st.floats(0, 30), max_size=60))
def test_no_bucket_gives_more_than_its_burst_and_its_rate(gaps: list[float]) -> None:
    now, taken = 0.0, 0
    bucket = Buckets(0.5, 10, lambda: now)
    for gap in gaps:
        now += gap
        with suppress(TooMany):
            bucket.take("one")
            taken += 1
        assert taken <= 10 + 0.5 * now + 1e-6


def test_a_bucket_is_for_one_address_and_waiting_fills_it() -> None:
    now = 0.0
    bucket = Buckets(0.5, 2, lambda: now)
    bucket.take("one")
    bucket.take("one")
    with pytest.raises(TooMany) as waits:
        bucket.take("one")
    assert waits.value.seconds == 2
    bucket.take("other")
    now = 2.0
    bucket.take("one")
