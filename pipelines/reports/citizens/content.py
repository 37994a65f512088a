"""The two pages' content model, from the published marts: which sentences stand is decided by the data."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date

from pipelines.catalogue import Catalogue, Contact
from pipelines.reports import danish
from pipelines.reports.blocks import Block, bullets, paragraph, section
from pipelines.reports.case import Case
from pipelines.reports.citizens import findings
from pipelines.reports.citizens.measured import Figure, Measured
from pipelines.reports.marts import Number
from pipelines.reports.material import Material
from pipelines.reports.texts import TEMPLATES, Texts

WHOLE, PEOPLE_COLUMNS, DOT_COLUMNS = 100, 25, 25
ASKED = 4
CONTACTS = ("help", "complaint", "answers", "own_data")
TIMELY, WAITED, DONE = "deadline_met_share", "wait_days", "plan_actions_done"
HOMELESS, OWN = "homeless_persons", "own"
CITIZENS = "citizen"


def content(published: Path, manifest: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Return the pages as plain data: everything they say, before anyone draws it."""
    material = Material.read(published, manifest, catalogue, Texts())
    texts = Texts(TEMPLATES / "citizens_da.toml")
    measured = Measured.read(published, int(manifest["reporting_year"]))
    found = findings.by_kind([Case(material, texts, line) for line in material.primary_lines])
    names = {"year": manifest["reporting_year"], "municipality": catalogue.municipality.name_da}
    goals = [g for strategy in catalogue.strategies for g in strategy.goals if g.kind == "goal"]
    course = measured.course([goal.id for goal in goals])
    asked = _asked(texts, measured, catalogue)
    unmeasured = sum(goal.id not in measured.measured_goals for goal in goals)
    is_asked = asked is not None
    return {
        "language": danish.LOCALE,
        "title": texts("title.document", **names),
        "full_title": texts("title.full", **names),
        "municipality": catalogue.municipality.name_da,
        "labels": {key: texts(f"title.{key}") for key in ("eyebrow", "skip", "page")},
        "headline": _headline(texts, course, found),
        "intro": _intro(texts, measured, manifest),
        "sections": [
            _how(texts, course, material),
            *([asked] if asked else []),
            *_also(texts, measured, material),
            findings.helps(texts, found),
            findings.unknown(texts, found, (len(goals), unmeasured), is_asked=is_asked),
            findings.now(texts, found, _done(texts, measured), is_asked=is_asked),
            section("dig", texts("you.title"), [bullets(texts.items("you.items"))]),
            _where(texts, catalogue),
        ],
        "foot": _foot(texts, material),
        "more": {"text": texts("foot.more"), "file": f"effektrapport_{manifest['reporting_year']}.html"},
    }


def natural(share: float) -> str:
    """Write a share as so many of 100."""
    return danish.number(WHOLE * share)


def _headline(texts: Texts, course: tuple[Figure, Figure | None] | None, found: findings.Found) -> str:
    said = []
    if course and course[0].number.is_shown:
        said.append(_share(texts, "headline", course[0].number))
    finds = [texts.counted(f"headline.{key}", len(found[key])) for key in findings.HELPING if found.get(key)]
    said += finds or [texts("headline.unknown" if found else "headline.nothing")]
    if found.get("worse"):
        said.append(texts.counted("headline.worse", len(found["worse"])))
    return " ".join(said)


def _share(texts: Texts, key: str, number: Number, prefix: str = "") -> str:
    """Say a share of 100; of those counted where they are fewer than 100."""
    assert number.estimate is not None
    if _whole(number) == WHOLE or number.numerator is None:
        return texts(f"{key}.{prefix}share", natural=natural(number.estimate))
    counted = {"numerator": danish.number(number.numerator), "n": danish.number(number.n or 0)}
    return texts(f"{key}.{prefix}counted", **counted)


def _intro(texts: Texts, measured: Measured, manifest: Mapping[str, Any]) -> list[str]:
    people = measured.people
    window = {
        key: format_date(date.fromisoformat(manifest[f"window_{key}"]), "MMMM y", locale=danish.LOCALE)
        for key in ("start", "end")
    }
    said = [texts("intro.about")]
    if people is not None and people.n is not None:
        said.append(texts.counted("intro.people", people.n, people=danish.number(people.n), **window))
    elif people is not None:
        said.append(texts("intro.people_hidden"))
    if manifest.get("is_preliminary"):
        said.append(texts("intro.preliminary"))
    return [*said, texts("intro.privacy")]


def _how(texts: Texts, course: tuple[Figure, Figure | None] | None, material: Material) -> Block:
    title = texts("how.title")
    if course is None or not (course[0].number.is_shown or course[0].number.is_suppressed):
        return section("hvordan", title, [paragraph(texts("how.absent"))])
    better, worse = (figure.number if figure else None for figure in course)
    assert better is not None
    if better.estimate is None or (better.n or 0) < material.rules.minimum_pairs:
        key = "hidden.sentence" if better.is_suppressed else "how.absent"
        return section("hvordan", title, [paragraph(texts(key))])
    said = [_share(texts, "how", better), *_between(texts, "how.between", better), *_moved(texts, course[0])]
    if worse is not None:
        said += [_share(texts, "how", worse, "worse_"), *_between(texts, "how.worse_between", worse)]
        said.append(texts("how.rest"))
    else:
        said.append(texts("how.rest_unknown"))
    key = "how.measured_year" if course[0].year else "how.measured"
    blocks = [
        paragraph(texts(key, year=course[0].year, n=danish.number(better.n or 0))),
        _people(texts, better, worse),
        paragraph(" ".join(said)),
        paragraph(f"{texts('how.meaning')} {texts('how.cause')}"),
    ]
    return section("hvordan", title, blocks)


def _people(texts: Texts, better: Number, worse: Number | None) -> Block:
    """Return the drawing of 100 people, or of all those measured where they are fewer."""
    assert better.estimate is not None
    total = _whole(better)
    counts = {"better": round(total * better.estimate)}
    if worse is not None and worse.estimate is not None:
        counts["worse"] = round(total * worse.estimate)
    counts["rest"] = total - sum(counts.values())
    parts = [texts(f"how.alt_{kind}", count=danish.number(count)) for kind, count in counts.items()]
    is_known = "worse" in counts
    words = {
        kind: texts(f"how.legend_{kind}" if kind != "rest" or is_known else "how.legend_rest_unknown")
        for kind in counts
    }
    return {
        "kind": "array",
        "id": "figur-mennesker",
        "array": {"shape": "people", "columns": PEOPLE_COLUMNS, "counts": list(counts.items())},
        "alt": texts("how.alt", total=danish.number(total), parts=" ".join(parts)),
        "legend": [{"mark": kind, "count": counts[kind], "text": text} for kind, text in words.items()],
    }


def _whole(number: Number) -> int:
    """Return of how many a share is told."""
    few = number.numerator is not None and (number.n or 0) < WHOLE
    return (number.n or 0) if few else WHOLE


def _between(texts: Texts, key: str, number: Number) -> list[str]:
    if number.lower is None or number.upper is None:
        return []
    lower, upper = (danish.number(_whole(number) * limit) for limit in (number.lower, number.upper))
    return [] if lower == upper else [texts(key, lower=lower, upper=upper)]


def _moved(texts: Texts, figure: Figure) -> list[str]:
    """Say a change that is clear; nothing of one that may be none."""
    moved = figure.moved
    if moved is None or moved.lower <= 0 <= moved.upper:
        return []
    return [texts("since.more" if moved.lower > 0 else "since.fewer", year=moved.since)]


def _asked(texts: Texts, measured: Measured, catalogue: Catalogue) -> Block | None:
    """Return what people answered; why not where too few did; None where nobody was asked."""
    rounds = [r for r in measured.surveys if (r["population"], r["survey_id"]) == ("year", CITIZENS)]
    # The newest that enough answered; otherwise the newest, to say that too few did.
    newest = max(rounds, key=lambda row: (not row["is_under_floor"], int(row["year"])), default=None)
    agreed = {i.id for i in catalogue.indicators if i.of.question and i.of.at_least is not None}
    found = [(i, measured.newest(i)) for i in texts.keys("asked.of") if i in agreed]
    shown = [
        (i, figure)
        for i, figure in found
        if figure is not None and figure.number.is_shown and (newest is None or figure.year == newest["year"])
    ][:ASKED]
    if newest is None and not shown:
        return None
    blocks: list[Block] = []
    if newest is not None:
        key = "answered" if newest["answered"] is not None and newest["invited"] is not None else None
        counted = {name: danish.number(newest[name]) for name in ("invited", "answered") if key}
        blocks.append(paragraph(texts(f"asked.{key or 'answered_hidden'}", year=newest["year"], **counted)))
    if not shown:
        return section("spurgt", texts("asked.title"), [*blocks, paragraph(texts("asked.low"))])
    blocks.append({"kind": "asked", "items": [_answer(texts, *pair) for pair in shown]})
    return section("spurgt", texts("asked.title"), [*blocks, paragraph(texts("asked.fits"), is_quiet=True)])


def _answer(texts: Texts, indicator_id: str, figure: Figure) -> Block:
    estimate = figure.number.estimate
    assert estimate is not None
    count = round(WHOLE * estimate)
    return {
        "id": f"figur-{indicator_id}",
        "array": {
            "shape": "dots",
            "columns": DOT_COLUMNS,
            "counts": [("yes", count), ("no", WHOLE - count)],
        },
        "alt": texts("asked.alt", count=count, rest=WHOLE - count),
        "number": texts("asked.number", natural=natural(estimate)),
        "text": texts(f"asked.of.{indicator_id}"),
        "notes": [*_between(texts, "asked.between", figure.number), *_moved(texts, figure)],
    }


def _also(texts: Texts, measured: Measured, material: Material) -> list[Block]:
    """Return what else is counted: support in time, and people without a home."""
    timely, waited = (
        figure if figure is not None and figure.year == measured.year else None
        for figure in (measured.newest(TIMELY), measured.newest(WAITED))
    )
    said: list[str] = []
    if (
        timely
        and timely.number.estimate is not None
        and (timely.number.n or 0) >= material.rules.minimum_pairs
    ):
        said.append(_share(texts, "also", timely.number, "timely_"))
        said += _between(texts, "also.timely_between", timely.number)
        said += _moved(texts, timely)
    if waited and waited.number.estimate is not None:
        said.append(texts("also.waited", days=danish.number(waited.number.estimate)))
        if waited.number.lower is not None and waited.number.upper is not None:
            days = (danish.number(waited.number.lower), danish.number(waited.number.upper))
            said.append(texts("also.waited_between", lower=days[0], upper=days[1]))
    found = [" ".join(said)] if said else []
    home = _homeless(texts, measured)
    found += [home] if home else []
    return [section("ellers", texts("also.title"), [bullets(found)])] if found else []


def _homeless(texts: Texts, measured: Measured) -> str:
    rows = [row for row in measured.public if (row["statistic_id"], row["area_kind"]) == (HOMELESS, OWN)]
    found = [row for row in rows if row["reads"] and int(row["year"]) <= measured.year]
    if not found:
        return ""
    row = max(found, key=lambda row: int(row["year"]))
    said = [
        texts(
            "also.homeless",
            area=row["area"],
            first=row["baseline_year"],
            before=danish.number(row["baseline_value"]),
            year=row["year"],
            after=danish.number(row["value"]),
        ),
        texts(f"also.homeless_{row['reads']}"),
    ]
    return " ".join([*said, *([texts("also.homeless_newest")] if int(row["year"]) < measured.year else [])])


def _done(texts: Texts, measured: Measured) -> str:
    done = measured.newest(DONE)
    if done is None or done.units is None or done.year != measured.year:
        return ""
    reached, count = done.units
    return texts("now.done", year=done.year, done=danish.number(reached), count=danish.number(count))


def _where(texts: Texts, catalogue: Catalogue) -> Block:
    known: dict[str, list[Contact]] = {}
    for contact in catalogue.municipality.contacts:
        known.setdefault(contact.about, []).append(contact)
    items = [
        {
            "title": texts(f"where.{about}.title"),
            "text": texts(f"where.{about}.text"),
            "contacts": [_reached(texts, contact) for contact in known.get(about, ())],
        }
        for about in CONTACTS
    ]
    return section("hjaelp", texts("where.title"), [{"kind": "where", "items": items}])


def _reached(texts: Texts, contact: Contact) -> dict[str, Any]:
    """Return whom to turn to and how; what the catalogue does not say is not there."""
    ways = {"phone": contact.phone, "email": contact.email, "address": contact.address_da}
    ways["hours"] = contact.hours_da
    return {
        "name": contact.name_da,
        "ways": [texts(f"where.{way}", **{way: value}) for way, value in ways.items() if value],
    }


def _foot(texts: Texts, material: Material) -> list[str]:
    municipality = material.catalogue.municipality
    return [
        texts("foot.contact", contact=municipality.contact_da, municipality=municipality.name_da),
        f"{texts('foot.date', date=material.reference_date)} "
        f"{texts('foot.run', run_id=material.manifest['run_id'])}",
    ]
