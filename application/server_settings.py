"""What a server must do so that what is recorded stays; one that does not is refused."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import psycopg

from application.settings import DangerousSetting


class Needed(NamedTuple):
    """What a setting must be, what another one does, and how it is mended."""

    value: str
    otherwise: str
    remedy: str


NEEDED: Final[dict[str, Needed]] = {
    "fsync": Needed(
        "on",
        "a crash of the machine destroys what was recorded",
        "set fsync = on in postgresql.conf and reload the server",
    ),
    "full_page_writes": Needed(
        "on",
        "a crash of the machine leaves pages that are half old and half new",
        "set full_page_writes = on in postgresql.conf and reload the server",
    ),
    "data_checksums": Needed(
        "on",
        "nobody notices when the disk changes a page",
        "stop the server and run pg_checksums --enable, or make the cluster by initdb "
        "--data-checksums",
    ),
    "server_encoding": Needed(
        "UTF8",
        "it does not know what a letter is",
        "use another database: create database huhang template template0 encoding 'UTF8'",
    ),
    "session_replication_role": Needed(
        "origin",
        "triggers and cascades stay silent and an erasure leaves rows behind",
        "take it out of postgresql.conf, or reset it for the role or the database: alter role … "
        "reset session_replication_role",
    ),
    "synchronous_commit": Needed(
        "on",
        "a crash loses records whose receipts were given",
        "let whatever stands between this program and the server pass on the options of a "
        "connection; each of ours asks for it",
    ),
}


def require_settings(connection: psycopg.Connection[Any]) -> None:
    """Refuse a server, or a session on it, that could lose or change what is recorded.

    Raises `DangerousSetting`.
    """
    row = connection.execute(  # as JSON: a server in SQL_ASCII answers in bytes
        "select json_object_agg(name, current_setting(name)) from unnest(%s::text[]) as name",
        (list(NEEDED),),
    ).fetchone()
    assert row is not None
    wrong = [
        f"{name} is {row[0][name]}, so that {needed.otherwise}: {needed.remedy}."
        for name, needed in NEEDED.items()
        if row[0][name] != needed.value
    ]
    if wrong:
        raise DangerousSetting(" ".join(wrong))
