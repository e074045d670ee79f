"""The past of a repository, replayed as an operator calls it: what it puts into the graph, and what it does not believe."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.graph import open_at
from kg.release import Home, Release
from kg.settings import Settings
from kg.upstream.replay import Asked, read_repository, replay
from kg.upstream.report import Outcome, Report
from tests.kg.test_cli import run
from tests.kg.upstream.repository import SYMLINK, Repository, losses, paper_id, readme, row
from tests.kg.upstream.web import catalogue

CHANGES = """
    SELECT ?date ?paper ?event ?before ?after ?source {
        ?paper opd:change ?change .
        ?change dcterms:issued ?date ; opd:event ?event ; opd:position ?position ; prov:wasDerivedFrom ?source .
        OPTIONAL { ?change opd:before|opd:textBefore ?before }
        OPTIONAL { ?change opd:after|opd:textAfter ?after }
    } ORDER BY ?date ?paper ?position ?source ?before ?after"""
PREFIXES = """
    PREFIX opd: <https://w3id.org/opdkg/ontology#>
    PREFIX dcterms: <http://purl.org/dc/terms/>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"""

Told = tuple[str, int | str, str, str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one release, of three papers that the repositories below know nothing of."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "list.json").write_bytes(catalogue(3, "2025-12-01"))
    done = run(folder / "home", "build", "--source", str(folder / "list.json"))
    assert done.returncode == 0, done.stderr
    return folder / "home"


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    shutil.copytree(built, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "list.git")


def replayed(home: Home, repository: Repository, asked: Asked | None = None, branch: str = "") -> Report:
    address = read_repository(f"{repository.address}{branch}")
    return replay(home, Settings(home=home.path), address, asked or Asked())


def store_of(home: Home) -> Store:
    return open_at(home.current())


def ask(home: Home, query: str) -> list[list[str]]:
    base = "https://w3id.org/opdkg/"
    found = store_of(home).query(PREFIXES + query, use_default_graph_as_union=True)
    return [[value.value.removeprefix(base) if value else "" for value in each] for each in found]  # type: ignore[union-attr]


def history(home: Home) -> list[Told]:
    """What the graph tells, in order: day, number of the paper, event, before, after."""
    return [
        (day, int(paper.rpartition(".")[2]), event.rpartition("/")[2], before, after)
        for day, paper, event, before, after, _ in ask(home, CHANGES)
    ]


def eight(**rows: str) -> dict[str, list[str]]:
    """Papers 1 to 4 on objectives, 5 to 8 on signals; other rows in place of theirs, none for an empty one."""
    found = {number: rows.get(f"p{number}", row(number)) for number in range(1, 9)}
    return {
        "§4 Objectives": [found[number] for number in range(1, 5) if found[number]],
        "§5 Signals": [found[number] for number in range(5, 9) if found[number]],
    }


# ---------------------------------------------------------------- what happened


@dataclass(frozen=True)
class Story:
    home: Home
    report: Report
    commits: dict[str, str]


@pytest.fixture(scope="module")
def story(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A list with everything that can happen to one, replayed."""
    folder = tmp_path_factory.mktemp("story")
    upstream, commits = Repository(folder / "list.git"), {}

    def commit(day: str, files: dict[str, str | bytes | None], merges: bytes | None = None) -> None:
        commits[day] = upstream.commit(day, files, merges=merges)

    seven = eight(p8="")
    commit("2026-01-05", {"README.md": readme(seven), "LICENSE": "free"})
    side = upstream.commit("2026-01-04", {"README.md": readme(eight())}, branch="side", written="2026-01-03")
    commit("2026-01-06", {"tool.py": "pass"})
    commit("2026-01-07", {"README.md": readme(eight())}, merges=side.encode())
    moved = eight(p1=row(1, "The first paper"), p2="")
    moved["§5 Signals"].append(row(2))
    commit("2026-01-08", {"README.md": readme(moved)})
    renumbered = {"§4 Objectives": moved["§4 Objectives"], "§6 Signals": moved["§5 Signals"]}
    commit("2026-01-09", {"README.md": None, "docs/README.md": readme(renumbered)})
    commit("2026-01-10", {"docs/README.md": readme({"§4 Objectives": [row(9, "Buy this")]})})
    commit("2026-01-11", {"docs/README.md": b"\xff\xfe no text"})
    without_3 = [row(1, "The first paper"), row(4, code="example/four")]
    commit("2026-01-12", {"docs/README.md": readme({**renumbered, "§4 Objectives": without_3})})
    goals = {"§4 Training goals": [*without_3, row(3)], "§6 Signals": renumbered["§6 Signals"]}
    commit("2026-01-13", {"docs/README.md": readme(goals)})
    commit("2026-01-14", {"losses.md": losses({"FKL": [1], "RKL": [2]})})
    goals["§4 Training goals"][1] = row(4)
    commit("2026-01-15", {"losses.md": losses({"RKL": [1, 2]}), "docs/README.md": readme(goals)})
    shutil.copytree(built, folder / "home", symlinks=True)
    home = Home(folder / "home")
    return Story(home, replayed(home, upstream), commits)


OBJECTIVES, SIGNALS = "§4 Objectives", "§5 Signals"
NOW = "concept/survey-2026-01-15"
HAPPENED: list[Told] = [
    *(("2026-01-05", number, "listed", "", OBJECTIVES) for number in (1, 2, 3, 4)),
    *(("2026-01-05", number, "listed", "", SIGNALS) for number in (5, 6, 7)),
    ("2026-01-07", 8, "listed", "", SIGNALS),
    ("2026-01-08", 1, "retitled", "Paper 1", "The first paper"),
    ("2026-01-08", 2, "moved", OBJECTIVES, SIGNALS),
    ("2026-01-12", 3, "dropped", OBJECTIVES, ""),
    ("2026-01-12", 4, "code", "", "https://github.com/example/four"),
    ("2026-01-13", 3, "relisted", "", f"{NOW}/4"),
    ("2026-01-14", 1, "classified", "", "concept/objective/forward-kl"),
    ("2026-01-14", 2, "classified", "", "concept/objective/reverse-kl"),
    ("2026-01-15", 1, "classified", "concept/objective/forward-kl", "concept/objective/reverse-kl"),
    ("2026-01-15", 4, "code", "https://github.com/example/four", ""),
]


def test_the_graph_tells_what_happened_and_nothing_else(story: Story) -> None:
    assert (story.report.outcome, story.report.exit_code) == (Outcome.BUILT, 0)
    assert history(story.home) == HAPPENED


def test_each_change_names_the_commit_of_the_branch_that_made_it(story: Story) -> None:
    assert {(row[0], row[-1]) for row in ask(story.home, CHANGES)} == {
        (day, f"commit/{story.commits[day]}") for day in {told[0] for told in HAPPENED}
    }
    dates = ask(
        story.home, "SELECT ?date ?id { ?c a opd:Commit ; dcterms:date ?date ; dcterms:identifier ?id } ORDER BY ?date"
    )
    assert dates == [[f"{day}T12:00:00Z", story.commits[day]] for day in sorted({told[0] for told in HAPPENED})]


def test_what_is_not_believed_is_told_and_kept(story: Story) -> None:
    shrunk, unreadable = story.report.passed_over
    assert shrunk == f"commit {story.commits['2026-01-10'][:10]} of 2026-01-10: awesome: shrank from 8 entries to 1"
    assert unreadable.startswith(
        f"commit {story.commits['2026-01-11'][:10]} of 2026-01-11: awesome: docs/README.md: is no UTF-8"
    )
    reasons = [problem["reason"] for problem in story.home.current().report()["problems"]]
    assert [reason for reason in reasons if reason.startswith("passed over: ")] == [
        "passed over: shrank from 8 entries to 1",
        f"passed over: {unreadable.partition('awesome: ')[2]}",
    ]


def test_the_first_and_last_days_are_the_commits(story: Story) -> None:
    query = """
        SELECT ?paper ?first ?last {
            ?paper opd:firstListed ?first ; opd:lastListed ?last
            FILTER CONTAINS(STR(?paper), "2601.")
        }"""
    days = {paper.rpartition("/")[2]: (first, last) for paper, first, last in ask(story.home, query)}
    assert days[paper_id(8)] == ("2026-01-07", "2026-01-15")
    assert days[paper_id(3)] == ("2026-01-05", "2026-01-15")


def test_who_wrote_a_commit_and_where_it_lies_are_not_in_the_graph(story: Story) -> None:
    text = "\n".join(map(str, store_of(story.home)))
    assert "Jane Doe" not in text.replace('"Doe, Jane"', "")
    assert "example.org>" not in text
    assert str(story.home.path.parent) not in text
    assert "file:" not in text
    inputs = story.home.current().manifest()["inputs"]
    assert {each["address"] for each in inputs} == {None}


def test_the_past_can_be_told_from_what_is_kept_of_it_alone(story: Story, tmp_path: Path) -> None:
    (past,) = (each for each in story.home.current().manifest()["inputs"] if each["kind"] == "history")
    done = run(tmp_path, "build", "--source", str(story.home.path / "upstream" / "sha256" / past["sha256"]))
    assert done.returncode == 0, done.stderr
    assert [told[:3] for told in history(Home(tmp_path))] == [told[:3] for told in HAPPENED]


# ---------------------------------------------------------------- how it is called


def test_a_second_replay_builds_nothing_and_elsewhere_the_same(
    home: Home, built: Path, repository: Repository, tmp_path: Path
) -> None:
    repository.commit("2026-01-05", {"README.md": readme(eight())})
    repository.commit("2026-01-06", {"README.md": readme(eight(p1=""))})
    assert replayed(home, repository).outcome is Outcome.BUILT
    release = home.current()
    assert replayed(home, repository).outcome is Outcome.UNCHANGED
    shutil.copytree(built, tmp_path / "other", symlinks=True)
    shutil.copytree(repository.path, tmp_path / "moved.git")
    other = Home(tmp_path / "other")
    report = replay(other, Settings(home=other.path), read_repository(str(tmp_path / "moved.git")), Asked())
    assert report.release == release.id
    assert dumps(other.current()) == dumps(release)


def dumps(release: Release) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in release.dumps.iterdir()}


def test_a_release_for_each_commit_ends_as_one_for_all(
    home: Home, built: Path, repository: Repository, tmp_path: Path
) -> None:
    repository.commit("2026-01-05", {"README.md": readme(eight())})
    repository.commit("2026-01-06", {"README.md": readme(eight(p1=""))})
    repository.commit("2026-01-07", {"tool.py": "pass"})
    repository.commit("2026-01-08", {"README.md": readme(eight(p1="", p2=row(2, "Second")))})
    shutil.copytree(built, tmp_path / "other", symlinks=True)
    assert replayed(home, repository).outcome is Outcome.BUILT
    other = Home(tmp_path / "other")
    assert replayed(other, repository, Asked(publish_each=True)).outcome is Outcome.BUILT
    assert len(other.all()) == len(home.all()) + 2
    assert other.current().id == home.current().id
    assert replayed(other, repository, Asked(publish_each=True)).outcome is Outcome.UNCHANGED


def test_a_later_replay_continues_the_past_and_leaves_nothing_of_the_former_one(
    home: Home, built: Path, repository: Repository, tmp_path: Path
) -> None:
    repository.commit("2026-01-05", {"README.md": readme(eight())})
    assert replayed(home, repository).outcome is Outcome.BUILT
    repository.commit("2026-01-06", {"README.md": readme(eight(p1=""))})
    assert replayed(home, repository).outcome is Outcome.BUILT
    shutil.copytree(built, tmp_path / "other", symlinks=True)
    other = Home(tmp_path / "other")
    replayed(other, repository)
    assert other.current().id == home.current().id


def test_since_a_day_only_what_happened_then_is_told(home: Home, repository: Repository) -> None:
    repository.commit("2026-01-05", {"README.md": readme(eight(p8=""))})
    repository.commit("2026-01-06", {"README.md": readme(eight())})
    repository.commit("2026-01-07", {"README.md": readme(eight(p1=""))})
    done = run(home.path, "sync", "--from-git", repository.address, "--each", "--since", "2026-01-07", "--json")
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (0, "built"), done.stderr
    assert history(home) == [("2026-01-07", 1, "dropped", "concept/survey-2026-01-07/4", "")]
    assert ask(home, f"SELECT ?d {{ <https://w3id.org/opdkg/paper/{paper_id(1)}> opd:droppedSince ?d }}") == [
        ["2026-01-07"]
    ]


def test_a_branch_may_be_named(home: Home, repository: Repository) -> None:
    repository.commit("2026-01-05", {"README.md": readme(eight())})
    repository.commit("2026-01-06", {"README.md": readme(eight(p1=""))}, branch="next")
    assert replayed(home, repository, branch="#next").outcome is Outcome.BUILT
    assert [told[1:3] for told in history(home) if told[0] == "2026-01-06"] == [(1, "dropped")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from-git", "{repository}#gone", "--each"], "has no branch gone"),
        (
            ["--from-git", "{repository}", "--each", "--since", "2030-01-01"],
            "the newest commit of the branch is of 2026-01-05",
        ),
        (["--from-git", "{repository}/nowhere", "--each"], "no repository is there"),
        (["--from-git", "ftp://example.org/list.git", "--each"], "is no http or https address"),
        (["--from-git", "{repository}", "--each", "--since", "yesterday"], "yesterday"),
        (["--from-git", "{repository}"], "--from-git and --each go together"),
        (["--each"], "--from-git and --each go together"),
        (["--publish-each"], "--publish-each with them alone"),
        (["--from-git", "{repository}", "--each", "--every", "1h"], "--every goes with none"),
    ],
)
def test_a_wrong_call_is_a_clear_error(built: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    repository = Repository(tmp_path / "list.git")
    repository.commit("2026-01-05", {"README.md": readme(eight())})
    done = run(built, "sync", *(each.format(repository=repository.address) for each in arguments))
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- what is not believed, and who is hostile


def test_a_loss_that_no_commit_undoes_counts_only_if_a_person_says_so(home: Home, repository: Repository) -> None:
    repository.commit("2026-01-05", {"README.md": readme(eight())})
    repository.commit("2026-01-06", {"README.md": readme({"§4 Objectives": [row(1)]})})
    repository.commit("2026-01-07", {"README.md": readme(eight(p1=""))})
    repository.commit("2026-01-08", {"README.md": readme({"§4 Objectives": [row(2), row(3)]})})
    assert len(replayed(home, repository).passed_over) == 2
    assert {told[0] for told in history(home)} == {"2026-01-05", "2026-01-07"}
    report = replayed(home, repository, Asked(force="they have cleaned up"))
    assert (report.outcome, len(report.passed_over)) == (Outcome.BUILT, 1)
    assert [told[1] for told in history(home) if told[0] == "2026-01-08"] == [4, 5, 6, 7, 8]
    assert report.forced == home.current().manifest()["forced"] == "they have cleaned up"


def test_a_hostile_repository_does_no_harm(home: Home, repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text(readme({"Secrets": [row(99)]}), encoding="utf-8")
    raw = {
        b"link.md": (SYMLINK, str(tmp_path / "secret.md").encode()),
        b"caf\xe9.md": (0o100644, readme({"Elsewhere": [row(50)]}).encode()),
        b"huge.md": (0o100644, b"x" * 20_000_001),
        b"deep/../../up.md": (0o100644, b"up"),
    }
    hostile = row(2, "<script>alert(1)</script> \\| \u202eevil")
    repository.commit("2026-01-05", {"README.md": readme(eight(p2=hostile))}, raw=raw)
    assert replayed(home, repository).outcome is Outcome.BUILT
    told = history(home)
    assert {number for _, number, _, _, _ in told} == {*range(1, 9), 50}
    assert not (tmp_path / "up.md").exists()


def test_a_repository_without_a_list_is_an_error(home: Home, repository: Repository) -> None:
    repository.commit("2026-01-05", {"notes.md": "nothing here"})
    before = home.current()
    report = replayed(home, repository)
    assert (report.outcome, report.exit_code) == (Outcome.FAILED, 1)
    assert "no commit of the branch holds a source" in report.reasons[0]
    assert home.current() == before


def test_a_history_that_somebody_has_written_by_hand_is_not_believed(home: Home, tmp_path: Path) -> None:
    commit = {"id": "1" * 40, "authored": "2026-01-05T12:00:00Z", "committed": "2026-01-05T12:00:00Z"}
    entry = {"file": "", "line": None, "arxiv_id": "2601.00001", "titles": ["One"]}
    for wrong in (
        {"address": "javascript:alert(1)"},
        {"arxiv_id": "x> <y"},
        {"titles": ["a\u0000b"]},
        {"authors": ["J"]},
        {"x": 1},
    ):
        revision = {"commit": commit, "kind": "awesome", "entries": [entry | wrong]}
        document = {"history": {"root": "1" * 40, "begins": None, "pages": None, "revisions": [revision]}}
        file = tmp_path / "history.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        done = run(home.path, "build", "--source", str(file))
        assert done.returncode == 1
        assert "replay the repository anew" in done.stderr


def test_a_replay_that_is_killed_leaves_the_old_release_and_can_be_done_again(
    home: Home, repository: Repository
) -> None:
    for day in range(10, 30):
        repository.commit(f"2026-01-{day}", {"README.md": readme(eight(p1=row(1, f"Title {day}")))})
    before = home.current()
    command = [sys.executable, "-m", "kg", "sync", "--from-git", repository.address, "--each"]
    for step in ("fetch", "map", "dump"):
        with subprocess.Popen(
            command, env={"OPDKG_HOME": str(home.path)}, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr
            for line in process.stderr:
                if line.strip() == f"replay: {step}":
                    process.send_signal(signal.SIGKILL)
                    break
        assert process.returncode == -signal.SIGKILL
        assert home.current() == before
    assert replayed(home, repository).outcome is Outcome.BUILT
    assert len(history(home)) == 8 + 19
    assert {file.name for file in home.releases.iterdir()} == {before.id, home.current().id}
