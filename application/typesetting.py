"""Sets the readable PDF of a case file in Chinese type, as PDF/A-2u (ISO 19005-2).

PDF/A allows no letter without a shape, so a box never stands where a letter should.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from application.settings import Settings
from domain.wording import Said

TEMPLATE: Final = Path(__file__).with_name("typeset") / "casefile.typ"
STANDARD: Final = "a-2u"

FAMILIES: Final = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "FangSong",
    "SimSun",
    "STSong",
    "Songti SC",
    "WenQuanYi Zen Hei",
)
"""Families of simplified Chinese, the preferred first; one of them is enough."""

ESCAPED: Final = re.compile(r"\\u\{(?P<number>[0-9a-f]+)\}")  # as the message writes letters
SHAPELESS: Final = re.compile(r"the text `\"(?P<letters>.+?)\"` could not be displayed")
REPLACED_AT_MOST: Final = 200  # kinds of letters in one file that no font here knows


class NotSet(Said):
    """The document cannot be set here."""


def chinese_fonts(settings: Settings) -> tuple[typst.Fonts, list[str]]:
    """The fonts of this computer and the families among them for Chinese. Raises `NotSet`."""
    folders = [settings.fonts] if settings.fonts else []
    fonts = typst.Fonts(font_paths=folders)
    there = set(fonts.families())
    found = [family for family in FAMILIES if family in there]
    if not found:
        raise NotSet(
            "No Chinese font is installed, so nothing is set in type: install fonts-noto-cjk, or "
            "point HUHANG_FONTS at a folder with Noto Serif CJK SC or another of its kind.",
            "本机没有中文字体，无法排版：请安装 fonts-noto-cjk，或将 HUHANG_FONTS 指向含有"
            "思源宋体等中文字体的文件夹。",
        )
    return fonts, [*found, *sorted(there - set(found))]


def set_in_type(document: Mapping[str, Any], written: datetime, settings: Settings) -> bytes:
    """The PDF of a document, whose members are those that the template reads.

    A letter that no font here knows is written as its number, such as 〔U+1F984〕; the record
    itself has it. The same document and time give the same bytes with the same fonts. Raises
    `NotSet`.
    """
    fonts, families = chinese_fonts(settings)
    compiler, template = typst.Compiler(font_paths=fonts), TEMPLATE.read_bytes()
    text = json.dumps({**document, "families": families}, ensure_ascii=False, default=str)
    for _ in range(REPLACED_AT_MOST):
        try:
            pdf = compiler.compile(
                template,
                format="pdf",
                sys_inputs={"document": text},
                pdf_standards=[STANDARD],
                timestamp=int(written.timestamp()),
            )
        except typst.TypstError as error:
            shapeless = SHAPELESS.search(error.message)
            if shapeless is None:
                raise NotSet(f"The document cannot be set: {error.message}") from None
            text = numbered(text, shapeless["letters"])
        else:
            assert isinstance(pdf, bytes)
            return pdf
    raise NotSet("The document holds too many letters that no font here knows; install more fonts.")


def numbered(text: str, letters: str) -> str:
    """The text with letters, as a message quotes them, written as their numbers."""
    for letter in ESCAPED.sub(lambda found: chr(int(found["number"], 16)), letters):
        if letter.isascii():  # part of the text around it, or escaped by the message
            continue
        text = text.replace(letter, f"〔U+{ord(letter):04X}〕")
    return text
