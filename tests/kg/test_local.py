"""The reader's own RDF: where its statements go, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kg.errors import DataError, UsageError
from kg.local import read_local
from kg.vocab import Iris

IRIS = Iris()
NOTE = Quad(
    IRIS.paper("2306.08543"),
    NamedNode("https://example.org/note"),
    Literal("read it"),
    NamedNode("https://w3id.org/opdkg/graph/local/notes.ttl"),
)

RDF_XML = """<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="urn:x:"><r:Description>
<x:p r:parseType="Resource"><x:q>x</x:q></x:p><x:p><r:Description x:q="y"/></x:p></r:Description></r:RDF>"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_triples_go_into_a_graph_named_like_the_file(tmp_path: Path) -> None:
    text = '<https://w3id.org/opdkg/paper/2306.08543> <https://example.org/note> "read it" .'
    assert read_local(write(tmp_path, "notes.ttl", text), IRIS) == [NOTE]


def test_quads_keep_their_graph(tmp_path: Path) -> None:
    text = "<urn:s> <urn:p> <urn:o> <urn:g> .\n"
    (quad,) = read_local(write(tmp_path, "other.nq", text), IRIS)
    assert quad.graph_name == NamedNode("urn:g")


def test_a_graph_of_the_release_is_refused(tmp_path: Path) -> None:
    text = "<urn:s> <urn:p> <urn:o> <https://w3id.org/opdkg/graph/papers> .\n"
    with pytest.raises(DataError, match="one of the release's own"):
        read_local(write(tmp_path, "other.nq", text), IRIS)


def test_blank_nodes_are_named_by_the_file_alone(tmp_path: Path) -> None:
    text = '[] <urn:p> [ <urn:q> "x" ] .'
    one = read_local(write(tmp_path, "a.ttl", text), IRIS)
    again = read_local(write(tmp_path, "a.ttl", text), IRIS)
    other = read_local(write(tmp_path, "b.ttl", text), IRIS)
    names = [
        {term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, BlankNode)}
        for quads in (one, other)
    ]
    assert set(one) == set(again)
    assert [len(found) for found in names] == [2, 2]
    assert not names[0] & names[1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.trig", "_:g { _:g <urn:p> [] } _:h { _:h <urn:p> _:g, ( 1 [] ) }"),
        ("a.jsonld", '{"urn:p": [{"urn:q": "x"}, {"urn:q": "y"}, {"@list": [{"urn:q": "z"}, 1]}]}'),
        ("a.rdf", RDF_XML),
    ],
)
def test_blank_nodes_have_the_same_names_each_time_in_every_format(tmp_path: Path, name: str, text: str) -> None:
    file = write(tmp_path, name, text)
    assert read_local(file, IRIS) == read_local(file, IRIS)


def test_a_graph_whose_blank_nodes_are_all_alike_is_read_like_any_other(tmp_path: Path) -> None:
    everyone = range(2000)
    text = "".join(f"_:n{n} <urn:knows> _:n{(n + step) % 2000} .\n" for n in everyone for step in (1, 2))
    quads = read_local(write(tmp_path, "friends.ttl", text), IRIS)
    assert len(set(quads)) == 4000
    assert len({quad.subject for quad in quads}) == 2000


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("notes.docx", "", UsageError),
        ("notes.ttl", "<urn:s> <urn:p>", DataError),
        ("notes.jsonld", "[", DataError),
        ("notes.rdf", "<html>", DataError),
    ],
)
def test_a_wrong_file_is_named_in_one_line(tmp_path: Path, name: str, text: str, error: type[Exception]) -> None:
    file = write(tmp_path, name, text)
    with pytest.raises(error) as caught:
        read_local(file, IRIS)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.ttl"):
        read_local(tmp_path / "gone.ttl", IRIS)


@pytest.mark.parametrize("code", ["0000", "0007", "FFFF"])
def test_a_character_that_xml_cannot_hold_is_refused_by_file_and_line(tmp_path: Path, code: str) -> None:
    file = write(tmp_path, "a.ttl", f'<urn:s> <urn:p> "tab\\t and line\\n" .\n<urn:s> <urn:p> "bell \\u{code}" .\n')
    with pytest.raises(DataError, match=rf"{file}:2: the <urn:p> holds the character U\+{code}, which XML cannot"):
        read_local(file, IRIS)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.nt", "<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p> <<( <urn:s> <urn:p> <urn:o> )>> .\n", 2),
        ("a.ttl", f'<urn:s> <urn:p> "{"long " * 50_000}" ;\n\n<urn:q> <urn:o>\n{{| <urn:since> 2026 |}} .\n', 4),
        ("a.trig", "<urn:g> {\n<urn:s> <urn:p> <urn:o> ~ <urn:r> .\n}", 2),
    ],
)
def test_a_triple_within_a_triple_is_refused_by_file_and_line(tmp_path: Path, name: str, text: str, line: int) -> None:
    file = write(tmp_path, name, text)
    with pytest.raises(DataError, match=rf"{file}:{line}: has a triple as the object of .*; say it with rdf:Statement"):
        read_local(file, IRIS)
