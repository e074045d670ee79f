"""The bundled snapshot of facts: what is put in comes out again, and what it holds is what upstream's files say."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kg.errors import DataError
from kg.records import Chapter, Entry, Mark, Problem, Severity, Snapshot, SourceFile, SourceKind, Statement
from kg.setups import read_setups
from kg.sources import bundle, read_path
from kg.sources.bundle import SNAPSHOT, UPSTREAM, dump, load, models_statement

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"

#: Texts in upstream's manner: models, and prose beside them.
MODEL_TEXTS = (
    "Qwen3-8B → Qwen3-14B; Qwen2.5-Math-7B-Instruct → Self",
    "Qwen3-8B → Self; tokens are routed: some are, some are not",
    "GPT-2 120M → GPT-2 1.5B / GPT-J 6B · with a remark (on something; and more)",
    "a description of what is done here; Qwen3-4B → Self",
    "no models at all, but an arrow → of some kind",
    "Qwen3-4B → Self; seen: 63→92",
)


def document(**changes: object) -> dict[str, Any]:
    """The smallest document there is."""
    snapshot = {"slug": "s", "kind": "awesome", "file": "f.md", "sha256": "0" * 64, "size": 1}
    return {"snapshot": snapshot} | changes


@pytest.mark.parametrize("name", [path.name for path in sorted(FIXTURES.iterdir())])
def test_what_is_dumped_comes_back_but_for_the_prose_about_models(name: str) -> None:
    source = read_path(FIXTURES / name)
    ((file, data),) = dump([source]).items()
    assert file == f"{source.snapshot.slug}.json"
    loaded = load(data, file)
    for before, after in zip(source.entries, loaded.entries, strict=True):
        assert replace(before, models=()) == replace(after, models=())
    assert replace(loaded, entries=()) == replace(source, entries=())
    assert dump([loaded]) == {file: data}  # so loading and dumping again changes nothing


def test_every_field_comes_back() -> None:
    chapter = (Chapter("Objectives", "4"), Chapter("Fixed"))
    source = SourceFile(
        Snapshot("s-1", SourceKind.CURATION, "f.yaml", "a" * 64, 10, date(2026, 5, 1), "https://example.org/"),
        entries=(
            Entry(
                file="f.yaml",
                line=3,
                titles=("T ünï",),
                issued="2026",
                years=(2026, 2025),
                chapters=(chapter,),
                mark=Mark.PENDING,
                models=("Qwen3-4B → Self",),
                statements=(Statement("loss", "rkl", "high", negated=True, reason="r"),),
                listed=False,
            ),
        ),
        chapters=(chapter[:1], chapter),
        problems=(Problem("f.yaml", None, "x", "y", Severity.WARNING, "z"),),
        curator="Jane Doe",
    )
    assert load(dump([source])["s-1.json"], "s-1.json") == source


def test_two_sources_of_one_name_are_refused() -> None:
    source = read_path(FIXTURES / "curation.yaml")
    with pytest.raises(DataError, match=r"curation\.yaml: is a second source called curation-2026-10-07"):
        dump([source, source])


@pytest.mark.parametrize("text", MODEL_TEXTS)
def test_the_statement_on_models_says_all_that_is_read_of_the_text_and_nothing_else(text: str) -> None:
    statement = models_statement(text)
    assert read_setups(statement or "") == read_setups(text)
    assert models_statement(statement or "") == statement


def test_prose_is_no_statement_on_models() -> None:
    assert models_statement(MODEL_TEXTS[0]) == MODEL_TEXTS[0]
    assert models_statement(MODEL_TEXTS[1]) == "Qwen3-8B → Self"
    assert models_statement("no models at all, but an arrow → of some kind") is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "document is no SourceFile"),
        (None, "document is no SourceFile"),
        ({}, "document is no SourceFile"),
        (document(entries={}), "document.entries is no tuple"),
        (document(entries=[{"file": "f"}]), r"document.entries\[0\] is no Entry"),
        (document(entries=[{"file": "f", "line": True}]), r"document.entries\[0\].line is no int"),
        (document(entries=[{"file": "f", "line": 1, "mark": "x"}]), r"document.entries\[0\].mark is no Mark"),
        (document(unknown=1), "document is no SourceFile"),
        (document(snapshot=document()["snapshot"] | {"day": "May"}), "document.snapshot.day is no date"),
        (document(snapshot=document()["snapshot"] | {"kind": 7}), "document.snapshot.kind is no SourceKind"),
    ],
)
def test_a_document_that_dump_did_not_make_is_refused(value: object, reason: str) -> None:
    with pytest.raises(DataError, match=f"x.json: {reason}; make the bundle anew"):
        load(json.dumps(value).encode(), "x.json")


def test_bytes_that_are_no_json_are_refused() -> None:
    for data, reason in (
        (b"{", "x.json:1: is no JSON"),
        (b"\xff", "x.json: is no UTF-8"),
        (b'{"a": NaN}', "NaN is no"),
    ):
        with pytest.raises(DataError, match=reason):
            load(data, "x.json")


def test_a_folder_of_upstream_files_is_written_anew_and_other_files_are_named(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES, tmp_path / "upstream")
    (tmp_path / "upstream" / "notes.md").write_text("# just notes")
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "old.json").write_text("{}")
    report = bundle.write(tmp_path / "upstream", tmp_path / "snapshot")
    assert [line for line in report if "passed over" in line and "notes.md: is none of the four" in line]
    documents = {path.name: path.read_bytes() for path in (tmp_path / "snapshot").iterdir()}
    assert sorted(documents) == [
        "awesome-2026-01-05.json",
        "awesome-2026-05-20.json",
        "catalogue-2026-06-01.json",
        "curation-2026-10-07.json",
        "loss-taxonomy-2026-05-21.json",
    ]
    for name, data in documents.items():
        snapshot = load(data, name).snapshot
        assert snapshot.address == UPSTREAM.get(snapshot.kind)
    with pytest.raises(DataError, match="holds no source file"):
        bundle.write(tmp_path / "snapshot", tmp_path / "other")


def test_the_command_names_what_it_needs() -> None:
    for arguments in ([], ["no-such-folder"]):
        called = subprocess.run(
            [sys.executable, "-m", "kg.sources.bundle", *arguments], capture_output=True, text=True, check=False
        )
        assert called.returncode == 2
        assert "folder" in called.stderr
        assert "Traceback" not in called.stderr


# ---------------------------------------------------------------- what the bundled snapshot holds


def bundled(slug: str) -> SourceFile:
    return load((SNAPSHOT / f"{slug}.json").read_bytes(), f"{slug}.json")


def one(source: SourceFile, name: str) -> Entry:
    (entry,) = (entry for entry in source.entries if name in (entry.arxiv_id, entry.upstream_id, entry.address))
    return entry


# Counted in upstream's files with awk: the rows below a header that begins with "| Paper" and has neither Section nor Why,
# up to the next line that does not begin with "|"; of each row the first "](http…)"; then sort -u on what follows abs/ or pdf/.
# The marks are the rows with 🟢 and with 🟡 of the same tables, less the second row of a paper that stands in two of them
# (2505.09388 🟢 and 2604.07430 🟡 in the April list, 2605.06094 🟢 in May's).
@pytest.mark.parametrize(
    ("slug", "rows", "papers", "in_survey", "pending", "chapters"),
    [
        ("awesome-2026-04-05", 66, 54, 0, 0, 18),
        ("awesome-2026-04-12", 97, 95, 80, 15, 10),
        ("awesome-2026-04-26", 95, 95, 92, 3, 15),
        ("awesome-2026-05-13", 122, 121, 121, 0, 20),
        ("awesome-2026-05-23", 170, 170, 149, 21, 20),
        ("awesome-2026-06-03", 182, 182, 141, 41, 20),
    ],
)
def test_every_paper_of_a_chapter_table_is_there_once(
    slug: str, rows: int, papers: int, in_survey: int, pending: int, chapters: int
) -> None:
    source = bundled(slug)
    assert len(source.entries) == papers
    assert sum(len(entry.chapters) for entry in source.entries) == rows
    marks = Counter(entry.mark for entry in source.entries)
    assert (marks[Mark.IN_SURVEY], marks[Mark.PENDING]) == (in_survey, pending)
    assert len(source.chapters) == chapters
    assert source.snapshot.day == date.fromisoformat(slug.removeprefix("awesome-"))
    assert all(entry.years for entry in source.entries)


def test_the_only_row_that_could_not_be_read_is_the_survey_without_an_address() -> None:
    problems = [problem for path in SNAPSHOT.glob("*.json") for problem in load(path.read_bytes(), path.name).problems]
    left_out = [(problem.file, problem.line) for problem in problems if problem.severity is Severity.QUARANTINED]
    assert left_out == [("awesome-README-2026-04-05.md", 40)]


def test_of_texts_without_models_the_bundle_keeps_the_place_and_no_word() -> None:
    problems = [problem for path in SNAPSHOT.glob("*.json") for problem in load(path.read_bytes(), path.name).problems]
    assert {(problem.field, problem.excerpt) for problem in problems if problem.severity is Severity.WARNING} == {
        ("models", "")
    }


def test_minillm_stands_in_two_chapters_of_the_first_list() -> None:
    entry = one(bundled("awesome-2026-04-05"), "2306.08543")
    white_box = Chapter("White-Box On-Policy Methods")
    assert entry.chapters == (
        (white_box, Chapter("Token-Level Divergence Minimization")),
        (white_box, Chapter("Sequence-Level On-Policy Methods")),
    )
    assert entry.titles == ("MiniLLM: Knowledge Distillation of Large Language Models",)
    assert (entry.method_names, entry.venues, entry.years, entry.line) == (("MiniLLM",), ("ICLR 2024",), (2024,), 87)


def test_a_paper_behind_a_pdf_address_is_known_by_its_arxiv_id() -> None:
    entry = one(bundled("awesome-2026-06-03"), "2605.31159")
    assert entry.titles == ("Trust-Region Behavior Blending for On-Policy Distillation",)
    assert entry.chapters == ((Chapter("Training Efficiency and Stabilization", "6"),),)
    assert entry.models == ("Qwen3-8B → Qwen3-1.7B; Qwen3-4B → Qwen3-0.6B",)
    assert entry.mark is Mark.PENDING


def test_a_report_that_is_not_on_arxiv_is_known_by_its_address() -> None:
    address = "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro/blob/main/DeepSeek_V4.pdf"
    for slug in ("awesome-2026-05-13", "awesome-2026-05-23", "awesome-2026-06-03"):
        entry = one(bundled(slug), address)
        assert (entry.arxiv_id, entry.address) == (None, address)
        assert [chapter.notation for chapter in entry.chapters[0]] == ["8", "8.1"]
        assert [(resource.label, resource.address) for resource in entry.resources] == [
            ("Model", "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro")
        ]


def test_papers_that_are_merely_mentioned_get_no_chapter() -> None:
    may, june = bundled("awesome-2026-05-13"), bundled("awesome-2026-06-03")
    # SOD and Prune-OPD stand among the latest additions of 13 May (lines 171 and 172), and nowhere else on that day.
    for arxiv_id, line in (("2605.07725", 171), ("2605.07804", 172)):
        assert arxiv_id not in {entry.arxiv_id for entry in may.entries}
        assert [mention.line for mention in may.mentions if mention.arxiv_id == arxiv_id] == [line]
        assert one(june, arxiv_id).chapters
    for arxiv_id in ("2006.05525", "2312.11562", "2405.07863", "2404.14387"):  # related surveys only
        assert arxiv_id not in {entry.arxiv_id for entry in june.entries}
        assert {mention.context for mention in june.mentions if mention.arxiv_id == arxiv_id} == {"Related Surveys"}


def test_the_catalogue_is_there_whole() -> None:
    source = bundled("catalogue-2026-10-06")
    assert len(source.entries) == 273
    assert sum(entry.arxiv_id is not None for entry in source.entries) == 271
    assert Counter(entry.chapters[0][0].notation for entry in source.entries) == {
        "4": 58, "5": 74, "6": 41, "7": 26, "8": 30, "9": 20, None: 24,
    }  # fmt: skip
    assert Counter(statement.code for entry in source.entries for statement in entry.statements) == {
        "direct_opd": 120,
        "hybrid_opd": 72,
        "analysis": 29,
        "background": 25,
        "application": 11,
        "teacher_mediated_rl": 11,
        "interactive_imitation": 3,
        "offline_distillation": 2,
    }
    assert one(source, "deepseekv4").arxiv_id == "2606.19348"
    assert one(source, "nvidia2024tensorrtllm").issued == "2024"
    assert max(len(entry.authors) for entry in source.entries) == 319


def test_the_loss_classes_are_there_whole() -> None:
    source = bundled("loss-taxonomy-2026-06-03")
    statements = [statement for entry in source.entries for statement in entry.statements]
    # The page's own "Distribution snapshot" and "Confidence breakdown".
    assert len(source.entries) == len(statements) == 172
    assert Counter(statement.code for statement in statements) == {
        "FKL": 34, "RKL": 43, "Symmetric": 21, "f-Divergence": 2, "KL+RL": 38, "Preference": 5, "Other": 29,
    }  # fmt: skip
    assert Counter(statement.confidence for statement in statements) == {"high": 119, "medium": 52, "low": 1}
    assert one(source, "deepseekv4").statements == (Statement("loss", "RKL", "high"),)
    assert all(title.endswith("...") for entry in source.entries for title in entry.short_titles)
    assert not any(title.endswith("...") for entry in source.entries for title in entry.titles)
