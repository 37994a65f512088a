"""The page's content model: everything it says, before anyone draws it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.person.course import Course, Judgement, Support, courses
from pipelines.person.record import Record, Row
from pipelines.reports import danish
from pipelines.reports.texts import TEMPLATES, Texts

Block = dict[str, Any]
# What a professional must not miss comes first.
HEADLINE_ORDER = ("decline", "progress", "unclear")


@dataclass(frozen=True)
class Room:
    """How much of each part there is room for on the page."""

    courses: int
    supports: int
    lines: int


@dataclass(frozen=True)
class Writer:
    """A record, and the words to tell it with."""

    record: Record
    catalogue: Catalogue
    texts: Texts

    def page(self, room: Room, manifest: Mapping[str, Any], reference: str) -> dict[str, Any]:
        """Return the page as plain data; what there is no room for is counted and said."""
        texts, municipality = self.texts, self.catalogue.municipality.name_da
        all_of = courses(self.record, {i.id: i for i in self.catalogue.instruments})
        return {
            "language": danish.LOCALE,
            "title": texts("title.document"),
            "full_title": texts("title.full", municipality=municipality),
            "municipality": municipality,
            "skip": texts("title.skip"),
            "headline": self._headline(all_of),
            "left": self._left(),
            "facts": self._facts(manifest, reference),
            "notice": texts("notice.text"),
            "sections": [
                self._development(all_of, room),
                self._support(all_of, room),
                self._goals(room),
                self._plans(room),
                self._waiting(room),
            ],
            "foot": [
                texts("foot.reading"),
                texts("foot.reservation"),
                texts("foot.law", municipality=municipality, run_id=manifest["run_id"]),
            ],
        }

    def _headline(self, all_of: Sequence[Course]) -> str:
        if not all_of:
            return self.texts("headline.unmeasured")
        if all(c.judgement.verdict == "not_estimable" for c in all_of):
            return self.texts("headline.none")
        named = {
            v: [self._short(c, all_of) for c in all_of if c.judgement.verdict == v] for v in HEADLINE_ORDER
        }
        parts = [
            self.texts("headline.part", word=self.texts(f"verdict.{verdict}"), names=danish.listed(names))
            for verdict, names in named.items()
            if names
        ]
        unjudged = len(all_of) - sum(map(len, named.values()))
        return " ".join([*parts, *([self.texts.counted("headline.unjudged", unjudged)] if unjudged else [])])

    def _left(self) -> str:
        known = (("moved", self.record.moved_date), ("died", self.record.death_date))
        dated = sorted((day, key) for key, day in known if day is not None)
        return " ".join(self.texts(f"left.{key}", date=danish.short_date(day)) for day, key in dated)

    def _facts(self, manifest: Mapping[str, Any], reference: str) -> list[str]:
        made = datetime.fromisoformat(manifest["started_at"]).date()
        return [
            self.texts("facts.reference", reference=reference)
            if reference
            else self.texts("facts.no_reference"),
            self.texts("facts.reference_date", date=danish.long_date(self.record.reference_date)),
            self.texts("facts.made", date=danish.long_date(made)),
        ]

    def _development(self, all_of: Sequence[Course], room: Room) -> Block:
        blocks = [{"kind": "courses", "items": [self._course(c) for c in all_of[: room.courses]]}]
        notes = [] if all_of else [self.texts("course.none")]
        notes += self._left_out("course", [self._short(c, all_of) for c in all_of[room.courses :]])
        seen = {(c.instrument.id, c.respondent) for c in all_of}
        running = [
            (row["instrument_id"], row["respondent"]) for row in self.record.courses if _is_running(row)
        ]
        unmeasured = [
            self.texts(
                "course.by",
                instrument=_brief(self.catalogue.instrument(instrument).name_da),
                respondent=self.texts(f"respondent.{respondent}"),
            )
            for instrument, respondent in dict.fromkeys(running)
            if (instrument, respondent) not in seen
        ]
        if unmeasured:
            notes.append(self.texts("course.unmeasured", names=danish.listed(unmeasured)))
        return self._section("udvikling", "course.title", blocks if all_of else [], notes)

    def _course(self, course: Course) -> Block:
        texts, instrument, judgement = self.texts, course.instrument, course.judgement
        name = texts(
            "course.name",
            measures=instrument.measures_da[:1].upper() + instrument.measures_da[1:],
            instrument=_brief(instrument.name_da),
        )
        verdict = texts(f"verdict.{judgement.verdict}")
        sentences = self._sentences(course, judgement)
        first, last = course.points[0], course.points[-1]
        return {
            "id": course.anchor,
            "name": name,
            "answered": texts(
                "course.answered",
                respondent=texts(f"respondent.{course.respondent}"),
                direction=texts(f"course.{instrument.better}"),
            ),
            "verdict": judgement.verdict,
            "word": verdict,
            "sentences": sentences,
            "alt": texts(
                "course.alt",
                name=name,
                respondent=texts(f"respondent.{course.respondent}"),
                count=texts.counted("course.points", len(course.points)),
                first_date=danish.long_date(first[0]),
                first=self._score(course, first[1]),
                last_date=danish.long_date(last[0]),
                last=self._score(course, last[1]),
                verdict=verdict,
                sentences=" ".join(sentences),
            ),
            "data": {
                "label": texts("course.data"),
                "columns": [texts("course.date"), texts("course.score")],
                "rows": [
                    [danish.short_date(day), self._score(course, score)] for day, score in course.points
                ],
            },
            "figure": self._figure(course, judgement),
        }

    def _figure(self, course: Course, judgement: Judgement) -> Block:
        texts, instrument = self.texts, course.instrument
        end = max(
            [course.points[-1][0], *(s.ended_date or self.record.reference_date for s in course.supports)]
        )
        return {
            "points": [[day.isoformat(), score] for day, score in course.points],
            "scale": [instrument.minimum, instrument.maximum],
            "until": min(end, self.record.reference_date).isoformat(),
            "supports": [
                [s.started_date.isoformat(), s.ended_date.isoformat() if s.ended_date else None]
                for s in course.supports
            ],
            "band": [judgement.band.lower, judgement.band.upper] if judgement.band else None,
            "band_from": judgement.baseline[0].isoformat() if judgement.baseline else None,
            "judged": judgement.last[0].isoformat() if judgement.last else None,
            "cutoff": course.cutoff,
            "decimals": instrument.decimals,
            "verdict": judgement.verdict,
            "better": texts("figure.better_up" if instrument.better == "higher" else "figure.better_down"),
            "labels": {
                "start": texts("figure.start"),
                "end": texts("figure.end"),
                "band": texts("figure.band"),
                "cutoff": texts("figure.cutoff"),
            },
        }

    def _sentences(self, course: Course, judgement: Judgement) -> list[str]:
        texts, last, baseline = self.texts, judgement.last, judgement.baseline
        sentences = []
        if last and baseline:
            words = {
                "before": self._score(course, baseline[1]),
                "after": self._score(course, last[1]),
                "unit": course.instrument.unit_da,
                "from_date": danish.short_date(baseline[0]),
                "to_date": danish.short_date(last[0]),
                "intervention": self._intervention(course.supports[0]),
            }
            sentences.append(texts("course.change", **words))
        elif baseline:
            words = {"score": self._score(course, baseline[1]), "unit": course.instrument.unit_da}
            words |= {
                "date": danish.short_date(baseline[0]),
                "intervention": self._intervention(course.supports[0]),
            }
            sentences.append(texts("course.single", **words))
        if judgement.reason:
            sentences.append(texts(f"reason.{judgement.reason}", **self.record.setting))
        if judgement.band and last:
            sentences += self._band_sentences(course, judgement)
        if last and course.points[-1][0] > last[0]:
            sentences.append(texts("course.later"))
        return sentences

    def _band_sentences(self, course: Course, judgement: Judgement) -> list[str]:
        assert judgement.band and judgement.last
        instrument, step = course.instrument, 10**course.instrument.decimals
        # The outermost scores of the scale that lie within the band.
        lower = max(instrument.minimum, ceil(judgement.band.lower * step) / step)
        upper = min(instrument.maximum, floor(judgement.band.upper * step) / step)
        bounds = {"lower": self._score(course, lower), "upper": self._score(course, upper)}
        sentences = [self.texts("course.band", **bounds)]
        is_higher = instrument.better == "higher"
        if (upper >= instrument.maximum) if is_higher else (lower <= instrument.minimum):
            sentences.append(self.texts("course.no_room"))
        if course.cutoff is not None:
            score = judgement.last[1]
            is_well = score > course.cutoff if is_higher else score < course.cutoff
            cutoff = danish.plain(course.cutoff)
            sentences.append(self.texts("course.well" if is_well else "course.not_well", cutoff=cutoff))
        return sentences

    def _support(self, all_of: Sequence[Course], room: Room) -> Block:
        episodes = self.record.episodes
        outcomes: dict[str, list[tuple[Course, Support]]] = {}
        for course in all_of:
            for support in course.supports:
                outcomes.setdefault(support.episode_id, []).append((course, support))
        rows = [
            [
                {"text": self.catalogue.intervention(e["intervention_id"]).name_da},
                self._period(e),
                {"text": self._hours(e)},
                {"lines": self._outcomes(e, outcomes.get(e["episode_id"], []), all_of)},
            ]
            for e in episodes[: room.supports]
        ]
        columns = [
            {"label": self.texts(f"support.column.{key}"), "width": width}
            for key, width in (("intervention", 28), ("period", 24), ("hours", 12), ("outcome", 36))
        ]
        caption = self.texts("support.caption")
        table = {"kind": "table", "id": "tabel-stoette", "caption": caption, "columns": columns, "rows": rows}
        notes = [] if episodes else [self.texts("support.none")]
        notes += self._left_out("support", episodes[room.supports :])
        return self._section("stoette", "support.title", [table] if rows else [], notes)

    def _period(self, episode: Row) -> Block:
        texts, start, end = self.texts, episode["started_date"], episode["ended_date"]
        if start is None:
            return self._period_without_start(episode)
        if end is None:
            key = "support.running" if _is_running(episode) else "support.unended"
            return {"text": texts(key, start=danish.short_date(start))}
        period = texts("support.ended", start=danish.short_date(start), end=danish.short_date(end))
        reason = episode["end_reason"]
        return {"text": period, "sub": texts(f"support.end.{reason}")} if reason else {"text": period}

    def _period_without_start(self, episode: Row) -> Block:
        texts, ending = self.texts, self._ending(episode)
        key = next((k for k in ("decided", "requested") if episode[f"{k}_date"] is not None), None)
        if key is None:
            text = texts("support.undated")
        else:
            date = danish.short_date(episode[f"{key}_date"])
            text = texts(f"support.{key}_never" if ending else f"support.{key}", date=date)
        if ending is None:
            return {"text": text}
        how, day = ending
        if how != "closed":
            return {"text": text, "sub": texts(f"support.end.{how}")}
        reason = episode["end_reason"]
        words = {"date": danish.short_date(day), "reason": texts(f"support.end.{reason}") if reason else ""}
        return {"text": text, "sub": texts("support.closed_reason" if reason else "support.closed", **words)}

    def _ending(self, episode: Row) -> tuple[str, date] | None:
        """Return how and when waiting ended without support, or None while it goes on."""
        closed, left = episode["ended_date"], episode["left_date"]
        if closed is not None and (left is None or closed <= left):
            return "closed", closed
        if left is None:
            return None
        return "died" if left == self.record.death_date else "moved", left

    def _hours(self, episode: Row) -> str:
        changes = [h["weekly_hours"] for h in self.record.hours if h["episode_id"] == episode["episode_id"]]
        if not changes and episode["weekly_hours"] is None:
            return self.texts("support.unknown_hours")
        first = changes[0] if changes else episode["weekly_hours"]
        last = changes[-1] if changes else first
        if first == last:
            return danish.plain(first)
        key = "support.hours_now" if _is_running(episode) else "support.hours_ended"
        return self.texts(key, first=danish.plain(first), last=danish.plain(last))

    def _outcomes(
        self, episode: Row, outcomes: Sequence[tuple[Course, Support]], all_of: Sequence[Course]
    ) -> list[Block]:
        if episode["started_date"] is None:
            return []
        if not outcomes:
            return [{"text": self.texts("support.no_outcome"), "verdict": "not_estimable"}]
        return [
            {
                "text": self._outcome(self._short(course, all_of), support.judgement),
                "verdict": support.judgement.verdict,
            }
            for course, support in outcomes
        ]

    def _outcome(self, name: str, judgement: Judgement) -> str:
        words = {"name": name, "word": self.texts(f"word.{judgement.verdict}")}
        if not judgement.reason:
            return self.texts("support.outcome", **words)
        reason = self.texts(f"short_reason.{judgement.reason}")
        return self.texts("support.outcome_unjudged", reason=reason, **words)

    def _goals(self, room: Room) -> Block:
        return self._listed("goal", "maal", "individual_goal", self.record.goals, self._goal, room)

    def _goal(self, goal: Row) -> str:
        texts, instrument, level = self.texts, goal["instrument_id"], goal["attained_level"]
        attained = texts("goal.not_reviewed")
        if goal["reviewed_date"] is not None:
            is_told = level is not None and goal["reason_not_judged"] is None
            word = texts(f"goal.level.{level if is_told else 'unknown'}")
            attained = texts("goal.reviewed", level=word, date=danish.short_date(goal["reviewed_date"]))
        measures = self.catalogue.instrument(instrument).measures_da if instrument else ""
        return texts(
            "goal.line_instrument" if measures else "goal.line",
            type=texts(f"goal.type.{goal['goal_type']}"),
            measures=measures,
            owner=texts(f"goal.owner.{goal['owner'] or 'unknown'}"),
            date=danish.short_date(goal["set_date"]),
            attained=attained,
        )

    def _plans(self, room: Room) -> Block:
        told = {t["plan_id"] for t in self.record.transitions}
        rows = [*self.record.transitions, *(p for p in self.record.plans if p["plan_id"] not in told)]
        return self._listed(
            "plan", "overgange", "plan", rows,
            lambda row: self._transition(row) if "transition_date" in row else self._plan(row), room,
        )  # fmt: skip

    def _transition(self, row: Row) -> str:
        texts, kind, days = self.texts, row["transition_kind"], row["days_without_support"]
        tense = "ahead" if row["is_ahead"] else "past"
        name = row["from_intervention_id"]
        sentences = [
            texts(
                f"transition.{kind}_{tense}",
                date=danish.short_date(row["transition_date"]),
                intervention=self.catalogue.intervention(name).name_da if name else "",
            )
        ]
        if days:
            key = "still_without" if row["is_still_without_support"] else "without"
            sentences.append(texts.counted(f"transition.{key}", days))
        if row["plan_decided_date"] is not None:
            sentences.append(texts("transition.plan", date=danish.short_date(row["plan_decided_date"])))
        elif row["reason_plan_unknown"] != "plans_not_delivered":
            sentences.append(texts(f"transition.no_plan_{tense}"))
        return " ".join(sentences)

    def _plan(self, plan: Row) -> str:
        texts, ended = self.texts, plan["ended_date"]
        words = {"date": danish.short_date(plan["decided_date"])}
        if plan["kind"] == "transition":
            kind = plan["transition_kind"]
            words["kind"] = texts(f"plan.transition_kind.{kind}" if kind else "plan.kind.transition")
            planned = plan["planned_date"]
            if planned is None:
                return texts("plan.transition_undated", **words)
            return texts("plan.transition", planned=danish.short_date(planned), **words)
        words["kind"] = texts(f"plan.kind.{plan['kind']}")
        if ended is None or ended > self.record.reference_date:
            return texts("plan.line", **words)
        return texts("plan.line_ended", end=danish.short_date(ended), **words)

    def _waiting(self, room: Room) -> Block:
        steps: dict[str, list[Row]] = {}
        for step in self.record.steps:
            steps.setdefault(step["episode_id"], []).append(step)
        dated = [e for e in self.record.episodes if e["requested_date"] or e["decided_date"]]
        # What is waited for now comes first, then deadlines missed, then the latest.
        dated.sort(
            key=lambda e: (
                e["started_date"] is not None or self._ending(e) is not None,
                not any(step["is_after_deadline"] for step in steps[e["episode_id"]]),
            )
        )
        lines = [self._wait(episode, steps[episode["episode_id"]]) for episode in dated]
        key = self._deadlines() if lines else "undated" if self.record.episodes else "none"
        notes = [*self._left_out("waiting", lines[room.lines :]), self.texts(f"waiting.{key}")]
        return self._section("ventetid", "waiting.title", _list(lines[: room.lines]), notes)

    def _deadlines(self) -> str:
        steps = self.record.steps
        if any(step["is_after_deadline"] for step in steps):
            return "exception"
        # A wait that goes on, or was given up before its deadline, has missed none.
        if any(s["reason_deadline_unknown"] not in (None, "waiting", "given_up") for s in steps):
            return "deadline_unknown"
        return "in_time" if any(step["due_date"] for step in steps) else "no_deadline"

    def _wait(self, episode: Row, steps: Sequence[Row]) -> str:
        """Say how long one support was waited for, and which deadlines were missed."""
        texts, by_name = self.texts, {step["step"]: step for step in steps}
        since = "requested" if episode["requested_date"] else "decided"
        whole, to_decision = by_name[f"{since}_to_started"], by_name["requested_to_decided"]["elapsed_days"]
        words = {"intervention": self.catalogue.intervention(episode["intervention_id"]).name_da}
        words["date"] = danish.short_date(whole["from_date"])
        ending = self._ending(episode)
        after = []
        if whole["reason_no_days"] == "wrong_order":
            told = texts("waiting.wrong_order", **words)
        elif whole["elapsed_days"] is not None:
            told = self._days(f"waiting.started_{since}", whole["elapsed_days"], **words)
        elif ending:
            how, day = ending
            told = texts(f"waiting.never_{since}", **words)
            after = [texts(f"waiting.ending.{how}", date=danish.short_date(day))]
        else:
            days = (self.record.reference_date - whole["from_date"]).days
            told = texts.counted(f"waiting.waiting_{since}", days, **words)
        if to_decision is not None:
            told += " " + self._days("waiting.decision", to_decision)
        late = [self._late(step) for step in steps if step["is_after_deadline"]]
        return " ".join([told, *after, *late])

    def _days(self, key: str, days: int, **words: str) -> str:
        return self.texts.counted(key, days, **words) if days else self.texts(f"{key}_same_day", **words)

    def _late(self, step: Row) -> str:
        deadline = next(d for d in self.catalogue.deadlines if d.id == step["deadline_id"])
        ending = "decided" if step["step"] == "requested_to_decided" else "started"
        words = {
            "due": danish.short_date(step["due_date"]),
            "deadline": deadline.label_da,
            "law": deadline.legal_basis_da,
        }
        if step["to_date"] is None:
            return self.texts(f"waiting.late.not_{ending}", **words)
        days = (step["to_date"] - step["due_date"]).days
        return self.texts.counted(f"waiting.late.{ending}", days, **words)

    def _listed(
        self,
        part: str,
        anchor: str,
        extract_id: str,
        rows: Sequence[Row],
        line: Callable[[Row], str],
        room: Room,
    ) -> Block:
        notes = self._left_out(part, rows[room.lines :])
        if extract_id not in self.record.delivered:
            notes.append(self.texts(f"{part}.not_delivered"))
        elif not rows:
            notes.append(self.texts(f"{part}.none"))
        return self._section(anchor, f"{part}.title", _list([line(row) for row in rows[: room.lines]]), notes)

    def _left_out(self, part: str, rest: Sequence[Any]) -> list[str]:
        if not rest:
            return []
        names = danish.listed(rest) if all(isinstance(r, str) for r in rest) else ""
        return [self.texts.counted(f"{part}.left_out", len(rest), names=names)]

    def _section(self, anchor: str, title: str, blocks: list[Block], notes: Sequence[str]) -> Block:
        blocks = [*blocks, *({"kind": "note", "text": note} for note in notes)]
        return {"id": anchor, "title": self.texts(title), "blocks": blocks}

    def _short(self, course: Course, all_of: Sequence[Course]) -> str:
        """Name the instrument, and the respondent too where several have answered it."""
        name = _brief(course.instrument.name_da)
        is_alone = sum(c.instrument.id == course.instrument.id for c in all_of) == 1
        return name if is_alone else f"{name} ({self.texts(f'short_respondent.{course.respondent}')})"

    def _intervention(self, support: Support) -> str:
        episode = next(e for e in self.record.episodes if e["episode_id"] == support.episode_id)
        return self.catalogue.intervention(episode["intervention_id"]).name_da

    def _score(self, course: Course, score: float) -> str:
        return danish.number(score, course.instrument.decimals)


def writer(record: Record, catalogue: Catalogue) -> Writer:
    """Return a writer with the page's own texts."""
    return Writer(record, catalogue, Texts(TEMPLATES / "person_da.toml"))


def _is_running(row: Row) -> bool:
    """Return whether support goes on: not ended, and the person has not died or moved away since it began."""
    left = row["left_date"]
    return row["ended_date"] is None and (left is None or left < row["started_date"])


def _list(lines: Sequence[str]) -> list[Block]:
    return [{"kind": "list", "items": list(lines)}] if lines else []


def _brief(name: str) -> str:
    return name.split(" (")[0]
