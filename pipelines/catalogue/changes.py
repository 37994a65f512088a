"""What of the method differs between two catalogues, for one intervention, in Danish.

Two years' catalogues are compared as they were written (TOML), so that one from before a new version of
Virker is still read. Words, notes and sources are no method, and neither is what only other interventions are
judged by.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.catalogue.load import catalogue_files

Content = Mapping[str, Any]
# Keys that tell about a number and do not change it.
WORDS = ("_da", "source", "certainty", "note")
# What of an intervention decides its numbers, and what that is called.
OF_INTERVENTION = {
    "area": "område",
    "horizon_months": "horisont",
    "support_level": "støtteniveau",
    "goals": "mål",
    "outcomes": "udfald",
    "registers": "registerudfald",
    "negative_controls": "negative kontroller",
    "is_legal_right": "om den er en ret efter loven",
}
RULES = "recommendation.toml"
# Lists whose every row counts for all interventions: file, key and what one row is called.
LISTED = (
    (RULES, "evidence", "evidensniveauet"),
    (RULES, "rule", "reglen"),
    ("statuses.toml", "status", "statussen"),
    ("event_kinds.toml", "event_kind", "hændelsen"),
    ("unit_prices.toml", "unit_price", "enhedsprisen"),
    ("consequences.toml", "consequence", "konsekvensen"),
    ("discount_rates.toml", "discount_rate", "diskonteringsrenten"),
    ("price_indices.toml", "price_index", "prisniveauet"),
    ("willingness_to_pay.toml", "willingness_to_pay", "betalingsviljen"),
)


def read_content(root: Path) -> dict[str, Content]:
    """Return every file of a catalogue as it was written, by its name within it."""
    return {
        name: tomllib.loads(path.read_text(encoding="utf-8")) for name, path in catalogue_files(root).items()
    }


def changed_parts(then: Mapping[str, Content], now: Mapping[str, Content], intervention_id: str) -> list[str]:
    """Return what differs, each part named in Danish; none where the method is the same."""
    before, after = (_intervention(content, intervention_id) for content in (then, now))
    instruments = sorted(
        {
            str(o["instrument"])
            for one in (before, after)
            for o in one.get("outcomes", ())
            if "instrument" in o
        }
    )
    return [
        *_of_intervention(then, now, before, after),
        *_instruments(then, now, instruments),
        *_references(then, now, instruments),
        *_parameters(then, now),
        *(part for file, key, word in LISTED for part in _rows(then, now, file, key, word)),
    ]


def _of_intervention(
    then: Mapping[str, Content], now: Mapping[str, Content], before: Content, after: Content
) -> Iterator[str]:
    if not before or not after:
        if before or after:
            yield "indsatsen var ikke i kataloget" if after else "indsatsen er ikke længere i kataloget"
        return
    for key, word in OF_INTERVENTION.items():
        if _method(before.get(key)) != _method(after.get(key)):
            yield f"indsatsens {word}"
    if before.get("area") == after.get("area") and _others(then, before) != _others(now, after):
        yield "hvilke andre indsatser på området den sammenlignes med"


def _instruments(
    then: Mapping[str, Content], now: Mapping[str, Content], instruments: list[str]
) -> Iterator[str]:
    for instrument in instruments:
        before, after = (_instrument(content, instrument) for content in (then, now))
        if before != after:
            yield f"måleredskabet {instrument}"


def _references(
    then: Mapping[str, Content], now: Mapping[str, Content], instruments: list[str]
) -> Iterator[str]:
    before, after = (
        {
            row["id"]: _method(row)
            for row in content.get("references.toml", {}).get("reference", ())
            if row.get("instrument") in instruments
        }
        for content in (then, now)
    )
    if before != after:
        yield "referencen for det forventede uden støtte"


def _parameters(then: Mapping[str, Content], now: Mapping[str, Content]) -> Iterator[str]:
    before, after = (_by_id(content, "parameters.toml", "parameter") for content in (then, now))
    for name in sorted(before.keys() | after.keys()):
        values = [str(one[name]["value"]) if name in one else "fandtes ikke" for one in (before, after)]
        if values[0] != values[1]:
            label = (after.get(name) or before[name])["label_da"]
            yield f"parameteren »{label}« ({values[0]} → {values[1]})"


def _rows(
    then: Mapping[str, Content], now: Mapping[str, Content], file: str, key: str, word: str
) -> Iterator[str]:
    before, after = (_by_id(content, file, key) for content in (then, now))
    for name in sorted(before.keys() | after.keys()):
        if _method(before.get(name)) != _method(after.get(name)):
            yield f"{word} »{(after.get(name) or before[name]).get('label_da', name)}«"
    # Rules are read in order, and the first that fits stands.
    common = before.keys() & after.keys() if file == RULES else {}
    if [n for n in before if n in common] != [n for n in after if n in common]:
        yield "reglernes rækkefølge"


def _by_id(content: Mapping[str, Content], file: str, key: str) -> dict[str, Content]:
    rows = content.get(file, {}).get(key, ())
    return {str(row.get("id", place)): row for place, row in enumerate(rows, start=1)}


def _intervention(content: Mapping[str, Content], intervention_id: str) -> Content:
    return _by_id(content, "interventions.toml", "intervention").get(intervention_id, {})


def _others(content: Mapping[str, Content], intervention: Content) -> set[str]:
    return {
        name
        for name, row in _by_id(content, "interventions.toml", "intervention").items()
        if row.get("area") == intervention.get("area")
    }


def _instrument(content: Mapping[str, Content], instrument: str) -> Any:
    found = (
        c for name, c in content.items() if name.startswith("instruments/") and c.get("id") == instrument
    )
    return _method(next(found, None))


def _method(value: Any) -> Any:
    """The value without what only tells about it."""
    if isinstance(value, Mapping):
        return {key: _method(one) for key, one in value.items() if not key.endswith(WORDS)}
    if isinstance(value, list):
        return [_method(one) for one in value]
    return value
