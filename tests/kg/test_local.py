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
