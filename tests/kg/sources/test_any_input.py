"""Whatever a file holds: no reader crashes or hangs, and what comes out is fit for the graph."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from kg.errors import OpdkgError
from kg.identifiers import clean_text, parse_arxiv_id
from kg.records import SourceFile
from kg.sources import bundle, read_source

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
VALID = {path.name: path.read_text(encoding="utf-8") for path in sorted(FIXTURES.iterdir())}

some_examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: Pieces that mean something to one of the parsers, in places where they should not.
PIECES = """| || \\| |---| # ## § §4.1 1. - > ``` ` ~~ * ** _ [ ] [] ( ) ]( [x]( ![ <a href=' </a> <a> <h2> </h2> <br>
<sub> </sub> <details> </details> <summary> </summary> <script> <!-- --> <![CDATA[ <!x <?x & &amp; &#0; &#x202e; 🟢 🟡 📐 → https://
javascript:x https://arxiv.org/abs/2605.00001 https://arxiv.org/abs/2613.00001 { } " \\u0000 \\ud800 , : null NaN 1e999 -0
papers curator id: & * !! --- % ?"""
SPACES = ["\n", "\n\n", "\r\n", "\t", " ", "\x00", "\x07", "\u202e", "\ufeff", "\u3000"]
FRAGMENTS = st.sampled_from([*PIECES.split(), *SPACES])
fragments = st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), max_size=12).map("".join)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | fragments,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(fragments, children, max_size=3),
    max_leaves=6,
)


def read(text: str | bytes) -> None:
    """Read a file and check all that comes out; refusing it in one line is right too."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    try:
        source = read_source(data, "file-2026-01-01")
    except OpdkgError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert refusal.startswith("file-2026-01-01")
        assert "\n" not in refusal
        return
    check(source, lines=max(1, len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))))
    (document,) = bundle.dump([source]).items()
    facts = replace(
        source,
        entries=tuple(
            replace(entry, models=tuple(dict.fromkeys(filter(None, map(bundle.models_statement, entry.models)))))
            for entry in source.entries
        ),
    )
    assert bundle.load(document[1], document[0]) == facts


def check(source: SourceFile, lines: int) -> None:
    names = [entry.arxiv_id or entry.upstream_id or entry.address for entry in source.entries]
    assert all(names)
    assert len(set(names)) == len(names)
    for entry in source.entries:
        ids = [entry.arxiv_id] if entry.arxiv_id else []
        assert ids == [parse_arxiv_id(found) for found in ids]
        for address in filter(None, [entry.address, *(resource.address for resource in entry.resources)]):
            NamedNode(address)
        labels = [resource.label for resource in entry.resources]
        texts = [*entry.titles, *entry.short_titles, *entry.authors, *entry.models, *entry.method_names, *entry.venues]
        assert all(text and text == clean_text(text) for text in [*texts, *labels])
        assert all(path and all(chapter.title for chapter in path) for path in entry.chapters)
        assert set(entry.chapters) <= set(source.chapters)
    for mention in source.mentions:
        assert mention.arxiv_id or mention.address
        assert mention.title == clean_text(mention.title)
    for problem in source.problems:
        assert problem.reason == clean_text(problem.reason) != ""
        assert len(problem.excerpt) <= 200
    found = [*source.entries, *source.mentions, *source.problems]
    assert all(record.line is None or 1 <= record.line <= lines for record in found)


@given(st.binary(max_size=200) | fragments)
@some_examples
def test_any_bytes(data: str | bytes) -> None:
    read(data)


@pytest.mark.parametrize("name", VALID)
@given(data=st.data())
@some_examples
def test_a_valid_file_with_pieces_cut_out_doubled_and_put_in(name: str, data: st.DataObject) -> None:
    text = VALID[name]
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 300)))
        middle = data.draw(st.sampled_from([text[start:end] * 2, ""]) | fragments)
        text = text[:start] + middle + text[end:]
    read(text)


@given(
    header=st.lists(
        st.sampled_from(["Paper", "Title", "Date", "Resources", "Models", "Venue", "#", "Link", "", "Why"]), min_size=1
    ),
    rows=st.lists(st.lists(fragments, min_size=1, max_size=5), max_size=6),
)
@some_examples
def test_a_chapter_table_of_any_cells(header: list[str], rows: list[list[str]]) -> None:
    linked = [["🟢 [T](https://arxiv.org/abs/2605.00002)", *row] for row in rows]
    lines = [
        "| " + " | ".join(row).replace("\n", " ") + " |" for row in [header, ["---"] * len(header), *linked, *rows]
    ]
    read("# Awesome\n\n## Chapter\n\n" + "\n".join(lines))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*json.loads(VALID["catalogue-2026-06-01.json"])["papers"][0], "x"]), json_values
        )
    )
)
@some_examples
def test_a_catalogue_of_any_fields(papers: list[dict[str, Any]]) -> None:
    read(json.dumps({"papers": [*papers, {"title": "T", "paper_id": "p"}], "total": 1}))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["id", "title", "authors", "issued", "listed", "code", "models", "same_as", "loss", "signal", "x"]
            ),
            json_values | st.fixed_dictionaries({"is": fragments, "because": json_values}),
        ),
        max_size=4,
    )
)
@some_examples
def test_a_curators_file_of_any_values(papers: list[dict[str, Any]]) -> None:
    read(yaml.safe_dump({"curator": "Jane", "papers": [*papers, {"id": "p"}]}, allow_unicode=True))


TABLE = "# A\n\n## C\n\n| Paper | Date |\n|---|---|\n"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        TABLE + "[a](" * 50_000,
        TABLE + "| [a](https://arxiv.org/abs/2605.00001) | " + "`" * 10_000 + " |",
        TABLE + "| x |\n\n" * 4_000,
        TABLE + "|" * 100_000,
        "# A\n\n## C\n\n" + "| Paper " * 20_000 + "|\n" + "|---" * 20_000 + "|\n" + "| x |\n\n" * 2_000,
        TABLE + "\n<details>\n" * 20_000,
        TABLE + "\n<summary>x</summary>\n" * 20_000,
        TABLE + "\n<!--" * 50_000,
        TABLE + "\n" + ">" * 50_000,
        TABLE + "| **" + "**a _b " * 20_000,
        TABLE + f"| {'[r]' * 5_000} |\n\n[r]: https://example.org/{'x' * 100_000}",
        TABLE + "| [T](https://arxiv.org/abs/2605.00001) |\n" * 4_000,
        TABLE + "\n### " + "a " * 50_000,
        "a" + " " * 100_000 + "\ncurator: x",
        "curator: x\npapers: [" + "{" * 50_000,
        "curator: x\npapers:\n" + "- {id: a, loss: b}\n" * 5_000,
        '{"papers": [' + '{"title": "T", "paper_id": "p"},' * 5_000 + "0]}",
        '{"papers": [], ' + '"a": 0,' * 50_000 + '"b": 0}',
    ],
    ids=range(19),
)
def test_what_is_meant_to_keep_a_parser_busy_is_read_or_refused(text: str) -> None:
    read(text)
