"""The mixed model's slopes against the published trial, as the reference program (lme4) gives them."""

import csv
import json

import numpy as np
import pytest

from pipelines.estimators.growth import Growth, fit_growth
from tests.estimators.test_growth import sums


def test_every_persons_deviation_from_the_average_slope(oracles):
    folder = oracles / "clinsig_claus2020"
    cases = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["cases"]
    case = next(c for c in cases if c["id"] == "rci_HLM_hamd")
    with (folder / "data.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["hamd"] not in ("", "NA")]
    courses = {
        who: [(float(r["time"]), float(r["hamd"])) for r in rows if r["id"] == who]
        for who in {r["id"] for r in rows}
    }
    # Lower is better, and plus is improvement.
    courses = {who: np.array([(t, -y) for t, y in c]).T for who, c in courses.items() if len(c) >= 3}
    found = fit_growth(sums(courses.values()))
    assert isinstance(found, Growth)
    index = dict(zip(courses, found.deviation / found.deviation_se, strict=True))
    expected = case["expected"]["individual"]
    assert {e["id"] for e in expected} == set(index)
    for person in expected:
        assert -index[person["id"]] == pytest.approx(person["rci"], abs=case["tolerance"])
    critical = case["expected"]["critical_value"]
    counts = case["expected"]["counts"]
    assert sum(i > critical for i in index.values()) == counts["Improved"]
    assert sum(i < -critical for i in index.values()) == counts["Deteriorated"]
