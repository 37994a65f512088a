"""The draft as files that people edit: Markdown to talk about, CSV in the form of the extract to deliver."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePath

from pipelines.catalogue import Catalogue, Feed
from pipelines.catalogue.entries import Source
from pipelines.reports import danish
from pipelines.reports.plan.actions import Plan
from pipelines.reports.plan.draft import Proposed, delivered_amount, expected_words

EXTRACT, PLANNED = "action", "planned"


def markdown(plan: Plan, proposed: Sequence[Proposed], files: Mapping[str, str]) -> str:
    """Return the draft with a section per action, each line of which may be changed."""
    texts, year = plan.texts, plan.year + 1
    municipality = plan.material.catalogue.municipality.name_da
    lines = [f"# {texts('editable.title', year=year, municipality=municipality)}", ""]
    key = "editable.intro" if "delivery_file" in files else "editable.intro_alone"
    lines += [*texts.items(key, year=year, **files), ""]
    if not proposed:
        lines += [texts("draft.none"), ""]
    known = {i.id: i.name_da for i in plan.material.catalogue.interventions}
    for one in proposed:
        indicator = plan.indicators.get(one.indicator_id or "")
        is_known = one.goal_id in plan.material.catalogue.goals
        fields = {
            "goal": plan.goal_name(one.goal_id) + (f" ({one.goal_id})" if is_known else ""),
            "initiative": plan.goal_name(one.initiative_id) if one.initiative_id else "",
            "intervention": known.get(one.intervention_id or "", one.intervention_id or ""),
            "indicator": indicator.name_da if indicator else "",
            "owner": one.owner_role,
            "deadline": danish.long_date(one.deadline),
            "expected": expected_words(plan, one) or texts("draft.to_be_set"),
            "why": one.why,
        }
        lines += [f"## {one.id} {_plain(one.title)}", ""]
        lines += [f"- **{texts(f'editable.{key}')}:** {_plain(text)}" for key, text in fields.items() if text]
        lines.append("")
    return "\n".join(lines)


def delivery(plan: Plan, feed: Feed, proposed: Sequence[Proposed]) -> bytes:
    """Return the draft in the columns of the feed that delivers actions: once edited, it is delivered.

    Danish Excel opens and saves it without a question: semicolons, decimal commas, days first.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(feed.columns.values())
    for one in proposed:
        values: dict[str, object] = {
            "action_id": one.id,
            "year": plan.year + 1,
            "goal_id": one.goal_id,
            "initiative_id": one.initiative_id,
            "intervention_id": one.intervention_id,
            "indicator_id": one.indicator_id,
            "title_da": one.title,
            "owner_role": one.owner_role,
            "deadline_date": one.deadline,
            "status": PLANNED,
            "expected_change": delivered_amount(plan, one),
        }
        writer.writerow([_cell(feed, name, values.get(name)) for name in feed.columns])
    return text.getvalue().encode("utf-8-sig")


def action_source(catalogue: Catalogue) -> tuple[Source, Feed] | None:
    """Return the source that delivers actions and its feed; None where the catalogue has none."""
    found = ((source, feed) for source in catalogue.sources for feed in source.feeds)
    return next(((source, feed) for source, feed in found if feed.extract == EXTRACT), None)


def delivery_name(source: Source, year: int) -> str:
    """Return a name for the year's file that the source's pattern takes, once saved as what it asks for."""
    name = source.file.replace("*", f"_{year}", 1).replace("*", "")
    return str(PurePath(name).with_suffix(".csv"))


def _cell(feed: Feed, name: str, value: object) -> str:
    """Write a value as the source does: its own word for a code, Danish dates and decimals."""
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, float):
        return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",")
    words = {code: word for word, code in feed.values.get(name, {}).items()}
    return words.get(str(value), str(value))


def _plain(text: str) -> str:
    """Leave out what Markdown would read as its own, and line breaks."""
    return " ".join(text.split()).replace("*", "\\*").replace("_", "\\_").replace("<", "\\<")
