"""A calibration as a page for people (Markdown) and as numbers for programs (JSON)."""

from collections.abc import Sequence
from typing import Any

from pipelines import __version__
from pipelines.calibration.findings import Claim, Figure, Section

INTRODUCTION = """# The method tried where the truth is known

Would the method have noticed, and would it have raised a false alarm? A real municipality cannot tell: there
the truth is unknown. Here people are simulated: how they were, who asked for help, who got it, who answered,
and what the support does, which in most worlds is nothing. Then the functions that make the report's numbers
are asked about them, many thousand times. What they ought to say is known, so every answer can be marked.

How to read it. Effects are in standard deviations of the score (SD; 0.3 SD is δ, the smallest difference
worth while). An interval of 95 percent *covers* when the truth lies within it, which should happen 95 times
of 100; *bias* is the mean error, *RMSE* the usual size of the error, *power* the share of the simulated
comparisons whose interval lies above 0 when the support has the stated effect. Every figure is followed by ±
its Monte Carlo standard error: how much it would vary if all was simulated again."""


def render(sections: Sequence[Section], *, replications: int, seed: int, command: str) -> str:
    """Return the page."""
    parts = [
        INTRODUCTION,
        f"Made by `{command}` (Virker {__version__}, {replications:,} replications of every world, seed "
        f"{seed}).\nDo not edit by hand: `tests/calibration` holds the page's structure equal to what the "
        "code renders, and\nits figures near those of a quick run.",
        _claims(sections),
        *(_section(section) for section in sections),
    ]
    return "\n\n".join(parts) + "\n"


def numbers(sections: Sequence[Section], *, replications: int, seed: int) -> dict[str, Any]:
    """Return everything that is on the page."""
    return {
        "version": __version__,
        "replications": replications,
        "seed": seed,
        "sections": [
            {
                "id": section.id,
                "columns": list(section.columns),
                "rows": [[_number(cell) for cell in row] for row in section.rows],
                "claims": [
                    {
                        "text": claim.text,
                        "figure": _number(claim.figure),
                        "lowest": claim.lowest,
                        "highest": claim.highest,
                        "is_within": claim.is_within,
                        "is_refuted": claim.is_refuted,
                        "decision": claim.decision,
                    }
                    for claim in section.claims
                ],
            }
            for section in sections
        ],
    }


def _number(cell: str | Figure) -> Any:
    if isinstance(cell, str):
        return cell
    # JSON knows no NaN.
    is_there = cell.value == cell.value
    return {
        "value": cell.value if is_there else None,
        "error": cell.error if is_there else None,
        "kind": cell.kind,
    }


def _claims(sections: Sequence[Section]) -> str:
    claims = [claim for section in sections for claim in section.claims]
    parts = [
        "## What must hold\n\n"
        "The command ends with exit code 1 where one of these is refuted: further outside its limits than "
        "three\nMonte Carlo errors.",
        _claim_table([claim for claim in claims if claim.decision is None]),
    ]
    if weighed := [claim for claim in claims if claim.decision]:
        files = sorted({str(claim.decision) for claim in weighed})
        parts += [
            "## Promises that the present rules cannot keep\n\n"
            "The method asks for this too, and its own rules stand in the way: which, and what other rules "
            "would\ncost, is weighed in "
            + ", ".join(f"[{file}](decisions/{file})" for file in files)
            + ". The exit code does not count them.",
            _claim_table(weighed),
        ]
    return "\n\n".join(parts)


def _claim_table(claims: Sequence[Claim]) -> str:
    return _table(
        ("claim", "found, %", "must lie between, %", "holds"),
        [
            (
                claim.text,
                str(claim.figure),
                f"{100 * claim.lowest:g}–{100 * claim.highest:g}",
                claim.answer,
            )
            for claim in claims
        ],
    )


def _section(section: Section) -> str:
    return "\n\n".join([f"## {section.title}", *section.words, _table(section.columns, section.rows)])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str | Figure]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])
