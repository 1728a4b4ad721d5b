"""What the framework and the validation library say, in words that tell people what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import ValidationError

from domain.sentence import Sentence

UNKNOWN: Final = (
    "请求无法处理",
    Sentence("The request cannot be served; look it up in /docs.", "请求无法处理，请查看 /docs。"),
)

SAID_BY_THE_FRAMEWORK: Final = {
    HTTPStatus.BAD_REQUEST: (
        "unreadable",
        "请求内容无法解析",
        Sentence(
            "The body cannot be read; send it again as JSON in UTF-8.",
            "请求内容无法解析，请以 UTF-8 编码的 JSON 重新提交。",
        ),
    ),
    HTTPStatus.NOT_FOUND: (
        "no-such-address",
        "没有这个地址",
        Sentence("There is no such address; look it up in /docs.", "没有这个地址，请查看 /docs。"),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "method-not-allowed",
        "该地址不支持此方法",
        Sentence(
            "This address does not take this method; use one that the header Allow names.",
            "该地址不支持此方法，请使用响应头 Allow 所列的方法。",
        ),
    ),
    HTTPStatus.NOT_ACCEPTABLE: (
        "not-acceptable",
        "没有所要求的格式",
        Sentence(
            "This address answers in JSON, or in CSV or Excel where it ends so;"
            " take that in Accept.",
            "该地址只提供 JSON（以 .csv、.xlsx 结尾的提供 CSV、Excel），请修改请求头 Accept。",
        ),
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "unsupported-media-type",
        "请求内容不是 JSON",
        Sentence(
            "A body is JSON; send it with “Content-Type: application/json”.",
            "请求内容须为 JSON，请使用请求头 Content-Type: application/json。",
        ),
    ),
}
"""Errors before any route: kind, title in Chinese, detail."""

FAULTS_ZH: Final = {
    "missing": "缺少必填项",
    "extra_forbidden": "没有这个字段",
    "given_twice": "只能填写一次",
    "enum": "须为以下之一：{expected}",
    "literal_error": "须为以下之一：{expected}",
    "json_invalid": "不是有效的 JSON",
    "string_nul": "含有字符 U+0000",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不符",
    "greater_than_equal": "不得小于 {ge}",
    "less_than_equal": "不得大于 {le}",
    "too_short": "至少填写 {min_length} 项",
    "too_long": "最多填写 {max_length} 项",
    "too_many_faults": "不符合要求之处过多",
    "too_nested": "请求内容的层次或者条目过多",
    "timezone_aware": "须带时区，如 2019-12-31T18:00:00+08:00",
}
"""Pydantic's types of fault in Chinese, with what it says about the limits."""

EITHER: Final[Mapping[frozenset[str | int], Sentence]] = {
    frozenset({"datetime", "date"}): Sentence(
        "Write a date such as 2019-12-31, or a time with its offset such as "
        "2019-12-31T18:00:00+08:00",
        "请填写日期（如 2019-12-31）或带时区的时刻（如 2019-12-31T18:00:00+08:00）",
    ),
    frozenset({"uuid", "constrained-str"}): Sentence(
        "Write the official code of a region, such as 370000, or its id",
        "请填写区划代码（如 370000）或区划编号",
    ),
}
"""What fits neither of two kinds, by pydantic's names of the kinds."""

OUT_OF_RANGE: Final = Sentence(
    "Enter a day that can be meant, from 1900 to 2199", "请填写 1900 年至 2199 年间的真实日期"
)
"""A day that is written well, but that no fact has and no ledger or figure reaches."""

WRITTEN: Final = {
    ("header", "if-match"): Sentence(
        'Write the ETag of the version that you saw, quotes included, such as "3"',
        '请填写所见版本的 ETag，须带引号，如 "3"',
    ),
    ("query", "as_of"): Sentence(
        "Write a position such as 1234, a date such as 2019-12-31, or an instant such as "
        "2019-12-31T18:00:00+08:00",
        "请填写位置（如 1234）、日期（如 2019-12-31）或时刻（如 2019-12-31T18:00:00+08:00）",
    ),
    ("query", "boundaries"): Sentence(
        "Write then, now, or a date such as 2019-12-31",
        "请填写 then（当时）、now（现行）或日期（如 2019-12-31）",
    ),
}
"""How places are written whose pattern says nothing to people."""


FITTING: Final = {
    "bool": "write true or false",
    "float": "write a number",
    "greater_than_equal": "write {ge} or more",
    "int": "write a whole number",
    "ip_any_network": "write networks such as 10.0.0.0/8, with commas between them",
    "less_than_equal": "write {le} or less",
    "uuid": "it is an id, to be copied from a ledger or a list",
}
"""What fits on the command line or as a setting, by what pydantic's types of fault begin with."""

CHOICES: Final = " is not one of "
"""Behind it the framework of the command line says what may be chosen."""

WRITTEN_AS: Final = {
    "HUHANG_INSTANCE": "write at most 32 lower-case letters, digits and hyphens",
    "HUHANG_OIDC_ISSUER": "write an address such as https://login.example.cn",
    "HUHANG_ORIGIN": "write a host and path without blanks and plus, such as log.example.cn/huhang",
    "HUHANG_PUBLIC_URL": "write an address without a path, such as https://huhang.example.cn",
    "LOGIN": "write 3 to 32 lower-case letters, digits, dots, hyphens and underscores, the first a "
    "letter or digit",
    "--name": "write the person's name",
    "--region-code": "write at most 20 letters, digits and hyphens, such as 370000",
    "--region-name": "write the region's name, such as 山东省",
    "--region-scheme": "write at most 40 lower-case letters, digits and hyphens, such as gb2260",
}
"""What is written in places whose pattern says nothing to people."""


def slip(place: str, error: ValidationError) -> str:
    """What somebody wrote on the command line or as a setting, and what would fit there."""
    fault = error.errors()[0]
    return f"{place} cannot be “{fault['input']}”: {fitting(place, fault)}."


def fitting(place: str, fault: Mapping[str, Any]) -> str:
    """What would fit, for who wrote something else."""
    if fault["type"].startswith("string") and place in WRITTEN_AS:
        return WRITTEN_AS[place]
    _, one_of, choices = str(fault["msg"]).partition(CHOICES)
    if one_of:
        return "write one of " + choices.replace("'", "").rstrip(".")
    if is_out_of_range(fault):
        return "write a day that can be meant, from 1900 to 2199"
    for kind, words in FITTING.items():
        if fault["type"].startswith(kind):
            return words.format(**fault.get("ctx", {}))
    return "look it up with --help, or in README.md"


def is_out_of_range(fault: Mapping[str, Any]) -> bool:
    """Whether a date or time is one, but before or after those that can be meant."""
    limits = fault.get("ctx", {})
    return any(isinstance(limits.get(bound), str) for bound in ("ge", "le", "lt"))


def fault_of(
    place: tuple[str | int, ...], kind: str, en: str, limits: Mapping[str, Any]
) -> Sentence:
    """A fault in words; `limits` is what pydantic says about what is allowed there."""
    if kind == "string_pattern_mismatch" and place in WRITTEN:
        return WRITTEN[place]
    return Sentence(en, fault_zh(kind, limits))


def fault_zh(kind: str, limits: Mapping[str, Any]) -> str:
    """A fault in Chinese."""
    if kind in FAULTS_ZH:
        return FAULTS_ZH[kind].format(**limits).replace(" or ", " 或 ")
    if kind.startswith(("date", "timezone")):
        return "不是有效的日期或时间"
    if kind.startswith("uuid"):
        return "不是有效的编号（UUID）"
    return "填写不正确"
