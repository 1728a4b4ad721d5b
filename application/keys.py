"""The keys of this installation: one signs what it records, one signs the log's checkpoints.

A third marks what it wrote beside the log. All are made on the first start, where the log begins,
in files that only their owner may read, and leave it never.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from application import sm2
from application.memory import write_durably
from application.note import ED25519, Signer, Sm2Signer, Verifier
from application.settings import DangerousSetting, Settings
from domain.log import LOG_ID, AuthorKey, LogKeys

KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Author:
    """The application instance that records: its name, and the key with which it signs events."""

    name: str
    key: Ed25519PrivateKey

    @property
    def registered(self) -> AuthorKey:
        """What the log says of it."""
        return AuthorKey(name=self.name, key=encoded(self.key.public_key()))

    @property
    def pseudonym(self) -> UUID:
        """Who acted where the system itself did."""
        return pseudonym_of(self.name)


def pseudonym_of(author: str) -> UUID:
    """Who acted where the instance of a name did by itself."""
    return uuid5(LOG_ID, author)


def author_of(settings: Settings) -> Author:
    """The author of this installation."""
    seed = kept_key(author_file(settings))
    return Author(settings.instance, Ed25519PrivateKey.from_private_bytes(seed))


def known_signer(settings: Settings) -> Signer | None:
    """The key that signs checkpoints, where this installation keeps one."""
    return signer_of(settings) if log_file(settings).exists() else None


def known_author(settings: Settings) -> AuthorKey | None:
    """What this installation knows of its author without the log; None where it keeps no key."""
    return author_of(settings).registered if author_file(settings).exists() else None


def author_file(settings: Settings) -> Path:
    """Where the author's key is kept."""
    return settings.home / "keys" / f"author-{settings.instance}.key"


def log_file(settings: Settings) -> Path:
    """Where the log's key is kept."""
    return settings.home / "keys" / "log.key"


def origin_file(settings: Settings) -> Path:
    """Where the name of the log is kept under which its key has signed."""
    return settings.home / "keys" / "log.origin"


def note_origin(settings: Settings) -> None:
    """Keep the log's name beside its key, once: whoever restores the key needs not know it."""
    if not origin_file(settings).exists():
        write_durably(origin_file(settings), f"{signer_of(settings).name}\n".encode())


def require_author_key(settings: Settings) -> None:
    """Refuse to make an author's key for a log that has begun. Raises `DangerousSetting`."""
    if not author_file(settings).exists():
        raise DangerousSetting(
            f"The log has begun; it does not know the key that “{settings.instance}” would make "
            "here. Restore the folder keys of the HUHANG_HOME that began the log, or let this "
            "installation in under a name of its own: huhang author here, register-author there."
        )


def require_log_key(settings: Settings) -> None:
    """Refuse to make the log's key but where the log begins. Raises `DangerousSetting`."""
    if not log_file(settings).exists():
        raise DangerousSetting(
            f"{log_file(settings)} is not here, with which checkpoints are signed. Where no log "
            "has begun, huhang serve begins one; else restore the folder keys of the HUHANG_HOME "
            "that began it."
        )


def signer_of(settings: Settings) -> Signer:
    """The key that signs checkpoints; its name is the log's origin.

    That is `HUHANG_ORIGIN`, else the one kept beside the key, else one made of it. Raises
    `DangerousSetting` where the one kept is damaged.
    """
    seed = kept_key(log_file(settings))
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    origin = settings.origin or kept_origin(settings) or f"huhang.invalid/{public[:8].hex()}"
    return Signer(origin, seed)


def kept_origin(settings: Settings) -> str | None:
    """The log's name as it is kept beside its key. Raises `DangerousSetting`."""
    path = origin_file(settings)
    if not path.exists():
        return None
    try:
        return Settings(home=settings.home, origin=path.read_text(encoding="ascii").strip()).origin
    except ValueError:
        raise DangerousSetting(
            f"{path} is damaged, which holds the log's name. Restore it from where the folder keys "
            "is kept, or remove it and set HUHANG_ORIGIN to the name that huhang keys prints in "
            "front of the first plus sign."
        ) from None


def another_key(genesis: LogKeys, known: Verifier) -> str:
    """How the key that a log names for its checkpoints differs from the one known here."""
    if b64decode(genesis.checkpoint_key) == known.public:
        return (
            f"the log calls itself “{genesis.origin}”, and here it goes under another name, "
            f"“{known.name}”, by the same key: set HUHANG_ORIGIN to the first, or give the key "
            "under that name"
        )
    return (
        f"the log calls itself “{genesis.origin}” and names another key for its checkpoints than "
        f"is known here, “{known.name}”"
    )


def checkpoint_signers(settings: Settings) -> list[Signer]:
    """The keys that sign each checkpoint: Ed25519 first, and SM2 where `HUHANG_SM2` asks for it.

    Raises `DangerousSetting` where the extra for SM2 is missing.
    """
    signer = signer_of(settings)
    if not settings.sm2:
        return [signer]
    if not sm2.installed():
        raise DangerousSetting(
            "HUHANG_SM2 is set, but nothing here can sign with SM2; install the extra sm2, or "
            "unset it."
        )
    secret = kept_key(sm2_file(settings), sm2.new_secret)
    return [signer, Sm2Signer(signer.name, secret)]


def sm2_file(settings: Settings) -> Path:
    """Where the log's key of SM2 is kept."""
    return settings.home / "keys" / "log-sm2.key"


def require_sm2_key(settings: Settings) -> None:
    """Refuse to make a key of SM2 for a log that names one. Raises `DangerousSetting`."""
    if settings.sm2 and not sm2_file(settings).exists():
        raise DangerousSetting(
            f"{sm2_file(settings)} is not here, and the log names the key in it. Restore the "
            "folder keys; only where the file is lost for good make another, which the log then "
            'names too: huhang seal --new-sm2 "why".'
        )


def anew_sm2_key(settings: Settings) -> None:
    """Make a key of SM2 although the log names one, because a person says so.

    Raises `DangerousSetting` where there is one, or `HUHANG_SM2` does not ask for it.
    """
    if not settings.sm2 or sm2_file(settings).exists():
        raise DangerousSetting(
            f"A key of SM2 is made anew only where HUHANG_SM2 is set and {sm2_file(settings)} is "
            "lost for good."
        )
    checkpoint_signers(settings)


def sm2_public(settings: Settings) -> str | None:
    """The public key of SM2 as the log names it; None where `HUHANG_SM2` does not ask for one.

    Raises `DangerousSetting` where the extra for SM2 or the log's key is missing.
    """
    if not settings.sm2:
        return None
    require_log_key(settings)
    return b64encode(checkpoint_signers(settings)[1].verifier.public).decode()


def log_keys(settings: Settings, schema_fingerprint: str) -> LogKeys:
    """What the log's first event says of this installation's keys."""
    signer = signer_of(settings)
    return LogKeys(
        origin=signer.name,
        checkpoint_key=b64encode(signer.verifier.public).decode(),
        authors=(author_of(settings).registered,),
        schema_fingerprint=schema_fingerprint,
    )


def public_keys(authors: Mapping[str, str]) -> dict[str, Ed25519PublicKey]:
    """The registered authors' keys, from base64."""
    return {
        name: Ed25519PublicKey.from_public_bytes(b64decode(key)) for name, key in authors.items()
    }


def encoded(key: Ed25519PublicKey) -> str:
    """A public key as events hold it."""
    return b64encode(key.public_bytes_raw()).decode()


def checkpoint_verifier(keys: LogKeys) -> Verifier:
    """The key of the log's checkpoints, as its first event says."""
    return Verifier(keys.origin, ED25519, b64decode(keys.checkpoint_key))


def identity_file(home: Path) -> Path:
    """Where the key of sign-in and of marks is kept, which all instances over a log share."""
    return home / "keys" / "identity.key"


def make_identity_key(home: Path) -> None:
    """Make the key of sign-in where the log begins; one that is there stays."""
    kept_key(identity_file(home))


def anew_identity_key(home: Path) -> None:
    """Make the key of sign-in for a log that has begun, because a person says so.

    Raises `DangerousSetting` where there is one.
    """
    if identity_file(home).exists():
        raise DangerousSetting(
            f"{identity_file(home)} is here and stays. Only where it was stolen move it away "
            "first: under another key no password, factor, link or token of before works."
        )
    make_identity_key(home)


def shared_key(home: Path, use: str) -> bytes:
    """The key of one use, from the key file that all instances over a log share.

    Raises `DangerousSetting` where it is missing: under another, what was written here would look
    foreign.
    """
    if not identity_file(home).exists():
        raise DangerousSetting(
            f"{identity_file(home)} is not here, without which nobody can sign in and what this "
            "installation wrote looks foreign. Restore the folder keys from its backup, or copy "
            "the file from another installation over this log; only where it is lost for good, or "
            'there never was one: huhang account new-key "why".'
        )
    return HKDFExpand(SHA256(), KEY_BYTES, use.encode()).derive(kept_key(identity_file(home)))


def kept_key(
    path: Path, draw: Callable[[], bytes] = lambda: secrets.token_bytes(KEY_BYTES)
) -> bytes:
    """The secret key in a file that only its owner may read; made once, by whoever comes first.

    Raises `DangerousSetting` for a file that is cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(draw())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # whole or not at all, and never over a key that is there
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return whole_key(path)


def whole_key(path: Path) -> bytes:
    """The secret key in a file. Raises `DangerousSetting` for a file that is cut."""
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        raise DangerousSetting(
            f"{path} is damaged: it has {len(secret)} bytes, and a key has {KEY_BYTES}. Restore it "
            "from where the folder keys is kept; a new key signs and opens nothing of before."
        )
    return secret
