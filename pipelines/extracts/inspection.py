"""What one file looks like to the border, without anything about the people in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.catalogue import Catalogue, Source
from pipelines.errors import ExtractError, Problem
from pipelines.extracts import arrow
from pipelines.extracts.convert import translate
from pipelines.extracts.cpr import conceal
from pipelines.extracts.feed import feed_columns
from pipelines.extracts.folder import (
    READABLE_SUFFIXES,
    UNREADABLE_SUFFIXES,
    ambiguous_da,
    new_source_da,
    sources_of,
    unknown_da,
    unreadable_da,
)
from pipelines.extracts.formats import detect
from pipelines.extracts.landing import file_formats
from pipelines.extracts.reading import read_bytes, read_table, read_top
from pipelines.extracts.table import (
    Header,
    RawTable,
    Top,
    find_header,
    heading,
    ignored_columns,
    is_header,
    wanted_headings,
)


@dataclass(frozen=True)
class Inspection:
    """What was detected in a file; `source_ids` are the sources its name fits (one, to be usable).

    `headers` are the file's own, `ignored_columns` those no feed maps; `row_count` counts lines
    below the header, `wrong_line_count` those of them that cannot be split. A file that cannot
    be read has `problems`, and of the rest only what could be told; without a certain header
    row `headers` is empty.
    """

    name: str
    source_ids: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    decimal_sign: str | None = None
    date_format: str | None = None
    header_line: int | None = None
    headers: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    row_count: int = 0
    wrong_line_count: int = 0
    notes_da: tuple[str, ...] = ()


def inspect_file(path: Path, catalogue: Catalogue) -> Inspection:
    """Describe a delivered file; problems are returned, not raised.

    A file whose name fits no source is read as the source whose headings it has.
    """
    sources = sources_of(path, catalogue)
    found = Inspection(conceal(path.name), tuple(s.id for s in sources))
    suffix = path.suffix.lower()
    if suffix in UNREADABLE_SUFFIXES or not (sources or suffix in READABLE_SUFFIXES):
        return _with_problems(found, [Problem(found.name, unreadable_da(path))])
    try:
        data = read_bytes(path, found.name)
        if len(sources) == 1:
            return _described(found, data, sources[0], catalogue)
        tops = read_top(found.name, data)
    except ExtractError as error:
        return _with_problems(found, error.problems)
    if sources:
        return _with_problems(found, [Problem(found.name, ambiguous_da(sources))])
    return _unnamed(found, path, data, tops, catalogue)


def _with_problems(found: Inspection, problems: Sequence[Problem]) -> Inspection:
    return replace(found, problems=(*found.problems, *problems))


def _described(found: Inspection, data: bytes, source: Source, catalogue: Catalogue) -> Inspection:
    """Read the file as the source's; if that fails, tell why, and what its header row says."""
    wanted = wanted_headings(source)
    try:
        table = read_table(found.name, data, wanted)
        columns = [feed_columns(table, f, catalogue.extract(f.extract)) for f in source.feeds]
        formats = file_formats(found.name, table, source, columns, catalogue)
    except ExtractError as error:
        return _with_problems(_headed(found, _tops(found.name, data), wanted), error.problems)
    return replace(
        _counted(found, table),
        decimal_sign=formats.decimal_sign,
        date_format=formats.date_format,
        notes_da=formats.notes_da,
    )


def _unnamed(
    found: Inspection, path: Path, data: bytes, tops: Sequence[Top], catalogue: Catalogue
) -> Inspection:
    """Describe a file whose name fits no source, by the source whose headings it has."""
    matches = {s.id: _match_count(tops, wanted_headings(s)) for s in catalogue.sources}
    fits = [s for s in catalogue.sources if 0 < matches[s.id] == len(wanted_headings(s))]
    if fits:
        found = _with_problems(found, [Problem(found.name, _fits_da(path, fits))])
        return _described(found, data, fits[0], catalogue)
    nearest = max(catalogue.sources, key=lambda s: matches[s.id], default=None)
    found = _headed(found, tops, wanted_headings(nearest))
    # Half of a source's headings may be two dates, and any file has dates.
    if nearest and matches[nearest.id] * 2 > len(wanted_headings(nearest)):
        message = _nearest_da(tops, nearest)
    elif found.headers:
        message = new_source_da(nearest)
    else:
        message = unknown_da(catalogue) + " Filen ser ikke ud til at have en linje med overskrifter."
    found = _with_problems(found, [Problem(found.name, message)])
    return _rows_read(replace(found, ignored_columns=found.headers), data)


def _tops(name: str, data: bytes) -> list[Top]:
    try:
        return read_top(name, data)
    except ExtractError:
        return []


def _best(tops: Sequence[Top], wanted: Mapping[str, str]) -> tuple[Header, Top] | None:
    """Return the row with most wanted headings; without any, the first that is surely a header."""
    best: tuple[Header, Top] | None = None
    for top in tops:
        header = find_header(top.rows, wanted)
        is_usable = header and (header.match_count or is_header(header, top))
        if header and is_usable and (best is None or header.match_count > best[0].match_count):
            best = header, top
    return best


def _match_count(tops: Sequence[Top], wanted: Mapping[str, str]) -> int:
    best = _best(tops, wanted)
    return best[0].match_count if best else 0


def _headed(found: Inspection, tops: Sequence[Top], wanted: Mapping[str, str]) -> Inspection:
    """Add what the header row tells, or only the encoding where no row surely is one."""
    encoding = tops[0].encoding if tops else None
    best = _best(tops, wanted)
    if best is None or not is_header(*best):
        return replace(found, encoding=encoding)
    header, top = best
    return replace(
        found,
        encoding=encoding,
        delimiter=top.delimiter,
        header_line=None if top.has_certain_header else header.position + 1,
        headers=tuple(conceal(h) for h in header.cells),
        ignored_columns=ignored_columns(header.cells, wanted),
    )


def _rows_read(found: Inspection, data: bytes) -> Inspection:
    """Count the rows below a header no source has, and find their formats, if the file can be read by it."""
    keys = Counter(heading(h) for h in found.headers if h)
    try:
        table = read_table(found.name, data, {key: key for key, count in keys.items() if count == 1})
    except ExtractError:
        return found
    if not keys or table.header_line != found.header_line:
        return found
    found = _counted(found, table)
    # Which columns are dates or numbers nobody has said: what looks like either tells the format.
    columns = [translate(column, {}) for column in table.columns.values()]
    texts = [c.texts.filter(arrow.mask(~c.is_native)).drop_null() for c in columns]
    try:
        formats = detect(found.name, texts, texts, table.delimiter, table.has_serial_dates)
    except ExtractError as error:
        return _with_problems(found, error.problems)
    return replace(
        found,
        decimal_sign=formats.decimal_sign,
        date_format=formats.date_format,
        notes_da=formats.notes_da,
    )


def _counted(found: Inspection, table: RawTable) -> Inspection:
    return replace(
        found,
        encoding=table.encoding,
        delimiter=table.delimiter,
        header_line=table.header_line,
        headers=tuple(conceal(h) for h in table.headers),
        ignored_columns=found.ignored_columns or table.ignored_columns,
        row_count=len(table.lines) + len(table.wrong),
        wrong_line_count=len(table.wrong),
    )


def _fits_da(path: Path, sources: Sequence[Source]) -> str:
    named = " og ".join(f"»{s.label_da}« ({s.file})" for s in sources)
    files = " eller ".join(f"sources/{s.id}.toml" for s in sources)
    suffixes = {Path(s.file).suffix.lower() for s in sources}
    advice = "Omdøb filen" if path.suffix.lower() in suffixes else f"Gem den som {' eller '.join(suffixes)}"
    return (
        f"filnavnet passer ikke til nogen kilde, men kolonnerne passer til {named}. "
        f"{advice}, eller ret file i {files}."
    )


def _nearest_da(tops: Sequence[Top], source: Source) -> str:
    wanted = wanted_headings(source)
    best = _best(tops, wanted)
    found = {heading(c) for c in best[0].cells} if best else set()
    missing = ", ".join(f"»{name}«" for key, name in wanted.items() if key not in found)
    return (
        "filnavnet passer ikke til nogen kilde, og ingen kildes overskrifter er der alle. "
        f"Nærmest er »{source.label_da}« ({source.file}): der mangler {missing}."
    )
