"""Which delivered file is which source; a file nobody knows is a problem, never ignored."""

import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pipelines.catalogue import Catalogue, Source
from pipelines.errors import Problem
from pipelines.extracts.cpr import conceal

# What an extract may come as; the others hold data too, but in a form that is not read.
READABLE_SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".parquet")
UNREADABLE_SUFFIXES = (".xls", ".xlsm", ".xlsb", ".ods", ".zip", ".gz", ".7z")


@dataclass(frozen=True)
class Delivery:
    """A file, the source it comes from, and its name as it may be shown."""

    path: Path
    name: str
    source: Source


def match_files(folder: Path, catalogue: Catalogue) -> tuple[list[Delivery], list[Problem]]:
    """Match the files of a folder to the catalogue's sources, in order of name.

    The problems: no such folder, no files, a data file that no source or more than one knows,
    a data file in a subfolder, and a required extract that no file feeds.
    """
    if not folder.is_dir():
        return [], [Problem(str(folder), "mappen findes ikke. Angiv mappen med udtrækkene (--extracts).")]
    deliveries, problems, shown = [], [], set[str]()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not _is_hidden(p)):
        name = _shown_name(path.relative_to(folder).as_posix(), shown)
        sources = sources_of(path, catalogue) if path.parent == folder else []
        if len(sources) == 1 and path.suffix.lower() not in UNREADABLE_SUFFIXES:
            deliveries.append(Delivery(path, name, sources[0]))
        elif sources or path.suffix.lower() in READABLE_SUFFIXES + UNREADABLE_SUFFIXES:
            problems.append(Problem(name, _misfit(path, folder, sources, catalogue)))
    return deliveries, problems + _absent(folder, deliveries, problems, catalogue)


def sources_of(path: Path, catalogue: Catalogue) -> list[Source]:
    """Return the sources whose file pattern fits a file's name, whatever its case."""
    name = _folded(path.name)
    return [s for s in catalogue.sources if fnmatchcase(name, _folded(s.file))]


def _is_hidden(path: Path) -> bool:
    # "~$name.xlsx" is Excel's lock on a workbook that someone has open.
    return path.name.startswith((".", "~$"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _shown_name(name: str, taken: set[str]) -> str:
    """Return the name with CPR numbers masked, numbered if the mask made two names equal."""
    masked = unmasked = conceal(name)
    number = 1
    while masked in taken:
        number += 1
        masked = f"({number}) {unmasked}"
    taken.add(masked)
    return masked


def _misfit(path: Path, folder: Path, sources: list[Source], catalogue: Catalogue) -> str:
    if path.parent != folder:
        return "filen ligger i en undermappe. Flyt den op i mappen med udtrækkene, eller fjern den."
    if path.suffix.lower() in UNREADABLE_SUFFIXES:
        return f"{path.suffix.lower()}-filer kan ikke læses. Gem udtrækket som csv, xlsx eller parquet."
    if sources:
        ids = " og ".join(s.id for s in sources)
        return f"filen passer på flere kilder ({ids}). Ret mønstrene i catalogue/sources, så kun én passer."
    known = ", ".join(s.file for s in catalogue.sources)
    advice = "Omdøb den, fjern den, eller opret en kilde i catalogue/sources."
    return f"filen kendes ikke af kataloget. Kendte mønstre: {known}. {advice}"


def _absent(
    folder: Path, deliveries: list[Delivery], problems: list[Problem], catalogue: Catalogue
) -> list[Problem]:
    if not deliveries and not problems:
        return [Problem(str(folder), "mappen har ingen udtræk (csv, txt, xlsx eller parquet).")]
    fed = {feed.extract for d in deliveries for feed in d.source.feeds}
    absent = []
    for extract in catalogue.extracts:
        if extract.required and extract.id not in fed:
            patterns = [s.file for s in catalogue.sources if any(f.extract == extract.id for f in s.feeds)]
            message = f"udtrækket skal med, men der er ingen fil. Ventet: {' eller '.join(patterns)}."
            absent.append(Problem(extract.label_da, message))
    return absent
