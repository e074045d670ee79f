"""The trees as PyLD's framing and compaction give them: what kg/tree.py is measured by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyld import jsonld
from pyoxigraph import RdfFormat, serialize

from kg.outline import Outline
from kg.vocab import DCTERMS, RDF, XSD

if TYPE_CHECKING:
    from kg.context import Context
    from kg.entity import Document
    from kg.vocab import Iris

    Node = dict[str, Any]

REFERENCE = {"@embed": "@never"}

OPTIONS = {"embed": "@always", "omitDefault": True, "omitGraph": False}


def framed(document: Document, context: Context, iris: Iris) -> Node:
    """Return the trees of the thing and of what it does not lead to, by IRI."""
    outline = Outline(document, bare=(DCTERMS.subject, iris.opd.classifiedAs))
    asked = {"@context": context.entries, **frame(outline)}
    nodes = jsonld.frame(expanded(outline), asked, OPTIONS)["graph"]
    # PyLD puts them into the order of their IRIs, and shortens these
    return dict(zip(sorted(asked["@id"]), nodes, strict=True))


def frame(outline: Outline) -> Node:
    inner = {"@id": {}, **{link.value: REFERENCE for link in outline.bare}}
    return {
        "@id": [node.value for node in outline.roots],
        **{link.value: inner if link in outline.forward else REFERENCE for link in outline.forward | outline.bare},
        "@reverse": {link.value: inner for link in outline.backward},
    }


def expanded(outline: Outline) -> list[Node]:
    """Return the statements in expanded form: numbers as such, and parts in the document's order, which is theirs."""
    ranks = {node.value: rank for rank, node in enumerate(outline.nodes)}
    nodes: list[Node] = json.loads(serialize(outline.document.triples, format=RdfFormat.JSON_LD) or b"[]")
    for node in nodes:
        for key in node.keys() - {"@id"}:
            node[key] = sorted(map(native, node[key]), key=lambda value: ranks.get(value.get("@id"), 0))
        types = node.get(RDF.type.value, ())
        if types and all("@id" in kind for kind in types):
            node["@type"] = [kind["@id"] for kind in node.pop(RDF.type.value)]
    return nodes


def native(value: Node) -> Node:
    """Return a number or truth value as JSON's own, if that is written just as the literal is."""
    text = value.get("@value", "")
    if value.get("@type") == XSD.integer.value and text.lstrip("-").isdecimal() and str(int(text)) == text:
        return {**value, "@value": int(text)} if len(text.lstrip("-")) <= 15 else value
    if value.get("@type") == XSD.boolean.value and text in ("true", "false"):
        return {**value, "@value": text == "true"}
    return value
