"""The home of the releases: what counts as one, and how one becomes current."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import DataError, UsageError
from kg.release import Home, Release, write_json

#: What a manifest says to every reader.
SAID = {"base_iri": "https://example.org/", "counts": {}}


def admit(home: Home, release_id: str) -> Release:
    folder = home.stage()
    (folder / "store").mkdir()
    return home.admit(folder, release_id, {"id": release_id, **SAID})


def test_an_empty_home_says_how_to_make_a_release(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="opdkg build"):
        Home(tmp_path / "none").current()


def test_a_published_release_is_current_until_another_is(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first, second = admit(home, "2026-01-01-aaaaaaaaaa"), admit(home, "2026-02-01-bbbbbbbbbb")
    for release in (first, second, first):
        home.publish(release)
        assert home.current() == release
    assert (tmp_path / "current").readlink() == Path("releases/2026-01-01-aaaaaaaaaa")


def test_a_folder_without_a_manifest_is_no_release(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (home.releases / "2026-01-01-aaaaaaaaaa" / "store").mkdir(parents=True)
    assert home.all() == []
    with pytest.raises(UsageError, match="there are: none"):
        home.get("2026-01-01-aaaaaaaaaa")
    assert admit(home, "2026-01-01-aaaaaaaaaa").manifest() == {"id": "2026-01-01-aaaaaaaaaa", **SAID, "files": {}}


def test_nothing_but_the_release_is_left_of_a_build(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.publish(admit(home, "2026-01-01-aaaaaaaaaa"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "releases"]
    assert [path.name for path in home.releases.iterdir()] == ["2026-01-01-aaaaaaaaaa"]


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"base_iri": "https://example.org/"}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    home = Home(tmp_path)
    release = admit(home, "2026-01-01-aaaaaaaaaa")
    (release.path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"manifest\.json"):
        release.manifest()


def test_prune_keeps_the_current_release_and_the_newest(tmp_path: Path) -> None:
    home = Home(tmp_path)
    releases = [admit(home, f"2026-01-0{number}-aaaaaaaaaa") for number in range(1, 5)]
    for age, release in enumerate(releases):
        write_json(release.path / "manifest.json", {"id": release.id})
        os.utime(release.path / "manifest.json", (age, age))
    home.publish(releases[0])
    assert home.prune(1) == ["2026-01-03-aaaaaaaaaa", "2026-01-02-aaaaaaaaaa"]
    assert [release.id for release in home.all()] == ["2026-01-01-aaaaaaaaaa", "2026-01-04-aaaaaaaaaa"]


def test_what_a_killed_build_left_is_cleaned_up_by_the_next(tmp_path: Path) -> None:
    home = Home(tmp_path)
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    leftover = home.releases / f".staging-{int(ended.stdout)}"
    running = home.releases / ".staging-1"
    for folder in (leftover, running):
        (folder / "store").mkdir(parents=True)
    admit(home, "2026-01-01-aaaaaaaaaa")
    assert (leftover.exists(), running.exists()) == (False, True)
