"""The door: what a file is shows in its content, and what is none of the four formats is refused in one clear line."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.records import SourceKind
from kg.sources import MAX_BYTES, read_path, read_source

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"


@pytest.mark.parametrize(
    ("name", "kind", "day"),
    [
        ("awesome-unnumbered-2026-01-05.md", SourceKind.AWESOME, date(2026, 1, 5)),
        ("awesome-numbered-2026-05-20.md", SourceKind.AWESOME, date(2026, 5, 20)),
        ("catalogue-2026-06-01.json", SourceKind.CATALOGUE, date(2026, 6, 1)),
        ("loss-taxonomy-2026-05-21.md", SourceKind.LOSS_TAXONOMY, date(2026, 5, 21)),
        ("curation.yaml", SourceKind.CURATION, date(2026, 10, 7)),
    ],
)
def test_a_snapshot_describes_the_file_itself(name: str, kind: SourceKind, day: date) -> None:
    data = (FIXTURES / name).read_bytes()
    snapshot = read_path(FIXTURES / name).snapshot
    assert snapshot.kind is kind
    assert snapshot.file == name
    assert snapshot.day == day
    assert snapshot.slug == f"{kind}-{day}"
    assert (snapshot.size, snapshot.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert snapshot.address is None


@pytest.mark.parametrize("name", [path.name for path in sorted(FIXTURES.iterdir())])
def test_the_kind_shows_in_the_content_and_not_in_the_name(name: str) -> None:
    data = (FIXTURES / name).read_bytes()
    renamed = read_source(data, "some/folder/file.txt", address="https://example.org/file.txt")
    assert renamed.snapshot.kind is read_path(FIXTURES / name).snapshot.kind
    assert renamed.snapshot.file == "file.txt"
    assert renamed.snapshot.address == "https://example.org/file.txt"
    assert {entry.file for entry in renamed.entries} == {"file.txt"}


@pytest.mark.parametrize("name", [path.name for path in sorted(FIXTURES.iterdir())])
def test_a_byte_order_mark_and_other_line_ends_change_nothing_but_the_file(name: str) -> None:
    data = (FIXTURES / name).read_bytes()
    plain = read_source(data, name)
    for other in (b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r\n")):
        found = read_source(other, name)
        assert (found.entries, found.chapters, found.mentions, found.problems, found.curator) == (
            (plain.entries, plain.chapters, plain.mentions, plain.problems, plain.curator)
        )


def test_the_day_is_taken_from_the_name_then_from_the_content_then_left_out() -> None:
    losses = (FIXTURES / "loss-taxonomy-2026-05-21.md").read_bytes()
    assert read_source(losses, "loss-taxonomy-2026-05-21.md").snapshot.day == date(2026, 5, 21)
    assert read_source(losses, "loss-taxonomy.md").snapshot.day == date(2026, 5, 20)
    assert read_source(losses, "loss-2026-02-30.md").snapshot.day == date(2026, 5, 20)
    papers = (FIXTURES / "awesome-numbered-2026-05-20.md").read_bytes()
    undated = read_source(papers, "README.md").snapshot
    assert undated.day is None
    assert undated.slug == f"awesome-{hashlib.sha256(papers).hexdigest()[:12]}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n\t", "is empty"),
        (b"caf\xe9", "is no UTF-8 text: .* at byte 3"),
        ("{}".encode("utf-16"), "is no UTF-8 text: .* at byte 0"),
        ("# Title".encode("utf-16-le"), "is a binary file: it holds a zero byte at byte 1"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no UTF-8 text: .* at byte 0"),
        (b"PK\x03\x04\x00", "is a binary file"),
        (b"<!DOCTYPE html>\n<html><head><title>404</title></head></html>", "is an HTML page"),
        (b"\n <HTML lang=en><body>Rate limit exceeded</body>", "is an HTML page"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">', "is an HTML page"),
        (b'{"papers": [{"title": "cut sh', r"file.bin:1: is no JSON \(.*[^t], column 23\); is the file cut short"),
        (b'{"message": "Not Found"}', "is JSON, but no catalogue"),
        (b'{"papers": {"1": {}}}', "is JSON, but no catalogue"),
        (b"[]", "is JSON, but no catalogue"),
        (b'{"papers": [], "total": NaN}', "NaN is no JSON number"),
        (b'{"papers": [], "total": 1e999}', "1e999 is beyond all numbers"),
        (b'{"papers": [], "total": ' + b"9" * 5000 + b"}", "a number of 5000 digits"),
        (b'{"papers": ' + b"[" * 100_000, "nested too deeply"),
        (b"# A page\n\nwith [a paper](https://arxiv.org/abs/2306.13649) but no table.", "is none of the four"),
        (b"| Paper | Date |\n|---|---|\n| [P](https://arxiv.org/abs/2306.13649) | 2023 |", "is none of the four"),
        (b"just words", "is none of the four"),
        (b"papers:\n  - id: 2306.13649", "curator: is missing"),
    ],
)
def test_a_file_that_is_none_of_the_four_formats_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        read_source(data, "upstream/file.bin")
    assert str(caught.value).startswith("upstream/file.bin:")
    assert "\n" not in str(caught.value)


def test_a_file_beyond_all_sizes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(DataError, match=f"is 50000000 bytes large; no source has more than {MAX_BYTES}"):
        read_path(path)
    with pytest.raises(DataError, match="bytes large"):
        read_source(b"#" * (MAX_BYTES + 1), "README.md")


def test_a_markdown_page_of_three_million_characters_is_refused() -> None:
    with pytest.raises(DataError, match="is 3000000 characters long"):
        read_source(b"# title\n" + b"![" * 1_499_996, "README.md")


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (
        ("absent.md", "cannot be read: No such file"),
        (".", "no regular file"),
        ("pipe", "no regular file"),
    ):
        with pytest.raises(DataError, match=reason):
            read_path(tmp_path / name)
