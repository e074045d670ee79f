"""A sync as an operator calls it: what it builds, what it refuses, and what it leaves alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kg.fetch import Patience
from kg.release import Home
from kg.settings import Settings, load_settings
from kg.upstream.address import read_addresses
from kg.upstream.report import Outcome, Report, last_report
from kg.upstream.sync import sync
from tests.kg.test_cli import run
from tests.kg.upstream.web import Web, catalogue

QUICK = Patience(tries=1, first_s=0.001, total_s=20)
NOTE = '<https://example.org/note> <https://example.org/says> "mine" .'
ASKED = "SELECT ?text { <https://example.org/note> <https://example.org/says> ?text }"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one release, of ten papers and a note of the reader's own."""
    folder = tmp_path_factory.mktemp("sync")
    (folder / "list.json").write_bytes(catalogue(10, "2026-10-05"))
    (folder / "note.ttl").write_text(NOTE, encoding="utf-8")
    done = run(folder / "home", "build", "--source", str(folder / "list.json"), "--with", str(folder / "note.ttl"))
    assert done.returncode == 0, done.stderr
    return folder / "home"


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    shutil.copytree(built, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


def follow(home: Home, *addresses: str, force: str | None = None) -> Report:
    settings = Settings(home=home.path, upstream_url=read_addresses(" ".join(addresses)))
    return sync(home, settings, force=force, patience=QUICK)


def test_what_is_new_is_built_and_what_is_not_is_left_alone(home: Home, web: Web) -> None:
    old = home.current()
    web.files["/list.json"] = catalogue(9, "2026-10-06")
    address = f"{web.address}/list.json"
    report = follow(home, address)
    assert (report.outcome, report.exit_code) == (Outcome.BUILT, 0)
    release = home.current()
    assert release not in {old, None}
    manifest = release.manifest()
    assert (manifest["counts"]["papers"], manifest["counts"]["current"], manifest["previous"]) == (10, 9, old.id)
    assert {each["address"] for each in manifest["inputs"]} == {None, address}
    for each in manifest["inputs"]:
        assert (home.path / "upstream" / "sha256" / each["sha256"]).is_file()
    assert "mine" in run(home.path, "query", "-", "--format", "csv", text=ASKED).stdout
    assert follow(home, address).outcome is Outcome.UNCHANGED
    assert [status for _, _, status in web.asked] == [200, 304]
    assert home.current() == release
    noted = last_report(home)
    assert noted
    assert (noted.outcome, noted.release) == (Outcome.UNCHANGED, release.id)


def test_what_upstream_takes_back_is_taken_back(home: Home, web: Web) -> None:
    address = f"{web.address}/list.json"
    titles = []
    for title in ("Right", "Wrong", "Right"):
        web.files["/list.json"] = catalogue(10, "2026-10-06", title)
        assert follow(home, address).outcome is Outcome.BUILT
        titles.append(run(home.path, "export", "--format", "csv").stdout)
    assert "Wrong 1" in titles[1]
    assert titles[2] == titles[0]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (catalogue(7, "2026-10-06"), "shrank from 10 entries to 7"),
        (catalogue(0, "2026-10-06"), "lists no paper"),
        (b"", "is empty"),
        (b"<!doctype html><title>Sorry</title>", "is an HTML page"),
        (b'{"papers": [', "list.json"),
        (b"curator: Jane\ndate: 2026-10-06\npapers:\n  - {id: '2306.10001', loss: {is: reverse-kl}}\n", "kind"),
    ],
)
def test_what_is_not_believed_is_refused_with_the_reason(home: Home, web: Web, sent: bytes, reason: str) -> None:
    old, address = home.current(), f"{web.address}/list.json"
    web.files["/list.json"] = catalogue(10, "2026-10-05")
    assert follow(home, address).outcome is Outcome.UNCHANGED
    web.files["/list.json"] = sent
    report = follow(home, address)
    assert (report.outcome, report.exit_code) == (Outcome.REFUSED, 3)
    assert any(reason in each for each in report.reasons), report.reasons
    assert home.current() == old
    assert [release.id for release in home.all()] == [old.id]


def test_a_person_may_overrule_that_a_list_shrank_and_the_reason_is_kept(home: Home, web: Web) -> None:
    address = f"{web.address}/list.json"
    web.files["/list.json"] = catalogue(7, "2026-10-06")
    done = run(home.path, "sync", "--json", OPDKG_UPSTREAM_URL=address)
    assert done.returncode == 3
    assert json.loads(done.stdout)["outcome"] == "refused"
    done = run(home.path, "sync", "--once", "--force", "the list was split", OPDKG_UPSTREAM_URL=address)
    assert done.returncode == 0, done.stdout
    assert home.current().manifest()["forced"] == "the list was split"
    assert home.current().manifest()["counts"]["current"] == 7


def test_force_does_not_make_an_error_page_a_source(home: Home, web: Web) -> None:
    web.files["/list.json"] = b"<html>"
    assert follow(home, f"{web.address}/list.json", force="I want it").outcome is Outcome.REFUSED


def test_a_file_that_is_gone_from_a_folder_is_refused(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "upstream"
    folder.mkdir()
    (folder / "list.json").write_bytes(catalogue(10, "2026-10-05"))
    (folder / "more.json").write_bytes(catalogue(10, "2026-10-04"))
    (folder / "notes.txt").write_text("no source", encoding="utf-8")
    assert follow(home, str(folder)).outcome is Outcome.BUILT
    (folder / "more.json").unlink()
    report = follow(home, str(folder))
    assert (report.outcome, report.reasons) == (Outcome.REFUSED, ["more.json: is not there any more"])


def test_an_upstream_that_cannot_be_had_is_a_failure_and_no_password_is_told(home: Home, web: Web) -> None:
    old = home.current()
    address = f"{web.address}/none.json?token=s3cret".replace("//", "//jane:s3cret@")
    done = run(home.path, "sync", OPDKG_UPSTREAM_URL=address)
    assert (done.returncode, "404" in done.stdout) == (1, True)
    written = [file.read_bytes() for file in (home.path / "upstream").glob("*.json")]
    assert not any(b"s3cret" in text for text in [done.stdout.encode(), done.stderr.encode(), *written])
    assert home.current() == old


@pytest.mark.parametrize(
    ("arguments", "upstream"),
    [((), None), (("--every", "soon"), "/x"), (("--every", "1h", "--once"), "/x"), ((), "ftp://example.org/s3cret")],
)
def test_a_wrong_call_is_told_in_a_line(home: Home, arguments: tuple[str, ...], upstream: str | None) -> None:
    environment = {"OPDKG_UPSTREAM_URL": upstream} if upstream else {}
    done = run(home.path, "sync", *arguments, **environment)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_two_syncs_at_once_build_once(home: Home, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_bytes(catalogue(11, "2026-10-06"))
    environment = {**os.environ, "OPDKG_HOME": str(home.path), "OPDKG_UPSTREAM_URL": str(tmp_path / "list.json")}
    command = [sys.executable, "-m", "kg", "sync", "--json"]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outcomes = sorted(json.loads(each.communicate()[0])["outcome"] for each in both)
    assert outcomes == ["built", "unchanged"]
    assert len(home.all()) == 2


def test_a_release_that_is_held_is_not_pruned(home: Home, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_bytes(catalogue(11, "2026-10-06"))
    old = home.current()
    follow(home, str(tmp_path / "list.json"))
    with old.hold():
        assert "removed nothing" in run(home.path, "releases", "prune", "--keep", "1").stdout
    assert f"removed {old.id}" in run(home.path, "releases", "prune", "--keep", "1").stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_tells_each_sync_in_a_line_and_ends_with_a_signal(home: Home, web: Web, number: int) -> None:
    web.files["/list.json"] = catalogue(10, "2026-10-05")
    environment = {"OPDKG_HOME": str(home.path), "OPDKG_UPSTREAM_URL": f"{web.address}/list.json"}
    command = [sys.executable, "-m", "kg", "sync", "--every", "1s"]
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout
        lines = [daemon.stdout.readline() for _ in range(2)]
        daemon.send_signal(number)
        assert daemon.wait(timeout=30) == 0
    assert all(" sync unchanged: release " in line and ", next 20" in line for line in lines), lines


def test_the_setting_names_several_places() -> None:
    settings = load_settings(environment={"OPDKG_UPSTREAM_URL": "https://example.org/a.md /srv/list"})
    assert [str(address) for address in settings.upstream_url] == ["https://example.org/a.md", "/srv/list"]
