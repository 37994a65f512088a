"""What is found of each kind of support, and the sections that follow from it."""

from collections.abc import Mapping, Sequence

from pipelines.reports import danish, reasons
from pipelines.reports.blocks import Block, bullets, paragraph, section
from pipelines.reports.case import Case
from pipelines.reports.texts import Texts

Found = Mapping[str, Sequence[Case]]
# The worst first: what must be known is never behind what is nice to know.
HELPING = ("helps", "helps_more", "likely", "likely_more")
COMPARED = ("flag", "worse", *HELPING, "alike", "unsure")
DEVELOPED = ("progress", "decline", "unclear")
UNMEASURED = ("too_little", "hidden")
MARKS = {"flag": "decline", "worse": "decline"} | dict.fromkeys(HELPING, "progress")
# No list of names takes more than two lines, and nobody reads more than four things to do.
NAMED, NAMED_CHARACTERS = 3, 110
DONE_FIRST = 4
WAITED = 2
NOW = ("flag", "worse", "helps", "asked", "alike", "unknown", "unsure", "too_little")


def kind(case: Case) -> str:
    """Return what is found: by a comparison that holds, otherwise only how it went.

    Against other support it is help `more` than that, never help as such.
    """
    recommended = case.recommended
    rule = case.material.catalogue.recommendation.rule_of(recommended.rule_id) if recommended else None
    if rule is not None and reasons.is_flag(rule):
        return "flag"
    if case.is_worse or (rule is not None and rule.finding == "harm"):
        return "worse"
    if rule is not None and rule.finding == "benefit":
        shown = case.standardised
        is_sure = shown is not None and shown.lower is not None and shown.lower > 0
        more = "_more" if recommended is not None and recommended.comparator == "other_support" else ""
        return ("helps" if is_sure else "likely") + more
    if rule is not None and rule.finding == "no_effect":
        return "alike"
    if recommended is not None and recommended.is_compared:
        return "unsure"
    verdict = case.line.verdict
    return verdict if verdict in (*DEVELOPED, *UNMEASURED) else "too_little"


def by_kind(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return the cases of each kind, in the report's order: never by result."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(kind(case), []).append(case)
    return found


def helps(texts: Texts, found: Found) -> Block:
    """Return what helps and what does not, where two groups were compared."""
    shown = [key for key in COMPARED if key in found]
    compared = [key for key in shown if key != "flag"]
    lead = texts("helps.intro") if compared else texts("helps.none")
    blocks = [paragraph(lead)]
    for key in shown:
        blocks.append(_named(texts, texts(f"helps.{key}"), found[key], MARKS.get(key, "unclear")))
    waited = [text for case in found.get("helps", ())[:WAITED] for text in _waited(texts, case)]
    if waited:
        blocks.append(bullets(waited) | {"is_named": True})
    return section("hjaelper", texts("helps.title"), blocks)


def unknown(texts: Texts, found: Found, goals: tuple[int, int], *, is_asked: bool) -> Block:
    """Return what is not known; `goals` are how many the municipality has, and how many are not measured."""
    blocks: list[Block] = []
    if found.get("decline"):
        cases = found["decline"]
        blocks.append(_named(texts, texts.counted("unknown.decline", len(cases)), cases, "decline"))
    items = [
        texts.counted(f"unknown.{key}", len(found[key]))
        for key in ("progress", "unclear", *UNMEASURED)
        if found.get(key)
    ]
    total, missing = goals
    if missing:
        items.append(texts.counted("unknown.goals", missing, total=texts.word(total)))
    if not is_asked:
        items.append(texts("unknown.asked"))
    blocks.append(bullets([*items, texts("unknown.one")]))
    return section("ved-ikke", texts("unknown.title"), blocks)


def now(texts: Texts, found: Found, done: str, *, is_asked: bool) -> Block:
    """Return what the numbers point to; people decide. `done` is a sentence on this year's plan, or empty."""
    keys = {"helps" if key in HELPING else key for key in found}
    keys |= {"unknown" for key in DEVELOPED if key in found}
    keys |= {"too_little" for key in UNMEASURED if key in found}
    if not is_asked:
        keys.add("asked")
    items = [texts(f"now.{key}") for key in NOW if key in keys][:DONE_FIRST]
    if not found:
        items = [texts("now.nothing")]
    lead = [paragraph(done)] if done else []
    return section("nu", texts("now.title"), [*lead, paragraph(texts("now.intro")), bullets(items)])


def _named(texts: Texts, text: str, cases: Sequence[Case], mark: str) -> Block:
    names: list[str] = []
    for case in cases[:NAMED]:
        name = case.line.intervention.name_da
        if names and sum(map(len, names)) + len(name) > NAMED_CHARACTERS:
            break
        names.append(name)
    if len(cases) > len(names):
        names.append(texts.counted("helps.others", len(cases) - len(names)))
    return {"kind": "named", "mark": mark, "text": text, "names": danish.listed(names)}


def _waited(texts: Texts, case: Case) -> list[str]:
    """Return how many became better, also of those who waited: where the whole interval is above 0."""
    share = case.line.numbers["share_reliably_improved"]
    less = case.get("D3", case.comparator or "", "share_difference_reliably_improved")
    if case.comparator != "waiting" or share.estimate is None or less.estimate is None:
        return []
    if less.lower is None or less.lower <= 0 or (share.n or 0) < danish.WHOLE_PERCENT_BELOW:
        return []
    numbers = {"natural": share.estimate, "other": share.estimate - less.estimate}
    numbers |= {"lower": less.lower, "upper": less.upper or less.lower}
    said = {key: danish.number(100 * value) for key, value in numbers.items()}
    if numbers["other"] < 0 or said["other"] == said["natural"] or said["lower"] == "0":
        return []
    return [texts("helps.waited", name=case.line.intervention.name_da, **said)]
