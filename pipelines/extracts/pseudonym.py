"""Pseudonyms: a keyed hash takes the place of every person's number at the border.

The CPR space is so small (3.65e8) that an unkeyed hash is reversed in minutes; the key, kept
outside data and backup, is what protects (shared/safety.md, Pseudonyms).
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import Problem, StoreError
from pipelines.extracts import arrow

PSEUDONYM = pa.binary(16)
_KEY_BYTES = 32
_OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Key:
    """The secret of the pseudonyms: 32 bytes that are never printed, and their fingerprint."""

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) != _KEY_BYTES:
            raise ValueError(f"a key is {_KEY_BYTES} bytes")

    @property
    def fingerprint(self) -> str:
        """16 hex digits that tell keys apart and reveal nothing of them."""
        return blake2b(key=self.value, digest_size=8, person=b"virker-key-id-v1").hexdigest()

    def derived(self, purpose: str) -> "Key":
        """Return another key from the same secret: no pseudonym under one can be matched with the other's."""
        return Key(
            blake2b(
                purpose.encode(), key=self.value, digest_size=_KEY_BYTES, person=b"virker-purpose1"
            ).digest()
        )


def default_key_file(purpose: str) -> Path:
    """One key file per purpose, so that who may open the one need not be able to open the other."""
    from platformdirs import user_config_path

    name = "pseudonym.key" if purpose == "statistics" else f"pseudonym-{purpose}.key"
    return user_config_path("virker") / name


def load_key(path: Path, *, create: bool) -> Key:
    """Read the key file, or with `create` make a new one (hex, readable by its owner only).

    Raises:
        StoreError: the file is missing (and not `create`), damaged, or open to others.
    """
    if create and not path.exists():
        _create(path)
    if not path.is_file():
        message = "nøglefilen findes ikke. Uden den kan borgere ikke genkendes fra sidste kørsel."
        raise StoreError([Problem(str(path), f"{message} Hent den fra sikkerhedskopien af nøglen.")])
    if os.name == "posix" and path.stat().st_mode & _OTHERS_MAY:
        raise StoreError([Problem(str(path), "andre kan læse nøglefilen. Kør: chmod 600 på filen.")])
    text = path.read_bytes().strip()
    if len(text) != 2 * _KEY_BYTES or not all(c in b"0123456789abcdef" for c in text):
        raise StoreError([Problem(str(path), "nøglefilen er beskadiget (64 hex-tegn var ventet).")])
    return Key(bytes.fromhex(text.decode("ascii")))


def pseudonymise(values: pa.Array, key: Key) -> pa.FixedSizeBinaryArray:
    """Return a 16-byte keyed BLAKE2b of each text; null stays null.

    Only distinct people are hashed: 6 million rows take about a second, one by one 4 to 12.
    """
    encoded = pc.dictionary_encode(values)
    hashed = arrow.digests([_pseudonym(v, key) for v in encoded.dictionary.to_pylist()], PSEUDONYM.byte_width)
    return hashed.take(encoded.indices)


def _pseudonym(text: str, key: Key) -> bytes:
    # A change of any argument changes every pseudonym, and breaks the link to earlier years.
    data = text.encode("utf-8")
    return blake2b(data, key=key.value, digest_size=PSEUDONYM.byte_width, person=b"virker-cpr-v1").digest()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # O_EXCL: of two first runs only one makes a key; the other then reads that one.
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES).hex().encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())
