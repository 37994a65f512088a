"""Does every code that a source's feed writes, by translation or as a constant, exist?

A row with an unknown code is rejected, with the advice to translate it. Where the translation
itself leads to an unknown code, the advice is in vain: the mistake is the catalogue's.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from pipelines.catalogue.entries import Catalogue, ExtractField, Feed
from pipelines.errors import Problem

ITEM = "instrument.item"
# The file or folder under catalogue/ that holds the ids a field may refer to.
FILES = {
    "instrument": "instruments",
    "intervention": "interventions.toml",
    "status": "statuses.toml",
    "event_kind": "event_kinds.toml",
    "goal": "strategies",
    "indicator": "indicators",
    "survey": "surveys.toml",
    "question": "surveys.toml",
    ITEM: "instruments",
}
MOST_LISTED = 12  # codes that are listed in full in a message; more are better read in their file


def broken_codes(catalogue: Catalogue, *, broken_kinds: set[str]) -> Iterator[Problem]:
    """Yield every translation and every constant that leads to a code nobody knows.

    Files that could not be read are `broken_kinds`: what they hold is not judged.
    """
    extracts = {e.id: e for e in catalogue.extracts}
    for source in catalogue.sources if "extracts" not in broken_kinds else ():
        for feed in source.feeds:
            extract = extracts.get(feed.extract)
            for field in extract.fields if extract else ():
                file = FILES.get(field.references or "")
                if field.type != "code" or field.severity != "error" or file in broken_kinds:
                    continue
                codes = _codes(catalogue, feed, field)
                for key, message in _unknown(feed, field, codes) if codes else ():
                    yield Problem(f"sources/{source.id} (feeds {feed.extract}: {key})", message)


def _codes(catalogue: Catalogue, feed: Feed, field: ExtractField) -> list[str]:
    """Return the codes a field may hold; none where any will do."""
    if field.values:
        return list(field.values)
    if field.references == ITEM:
        # Not only the permitted: a permission that is lacking is another fault, told row by row.
        chosen = feed.constants.get("instrument_id")
        of = [i for i in catalogue.instruments if chosen in (None, i.id)]
        return list(dict.fromkeys(item for i in of if i.scoring for item in i.scoring.items))
    return catalogue.known(str(field.references)) if field.references in FILES else []


def _unknown(feed: Feed, field: ExtractField, codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    translated = feed.values.get(field.name, {})
    for text, code in translated.items():
        if code and code not in codes:
            yield f'values.{field.name}."{text}"', _unknown_da(code, field, codes)
    constant = feed.constants.get(field.name, "").strip()
    meant = {text.strip().lower() for text in translated}
    if constant and constant.lower() not in meant and constant not in codes:
        yield f"constants.{field.name}", _unknown_da(constant, field, codes)


def _unknown_da(code: str, field: ExtractField, codes: Sequence[str]) -> str:
    close = get_close_matches(code, codes, n=1)
    nearest = f"; nærmest er '{close[0]}'" if close else ""
    if len(codes) <= MOST_LISTED:
        return f"'{code}' er ikke en kendt kode{nearest}. Kendte: {', '.join(codes)}"
    return (
        f"'{code}' er ikke en kendt kode{nearest}. De kendte står i catalogue/{FILES[str(field.references)]}"
    )
