"""What the framework and the validation library say, in words that tell people what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from domain.wording import Sentence

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
            "This address answers in JSON, or in CSV where it ends so; take that in Accept.",
            "该地址只提供 JSON（以 .csv 结尾的提供 CSV），请修改请求头 Accept。",
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
    "enum": "不在可选值之内",
    "literal_error": "不在可选值之内",
    "json_invalid": "不是有效的 JSON",
    "string_too_short": "内容过短",
    "string_too_long": "内容过长",
    "string_pattern_mismatch": "格式不符",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "too_short": "至少填写一项",
    "timezone_aware": "须带时区",
}
"""Pydantic's types of fault in Chinese."""


def fault_zh(kind: str) -> str:
    """A fault in Chinese."""
    if kind in FAULTS_ZH:
        return FAULTS_ZH[kind]
    if kind.startswith(("date", "timezone")):
        return "不是有效的日期或时间"
    if kind.startswith("uuid"):
        return "不是有效的编号（UUID）"
    return "填写不正确"
