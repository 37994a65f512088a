"""The one gate between the restricted marts and anything others read.

What it promises of the tables it returns, with the parameter `disclosure_minimum` (5):

- A row that rests on 1 to 4 persons is hidden. A row with a numerator is hidden when fewer
  than 5 have the property or fewer than 5 lack it, nobody and everybody included: "all of
  them" tells as much about each as their names would.
- Hidden means NULL in every column that is computed from persons, and `is_suppressed`. There
  is one mark, whatever the reason, and never a 0.
- Rows that the catalogue declares as adding up to a known sum (`adds_up`) never hide less
  than two rows and 5 persons together, so that no hidden row follows by subtraction.
- Rows that divide the persons of another row (`divides`: segments of a window) are all shown or all
  hidden, for each statistic: hidden where one of them would be, and where the row they divide is. A
  segment less the others is a cell of a table whose margins are at least 5, and may be anything up to 5.
- A row that counts nearly the same persons as others (`resembles`) is hidden where one of
  those is hidden, and where the difference is 1 to 4 persons. No difference is shown: it is
  the rule where all goals have one type, and then says nothing that the others do not.
- A row whose persons enclose those of a visible row of the same intervention (`encloses`) is
  hidden where fewer than 5 are left over: reached minus measured is who was not measured.
- Segments of several outcomes tell together that few were not measured: as many were due in a segment as
  were measured on any outcome, and all who were due is told. Then only the primary outcome has segments.
- The outcomes of an intervention share their due persons: where the coverage of one is hidden,
  no other outcome tells how many were due.
- A recommendation's numbers are hidden with the estimate it rests on, and each number of its trace with the
  rows that it comes from. The word, its rule and the evidence level stand.
- The cost by the reliably improved person is hidden where their share is.
- A goal is hidden where it, minus its visible interventions, would tell of hidden ones.
- An indicator is hidden alike for every goal it belongs to, and where it would tell of a hidden one that
  it adds up with. What a shown year is compared with is left out where that is hidden (`indicators.py`).
- The whole of who is counted is hidden where it says anything about a hidden part of it.
- This year's row of the recommendations through the years is hidden with the recommendation it repeats; the
  rows of earlier years come gated.
- An action's measured change, and what is said of it, is hidden where the row that it was taken from is.
- A row with n = 0 stays, but for a segment beside hidden ones: it rests on nobody, and it is how the
  report says that something is not measured. It does say that all who might have been counted were not.

Known to be open, until marts are protected together (the same call): the number of all persons
where there is a single intervention, persons that overlap between goals, differences between
years (an indicator's years against its window too), indicators that count part of what another
counts, and segments that lie within one another by a fact from elsewhere (a provider for women
only, less all women).
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.catalogue.entries import Catalogue, Enclosing, Mart
from pipelines.disclosure.indicators import telling, without_hidden_comparisons

Mask: TypeAlias = npt.NDArray[np.bool_]
Positions: TypeAlias = npt.NDArray[np.intp]
Numbers: TypeAlias = npt.NDArray[np.float64]

PERSONAL = ("persons", "numerator", "statistic")
WHOLE = "ALL"
# The rows of intervention_effect that a line of intervention_recommendation rests on, by its design.
RECOMMENDED_ON = {
    "D1": ("mean_change", "standardised_mean_change"),
    "D3": ("standardised_difference",),
    "D4": ("effect_overall",),
}
# Where a number of its trace comes from, besides the estimate itself: the mart and the statistics.
TRACED_TO = {
    "coverage": ("intervention_effect", "coverage"),
    "pairs_per_arm": ("intervention_effect", "mean_change"),
    "deteriorated_lower": ("intervention_effect", "share_deteriorated", "share_difference_deteriorated"),
    "incremental_cost_dkk": ("economy_result", "incremental_cost"),
    "probability_net_benefit": ("economy_result", "probability_net_benefit"),
}
TYPE_TESTS = {
    "text": lambda t: pa.types.is_string(t) or pa.types.is_large_string(t),
    "integer": pa.types.is_integer,
    "decimal": pa.types.is_floating,
    "boolean": pa.types.is_boolean,
    "date": pa.types.is_date,
}


def gate(tables: Mapping[str, pa.Table], catalogue: Catalogue) -> dict[str, pa.Table]:
    """Return the marts as they may be published: same rows, columns and types, small cells hidden.

    Gating what has been gated changes nothing.

    Args:
        tables: every mart that is going to be published in this run, by id. All in one
            call, as what is hidden in one may be told by another.
        catalogue: declares the marts, their columns' disclosure classes and the minimum.

    Raises:
        ValueError: if a table is not what the catalogue declares (mart, columns, types,
            grain), or holds numbers that cannot be judged: NaN, more persons with a
            property than persons, a number without its persons. These are programming
            errors; nothing may be published.
    """
    minimum = catalogue.parameter("disclosure_minimum")
    if not isinstance(minimum, int) or minimum < 1:
        raise ValueError(f"disclosure_minimum must be a whole number of persons: {minimum!r}")
    gated = {}
    for mart_id, table in tables.items():
        mart = _published_mart(mart_id, catalogue)
        _require_declared_columns(table, mart)
        _require_grain(table, mart)
        gated[mart_id] = _gate_one(table, mart, minimum) if _names(mart, "flag") else table
    _hide_enclosing(gated, catalogue, minimum)
    if "intervention_effect" in gated:
        _hide_by_effect(gated, tables["intervention_effect"], catalogue, minimum)
    if "strategy_indicator" in gated:
        mart = catalogue.mart("strategy_indicator")
        _hide_indicators(gated, tables[mart.id], mart, catalogue, minimum)
    if "attrition_summary" in gated:
        mart = catalogue.mart("attrition_summary")
        gated[mart.id] = _hide(gated[mart.id], mart, _whole_that_tells(gated, mart))
    if {"intervention_recommendation", "intervention_effect"} <= gated.keys():
        gated["intervention_recommendation"] = _without_hidden_sources(gated, catalogue)
    if {"recommendation_history", "intervention_recommendation"} <= gated.keys():
        mart = catalogue.mart("recommendation_history")
        gated[mart.id] = _hide(gated[mart.id], mart, _this_year_that_tells(gated, catalogue))
    if "action_evaluation" in gated:
        mart = catalogue.mart("action_evaluation")
        gated[mart.id] = _hide(gated[mart.id], mart, _actions_that_tell(gated))
    return gated


def _hide_by_effect(gated: dict[str, pa.Table], effect: pa.Table, catalogue: Catalogue, minimum: int) -> None:
    """Hide what the rows of the effects tell of each other, and what other marts tell of them."""
    mart = catalogue.mart("intervention_effect")
    told = _segments_that_tell(gated[mart.id], mart, minimum)
    gated[mart.id] = _hide(gated[mart.id], mart, told)
    if "attrition_summary" in gated:
        for mart_id, told in _due_persons_that_tell(gated, catalogue).items():
            gated[mart_id] = _hide(gated[mart_id], catalogue.mart(mart_id), told)
    if "economy_result" in gated:
        mart = catalogue.mart("economy_result")
        gated[mart.id] = _hide(gated[mart.id], mart, _costs_that_tell(gated))
    if "strategy_indicator" in gated:
        told = _goals_that_tell(gated, effect, catalogue, minimum)
        mart = catalogue.mart("strategy_indicator")
        gated[mart.id] = _hide(gated[mart.id], mart, told)


def _hide_indicators(
    gated: dict[str, pa.Table], delivered: pa.Table, mart: Mart, catalogue: Catalogue, minimum: int
) -> None:
    """Hide what the strategies' indicators tell of each other, until no more does."""
    shown = gated[mart.id]
    while np.any((told := telling(shown, delivered, catalogue, minimum)) & ~_is_suppressed(shown, mart)):
        shown = _hide(shown, mart, told)
    gated[mart.id] = without_hidden_comparisons(shown)


def _gate_one(table: pa.Table, mart: Mart, minimum: int) -> pa.Table:
    _require_judgeable_numbers(table, mart)
    return _hide(table, mart, _hidden_rows(table, mart, minimum))


def _hide(table: pa.Table, mart: Mart, hidden: Mask) -> pa.Table:
    hidden = _with_divisions(_divisions(table, mart), hidden | _is_suppressed(table, mart))
    columns = {name: table[name] for name in table.column_names}
    for name in _names(mart, *PERSONAL):
        columns[name] = pc.if_else(pa.array(hidden), pa.scalar(None, table[name].type), table[name])
    for name in _names(mart, "flag"):
        columns[name] = pa.array(hidden)
    return pa.table(columns, schema=table.schema)


def _hide_enclosing(gated: dict[str, pa.Table], catalogue: Catalogue, minimum: int) -> None:
    for mart_id in gated:
        mart = catalogue.mart(mart_id)
        for enclosing in mart.encloses:
            if enclosing.mart in gated:
                hidden = _leaves_few(gated, mart, enclosing, catalogue, minimum)
                gated[mart_id] = _hide(gated[mart_id], mart, hidden)


def _leaves_few(
    gated: Mapping[str, pa.Table], mart: Mart, enclosing: Enclosing, catalogue: Catalogue, minimum: int
) -> Mask:
    """Find the rows whose persons, minus those of a visible row within, are fewer than `minimum`."""
    inner_mart, outer, inner = catalogue.mart(enclosing.mart), gated[mart.id], gated[enclosing.mart]
    is_outer, is_inner = _having(outer, enclosing.outer), _having(inner, enclosing.inner)
    visible: dict[tuple[str, ...], set[float]] = {}
    inner = inner.filter(pa.array(is_inner))
    within = _numbers(inner, *_names(inner_mart, "persons"))
    for key, persons in zip(_keys(inner, enclosing.by), within, strict=True):
        if persons > 0:
            visible.setdefault(key, set()).add(persons)
    outer = outer.filter(pa.array(is_outer))
    totals = _numbers(outer, *_names(mart, "persons"))
    is_outer[is_outer] = [
        any(0 <= total - persons < minimum for persons in visible.get(key, ()))
        for key, total in zip(_keys(outer, enclosing.by), totals, strict=True)
    ]
    return is_outer


def _segments_that_tell(effect: pa.Table, mart: Mart, minimum: int) -> Mask:
    """Find the segments of secondary outcomes that, with the others', leave few of the due not measured.

    In a segment at least as many were due as were measured on the outcome that has most of them. Where that,
    summed over a segmentation, is nearly all who were due, the rest is who was not measured in any segment.
    Of the primary outcome alone the sum is the window's, which its coverage is hidden by.
    """
    is_visible = ~_is_suppressed(effect, mart)
    wholes = {division.whole for division in mart.divides}
    due: dict[str, list[int]] = {}
    for row in effect.filter(pa.array(is_visible & _having(effect, {"statistic": "coverage"}))).to_pylist():
        if row["population"] in wholes:
            due.setdefault(row["intervention_id"], []).append(row["n"])
    measured: dict[tuple[str, str], int] = {}
    for row in effect.filter(
        pa.array(is_visible & _having(effect, {"statistic": "mean_change"}))
    ).to_pylist():
        key = row["intervention_id"], row["population"]
        measured[key] = max(row["n"], measured.get(key, 0))
    together: Counter[tuple[str, str]] = Counter()
    for (intervention, population), persons in measured.items():
        together[intervention, _way(population)] += persons
    telling = {
        (intervention, way)
        for (intervention, way), persons in together.items()
        if way and any(total - persons < minimum for total in due.get(intervention, ()))
    }
    keys = _keys(effect, ("intervention_id", "population"))
    told = np.array([(i, _way(population)) in telling for i, population in keys], dtype=np.bool_)
    return told & ~_mask(pc.fill_null(effect["is_primary"], False))


def _due_persons_that_tell(gated: Mapping[str, pa.Table], catalogue: Catalogue) -> dict[str, Mask]:
    """Find the rows that say how many persons of an intervention were due, where one outcome hides it.

    An outcome's coverage is hidden because few of those due were, or were not, measured twice. The same
    persons were due on the intervention's other outcomes: their coverage says how many, and so does
    everybody less those not due. Minus the visible pairs, that would be the hidden few.
    """
    effect, attrition = gated["intervention_effect"], gated["attrition_summary"]
    by = ("intervention_id", "population")
    is_coverage = _having(effect, {"statistic": "coverage"})
    is_hidden = is_coverage & _is_suppressed(effect, catalogue.mart("intervention_effect"))
    telling = {key for key, hidden in zip(_keys(effect, by), is_hidden, strict=True) if hidden}
    of_attrition = np.array([key in telling for key in _keys(attrition, by)], dtype=np.bool_)
    return {
        "intervention_effect": is_coverage
        & np.array([key in telling for key in _keys(effect, by)], np.bool_),
        "attrition_summary": of_attrition & ~_having(attrition, {"reason": "counted"}),
    }


def _costs_that_tell(gated: Mapping[str, pa.Table]) -> Mask:
    """Find the costs by the reliably improved person whose share is not shown: the one tells the other."""
    effect, economy = gated["intervention_effect"], gated["economy_result"]
    by = ("intervention_id", "outcome_id")
    share = {"statistic": "share_reliably_improved", "population": "window", "design": "D1"}
    is_shown = _having(effect, share) & _mask(effect["estimate"].is_valid())
    shown = {key for key, is_told in zip(_keys(effect, by), is_shown, strict=True) if is_told}
    of_share = np.array([key in shown for key in _keys(economy, by)], dtype=np.bool_)
    has_number = _mask(economy["estimate"].is_valid())
    return _having(economy, {"statistic": "cost_per_reliably_improved"}) & has_number & ~of_share


def _goals_that_tell(
    gated: Mapping[str, pa.Table], effect: pa.Table, catalogue: Catalogue, minimum: int
) -> Mask:
    """Find the goals that tell of a hidden intervention: the goal minus its visible interventions.

    A goal's persons are those of the outcomes tied to it, some of them in several. Its row is
    hidden where the outcomes hidden in `intervention_effect` hold fewer than `minimum` persons
    together, or fewer than that are reliably improved or not improved among them.
    """
    goal_of = {
        (i.id, f"{o.instrument}:{o.respondent}"): o.goal for i in catalogue.interventions for o in i.outcomes
    }
    hidden: dict[str, list[tuple[int, int]]] = {}
    suppressed = _is_suppressed(gated["intervention_effect"], catalogue.mart("intervention_effect"))
    shares = suppressed & _having(effect, {"statistic": "share_reliably_improved"})
    for row in effect.filter(pa.array(shares)).to_pylist():
        # Without a numerator nobody could be judged, and nobody of them is in the goal either.
        if not _way(row["population"]) and row["numerator"] is not None:
            goal = goal_of[row["intervention_id"], row["outcome_id"]]
            hidden.setdefault(goal, []).append((row["n"], row["numerator"]))
    telling = set()
    for goal, rows in hidden.items():
        persons, improved = (sum(part) for part in zip(*rows, strict=True))
        if improved < minimum or persons - improved < minimum:
            telling.add(goal)
    return np.array(
        [goal in telling for goal in gated["strategy_indicator"]["goal_id"].to_pylist()], np.bool_
    ) & _having(gated["strategy_indicator"], {"indicator_id": "reliably_improved_share"})


def _whole_that_tells(gated: Mapping[str, pa.Table], mart: Mart) -> Mask:
    """Find the rows of the whole strategy if they say anything about a hidden part of an intervention.

    The whole counts each person once and the interventions share persons, so it is at most their
    sum. It says nothing of a hidden number where the visible ones alone could make it up: each part
    of it, and what is hidden of it, is at most what is visible. Nor does it put a ceiling on one
    where more persons are counted in the whole than any intervention has. The persons of an
    intervention are those of its outcomes, taken as the same: the largest visible number.
    """
    rows = gated[mart.id].to_pylist()
    whole = [row for row in rows if row["intervention_id"] == WHOLE]
    shown = [row for row in whole if not row["is_suppressed"]]
    parts = [row for row in rows if row["intervention_id"] != WHOLE]
    nobody = np.zeros(len(rows), dtype=np.bool_)
    if not shown or not any(row["is_suppressed"] for row in parts):
        return nobody
    largest: dict[tuple[str, str], int] = {}
    for row in parts:
        key = row["intervention_id"], row["part"]
        largest[key] = max(largest.get(key, 0), row["numerator"] or 0)
    room: Counter[str] = Counter()
    for (_, part), persons in largest.items():
        room[part] += persons
    for row in shown:
        room[row["part"]] -= row["numerator"]
    hidden_persons = shown[0]["n"] - sum(row["numerator"] for row in shown)
    hidden_room = sum(room[part] for part in {row["part"] for row in whole if row["is_suppressed"]})
    counted = sum(row["numerator"] for row in shown if row["part"] == "counted")
    tells = (
        min(room.values()) < 0
        or hidden_persons > hidden_room
        or 0 < counted < max(row["n"] or 0 for row in parts)
        or _exceeds_visible_goals(gated, counted)
    )
    return nobody | (tells & _having(gated[mart.id], {"intervention_id": WHOLE}))


def _this_year_that_tells(gated: Mapping[str, pa.Table], catalogue: Catalogue) -> Mask:
    """Find this year's rows of the history whose recommendation is hidden where it is published itself."""
    recommended, history = gated["intervention_recommendation"], gated["recommendation_history"]
    is_hidden = _is_suppressed(recommended, catalogue.mart("intervention_recommendation"))
    hidden = set(recommended.filter(pa.array(is_hidden))["intervention_id"].to_pylist())
    is_named = np.array([i in hidden for i in history["intervention_id"].to_pylist()], dtype=np.bool_)
    return is_named & _mask(pc.fill_null(history["is_this_year"], False))


def _actions_that_tell(gated: Mapping[str, pa.Table]) -> Mask:
    """Find the actions whose measured change is not to be read in the mart that it was taken from."""
    shown: set[tuple[object, ...]] = set()
    if "strategy_indicator" in gated:
        for row in gated["strategy_indicator"].to_pylist():
            for since, change in (("previous_year", "previous_change"), ("baseline_year", "change")):
                if row["population"] == "year" and row[change] is not None:
                    shown.add(("indicator", row["indicator_id"], row["year"], row[since]))
    if "intervention_effect" in gated:
        told = {"design": "D1", "specification": "main", "population": "window", "statistic": "mean_change"}
        told |= {"follow_up_kind": "primary"}
        effect = gated["intervention_effect"].filter(pa.array(_having(gated["intervention_effect"], told)))
        for row in effect.to_pylist():
            if row["is_primary"] and row["estimate"] is not None:
                shown.add(("intervention", row["intervention_id"]))
    return np.array(
        [
            row["measured_change"] is not None
            and (
                ("indicator", row["indicator_id"], row["year"], row["compared_year"])
                if row["measured_from"] == "indicator"
                else ("intervention", row["intervention_id"])
            )
            not in shown
            for row in gated["action_evaluation"].to_pylist()
        ],
        dtype=np.bool_,
    )


def _without_hidden_sources(gated: Mapping[str, pa.Table], catalogue: Catalogue) -> pa.Table:
    """Take out of the recommendations what comes from rows that are hidden.

    A line is hidden with the estimate it rests on. Of its trace a number is left out where a row that it was
    computed from is hidden: coverage of nearly all would tell of the few, rule or no rule.
    """
    mart, effect = catalogue.mart("intervention_recommendation"), gated["intervention_effect"]
    is_hidden = _is_suppressed(effect, catalogue.mart("intervention_effect"))
    is_hidden &= _having(effect, {"population": "window", "specification": "main"})
    by = ("intervention_id", "outcome_id", "statistic")
    hidden = {"intervention_effect": set(_keys(effect.filter(pa.array(is_hidden)), by))}
    if "economy_result" in gated:
        economy = gated["economy_result"]
        of_economy = _is_suppressed(economy, catalogue.mart("economy_result"))
        hidden["economy_result"] = set(_keys(economy.filter(pa.array(of_economy)), by))
    table = gated[mart.id]
    places = _keys(table, by[:2])
    estimates = [
        any(
            (*place, statistic) in hidden["intervention_effect"]
            for statistic in RECOMMENDED_ON.get(design, ())
        )
        for place, design in zip(places, table["design"].to_pylist(), strict=True)
    ]
    table = _hide(table, mart, np.array(estimates, dtype=np.bool_))
    for name in ("numbers", "would_change"):
        kept = []
        for place, text in zip(places, table[name].to_pylist(), strict=True):
            gone = {
                measure
                for measure, (source, *statistics) in TRACED_TO.items()
                if any((*place, statistic) in hidden.get(source, ()) for statistic in statistics)
            }
            kept.append(text and json.dumps(_without(json.loads(text), gone)))
        column = pa.array(kept, table.schema.field(name).type)
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
    return table


def _without(told: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    """Leave the measures in `gone` out of a trace: as keys, and as the value of what is told of one."""
    left = {key: value for key, value in told.items() if key not in gone}
    for key, value in left.items():
        if isinstance(value, dict) and value.get("measure") in gone:
            left[key] = {name: of for name, of in value.items() if name != "from"}
    return left


def _exceeds_visible_goals(gated: Mapping[str, pa.Table], counted: int) -> bool:
    """Say whether more persons are counted than the visible goals have, while a goal is hidden."""
    if "strategy_indicator" not in gated:
        return False
    goals = _having(gated["strategy_indicator"], {"indicator_id": "reliably_improved_share"})
    persons = gated["strategy_indicator"].filter(pa.array(goals))["n"].to_pylist()
    return None in persons and counted > sum(n or 0 for n in persons)


def _having(table: pa.Table, values: Mapping[str, str]) -> Mask:
    rows = np.ones(table.num_rows, dtype=np.bool_)
    for name, value in values.items():
        rows &= np.array([cell == value for cell in table[name].to_pylist()], dtype=np.bool_)
    return rows


def _keys(table: pa.Table, by: tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(zip(*(table[name].to_pylist() for name in by), strict=True))


def _hidden_rows(table: pa.Table, mart: Mart, minimum: int) -> Mask:
    """Find the rows to hide: small ones, those hidden before, and those that would tell of them."""
    persons = _numbers(table, *_names(mart, "persons"))
    hidden_before = _is_suppressed(table, mart)
    hidden = hidden_before | ((persons > 0) & (persons < minimum))
    if not (numerator := _names(mart, "numerator")):
        return hidden
    counts = _numbers(table, *numerator)
    # NULL is NaN here, and no comparison with NaN is true.
    hidden |= (persons > 0) & ((counts < minimum) | (persons - counts < minimum))
    compared = {one.column for one in mart.adds_up} | {one.column for one in mart.resembles}
    group = {column: _group_without(table, mart, column) for column in compared}
    sums = [(group[one.column], _places(table, one.column, one.parts)) for one in mart.adds_up]
    divisions = _divisions(table, mart)
    while True:
        # A row that came hidden has no count; it is still told by subtraction if it is the only one.
        counts[hidden & np.isnan(counts)] = minimum
        while any(_hide_one_more(groups, part, counts, hidden, minimum) for groups, part in sums):
            pass
        divided = _with_divisions(divisions, hidden)
        if np.array_equal(divided, hidden):
            break
        hidden = divided
    for one in mart.resembles:
        part = _places(table, one.column, (one.part, one.like, one.unlike))
        hidden = hidden | _tells_of_others(group[one.column], part, persons, counts, hidden, minimum)
    return hidden


def _divisions(table: pa.Table, mart: Mart) -> list[tuple[Mask, Mask, Positions, Positions]]:
    """For each division: which rows are parts, which the whole, whose persons, and divided in which way."""
    found = []
    for division in mart.divides:
        values = table[division.column].combine_chunks().dictionary_encode()
        names = values.dictionary.to_pylist()
        ways = [_way(name) for name in names]
        codes = values.indices.to_numpy()
        way = np.array([ways.index(name) for name in ways], dtype=np.intp)[codes]
        is_part = np.array([name != "" for name in ways], dtype=np.bool_)[codes]
        is_whole = np.array([name == division.whole for name in names], dtype=np.bool_)[codes]
        group = _group_without(table, mart, division.column)
        found.append((is_part, is_whole, group, group * (len(ways) + 1) + way))
    return found


def _with_divisions(divisions: list[tuple[Mask, Mask, Positions, Positions]], hidden: Mask) -> Mask:
    """Add the parts of a hidden whole, and all parts of a way where one is hidden."""
    for is_part, is_whole, group, together in divisions:
        of_hidden = np.isin(group, group[hidden & is_whole])
        beside_hidden = np.isin(together, together[hidden & is_part])
        hidden = hidden | is_part & (of_hidden | beside_hidden)
    return hidden


def _way(value: str) -> str:
    """Return what the row is a part by, the text before the colon; empty where it is no part."""
    way, colon, _ = value.partition(":")
    return way if colon else ""


def _group_without(table: pa.Table, mart: Mart, column: str) -> Positions:
    """Number the groups of rows that differ in one column of the grain only."""
    if column not in mart.grain:
        raise ValueError(f"{mart.id}.{column}: rows are only compared over a column of the grain")
    return _group(table, [name for name in mart.grain if name != column])


def _places(table: pa.Table, column: str, parts: tuple[str, ...]) -> Positions:
    """Return the rows' places among the parts, -1 where they are none of them."""
    part = pc.index_in(table[column], value_set=pa.array(parts, table[column].type))
    return np.asarray(pc.fill_null(part, -1).to_numpy(), dtype=np.intp)


def _hide_one_more(group: Positions, part: Positions, counts: Numbers, hidden: Mask, minimum: int) -> bool:
    """Hide the smallest visible part of each group whose hidden parts subtraction would tell.

    It would when only one is hidden, or when all of them together are fewer than `minimum`
    persons. Changes `hidden`; returns whether it did.
    """
    rows = np.flatnonzero((part >= 0) & ~np.isnan(counts))
    size = int(group.max(initial=-1)) + 1
    hidden_rows = np.bincount(group[rows], hidden[rows], size)
    hidden_persons = np.bincount(group[rows], np.where(hidden[rows], counts[rows], 0.0), size)
    tells = (hidden_rows == 1) | ((hidden_rows > 1) & (hidden_persons < minimum))
    visible = rows[~hidden[rows] & tells[group[rows]]]
    smallest_first = visible[np.lexsort((part[visible], counts[visible], group[visible]))]
    _, first = np.unique(group[smallest_first], return_index=True)
    hidden[smallest_first[first]] = True
    return len(first) > 0


def _tells_of_others(
    group: Positions, part: Positions, persons: Numbers, counts: Numbers, hidden: Mask, minimum: int
) -> Mask:
    """Find the rows of part 0 that would tell of a hidden part 1 or 2, or of few persons by a difference.

    Part 0 counts nearly the same persons as part 1, and as those that part 2 leaves out.
    """
    rows = np.flatnonzero((part == 0) & ~np.isnan(counts))
    size = int(group.max(initial=-1)) + 1
    tells = np.zeros(len(part), dtype=np.bool_)
    for place, nearly_same in ((1, counts), (2, persons - counts)):
        others = np.flatnonzero(part == place)
        is_hidden, alike = np.zeros(size, dtype=np.bool_), np.full(size, np.nan)
        is_hidden[group[others]], alike[group[others]] = hidden[others], nearly_same[others]
        difference = np.abs(counts[rows] - alike[group[rows]])
        tells[rows] |= is_hidden[group[rows]] | ((difference > 0) & (difference < minimum))
    return tells


def _published_mart(mart_id: str, catalogue: Catalogue) -> Mart:
    try:
        mart = catalogue.mart(mart_id)
    except KeyError:
        raise ValueError(f"{mart_id}: not a mart in the catalogue") from None
    if not mart.is_published:
        raise ValueError(f"{mart_id}: a restricted mart is never published")
    personal = {d: len(_names(mart, d)) for d in (*PERSONAL, "flag")}
    if any(personal.values()) and (
        personal["persons"] != 1 or personal["flag"] != 1 or personal["numerator"] > 1
    ):
        raise ValueError(f"{mart_id}: needs one persons column, one flag and at most one numerator")
    return mart


def _require_declared_columns(table: pa.Table, mart: Mart) -> None:
    declared = {c.name: c.type for c in mart.columns}
    for name in sorted({*declared} ^ {*table.column_names}):
        raise ValueError(f"{mart.id}.{name}: {'missing' if name in declared else 'not declared'}")
    if table.num_columns > len(declared):
        raise ValueError(f"{mart.id}: a column occurs twice in {table.column_names}")
    for name, wanted in declared.items():
        if not TYPE_TESTS[wanted](table.schema.field(name).type):
            raise ValueError(f"{mart.id}.{name}: should be {wanted}, is {table.schema.field(name).type}")


def _require_grain(table: pa.Table, mart: Mart) -> None:
    for name in mart.grain:
        if table[name].null_count:
            raise ValueError(f"{mart.id}.{name}: NULL in a column of the grain")
    if len(np.unique(_group(table, list(mart.grain)))) < table.num_rows:
        raise ValueError(f"{mart.id}: two rows share the grain {', '.join(mart.grain)}")


def _require_judgeable_numbers(table: pa.Table, mart: Mart) -> None:
    for name in _names(mart, *PERSONAL):
        if pa.types.is_floating(table[name].type) and pc.any(pc.invert(pc.is_finite(table[name]))).as_py():
            raise ValueError(f"{mart.id}.{name}: NaN or infinite")
    (persons,) = _names(mart, "persons")
    without_persons = ~_is_suppressed(table, mart) & np.isnan(_numbers(table, persons))
    for name in _names(mart, "numerator", "statistic"):
        if np.any(without_persons & _mask(table[name].is_valid())):
            raise ValueError(f"{mart.id}.{name}: a number without its {persons}")
    for name in (persons, *_names(mart, "numerator")):
        if np.any((_numbers(table, name) < 0) | (_numbers(table, name) > _numbers(table, persons))):
            raise ValueError(f"{mart.id}.{name}: below 0 or above {persons}")


def _names(mart: Mart, *classes: str) -> list[str]:
    return [c.name for c in mart.columns if c.disclosure in classes]


def _is_suppressed(table: pa.Table, mart: Mart) -> Mask:
    (flag,) = _names(mart, "flag")
    return _mask(pc.fill_null(table[flag], False))


def _group(table: pa.Table, names: list[str]) -> Positions:
    """Number the rows so that those that agree on all of `names` have the same number."""
    group = np.zeros(table.num_rows, dtype=np.intp)
    for name in names:
        codes = table[name].combine_chunks().dictionary_encode().indices.to_numpy()
        group = np.unique(group * (table.num_rows + 1) + codes, return_inverse=True)[1]
    return group


def _mask(booleans: pa.ChunkedArray) -> Mask:
    return np.asarray(booleans.to_numpy(), dtype=np.bool_)


def _numbers(table: pa.Table, name: str) -> Numbers:
    """Return a column as floats, a copy, NULL as NaN."""
    return np.array(table[name].cast(pa.float64()).to_numpy(), dtype=np.float64)
