"""The vault: releases and opened fields a second, beside plain AES-GCM over the same bytes."""

from __future__ import annotations

import os
import time
from base64 import b64decode
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.beginning import open_records
from application.database import Database
from application.records import Actor, Command
from application.settings import Settings
from application.vault import open_vault
from domain.access import Viewing
from domain.values import AccessPurpose, RecordKind, RecordSurface, Role

RELEASES = 300
OPENINGS = 20_000

RECORDS = "select distinct record from vault.key order by record limit %s"
KEYS = "select count(*) from vault.key"


def measure(database: Database, settings: Settings) -> dict[str, float]:
    """Releases a second, each of a reader of its own; fields opened and plainly decrypted; keys."""
    records = open_records(database, settings)
    with open_vault(database, settings) as vault, psycopg.connect(database.vault) as connection:
        people = [record for (record,) in connection.execute(RECORDS, (RELEASES,))]
        row = connection.execute(KEYS).fetchone()
        assert row is not None
        started = time.perf_counter()
        released = [
            vault.release(
                records, viewing(record), Command(Actor(uuid4(), Role.SUPERVISOR, uuid4()))
            )
            for record in people
        ]
        releasing = time.perf_counter() - started

        openings = [(one, field) for one in released for field in one.fields]
        openings = (openings * (OPENINGS // len(openings) + 1))[:OPENINGS]
        started = time.perf_counter()
        for one, field in openings:
            one.open(field.sealed)
        opening = time.perf_counter() - started

        cipher, nonce = AESGCM(os.urandom(32)), os.urandom(12)
        boxes = [
            cipher.encrypt(nonce, bytes(len(b64decode(field.sealed.c)) - 16), None)
            for _, field in openings
        ]
        started = time.perf_counter()
        for box in boxes:
            cipher.decrypt(nonce, box, None)
        plain = time.perf_counter() - started

        started = time.perf_counter()
        rotation = vault.store.rotate(at_once=True)
        rotating = time.perf_counter() - started
        assert rotation.rewrapped == row[0]
    records.close()
    return {
        "vault_releases_per_second": len(people) / releasing,
        "vault_fields_opened_per_second": OPENINGS / opening,
        "plain_aes_gcm_per_second": OPENINGS / plain,
        "vault_keys_rewrapped_per_second": row[0] / rotating,
    }


def viewing(record: UUID) -> Viewing:
    """A record seen by a supervisor."""
    return Viewing(
        record=record,
        kind=RecordKind.CASE,
        surface=RecordSurface.RECORD_PAGE,
        purpose=AccessPurpose.SUPERVISION,
    )
