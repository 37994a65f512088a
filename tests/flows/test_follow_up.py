"""A follow-up within the year has a folder of its own, and the yearly results' key and memory."""

import json

import pytest

from pipelines.errors import StoreError
from pipelines.publication import Store
from pipelines.run import Request, perform
from tests.conftest import ROOT


@pytest.fixture
def yearly(tmp_path):
    """A folder with a year's results, made with a key that is not here."""
    store = Store(tmp_path / "out")
    build = store.begin("2025-1")
    (build / "manifest.json").write_text(json.dumps({"key_fingerprint": "0" * 16}))
    store.publish(build)
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("has_key", "told"), [(False, "nøglefilen findes ikke"), (True, "nøglen er en anden")]
)
def test_it_makes_no_key_of_its_own(yearly, tmp_path, has_key, told):
    key_file = tmp_path / "pseudonym.key"
    if has_key:
        key_file.write_text("ab" * 32)
        key_file.chmod(0o600)
    place = yearly / "followup"
    request = Request(tmp_path / "extracts", 2026, ROOT / "examples" / "claus2020", place, follows=yearly)
    with pytest.raises(StoreError, match=told):
        perform(request, key_file, None, lambda *_: None)
    assert key_file.exists() == has_key
    assert Store(place).current() is None
    assert Store(yearly).current().name == "2025-1"


def test_it_remembers_what_the_yearly_results_remember(yearly):
    place = yearly / "followup"
    assert Request(yearly, 2026, yearly, place, follows=yearly).earlier.out == yearly
    assert Request(yearly, 2026, yearly, yearly).earlier.out == yearly
