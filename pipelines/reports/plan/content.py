"""The plan's content model: the finding first, then every action, every goal, and the draft."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports import danish
from pipelines.reports.case import Case
from pipelines.reports.document import Model, document
from pipelines.reports.material import Material
from pipelines.reports.plan.actions import HIDDEN, Action, Plan, read_actions, with_company
from pipelines.reports.plan.draft import Proposed, draft, drafted
from pipelines.reports.plan.editable import action_source, delivery_name
from pipelines.reports.plan.evaluation import evaluation
from pipelines.reports.plan.goals import Told, counted, findings, goals
from pipelines.reports.texts import REPORT, TEMPLATES, Texts

POINTS = 6
NAMED = 2
LATE = ("late", "done_late")


@dataclass(frozen=True)
class Content:
    """The content model, and what the files to edit are written from."""

    model: Model
    plan: Plan
    proposed: tuple[Proposed, ...]
    files: Mapping[str, str]


def content(published: Path, manifest: Mapping[str, Any], catalogue: Catalogue) -> Content:
    """Return the plan's content as plain data, from the published marts in a folder."""
    material = Material.read(published, manifest, catalogue, Texts())
    texts = Texts(*REPORT, TEMPLATES / "plan_da.toml")
    actions = read_actions(published, int(manifest["reporting_year"]))
    plan = with_company(Plan(material, texts, actions))
    cases = [Case(material, material.texts, line) for line in material.primary_lines]
    proposed = drafted(plan, cases)
    files = {"draft_file": f"handleplan_{plan.year + 1}_udkast.md"}
    if delivered := action_source(catalogue):
        files["delivery_file"] = delivery_name(delivered[0], plan.year + 1)
    found = findings(plan)
    model = document(
        material,
        "handleplan",
        _headline(plan, found),
        [
            texts.counted("front.actions", len(plan.actions), year=plan.year),
            material.texts("facts.reference_date", date=material.reference_date),
        ],
        _sentences(plan, found, proposed),
        [evaluation(plan), goals(plan), draft(plan, proposed, files)],
    )
    return Content(model, plan, proposed, files)


def _headline(plan: Plan, found: Sequence[Told]) -> str:
    """Say how many actions are done, and for how many of their goals a figure moved the right way."""
    texts, total = plan.texts, len(plan.actions)
    if not total:
        return texts("headline.none", year=plan.year)
    done = sum(action.status == "done" for action in plan.actions)
    first = _of(plan, "headline.done", done, total)
    if not found:
        return first
    return f"{first} {_of(plan, 'headline.goals', counted(found)['right'], len(found))}"


def _of(plan: Plan, key: str, count: int, total: int) -> str:
    """Say "nine of fifteen", "all fifteen", "none of fifteen" or, of one, yes or no."""
    texts = plan.texts
    if total == 1:
        return texts(f"{key}.one_{'yes' if count else 'no'}")
    form = "all" if count == total else "some" if count else "no"
    words = {"count": texts.word(count), "total": texts.word(total)}
    words["Count"] = words["count"][:1].upper() + words["count"][1:]
    return texts(f"{key}.{form}", **words)


def _sentences(plan: Plan, found: Sequence[Told], proposed: Sequence[Proposed]) -> list[str]:
    """Return the points, what asks for something first; nothing is said to have worked."""
    texts = plan.texts
    late = [action for action in plan.actions if action.standing in LATE]
    said = [
        _named(plan, "point.late", late),
        _named(plan, "point.dropped", [a for a in plan.actions if a.status == "dropped"]),
        _goals_named(plan, "point.wrong", [one for one in found if one.finding in ("wrong", "mixed")]),
        _compared(plan),
        _unmeasured(plan),
        texts.counted("point.draft", len(proposed), year=plan.year + 1) if proposed else "",
    ]
    sentences = [sentence for sentence in said if sentence]
    # Never pushed out by another: what the figures cannot tell.
    return [*sentences[: POINTS - 1], texts("point.not_caused" if plan.actions else "point.deliver")]


def _named(plan: Plan, key: str, found: Sequence[Action]) -> str:
    return _counted(plan, key, [action.title for action in found])


def _goals_named(plan: Plan, key: str, found: Sequence[Told]) -> str:
    return _counted(plan, key, [one.goal.name_da for one in found])


def _counted(plan: Plan, key: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    # Two long titles are a sentence that nobody reads: they stand in the table.
    form = "few" if len(names) <= NAMED else "many"
    listed = danish.listed([plan.texts("point.quoted", name=name) for name in names[:NAMED]])
    return plan.texts.counted(f"{key}.{form}", len(names), names=listed)


def _compared(plan: Plan) -> str:
    """Say of the actions that can be held against a figure how many moved as expected, less and more."""
    counts = Counter(action.evaluation for action in plan.actions)
    said = [
        plan.texts.counted(f"point.{code}", counts[code])
        for code in ("as_expected", "more", "less")
        if counts[code]
    ]
    if not said:
        return ""
    words = danish.listed(said)
    return plan.texts("point.compared", listed=words)


def _unmeasured(plan: Plan) -> str:
    counts = Counter(action.evaluation for action in plan.actions)
    silent = counts["not_measured"] + counts["cannot_tell"] + counts[HIDDEN]
    return plan.texts.counted("point.silent", silent) if silent else ""
