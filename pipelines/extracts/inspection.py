"""What one file looks like to the border, without anything about the people in it."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.catalogue import Catalogue
from pipelines.errors import ExtractError, Problem
from pipelines.extracts.cpr import conceal
from pipelines.extracts.feed import feed_columns
from pipelines.extracts.folder import sources_of
from pipelines.extracts.landing import file_formats
from pipelines.extracts.reading import read_bytes, read_table
from pipelines.extracts.table import wanted_headings


@dataclass(frozen=True)
class Inspection:
    """What was detected in a file; `source_ids` are the sources its name fits (one, to be usable).

    `headers` are the file's own, `ignored_columns` those no feed maps; `row_count` counts lines
    below the header, `wrong_line_count` those of them that cannot be split. A file that cannot
    be read has `problems` and nothing else.
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
    """Describe a delivered file; problems are returned, not raised."""
    name = conceal(path.name)
    sources = sources_of(path, catalogue)
    source_ids = tuple(s.id for s in sources)
    source = sources[0] if len(sources) == 1 else None
    try:
        table = read_table(name, read_bytes(path, name), wanted_headings(source))
        feeds = source.feeds if source else ()
        columns = [feed_columns(table, f, catalogue.extract(f.extract)) for f in feeds]
        formats = file_formats(name, table, source, columns, catalogue) if source else None
    except ExtractError as error:
        return Inspection(name, source_ids, problems=error.problems)
    return Inspection(
        name=name,
        source_ids=source_ids,
        encoding=table.encoding,
        delimiter=table.delimiter,
        decimal_sign=formats.decimal_sign if formats else None,
        date_format=formats.date_format if formats else None,
        header_line=table.header_line,
        headers=tuple(conceal(h) for h in table.headers),
        ignored_columns=table.ignored_columns,
        row_count=len(table.lines) + len(table.wrong),
        wrong_line_count=len(table.wrong),
        notes_da=formats.notes_da if formats else (),
    )
