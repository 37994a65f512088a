"""Where finished runs lie, and how a new one takes the old one's place.

A run is built in a folder of its own and becomes visible by one atomic switch, so that a reader
sees the whole old version or the whole new one, whatever happens in between:

    <out>/data/marts/.versions/<run id>/   restricted/ published/ reports/ memory/ manifest.json
                                           (for casework only restricted/ and manifest.json)
    <out>/data/marts/.current              symlink to the version shown (on Windows, where links
                                           need a privilege, a text file with the run id)
    <out>/data/marts/restricted …          links through .current, made once
    <out>/reports/output, <out>/data/memory  links through .current, made once
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from pipelines.errors import Problem, StoreError

BUILDING = ".building-"
# Links named from the folder a reader knows to the place inside the current version.
SHOWN = {
    "data/marts/restricted": "restricted",
    "data/marts/published": "published",
    "data/marts/manifest.json": "manifest.json",
    "reports/output": "reports",
    "data/memory": "memory",
}
Purpose = Literal["statistics", "casework"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
PURPOSE_DA: dict[Purpose, str] = {"statistics": "statistik", "casework": "sagsbehandling"}
# What a version holds: nothing made for casework is ever published.
PARTS: dict[Purpose, tuple[str, ...]] = {
    "statistics": ("restricted", "published", "reports", "memory"),
    "casework": ("restricted",),
}
KEPT_VERSIONS = 2  # the current one and the one a reader may still have open


class Store:
    """The published versions under an output folder.

    `use_links` is for tests: by default links are used wherever the system has them.
    """

    def __init__(self, out: Path, *, use_links: bool = sys.platform != "win32") -> None:
        self.out = out
        self.marts = out / "data" / "marts"
        self.versions = self.marts / ".versions"
        self._pointer = self.marts / ".current"
        self._use_links = use_links

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one run.

        Raises:
            StoreError: at once, if another run holds it. The lock dies with its process.
        """
        self.marts.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.marts / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            message = (
                "en anden kørsel er i gang i samme mappe. Vent til den er færdig, eller vælg en anden --out"
            )
            raise StoreError([Problem(str(self.out), message)]) from error
        try:
            yield
        finally:
            lock.release()

    def current(self) -> Path | None:
        """Return the folder of the version shown, or None before the first run."""
        if self._pointer.is_symlink():
            return self._pointer.resolve()
        if self._pointer.is_file():
            return self.versions / self._pointer.read_text(encoding="utf-8").strip()
        return None

    def shown(self, inside: str) -> Path:
        """Return where a reader finds a part ("published", "reports" …) of the version shown.

        Raises:
            FileNotFoundError: before the first run.
        """
        known = self.out / next(place for place, part in SHOWN.items() if part == inside)
        current = self.current()
        if current is None:
            raise FileNotFoundError(known)
        return known if self._use_links else current / inside

    def manifest(self) -> dict[str, Any] | None:
        """Return the manifest of the version shown, or None before the first run."""
        current = self.current()
        if current is None:
            return None
        manifest: dict[str, Any] = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
        return manifest

    def purpose(self) -> Purpose | None:
        """Return what the data under the folder serve, or None before the first run."""
        manifest = self.manifest()
        if manifest is None:
            return None
        # A version from before purposes were declared was made for the yearly report.
        purpose: Purpose = manifest.get("purpose", "statistics")
        return purpose

    def require(self, purpose: Purpose) -> None:
        """See that the folder serves this purpose, or none yet: the first run settles it for ever.

        Raises:
            StoreError: the folder serves the other purpose (Databeskyttelsesloven § 10).
        """
        mine = self.purpose()
        if mine in (None, purpose):
            return
        if purpose == "casework":
            message = (
                "mappen er til statistik. Data til statistik må ikke bruges i en sag, heller ikke med "
                "samtykke (databeskyttelsesloven § 10). Vælg en anden mappe med --out, og lever udtrækkene "
                "til sagsbehandling for sig"
            )
        else:
            message = (
                "mappen er til sagsbehandling og kan ikke også være til statistik "
                "(databeskyttelsesloven § 10). Vælg en anden mappe med --out"
            )
        raise StoreError([Problem(str(self.out), message)])

    def begin(self, run_id: str, purpose: Purpose = "statistics") -> Path:
        """Return a new, empty, private folder to build in; what a killed run left is swept."""
        self.versions.mkdir(parents=True, exist_ok=True)
        for orphan in self.versions.glob(BUILDING + "*"):
            shutil.rmtree(orphan)
        build = self.versions / (BUILDING + run_id)
        for folder in ("", *PARTS[purpose]):
            (build / folder).mkdir()
            (build / folder).chmod(0o700 if folder == "restricted" else 0o755)
        return build

    def publish(self, build: Path) -> Path:
        """Make the built version the one shown, and return its folder."""
        _sync(build)
        version = self.versions / build.name.removeprefix(BUILDING)
        os.replace(build, version)
        _sync_folder(self.versions)
        self._switch(version)
        self._show()
        older = sorted((v for v in self.versions.iterdir() if v != version), key=lambda v: v.name)
        for old in older[: -(KEPT_VERSIONS - 1)]:
            shutil.rmtree(old)
        return version

    def _switch(self, version: Path) -> None:
        new = self._pointer.with_name(".current.new")
        new.unlink(missing_ok=True)
        if self._use_links:
            new.symlink_to(version.relative_to(self.marts), target_is_directory=True)
        else:
            new.write_text(version.name, encoding="utf-8")
        _replace(new, self._pointer)
        _sync_folder(self.marts)

    def _show(self) -> None:
        if not self._use_links:
            return
        for shown, inside in SHOWN.items():
            if not (self._pointer / inside).exists():
                continue
            link = self.out / shown
            target = os.path.relpath(self._pointer / inside, link.parent)
            if link.is_symlink() and os.readlink(link) == target:
                continue
            link.parent.mkdir(parents=True, exist_ok=True)
            new = link.with_name(link.name + ".new")
            new.unlink(missing_ok=True)
            new.symlink_to(target)
            os.replace(new, link)


def _sync(build: Path) -> None:
    """Force every file, and then every folder, to disk: the switch must not overtake the content."""
    for path in build.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    for folder in (build, *(p for p in build.rglob("*") if p.is_dir())):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # a folder cannot be opened there; the file system orders renames itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(new: Path, old: Path, attempts: int = 20) -> None:
    """`os.replace`, tried again where Windows holds a file open for a reader or a virus scanner."""
    for attempt in range(attempts):
        try:
            os.replace(new, old)
            return
        except PermissionError:
            if attempt == attempts - 1:
                raise
            time.sleep(0.1)
