"""Draw the content model as HTML (Jinja2) and as PDF (Typst)."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.reports.texts import TEMPLATES


def palette() -> dict[str, str]:
    """Return the report's colours by name."""
    return tomllib.loads((TEMPLATES / "palette.toml").read_text(encoding="utf-8"))


def html(
    content: Mapping[str, Any],
    figures: Mapping[str, str],
    colours: Mapping[str, str],
    template: str = "report.html.j2",
) -> str:
    """Return one self-contained page; `figures` are SVG elements by block id."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The figures and the style sheet are our own files' output, the only markup let through.
    return environment.get_template(template).render(
        content=content,
        figures={anchor: Markup(svg) for anchor, svg in figures.items()},
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        palette=colours,
    )


def pdf(
    content: Mapping[str, Any],
    figures: Mapping[str, str],
    colours: Mapping[str, str],
    dated: datetime,
    template: str = "report.typ",
) -> bytes:
    """Return the PDF, checked as PDF/UA-1 while it is made; same content, same bytes."""
    import typst

    compiled = typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=[str(font_folder())],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=int(dated.timestamp()),
        sys_inputs={
            "content": json.dumps(content, ensure_ascii=False),
            "figures": json.dumps(figures, ensure_ascii=False),
            "palette": json.dumps(colours),
        },
    )
    assert isinstance(compiled, bytes)
    return compiled


@cache
def font_folder() -> Path:
    """Return where matplotlib keeps DejaVu Sans: the same letters in figures and text."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"
