"""The command line as a person calls it: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from kg.cli import EXPORTS
from kg.export import NAMES
from kg.release import Home

CATALOGUE = {
    "updated_on": "2026-10-06",
    "total": 2,
    "papers": [
        {
            "paper_id": "2306.08543",
            "arxiv_id": "2306.08543",
            "title": "MiniLLM: On-Policy Distillation of Large Language Models",
            "authors": ["Gu, Yuxian", "Dong, Li"],
            "year": 2023,
            "submitted": "2023-06-14",
            "paper_url": "https://arxiv.org/abs/2306.08543",
            "mechanism": "direct_opd",
            "home": "4",
            "code_urls": ["https://github.com/microsoft/LMOps"],
            "code_status": "linked",
        },
        {
            "paper_id": "1503.02531",
            "arxiv_id": "1503.02531",
            "title": "Distilling the Knowledge in a Neural Network",
            "authors": ["Hinton, Geoffrey"],
            "year": 2015,
            "submitted": "2015-03-09",
            "paper_url": "https://arxiv.org/abs/1503.02531",
            "mechanism": "background",
            "home": "background",
            "code_urls": [],
            "code_status": "No repository listed",
        },
    ],
}


def run(home: Path, *arguments: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments],
        env=os.environ | {"OPDKG_HOME": str(home)} | environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    source = folder / "catalog-2026-10-06.json"
    source.write_text(json.dumps(CATALOGUE), encoding="utf-8")
    done = run(folder, "build", "--source", str(source), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["papers"] == 2
    return folder


def test_nothing_but_the_result_is_on_stdout(home: Path) -> None:
    done = run(home, "build", "--source", str(home / "catalog-2026-10-06.json"))
    assert done.stdout.startswith(f"release {Home(home).current().id} unchanged, published: 2 papers (2 current)")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("build", "--source", "gone.md"), 2),
        (("build", "--source", __file__), 1),
        (("build", "--with", "gone.ttl"), 1),
        (("build", "--unknown"), 2),
        (("query", "no-such-question"), 2),
        (("releases", "show", "none"), 2),
        (("releases", "rollback", "../.."), 2),
        (("check", "none"), 2),
        (("export", "--facet", "colour=red"), 2),
        (("export", "--facet", "year=2023", "--format", "nq"), 2),
        (("export", "-o", "/"), 2),
        (("serve", "--port", "70000"), 2),
        (("--config", "gone.yaml", "releases"), 2),
        (("nonsense",), 2),
    ],
)
def test_a_wrong_call_ends_with_its_code_and_no_traceback(home: Path, arguments: tuple[str, ...], code: int) -> None:
    before = Home(home).current()
    done = run(home, *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert Home(home).current() == before


def test_a_wrong_setting_stops_every_command(home: Path) -> None:
    done = run(home, "releases", OPDKG_QUERY_TIMEOUT_S="soon")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "OPDKG_QUERY_TIMEOUT_S" in done.stderr


def test_a_home_that_cannot_be_made_is_named_in_one_line() -> None:
    done = run(Path("/proc/nowhere"), "build")
    assert (done.returncode, done.stderr.count("\n"), "/proc/nowhere" in done.stderr) == (1, 1, True)


def test_without_a_release_a_command_says_how_to_make_one(tmp_path: Path) -> None:
    for command in (["serve"], ["check"], ["query", "-"], ["export"]):
        done = run(tmp_path, *command)
        assert (done.returncode, "opdkg build" in done.stderr) == (1, True), command


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("csv", "n\r\n2\r\n"),
        ("tsv", "?n\n2\n"),
        ("json", '{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"literal","value":"2",'),
    ],
)
def test_a_query_from_standard_input_is_answered(home: Path, format_: str, expected: str) -> None:
    done = run(home, "query", "-", "--format", format_, text="SELECT (COUNT(*) AS ?n) { ?p a opd:Paper }")
    assert done.stdout.replace("\r\n", "\n").startswith(expected.replace("\r\n", "\n"))


def test_a_table_cuts_nothing(home: Path) -> None:
    done = run(home, "query", "-", text=f"SELECT ('{'x' * 300}' AS ?long) {{}}")
    assert done.stdout.count("x") == 300


def test_a_table_shows_brackets_as_they_are(home: Path) -> None:
    done = run(home, "query", "-", text='SELECT ("[/b] [red]x" AS ?text) {}')
    assert (done.returncode, done.stderr) == (0, "")
    assert "[/b] [red]x" in done.stdout


def test_a_query_from_a_file_may_construct(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "titles.rq"
    file.write_text("CONSTRUCT { ?p dcterms:title ?t } { ?p a opd:Paper ; dcterms:title ?t }", encoding="utf-8")
    done = run(home, "query", str(file), "--format", "nt")
    assert len(list(parse(done.stdout, RdfFormat.N_TRIPLES))) == 2


def test_every_format_is_offered() -> None:
    assert set(EXPORTS) == set(NAMES)


@pytest.mark.parametrize("format_", ["nt", "nq", "trig", "ttl", "jsonld", "rdf"])
def test_the_whole_graph_is_its_dump(home: Path, format_: str) -> None:
    done = run(home, "export", "--format", format_)
    found = list(parse(done.stdout, RdfFormat.from_extension(format_)))
    assert len(found) == Home(home).current().manifest()["counts"]["quads"]


@pytest.mark.parametrize(
    ("facets", "keys"),
    [
        (("year=2023",), {"gu2023minillm"}),
        (("code=no",), {"hinton2015distilling"}),
        (("year=-2023",), {"hinton2015distilling"}),
        (("year=2023", "year=2015"), {"gu2023minillm", "hinton2015distilling"}),
        (("year=2023", "code=no"), set()),
    ],
)
def test_facets_narrow_an_export(home: Path, facets: tuple[str, ...], keys: set[str]) -> None:
    options = [option for facet in facets for option in ("--facet", facet)]
    done = run(home, "export", "--format", "bibtex", *options)
    found = {line.partition("{")[2].rstrip(",") for line in done.stdout.splitlines() if line.startswith("@")}
    assert found == keys


def test_an_export_goes_to_a_file(home: Path, tmp_path: Path) -> None:
    done = run(home, "export", "--format", "csv", "-o", str(tmp_path / "papers.csv"))
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "papers.csv").read_text(encoding="utf-8").count("\n") == 3


def test_check_names_what_is_odd_in_the_sources(home: Path) -> None:
    done = run(home, "check")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == f"release {Home(home).current().id}: 0 violations, 0 problems in the sources"


def test_a_release_can_be_rolled_back(home: Path) -> None:
    first = Home(home).current().id
    assert (
        run(home, "build", "--source", str(home / "catalog-2026-10-06.json"), "--with", str(_note(home))).returncode
        == 0
    )
    second = Home(home).current().id
    assert second != first
    assert run(home, "releases", "rollback", first).returncode == 0
    assert [line.split()[:2] for line in run(home, "releases").stdout.splitlines() if line.startswith("*")] == [
        ["*", first]
    ]
    assert run(home, "releases", "prune", "--keep", "1").returncode == 0
    assert Home(home).current().id == first


def test_a_damaged_release_does_not_hide_the_others(home: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(home, tmp_path / "copy", symlinks=True))
    whole = Home(copy).current().id
    damaged = copy / "releases" / "2020-01-01-0000000000"
    damaged.mkdir()
    (damaged / "manifest.json").write_text('{"id": "2020-01', encoding="utf-8")
    done = run(copy, "releases")
    assert f"  {damaged.name}  damaged\n" in done.stdout
    assert f"* {whole}  2 papers, " in done.stdout
    assert done.returncode == 1
    assert str(damaged / "manifest.json") in done.stderr


def _note(folder: Path) -> Path:
    file = folder / "notes.ttl"
    file.write_text("<urn:s> <urn:p> <urn:o> .", encoding="utf-8")
    return file
