"""A reader sees the whole old version or the whole new one."""

import json
import os
import threading

import pytest

from pipelines.errors import StoreError
from pipelines.publication import Store


def build(store, run_id, text="x"):
    folder = store.begin(run_id)
    (folder / "published" / "a.parquet").write_text(text)
    (folder / "manifest.json").write_text(json.dumps({"run_id": run_id}))
    return folder


@pytest.mark.parametrize("use_links", [True, False])
def test_a_published_version_takes_the_old_ones_place(tmp_path, use_links):
    store = Store(tmp_path, use_links=use_links)
    assert store.current() is None
    assert store.manifest() is None
    for run_id in ("1", "2", "3"):
        store.publish(build(store, run_id, run_id))
        assert store.manifest() == {"run_id": run_id}
        assert (store.shown("published") / "a.parquet").read_text() == run_id
    assert sorted(p.name for p in store.versions.iterdir()) == ["2", "3"]


def test_the_known_places_show_the_current_version(tmp_path):
    store = Store(tmp_path, use_links=True)
    store.publish(build(store, "1", "old"))
    store.publish(build(store, "2", "new"))
    assert (tmp_path / "data" / "marts" / "published" / "a.parquet").read_text() == "new"
    assert (tmp_path / "reports" / "output").is_dir()
    assert json.loads((tmp_path / "data" / "marts" / "manifest.json").read_text()) == {"run_id": "2"}


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path):
    store = Store(tmp_path)
    build(store, "killed")
    store.publish(build(store, "whole"))
    assert [p.name for p in store.versions.iterdir()] == ["whole"]


def test_a_second_run_is_told_that_one_is_under_way(tmp_path):
    with Store(tmp_path).locked(), pytest.raises(StoreError, match="anden kørsel"), Store(tmp_path).locked():
        raise AssertionError("two runs at once")


def test_only_the_owner_opens_what_is_restricted(tmp_path):
    folder = Store(tmp_path).begin("1")
    assert (folder / "restricted").stat().st_mode & 0o777 == 0o700


def test_a_folder_serves_one_purpose_for_ever(tmp_path):
    store = Store(tmp_path)
    store.require("casework")
    folder = store.begin("1", "casework")
    (folder / "manifest.json").write_text(json.dumps({"purpose": "casework"}))
    store.publish(folder)
    assert store.purpose() == "casework"
    store.require("casework")
    with pytest.raises(StoreError, match="§ 10"):
        store.require("statistics")


def test_a_version_from_before_purposes_is_for_statistics(tmp_path):
    store = Store(tmp_path)
    assert store.purpose() is None
    store.publish(build(store, "1"))
    store.require("statistics")
    with pytest.raises(StoreError, match="heller ikke med samtykke"):
        store.require("casework")


def test_casework_has_no_place_for_what_is_published(tmp_path):
    store = Store(tmp_path, use_links=True)
    folder = store.begin("1", "casework")
    assert [p.name for p in folder.iterdir()] == ["restricted"]
    (folder / "manifest.json").write_text("{}")
    store.publish(folder)
    assert not (tmp_path / "data" / "marts" / "published").is_symlink()
    assert not (tmp_path / "reports").exists()
    assert (tmp_path / "data" / "marts" / "restricted").is_dir()


def test_a_run_that_cannot_switch_leaves_the_old_version_shown(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.publish(build(store, "old"))

    def fail(source, target):
        raise OSError(28, "No space left on device")

    new = build(store, "new")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        store.publish(new)
    assert store.manifest() == {"run_id": "old"}


def test_a_reader_never_meets_a_torn_version(tmp_path):
    """Reads while version after version is published: each one whole, none missing."""
    store = Store(tmp_path, use_links=True)
    store.publish(build(store, "000", "0" * 100_000))
    shown, reads, torn = tmp_path / "data" / "marts" / "published" / "a.parquet", 0, []
    finished = threading.Event()

    def read():
        nonlocal reads
        while not finished.is_set() or reads < 200:
            text = shown.read_text()
            if len(text) != 100_000 or len(set(text)) != 1:
                torn.append(text[:10])
            reads += 1

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 30):
        store.publish(build(store, f"{number:03}", str(number % 10) * 100_000))
    finished.set()
    reader.join()
    assert reads >= 200
    assert torn == []
