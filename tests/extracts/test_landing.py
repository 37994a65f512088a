"""The whole border: wide files, counts that add up, and nothing of a person past it."""

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.catalogue import Catalogue, Feed, Source
from pipelines.errors import ExtractError
from pipelines.extracts import FeedCount, Landing, landing, read_extracts
from pipelines.extracts.landing import RejectCount
from tests.extracts.deliveries import (
    ANNE,
    GOOD,
    KEY,
    MEASUREMENT,
    MEASUREMENTS,
    PERSON,
    Municipality,
    instrument,
    optional,
    with_entries,
)

WAVES = {str(n): f"2015-0{n}-01" for n in range(1, 5)}


def trial_feed(instrument_id: str, column: str, **changes: object) -> Feed:
    return Feed(
        extract="measurement",
        columns={"person_id": "id", "measured_date": "time", "score": column},
        constants={"instrument_id": instrument_id},
        values={"measured_date": WAVES},
    ).model_copy(update=changes)


TRIAL = Source(
    id="trial",
    label_da="Et forsøg",
    file="data.csv",
    person_key="local",
    feeds=(
        Feed(
            extract="person",
            columns={"person_id": "id", "sex": "sex"},
            values={"sex": {"Male": "male", "Female": "female"}},
            distinct=True,
        ),
        trial_feed("HAMD", "hamd", absent_when_missing=("score",)),
        trial_feed("WHO5", "who", multiply={"score": 4}),
    ),
)


def trial_catalogue(catalogue: Catalogue) -> Catalogue:
    entries = with_entries(catalogue, TRIAL, extracts=optional(PERSON, MEASUREMENT))
    instruments = (instrument("WHO5", 0, 100), instrument("HAMD", 0, 52))
    return entries.model_copy(update={"instruments": instruments})


def test_a_real_wide_file_feeds_several_extracts(tmp_path: Path, catalogue: Catalogue, oracles: Path) -> None:
    """Claus et al. 2020: 43 people, four waves; blank are 8 HAM-D (absent) and 9 WHO-5 (rejected)."""
    data = oracles / "clinsig_claus2020" / "data.csv"
    if not data.is_file():
        pytest.skip("the published data set clinsig_claus2020 is not on this machine")
    (tmp_path / "data.csv").write_bytes(data.read_bytes())
    landed = read_extracts(tmp_path, trial_catalogue(catalogue), KEY)
    expected = json.loads((data.parent / "expected.json").read_text(encoding="utf-8"))
    (file,) = landed.files
    assert file.sha256 == expected["data"]["sha256"]
    assert file.ignored_columns == ("age", "treatment", "bdi", "shaps")
    assert file.feeds == (
        FeedCount("person", row_count=172, kept_count=43, rejected_count=0, merged_count=129, absent_count=0),
        FeedCount("measurement", 172, kept_count=164, rejected_count=0, merged_count=0, absent_count=8),
        FeedCount(
            "measurement", 172, kept_count=163, rejected_count=9, merged_count=0, absent_count=0,
            rejected_for=(RejectCount("score", "missing", 9),),
        ),
    )  # fmt: skip
    rows = landed.tables["measurement"].to_pylist()
    first = [r for r in rows if r["source_line"] == 2]
    assert [(r["instrument_id"], str(r["measured_date"]), r["score"]) for r in first] == [
        ("HAMD", "2015-01-01", 25),
        ("WHO5", "2015-01-01", 0),
    ]
    assert landed.tables["person"]["source_line"].to_pylist()[:2] == [2, 6]
    assert set(landed.rejects["reason"].to_pylist()) == {"missing"}


def test_a_wrong_line_of_a_wide_file_is_rejected_in_every_feed(tmp_path: Path, catalogue: Catalogue) -> None:
    town = Municipality(tmp_path, trial_catalogue(catalogue))
    landed = town.landing_of("data.csv", "id,sex,time,who,hamd\n1,Male,1,3,25\n1,Male,2,3\n1,Male,3,,25\n")
    assert [(f.kept_count, f.rejected_count, f.merged_count) for f in landed.files[0].feeds] == [
        (1, 1, 1),
        (2, 1, 0),
        (1, 2, 0),
    ]


def test_a_count_that_does_not_add_up_raises() -> None:
    with pytest.raises(RuntimeError, match="do not add up"):
        FeedCount("person", row_count=3, kept_count=1, rejected_count=1, merged_count=0, absent_count=0)


def test_the_same_files_land_the_same_way(town: Municipality) -> None:
    town.write("skemaer_b.csv", GOOD)
    town.write("skemaer_a.csv", GOOD.replace("52", "110"))
    one, other = town.read(), town.read()
    assert one.files == other.files
    assert one.rejects.equals(other.rejects)
    assert all(one.tables[name].equals(other.tables[name]) for name in one.tables)


def test_a_copy_of_a_file_is_noted_and_the_original_kept(town: Municipality) -> None:
    rows = f"{GOOD}{ANNE};WHO-5;30-12-2024;53\n"
    for name in ("skemaer - Kopi.csv", "skemaer.csv"):
        town.write(name, rows)
    town.write("skemaer_2.csv", f"{rows}{ANNE};WHO-5;29-12-2024;54\n")
    landed = town.read()
    assert [(f.name, f.feeds[0].kept_count, f.notes_da) for f in landed.files] == [
        ("skemaer.csv", 2, ()),
        (
            "skemaer - Kopi.csv",
            0,
            ("Alle rækker er magen til rækker i »skemaer.csv«; er filen en kopi?",),
        ),
        ("skemaer_2.csv", 1, ()),
    ]


def test_a_fault_of_ours_is_told_without_the_data(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise ValueError(f"cannot convert {ANNE}")

    monkeypatch.setattr(landing, "read_feed", failing)
    town.write("skemaer.csv", GOOD)
    with pytest.raises(RuntimeError, match=r"skemaer\.csv: ValueError at .*test_landing\.py") as caught:
        town.read()
    assert ANNE not in str(caught.value)
    assert caught.value.__context__ is None


def test_reading_does_not_import_pandas(town: Municipality) -> None:
    """It costs half a second at every start; `arrow.py` is there to do without it."""
    town.write("skemaer.csv", GOOD)
    town.write("borgere.csv", "CPR;Født;Køn\n0101901234;;Z\n0101901234;;\n")
    program = """
import pickle, sys
from pathlib import Path
from pipelines.extracts import Key, read_extracts
catalogue = pickle.load(sys.stdin.buffer)
read_extracts(Path(sys.argv[1]), catalogue, Key(bytes(32)))
sys.exit("pandas" in sys.modules)
"""
    command = [sys.executable, "-c", program, str(town.folder)]
    subprocess.run(command, input=pickle.dumps(town.catalogue), cwd=Path(__file__).parents[2], check=True)


NUMBERS = st.sampled_from(
    ["0101901234", "010190-1234", "101901234", "311299 4321", "3113994321", "I alt", "", "Anne 2902005678"]
)
CELLS = st.one_of(
    NUMBERS,
    st.sampled_from(
        ["WHO-5", "ORS", "31-12-2024", "31.02.2024", "2024-01-01", "52", "1.234,5", "-", '"', '"a;b"']
    ),
    st.text(st.characters(codec="cp1252", exclude_characters="\0"), max_size=8),
)
LINES = st.one_of(
    st.tuples(NUMBERS, st.sampled_from(["WHO-5", "ORS", "x"]), st.just("31-12-2024"), st.sampled_from("123")),
    st.lists(CELLS, min_size=1, max_size=6),
)


def test_whatever_is_delivered_rows_add_up_and_no_cpr_number_comes_out(catalogue: Catalogue) -> None:
    entries = with_entries(catalogue, MEASUREMENTS, extracts=[MEASUREMENT])

    @settings(max_examples=150, deadline=None)
    @given(
        lines=st.lists(LINES, max_size=12),
        delimiter=st.sampled_from([";", "\t", "|"]),
        encoding=st.sampled_from(["utf-8", "cp1252", "utf-16"]),
    )
    def holds(lines: list[list[str]], delimiter: str, encoding: str) -> None:
        rows = [["CPR", "Skema", "Dato", "Score"], *lines]
        with TemporaryDirectory() as folder:
            town = Municipality(Path(folder), entries)
            town.write("skemaer.csv", "\r\n".join(delimiter.join(cells) for cells in rows), encoding)
            try:
                check_landing(town.read())
            except ExtractError as error:
                assert not planted(repr(error), str(error), repr(error.__context__))

    holds()


def check_landing(landed: Landing) -> None:
    """Every row is kept or rejected, never both, and holds no number in plain."""
    (count,) = landed.files[0].feeds
    measurement = landed.tables["measurement"]
    kept, rejected = measurement["source_line"].to_pylist(), landed.rejects["source_line"].to_pylist()
    assert count.kept_count == len(kept) == len(set(kept))
    assert count.rejected_count == len(set(rejected))
    assert not set(kept) & set(rejected)
    assert not planted(repr(landed), str(measurement.to_pylist()), str(landed.rejects.to_pylist()))


def planted(*outputs: str) -> set[str]:
    """The delivered CPR numbers that can be found in the outputs, however they are written there."""
    digits = [re.sub(r"(?<=[0-9])[-. ](?=[0-9])", "", output) for output in outputs]
    numbers = ["0101901234", "101901234", "3112994321", "2902005678"]
    return {n for n in numbers for text in digits if n in text}
