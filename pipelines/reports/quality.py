"""The short section on data quality in the leaders' report; the rest is a report of its own."""

from typing import Any

from pipelines.reports import danish
from pipelines.reports.blocks import bullets, pointers, section
from pipelines.reports.marts import Row
from pipelines.reports.material import Material, product_file

QUALITY = "datakvalitet"
ROWS = ("row", "kept", "rejected", "merged", "absent")


def quality(material: Material) -> dict[str, Any]:
    """Return the rows, the checks and who counts, in a few lines with the way to the rest."""
    texts = material.texts
    counts = row_counts(material)
    said = [texts("quality.rows", **{key: danish.number(value) for key, value in counts.items()})]
    checks, failed = material.published.quality, failed_checks(material)
    if not checks:
        said.append(texts("quality.checks_absent"))
    elif not failed:
        said.append(texts.counted("quality.checks_none", len(checks)))
    else:
        word = texts.word(len(failed))
        first = word[:1].upper() + word[1:]
        said.append(texts.counted("quality.checks_some", len(checks), Failed=first))
    if material.primary_lines:
        little = sum(line.verdict == "too_little" for line in material.primary_lines)
        said.append(texts.counted("quality.too_little", little, total=len(material.primary_lines)))
    file = product_file(material.manifest, QUALITY, "html")
    rest = pointers([(texts(f"product.{QUALITY}.title"), file, texts(f"product.{QUALITY}.detail"))])
    return section(QUALITY, texts("quality.heading"), [bullets(said), rest])


def failed_checks(material: Material) -> list[Row]:
    """Return the checks that found something, by extract."""
    return [row for row in material.published.quality if row["status"] == "failed"]


def row_counts(material: Material) -> dict[str, int]:
    """Return the rows of every file together: read, kept, rejected, merged and absent."""
    feeds = [feed for file in material.manifest["files"] for feed in file["feeds"]]
    return {name: sum(feed[f"{name}_count"] for feed in feeds) for name in ROWS}
