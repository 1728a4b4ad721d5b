"""What docs/audit.md tells auditors to type is typed here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from tests.proof.ledger import Ledger

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"


PROGRAM = f'huhang() {{ {sys.executable} -m api "$@"; }}\n'


def typed(
    ledger: Ledger, folder: Path, position: int, shell: str = "sh", huhang: str = PROGRAM
) -> str:
    block = re.search(
        r"test_by_hand.py runs this block. -->\n```sh\n(.*?)```", DOCUMENT.read_text(), re.S
    )
    assert block is not None
    done = subprocess.run(
        [shell, "-eu", "-c", f"cd {folder}; {huhang}{block[1]}"],
        env={
            "PATH": "/usr/bin:/bin",
            "POSITION": str(position),
            "PYTHONPATH": str(DOCUMENT.parents[1]),
            "HUHANG_HOME": str(ledger.settings.home),
            "HUHANG_DATABASE_URL": make_conninfo(ledger.database.administrator),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(("position", "shell"), [(1, "sh"), (5, "bash"), (8, "sh")])
def test_one_record_is_checked_by_hand_in_any_shell(
    ledger: Ledger, tmp_path: Path, position: int, shell: str
) -> None:
    ledger.record(7)
    ledger.seal()
    said = typed(ledger, tmp_path, position, shell)
    assert said == "The record is in the log of 8 records.\n"


def test_a_changed_record_fails_by_hand(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record(7)
    ledger.seal()
    ledger.attack(
        "update log.event set recorded_at = recorded_at + interval '1 s' where position = 5"
    )
    assert "NOT in the log" in typed(ledger, tmp_path, 5)


def test_a_record_whose_state_is_another_is_never_said_to_be_in_the_log(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.record(7)
    ledger.seal()
    huhang = f"""huhang() {{
        case "$*" in
            *--state) echo forged ;;
            *) {sys.executable} -m api "$@" ;;
        esac
    }}
"""
    said = typed(ledger, tmp_path, 5, huhang=huhang)
    assert said == "The state is not the one recorded: do not believe this record.\n"


def test_a_position_that_is_not_there_is_said_to_be_none(ledger: Ledger, tmp_path: Path) -> None:
    ledger.seal()
    said = typed(ledger, tmp_path, 9)
    assert "There is no sealed record at position 9 to be checked.\n" in said
    assert "NOT in the log" not in said
