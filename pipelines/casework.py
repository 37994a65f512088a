"""From a CPR number to one person's page; only in a store that was made for casework."""

import os
import secrets
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.catalogue import load_catalogue
from pipelines.errors import PersonError, Problem, VirkerError
from pipelines.extracts import cpr, load_key, pseudonymise
from pipelines.person import build_page, find_person, read_record
from pipelines.publication import Store


class Casework:
    """A casework store, opened with its key and its catalogue."""

    def __init__(self, out: Path, catalogue: Path, key_file: Path, reference: str) -> None:
        """Check everything that can be checked before anyone is named.

        Raises:
            PersonError: the store is for statistics or empty, the key or the catalogue is not
                the run's, or the reference holds a CPR number.
            CatalogueError: the catalogue has mistakes.
        """
        store = Store(out)
        try:
            store.require("casework")
            manifest, version = store.manifest(), store.current()
            if manifest is None or version is None:
                message = "der er ingen kørsel i mappen endnu. Kør først 'virker run --purpose casework'"
                raise PersonError([Problem(str(out), message)])
            self._key = load_key(key_file, create=False).derived("casework")
        except VirkerError as error:
            raise PersonError(error.problems) from error
        if self._key.fingerprint != manifest["key_fingerprint"]:
            message = "nøglen er ikke den, mappens data er lavet med. Vælg den rigtige med --key"
            raise PersonError([Problem(str(key_file), message)])
        self._catalogue = load_catalogue(catalogue)
        if self._catalogue.sha256 != manifest["catalogue_sha256"]:
            message = "kataloget er ikke det, data blev kørt med. Vælg det med --catalogue, eller kør igen"
            raise PersonError([Problem(str(catalogue), message)])
        if cpr.contains_cpr(reference):
            message = "referencen ligner et CPR-nummer, som ikke må stå på siden. Brug sagens nummer"
            raise PersonError([Problem("--reference", message)])
        self._store, self._manifest, self._version = store, manifest, version
        self._reference = reference.strip()

    def write_page(self, number: str) -> tuple[Path, ...]:
        """Write the page about the person with this CPR number; return the paths, which do not tell whose.

        Raises:
            PersonError: it is no number, or nobody's, in a message that does not repeat it.
        """
        pseudonyms = pseudonymise(pa.array(self._known_as(number.strip())), self._key).to_pylist()
        with duckdb.connect(self._version / "restricted" / "warehouse.duckdb", read_only=True) as warehouse:
            found = (find_person(warehouse, pseudonym) for pseudonym in pseudonyms)
            person_id = next((person for person in found if person is not None), None)
            if person_id is None:
                message = "ingen borger i data har det nummer. Se efter, om det er skrevet rigtigt"
                raise PersonError([Problem("CPR-nummer", message)])
            record = read_record(warehouse, person_id)
        html, pdf = build_page(record, self._manifest, self._catalogue, self._reference)
        folder = self._version / "restricted" / "persons"
        folder.mkdir(mode=0o700, exist_ok=True)
        name = f"forloeb_{secrets.token_hex(4)}"
        return tuple(
            self._shown(_private_file(folder / f"{name}.{kind}", data))
            for kind, data in (("html", html), ("pdf", pdf))
        )

    def _known_as(self, number: str) -> list[str]:
        """Return the number as the border read it: a CPR number as ten digits, a local one as it is."""
        keys = {source.person_key for source in self._catalogue.sources}
        digits = cpr.normalise(number) if "cpr" in keys else None
        if digits is None and "local" not in keys:
            message = "det indtastede er ikke et gyldigt CPR-nummer (ti cifre)"
            raise PersonError([Problem("CPR-nummer", message)])
        return [*([digits] if digits else []), *([number] if "local" in keys else [])]

    def _shown(self, path: Path) -> Path:
        """Return the place a reader knows, unless a new run has just taken it over."""
        restricted = self._version / "restricted"
        known = self._store.shown("restricted") / path.relative_to(restricted)
        return known if known.exists() and known.samefile(path) else path


def _private_file(path: Path, data: bytes) -> Path:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return path
