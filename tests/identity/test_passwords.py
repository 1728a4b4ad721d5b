"""What a password must be, and that a login name is had by one person."""

from __future__ import annotations

from string import ascii_lowercase

import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis.strategies import text as texts

from application.accounts import OpeningFacts
from application.guessable import common, without_runs
from application.passwords import MOST, plain, require_fit
from domain.base import Refused
from tests.identity.world import GOOD, World

COMMON = """
Password2026! password1234 p@ssw0rd1234 p@ssw0rd12345 Pa$$w0rd2514037 2514037p@ssw0rd
passw0rdpassw0rd passwordpassword admin@123456
Admin123Admin welcome12345 sunshine1234 princess1234 michael12345 trustno1trustno1
iloveyouforever monkeydragon12 dearbook1234
"""

CHINESE = """
woaini123456789 woaini1314520 5201314woaini woaiwoziji1314 aini1314aini1314 wodemima1234
zhongguo1234 nihao1234567 shandong2026 我爱你我爱你1314520 妇联婚姻登记处20262
"""

KEYS = """
aaaaaaaaaaaaa abcdefghijklmn 1qaz2wsx3edc4rfv 1qaz@WSX3edc !QAZ2wsx#EDC zaq12wsxcde3
qazwsxedcrfv qwertyuiop12 qwer1234asdf abcd1234efgh q1w2e3r4t5y6 a1b2c3d4e5f6 Aa123456789.
aaabbbcccdddeee aabbccddeeffgg 111222333444555 147258369147 739104628517
"""


@pytest.mark.parametrize("password", ["湖" * 4, "elevenchars", GOOD[:11]])
def test_a_password_has_twelve_characters(password: str) -> None:
    refused(password, "password-short")


def test_a_password_that_is_a_whole_text_only_costs_time() -> None:
    refused(GOOD * MOST, "password-long")


@pytest.mark.parametrize("password", ["my wang.li rides", "rides il.gnaw today"])
def test_a_password_does_not_hold_the_login_name(password: str) -> None:
    refused(password, "password-personal")


@pytest.mark.parametrize("password", COMMON.split())
def test_a_password_is_none_of_the_commonest_whatever_is_added(password: str) -> None:
    refused(password, "password-known")


@pytest.mark.parametrize("password", CHINESE.split())
def test_a_password_is_none_of_those_that_are_common_in_chinese(password: str) -> None:
    refused(password, "password-known")


@pytest.mark.parametrize("password", KEYS.split())
def test_a_password_is_no_row_of_keys_no_repetition_and_no_number(password: str) -> None:
    refused(password, "password-known")


@pytest.mark.parametrize(
    "password", ["huhang-huhang-2026", "护航护航护航2026护航", "婚姻家庭辅导中心2026"]
)
def test_a_password_is_not_what_this_is_called(password: str) -> None:
    refused(password, "password-known")


def test_a_password_is_not_what_the_office_is_called() -> None:
    office = "湖滨路三号院服务点"
    with pytest.raises(Refused, match="password-known"):
        require_fit(f"{office}2026", "wang.li", [office])
    require_fit(f"{office}里的茶叶蛋", "wang.li", [office])


@pytest.mark.parametrize("office", ["湖滨路（三号院）服务点", "湖滨路 三号院 服务点"])
@pytest.mark.parametrize("signs", ["（）", "()", "  ", ""])
def test_nor_however_the_signs_in_its_name_are_written(office: str, signs: str) -> None:
    written = "湖滨路{}三号院{}服务点2026".format(*signs or ("", ""))
    with pytest.raises(Refused, match="password-known"):
        require_fit(written, "wang.li", [office])


def test_who_chooses_a_password_chooses_another_than_the_name_of_his_office(world: World) -> None:
    world.joined("wang.li")
    office = world.records.jurisdiction.name_of(world.office)
    with pytest.raises(Refused, match="password-known"):
        world.identity.sign_in.change_password(world.signs_in("wang.li"), GOOD, f"{office} 2026")


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery staple",
        "Xk9-vQ2m_Lr7p",
        "tuesday-lamp-Ginkgo",
        "the overstuffed sofa 7",
        "7#9$2!4%a8^1",
        "七月份去青岛看海吃蛤蜊",
        "admin of the blue teapot",
    ],
)
def test_a_long_phrase_is_a_good_password(password: str) -> None:
    require_fit(f"{password}。", "wang.li")


@settings(deadline=None, max_examples=200)
@holds(texts(alphabet=ascii_lowercase, min_size=16, max_size=16))
def test_no_letters_that_are_drawn_by_lot_are_refused(password: str) -> None:
    if len(set(password)) > 8 and without_runs(password) == password:
        require_fit(password, "wang.li")


def test_what_is_common_is_written_as_it_is_compared() -> None:
    assert len(common()) > 500
    for word in common():
        assert word == plain(word).lower()
        assert len(word) >= (4 if word.isascii() else 2)


def test_a_login_name_is_had_by_one_person(world: World) -> None:
    world.opened("wang.li")
    with pytest.raises(Refused) as taken:
        world.opened("wang.li")
    assert (taken.value.code, taken.value.context) == ("login-taken", {"login": "wang.li"})


def test_a_name_that_was_refused_for_another_reason_can_still_be_had(world: World) -> None:
    person = world.opened("wang.li")
    facts = OpeningFacts(login="li.wang", name="李某", office=world.office)
    with pytest.raises(Refused):
        world.identity.accounts.open(person, facts, world.system())
    world.opened("li.wang")


def refused(password: str, code: str) -> None:
    """A password that is refused by this rule."""
    with pytest.raises(Refused) as refusal:
        require_fit(password, "wang.li")
    assert refusal.value.code == code
