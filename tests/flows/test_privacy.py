"""No CPR number, name or key gets past the border; no pseudonym gets published."""

import re

import duckdb
import pyarrow.parquet as pq
import pytest

CPR = re.compile(rb"(?<!\d)\d{6}[- ]?\d{4}(?!\d)")


@pytest.fixture(scope="module")
def planted(demo_run):
    numbers = {n.replace("-", "").encode() for n in demo_run.truth("cprs.json")}
    assert len(numbers) > 2000
    return numbers


def found_in(content: bytes, planted: set[bytes]) -> set[bytes]:
    """Planted numbers in some bytes, written in any of the usual ways."""
    return {m.replace(b"-", b"").replace(b" ", b"") for m in CPR.findall(content)} & planted


def everything_stored(demo_run):
    """Every file of the run as its bytes, and every table as text, for what compression hides."""
    for path in sorted((demo_run.out / "data" / "marts" / ".versions").rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
        if path.suffix == ".parquet":
            yield path.name, repr(pq.read_table(path).to_pylist()).encode()
    for name in ("raw", "warehouse"):
        with duckdb.connect(demo_run.version / "restricted" / f"{name}.duckdb", read_only=True) as connection:
            if name == "warehouse":
                raw = demo_run.version / "restricted" / "raw.duckdb"
                connection.execute(f"ATTACH '{raw}' AS raw (READ_ONLY)")
            tables = connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = ?", [name]
            ).fetchall()
            for (table,) in tables:
                content = connection.execute(f"SELECT * FROM {name}.{table}").to_arrow_table().to_pylist()
                yield table, repr(content).encode()
    yield "what the command said", demo_run.said.encode()


def test_the_scan_catches_a_canary(planted):
    number = next(iter(planted))
    assert found_in(b"x;" + number[:6] + b"-" + number[6:] + b";y", planted) == {number}
    assert found_in(repr([{"a": number.decode()}]).encode(), planted) == {number}


def test_no_cpr_number_anywhere(demo_run, planted):
    seen = 0
    for name, content in everything_stored(demo_run):
        assert not found_in(content, planted), name
        seen += 1
    assert seen > 40


def test_no_name_and_no_free_text_anywhere(demo_run):
    path = next(demo_run.raw.glob("borgere*.csv"))
    header, *lines = path.read_bytes().decode("cp1252").splitlines()
    column = header.split(";").index("Efternavn")
    names = {line.split(";")[column] for line in lines if line.count(";") >= column}
    assert len(names) > 20
    pattern = re.compile(rb"\b(" + b"|".join(re.escape(n.encode()) for n in names if n) + rb")\b")
    for name, content in everything_stored(demo_run):
        if name not in NAMES_OF_SCHOLARS:
            assert not pattern.search(content), name


# Of the catalogue, which the memory keeps: publications are cited by their authors, and some are Danish.
NAMES_OF_SCHOLARS = frozenset({"SDQ.toml", "UCLA3.toml", "WHO5.toml", "wellbeing.toml"})


def test_no_pseudonym_is_published(demo_run):
    with duckdb.connect(demo_run.version / "restricted" / "raw.duckdb", read_only=True) as connection:
        pseudonyms = [p for (p,) in connection.execute("SELECT person_id FROM person").fetchall()]
    assert all(len(p) == 16 for p in pseudonyms)
    shown = [*demo_run.version.glob("published/*"), *demo_run.version.glob("reports/**/*")]
    for path in shown:
        if path.is_file():
            content = path.read_bytes()
            content += repr(pq.read_table(path).to_pylist()).encode() if path.suffix == ".parquet" else b""
            assert not any(p in content or p.hex().encode() in content for p in pseudonyms), path.name


def test_no_invitation_to_a_survey_is_published(demo_run):
    with duckdb.connect(demo_run.version / "restricted" / "raw.duckdb", read_only=True) as connection:
        rows = connection.execute("SELECT invitation_id FROM survey_invitation").fetchall()
    numbers = {number.encode() for (number,) in rows}
    assert len(numbers) > 1500
    pattern = re.compile(rb"\b[BP]\d{4}-\d{4}\b")
    assert all(pattern.fullmatch(number) for number in numbers)
    for path in [*demo_run.version.glob("published/*"), *demo_run.version.glob("reports/**/*")]:
        if path.is_file():
            content = path.read_bytes()
            content += repr(pq.read_table(path).to_pylist()).encode() if path.suffix == ".parquet" else b""
            assert not numbers & set(pattern.findall(content)), path.name


def test_the_key_is_private_and_outside_the_data(demo_run):
    assert demo_run.key_file.stat().st_mode & 0o777 == 0o600
    key = demo_run.key_file.read_bytes().strip()
    for name, content in everything_stored(demo_run):
        assert key not in content, name


def test_restricted_files_are_the_owners_alone(demo_run):
    folder = demo_run.version / "restricted"
    assert folder.stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in folder.iterdir())
