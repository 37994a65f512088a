"""The key and the pseudonyms; and that no plain number gets past the border."""

import os
import stat
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.errors import StoreError
from pipelines.extracts import Key, load_key, pseudonymise
from tests.extracts.deliveries import (
    EPISODE,
    KEY,
    MEASUREMENT,
    PERSON,
    PERSONS,
    Municipality,
    optional,
    with_entries,
)


def pseudonym(number: str) -> bytes:
    return blake2b(number.encode(), key=KEY.value, digest_size=16, person=b"virker-cpr-v1").digest()


def test_a_pseudonym_is_the_keyed_hash_that_safety_prescribes() -> None:
    numbers = pa.array(["0101901234", None, "3112994321", "0101901234"])
    expected = [pseudonym("0101901234"), None, pseudonym("3112994321"), pseudonym("0101901234")]
    assert pseudonymise(numbers, KEY).to_pylist() == expected
    assert pseudonymise(numbers, Key(b"\1" * 32)).to_pylist()[0] != expected[0]


def test_a_derived_key_shares_no_pseudonym_and_is_the_same_every_time() -> None:
    numbers = pa.array(["0101901234"])
    casework = KEY.derived("casework")
    assert casework == KEY.derived("casework")
    assert casework.fingerprint != KEY.fingerprint
    assert pseudonymise(numbers, casework) != pseudonymise(numbers, KEY)
    assert KEY.derived("another") != casework


def persons(town: Municipality, *numbers: str) -> list[bytes]:
    text = "\n".join(["CPR;Født;Køn", *(f"{n};{day:02d}-01-1980;" for day, n in enumerate(numbers, 1))])
    values: list[bytes] = town.landing_of("borgere.csv", text).tables["person"]["person_id"].to_pylist()
    return values


@pytest.mark.parametrize(
    "written",
    ["0101901234", "010190-1234", "010190 1234", " 010190.1234", "01 01 90 1234", "101901234", "10190-1234"],
)
def test_every_way_of_writing_a_number_is_one_person(town: Municipality, written: str) -> None:
    assert persons(town, written) == [pseudonym("0101901234")]


@pytest.mark.parametrize("number", ["7101901234", "2902005678", "2902961234", "0101900000"])
def test_replacement_numbers_leap_days_and_numbers_that_fail_modulus_11_are_people(
    town: Municipality, number: str
) -> None:
    assert persons(town, number) == [pseudonym(number)]


@pytest.mark.parametrize(
    "number",
    [
        "0000000000",
        "2902001234",
        "3202901234",
        "0113901234",
        "9301901234",
        "010190123",
        "01019O1234",
        "x",
        "01019012345",
    ],
)
def test_what_has_no_date_is_no_person(town: Municipality, number: str) -> None:
    landing = town.landing_of("borgere.csv", f"CPR;Født;Køn\n{number};;\n3112994321;;\n")
    assert landing.tables["person"].num_rows == 1
    assert landing.rejects["value"].to_pylist() == ["(skjult)"]


def test_lost_zeros_are_counted_and_told(town: Municipality) -> None:
    persons(town, "101901234", "0202901234", "101901234")
    (note,) = town.read().files[0].notes_da
    assert note.startswith("2 rækker havde et CPR-nummer på ni cifre")


def test_local_numbers_are_hashed_as_they_are_and_a_total_is_no_person(town: Municipality) -> None:
    source = PERSONS.model_copy(update={"person_key": "local"})
    town.catalogue = with_entries(town.catalogue, source, extracts=optional(PERSON, EPISODE, MEASUREMENT))
    assert persons(town, " 17 ", "A-1", "I alt") == [pseudonym("17"), pseudonym("A-1")]


def test_a_key_is_made_once_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "safe" / "virker.key"
    made = load_key(path, create=True)
    assert load_key(path, create=False) == load_key(path, create=True) == made
    assert len(made.value) == 32
    assert load_key(tmp_path / "other.key", create=True) != made
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_shows_its_fingerprint_and_never_itself() -> None:
    assert KEY.fingerprint == blake2b(key=KEY.value, digest_size=8, person=b"virker-key-id-v1").hexdigest()
    assert KEY.fingerprint != Key(b"\1" * 32).fingerprint
    assert KEY.value.hex() not in repr(KEY)
    assert repr(KEY.value) not in repr(KEY)


def test_a_missing_a_damaged_and_an_open_key_stop(tmp_path: Path) -> None:
    path = tmp_path / "virker.key"
    with pytest.raises(StoreError, match="findes ikke"):
        load_key(path, create=False)
    path.write_bytes(b"ab" * 31)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="beskadiget"):
        load_key(path, create=True)
    if os.name == "posix":
        path.write_bytes(b"ab" * 32)
        path.chmod(0o640)
        with pytest.raises(StoreError, match="andre kan læse"):
            load_key(path, create=False)
