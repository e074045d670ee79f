"""A home whose writers are killed, whose disk is full or cannot be written to, and whose files are damaged."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.integrity import damages
from kg.library import Library
from kg.release import Home
from tests.kg.test_cli import run
from tests.kg.upstream.web import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Random instants at which a writer is killed.
KILLS = 200

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a list and a home whose one release was built from it."""
    folder = tmp_path_factory.mktemp("crashes")
    (folder / "list.json").write_bytes(catalogue(3, "2026-10-05"))
    done = run(folder / "home", "build", "--source", str(folder / "list.json"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


def papers(home: Home) -> int:
    """Open the current release as a server does, after a look at every file; return how many papers are in it."""
    current = home.current()
    assert damages(current) == []
    return int(Library.open(current).manifest["counts"]["papers"])


def test_whenever_a_writer_is_killed_a_whole_release_is_current(folder: Path) -> None:
    home, instants = Home(folder / "home"), random.Random(6)  # noqa: S311 (no secret)
    command = [sys.executable, "-m", "tests.kg.upstream.killed", str(home.path), str(folder / "list.json")]
    statuses = []
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdin
        assert writer.stdout
        for line in ["-", *(f"{instants.uniform(0, 1.2):.4f}" for _ in range(KILLS)), "-"]:
            writer.stdin.write(f"{line}\n")
            writer.stdin.flush()
            statuses.append(int(writer.stdout.readline()))
            assert papers(home) == 3
        writer.stdin.close()
    assert (statuses[0], statuses[-1]) == (0, 0)
    assert set(statuses) <= {0, signal.SIGKILL}
    assert signal.SIGKILL in statuses
    hidden = [str(path) for path in home.path.rglob(".*") if "search" not in path.parts]
    assert hidden == []
    assert all(damages(release) == [] for release in home.all())
    assert len(home.all()) == len(list(home.releases.iterdir()))


def test_a_damaged_file_is_found_and_the_next_sync_mends_it(folder: Path) -> None:
    home = Home(folder / "home")
    release = home.current()
    assert run(home.path, "releases", "check").stdout == f"release {release.id}: whole\n"
    largest = max(release.store.glob("*.sst"), key=lambda file: file.stat().st_size)
    with largest.open("r+b") as file:
        file.seek(100)
        file.write(b"damage")
    done = run(home.path, "releases", "check", release.id)
    assert (done.returncode, f"store/{largest.name}" in done.stdout) == (1, True)
    done = run(home.path, "sync", OPDKG_UPSTREAM_URL=str(folder / "list.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert home.current() == release
    assert papers(home) == 3


@pytest.mark.parametrize("what", ["missing", "more"])
def test_a_file_that_is_missing_or_does_not_belong_is_found(folder: Path, what: str) -> None:
    release = Home(folder / "home").current()
    if what == "missing":
        (release.dumps / "opd.nt.gz").unlink()
    else:
        (release.dumps / "opd.exe").write_bytes(b"")
    done = run(folder / "home", "releases", "check")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 2)


def test_a_manifest_cut_short_is_a_clear_error_and_another_release_can_be_had(folder: Path) -> None:
    home = Home(folder / "home")
    old = home.current()
    (folder / "list.json").write_bytes(catalogue(4, "2026-10-06"))
    upstream = str(folder / "list.json")
    assert run(home.path, "sync", OPDKG_UPSTREAM_URL=upstream).returncode == 0
    manifest = home.current().path / "manifest.json"
    os.truncate(manifest, manifest.stat().st_size // 2)
    for command in (["sync"], ["releases", "check"], ["query", "-"]):
        done = run(home.path, *command, OPDKG_UPSTREAM_URL=upstream)
        told = done.stdout + done.stderr
        assert (done.returncode, "manifest.json" in told, "Traceback" in told) == (1, True, False), told
    assert run(home.path, "releases", "rollback", old.id).returncode == 0
    assert run(home.path, "sync", OPDKG_UPSTREAM_URL=upstream).returncode == 0
    assert papers(home) == 4


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """Mount a file system in memory; who may not do that skips the test."""
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # this process has its store open


def test_a_disk_that_is_full_leaves_the_old_release(folder: Path) -> None:
    full = folder / "full"
    size = sum(file.stat().st_size for file in (folder / "home").rglob("*") if file.is_file())
    with mounted(full, f"size={size // 1024 + 700}k"):
        shutil.copytree(folder / "home", full, symlinks=True, dirs_exist_ok=True)
        home = Home(full)
        old = home.current()
        (folder / "list.json").write_bytes(catalogue(4, "2026-10-06"))
        done = run(full, "sync", OPDKG_UPSTREAM_URL=str(folder / "list.json"))
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stdout + done.stderr
        assert "sync failed" in done.stdout
        assert home.current() == old
        assert papers(home) == 3
        assert [path.name for path in home.releases.iterdir()] == [old.id]


def test_a_home_that_cannot_be_written_to_is_a_clear_error(folder: Path) -> None:
    home = folder / "read-only"
    with mounted(home, "size=64m"):
        shutil.copytree(folder / "home", home, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
        (folder / "list.json").write_bytes(catalogue(4, "2026-10-06"))
        done = run(home, "sync", OPDKG_UPSTREAM_URL=str(folder / "list.json"))
        assert (done.returncode, "Read-only" in done.stdout, "Traceback" in done.stderr) == (1, True, False)
        assert papers(Home(home)) == 3
