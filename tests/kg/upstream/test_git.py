"""Fetching the files of a repository over HTTP."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from kg.errors import DataError
from kg.fetch import Patience
from kg.upstream.address import Address, read_addresses
from kg.upstream.git import File, fetch_files

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = Patience(tries=2, first_s=0.001, total_s=20)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repo]:
    with Repo.init(str(tmp_path / "list"), mkdir=True) as found:
        yield found


@pytest.fixture
def address(repository: Repo) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_wsgi_chain(DictBackend({"/list.git": repository})), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"git+http://127.0.0.1:{server.server_port}/list.git"
    server.shutdown()
    server.server_close()
    thread.join()


def commit(repository: Repo, moment: int, **files: str) -> None:
    """Commit files, named with _ for a dot, at a moment in Unix time."""
    tree = repository.get_worktree()
    for name, text in files.items():
        path = Path(repository.path, name.replace("_", "."))
        path.write_text(text, encoding="utf-8")
        tree.stage([path.name])
    tree.commit(
        message=b"change",
        committer=b"Jane <jane@example.org>",
        author=b"Jane <jane@example.org>",
        commit_timestamp=moment,
        commit_timezone=0,
        author_timestamp=moment,
        author_timezone=0,
    )


def fetched(address: str, folder: Path) -> dict[str, tuple[bytes, str]]:
    files: list[File] = fetch_files(Address(address), folder, QUICK)
    return {file.path: (file.data, file.day.isoformat()) for file in files}


def test_files_come_with_the_day_of_the_newest_commit(repository: Repo, address: str, tmp_path: Path) -> None:
    commit(repository, 1_790_000_000, README_md="one", tool_py="pass")  # 2026-09-21
    assert fetched(address, tmp_path / "git") == {"README.md": (b"one", "2026-09-21")}
    commit(repository, 1_790_100_000, README_md="two", losses_md="three")  # 2026-09-22
    assert fetched(address, tmp_path / "git") == {
        "README.md": (b"two", "2026-09-22"),
        "losses.md": (b"three", "2026-09-22"),
    }


def test_a_branch_may_be_named(repository: Repo, address: str, tmp_path: Path) -> None:
    commit(repository, 1_790_000_000, README_md="one")
    repository.refs[b"refs/heads/next"] = repository.head()
    commit(repository, 1_790_100_000, README_md="two")
    assert fetched(f"{address}#next", tmp_path / "git")["README.md"][0] == b"one"
    with pytest.raises(DataError, match="has no branch other"):
        fetched(f"{address}#other", tmp_path / "git")


def test_what_a_crash_has_left_half_made_is_made_anew(repository: Repo, address: str, tmp_path: Path) -> None:
    commit(repository, 1_790_000_000, README_md="one")
    fetched(address, tmp_path / "git")
    for pack in (tmp_path / "git").rglob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(b"")
    with pytest.raises(DataError):
        fetched(address, tmp_path / "git")
    assert fetched(address, tmp_path / "git")["README.md"][0] == b"one"


def test_no_repository_is_an_error_without_the_password(address: str, tmp_path: Path) -> None:
    wrong = address.replace("//", "//jane:s3cret@").replace("list.git", "none.git")
    with pytest.raises(DataError) as caught:
        fetched(wrong, tmp_path / "git")
    assert "s3cret" not in str(caught.value)
    assert "none.git" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "github"),
    [
        ("git+https://github.com/o/r.git#main", ("o/r", "main")),
        ("git+https://github.com/o/r", ("o/r", None)),
        ("https://raw.githubusercontent.com/o/r/main/README.md", ("o/r", "main")),
        ("https://github.com/o/r/raw/HEAD/README.md", ("o/r", None)),
        ("https://example.org/o/r/main/README.md", None),
        ("/srv/github.com/o/r", None),
    ],
)
def test_a_repository_on_github_is_known(text: str, github: tuple[str, str | None] | None) -> None:
    assert read_addresses(text)[0].github() == github


@pytest.mark.parametrize(
    "text", ["", "ftp://h/x", "https://", "git+ssh://h/x", "https://h/<x>", "/a /a", "https://u:s3cret@/"]
)
def test_what_is_no_address_is_told_without_the_password(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|place") as caught:
        read_addresses(text)
    assert "s3cret" not in str(caught.value)
