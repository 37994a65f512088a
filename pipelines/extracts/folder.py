"""Which delivered file is which source; a file nobody knows is a problem, never ignored."""

import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pipelines.catalogue import Catalogue, Source
from pipelines.errors import Problem, UnreachableError
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
    """Match the files of a folder to the catalogue's sources, in order of name without its suffix.

    In that order a copy ("x - Kopi.csv") comes after its original. The problems: a data file that
    no source or more than one knows, a data file in a subfolder, a required source without a
    file, and a required extract that no file feeds.

    Raises:
        UnreachableError: no such folder, or nothing in it: so a share looks that is away.
    """
    deliveries, problems, shown = [], [], set[str]()
    paths = _files(folder)
    for path in sorted(paths, key=lambda p: (p.parent, p.stem, p.suffix)):
        name = _shown_name(path.relative_to(folder).as_posix(), shown)
        sources = sources_of(path, catalogue) if path.parent == folder else []
        if len(sources) == 1 and path.suffix.lower() not in UNREADABLE_SUFFIXES:
            deliveries.append(Delivery(path, name, sources[0]))
        elif sources or path.suffix.lower() in READABLE_SUFFIXES + UNREADABLE_SUFFIXES:
            problems.append(Problem(name, _misfit(path, folder, sources, catalogue)))
    if not deliveries and not problems:
        message = "mappen har ingen udtræk (csv, txt, xlsx eller parquet)."
        raise UnreachableError([Problem(str(folder), message)])
    problems.extend(_absent(folder, deliveries, paths, catalogue))
    return deliveries, problems


def sources_of(path: Path, catalogue: Catalogue) -> list[Source]:
    """Return the sources whose file pattern fits a file's name, whatever its case."""
    name = _folded(path.name)
    return [s for s in catalogue.sources if fnmatchcase(name, _folded(s.file))]


def unreadable_da(path: Path) -> str:
    """Return what to do about a file of a type that is not read."""
    return f"{path.suffix.lower()}-filer kan ikke læses. Gem udtrækket som csv, xlsx eller parquet."


def ambiguous_da(sources: list[Source]) -> str:
    """Return what to do about a file whose name fits several sources."""
    ids = " og ".join(s.id for s in sources)
    return f"filen passer på flere kilder ({ids}). Ret mønstrene i catalogue/sources, så kun én passer."


def unknown_da(catalogue: Catalogue) -> str:
    """Return what to do about a file that no source knows."""
    known = ", ".join(s.file for s in catalogue.sources)
    advice = "Omdøb den, fjern den, eller opret en kilde i catalogue/sources."
    return f"filen kendes ikke af kataloget. Kendte mønstre: {known}. {advice}"


def new_source_da(model: Source | None) -> str:
    """Return how to make a source for a file that none fits; `model` is the one to begin from."""
    copied = f"kopiér fx {model.id}.toml" if model else "læg en fil"
    return (
        "ingen kilde passer til filen; den skal have sin egen. "
        f"I mappen catalogue/sources: {copied}, og ret id, label_da, file (mønsteret for filnavnet), "
        "extract og kolonnenavnene. Skal filen ikke bruges, så fjern den."
    )


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        message = "mappen findes ikke. Angiv mappen med udtrækkene (--extracts)."
        raise UnreachableError([Problem(str(folder), message)])
    try:
        return [p for p in folder.rglob("*") if p.is_file() and not _is_hidden(p)]
    except OSError as error:
        message = f"mappen kan ikke læses ({error.strerror}). Er drevet forbundet?"
        raise UnreachableError([Problem(str(folder), message)]) from None


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
        return unreadable_da(path)
    return ambiguous_da(sources) if sources else unknown_da(catalogue)


def _absent(
    folder: Path, deliveries: list[Delivery], paths: list[Path], catalogue: Catalogue
) -> list[Problem]:
    """Return the required sources and extracts without a file, one cause told once.

    A file that has a problem of its own (in a subfolder, of two sources, an xls) is not also absent.
    """
    missing = [s for s in catalogue.sources if s.required and not any(_is_meant(p, s) for p in paths)]
    absent = []
    for source in missing:
        message = (
            f"ingen fil passer til kilden »{source.label_da}« ({source.file}). "
            f"Læg filen i mappen, eller skriv required = false i sources/{source.id}.toml."
        )
        absent.append(Problem(str(folder), message))
    told = [*(d.source for d in deliveries), *missing]
    accounted = {feed.extract for source in told for feed in source.feeds}
    for extract in catalogue.extracts:
        if extract.required and extract.id not in accounted:
            patterns = [s.file for s in catalogue.sources if any(f.extract == extract.id for f in s.feeds)]
            message = f"udtrækket skal med, men der er ingen fil. Ventet: {' eller '.join(patterns)}."
            absent.append(Problem(extract.label_da, message))
    return absent


def _is_meant(path: Path, source: Source) -> bool:
    """Whether a file is the source's, were it only of a type that is read."""
    name, pattern = _folded(path.name), _folded(source.file)
    if path.suffix.lower() in UNREADABLE_SUFFIXES:
        return fnmatchcase(Path(name).stem, Path(pattern).stem)
    return fnmatchcase(name, pattern)
