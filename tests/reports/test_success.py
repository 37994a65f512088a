"""Success by the type of goal stands beside the categories, and only where it is something else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import Catalogue
from pipelines.disclosure import gate
from pipelines.reports.content import content
from tests.reports import published
from tests.reports.published import Plan, texts_in
from tests.reports.test_content import blocks, only

CHOSEN = "grief_crisis_support"
LABEL = "Lykkedes"


@pytest.fixture
def reported(catalogue: Catalogue, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return the content of one intervention's report: 60 measured, 20 better, 8 worse, and its success."""

    def build(success: int | None, goal_type: str = "develop", reason: str | None = None) -> dict[str, Any]:
        small = only(catalogue, CHOSEN)
        typed = [o.model_copy(update={"goal_type": goal_type}) for o in small.interventions[0].outcomes]
        one = small.interventions[0].model_copy(update={"outcomes": tuple(typed)})
        small = small.model_copy(update={"interventions": (one,)})
        published.write(tmp_path, small, {CHOSEN: Plan(90, 60, better=20, worse=8)})
        path = tmp_path / "intervention_effect.parquet"
        table = pq.read_table(path)
        added = [
            row
            | {
                "statistic": "share_success",
                "numerator": success,
                "estimate": None if success is None else success / 60,
                "not_estimable_reason": reason,
            }
            for row in table.to_pylist()
            if row["statistic"] == "share_reliably_improved"
        ]
        assert len(added) == len(typed)
        whole = pa.concat_tables([table, pa.Table.from_pylist(added, schema=table.schema)])
        pq.write_table(gate({"intervention_effect": whole}, small)["intervention_effect"], path)
        return content(tmp_path, published.manifest(catalogue), small)

    return build


def column(model: dict[str, Any], anchor: str) -> list[str] | None:
    """Return the texts of the column on success in the table, or None if it has no such column."""
    for block in blocks(model, "table"):
        labels = [c["label"] for c in block["columns"]]
        if block["id"].startswith(anchor) and "Målt to gange" in labels:
            if LABEL not in labels:
                return None
            place = labels.index(LABEL)
            return [row[place]["text"] for group in block["groups"] for row in group["rows"]]
    raise AssertionError(anchor)


def has_note(model: dict[str, Any]) -> bool:
    return any("De tre er ikke lige svære" in text for text in texts_in(model))


@pytest.mark.parametrize(
    ("success", "goal_type", "shown"),
    [
        (20, "develop", None),  # the reliably improved: nothing to add
        (33, "develop", "55"),  # some people's own goals are of another type
        (52, "maintain", "87"),
        (30, "limit_loss", "50"),
        (22, "develop", None),  # hidden: two goals of another type are not told by a column either
        (22, "maintain", "skjult"),
    ],
)
def test_success_is_shown_where_goals_are_of_another_type(reported, success, goal_type, shown):
    model = reported(success, goal_type)
    for anchor in ("tabel-core10-self", "tabel-sekundaer"):
        found = column(model, anchor)
        assert (found is None) == (shown is None)
        assert found is None or found[0].startswith(shown)
    assert has_note(model) == (shown is not None)


def test_where_not_everybody_could_be_judged_nothing_is_shown(reported):
    model = reported(None, "limit_loss", "goal_not_judged")
    assert column(model, "tabel-core10-self") is None
    assert column(model, "tabel-sekundaer") == ["ikke opgjort"]


def test_a_report_without_the_statistic_is_as_before(catalogue, tmp_path):
    small = only(catalogue, CHOSEN)
    folder = published.write(tmp_path, small, {CHOSEN: Plan(90, 60, better=20, worse=8)})
    model = content(folder, published.manifest(catalogue), small)
    assert column(model, "tabel-core10-self") is None
    assert not has_note(model)
