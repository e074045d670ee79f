"""A release that is published while the server answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from pyoxigraph import Literal, NamedNode, Quad

from kg.build import build
from kg.inputs import read_bundled
from kg.release import Home
from tests.server.endpoint import until
from tests.serving import serving

EX = "http://example.org/"

#: The release's own id, and whether it holds the note: both of one release, or the answer is mixed.
ASKED = """SELECT ?release (EXISTS { ?note <http://example.org/says> ?text } AS ?noted)
WHERE { ?dataset dcat:hasCurrentVersion/dcat:version ?release }"""

#: Runs for longer than it takes to change releases.
LONG = "SELECT (COUNT(*) AS ?n) { SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000000 }"


@pytest.fixture(scope="module")
def two(home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str, str]:
    """A home with two releases, the old one current."""
    folder = tmp_path_factory.mktemp("two")
    shutil.copytree(home, folder, symlinks=True, dirs_exist_ok=True)
    note = Quad(NamedNode(f"{EX}note"), NamedNode(f"{EX}says"), Literal("new"), NamedNode(f"{EX}graph"))
    found = Home(folder)
    old = found.current()
    new = build(found, read_bundled(), local=[note]).release
    found.publish(old)
    return found, old.id, new.id


def test_a_release_swapped_while_queries_run(
    two: tuple[Home, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPDKG_QUERY_TIMEOUT_S", "120")
    home, old, new = two
    wrong: list[object] = []
    seen: set[str] = set()
    over = threading.Event()
    with serving(home.path, tmp_path / "log") as address:

        def ask(path: str, **parameters: str) -> requests.Response:
            return requests.get(f"{address}{path}", params=parameters, timeout=120)

        def watch() -> None:
            number = 0
            while not over.is_set():
                number += 1
                response = ask("/sparql", query=f"{ASKED} # {number}", format="csv")
                page = ask("/healthz")
                row = response.text.split()[-1]
                seen.add(row)
                if (response.status_code, page.status_code) != (200, 200):
                    wrong.append(response.text)

        watchers = [threading.Thread(target=watch) for _ in range(3)]
        for watcher in watchers:
            watcher.start()
        until(lambda: seen == {f"{old},false"})
        counted: list[str] = []
        long = threading.Thread(target=lambda: counted.append(ask("/sparql", query=LONG, format="csv").text))
        long.start()
        until(lambda: ask("/queries/running").json())
        home.publish(home.get(new))
        until(lambda: f"{new},true" in seen)
        home.publish(home.get(old))
        until(lambda: ask("/sparql", query=f"{ASKED} # back", format="csv").text.split()[-1] == f"{old},false")
        long.join()
        over.set()
        for watcher in watchers:
            watcher.join()
    assert not wrong
    assert seen == {f"{old},false", f"{new},true"}
    assert counted[0].split() == ["n", "20000000"]


@pytest.mark.parametrize("lost", ["store", "search", "search/meta.json", "manifest.json"])
def test_a_release_that_cannot_be_opened_is_told_and_the_old_one_serves(
    two: tuple[Home, str, str], tmp_path: Path, lost: str
) -> None:
    home, old, new = two
    broken = home.releases / "2026-01-01-0000000000"
    shutil.copytree(home.get(old).path, broken)
    if lost == "manifest.json":
        (broken / lost).write_text("{}")
    elif (broken / lost).is_dir():
        shutil.rmtree(broken / lost)
    else:
        (broken / lost).unlink()
    with serving(home.path, tmp_path / "log") as address:
        home.publish(home.get(broken.name))
        until(lambda: f"goes on with release {old}" in (tmp_path / "log").read_text())
        response = requests.get(f"{address}/sparql", params={"query": ASKED, "format": "csv"}, timeout=60)
        assert response.text.split()[-1] == f"{old},false"
        home.publish(home.get(new))  # and the next one is followed
        until(lambda: f"serving release {new} in place of {old}" in (tmp_path / "log").read_text())
        home.publish(home.get(old))
    shutil.rmtree(broken)


def test_a_release_that_can_be_opened_later_is_served_then(two: tuple[Home, str, str], tmp_path: Path) -> None:
    home, old, new = two
    manifest = home.get(new).path / "manifest.json"
    whole = manifest.read_bytes()
    log = tmp_path / "log"
    with serving(home.path, log) as address:
        manifest.write_text("{}")
        home.publish(home.get(new))
        until(lambda: f"goes on with release {old}" in log.read_text())
        manifest.write_bytes(whole)
        until(lambda: f"serving release {new} in place of {old}" in log.read_text(), 30)
        response = requests.get(f"{address}/sparql", params={"query": ASKED, "format": "csv"}, timeout=60)
        assert response.text.split()[-1] == f"{new},true"
    home.publish(home.get(old))
    assert log.read_text().count("goes on with") == 1


def test_a_server_says_in_one_line_why_it_cannot_begin(two: tuple[Home, str, str], tmp_path: Path) -> None:
    copy = Home(Path(shutil.copytree(two[0].path, tmp_path / "copy", symlinks=True)))
    manifest = copy.current().path / "manifest.json"
    manifest.write_text("{}", encoding="utf-8")
    command = [sys.executable, "-m", "kg", "serve", "--port", "0"]
    environment = {**os.environ, "OPDKG_HOME": str(copy.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert f"{manifest}: lacks 'base_iri'; roll back to another release or build again" in done.stderr
    assert "Traceback" not in done.stderr
