"""The short names of ontology/context.jsonld: which one an IRI or a property goes by, and what a term says of its values."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kg.vocab import DEFAULT_BASE_IRI, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Literal, NamedNode

    from kg.vocab import Iris

#: An integer that every reader of JSON takes exactly, and writes the same again.
PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")

INTEGER, BOOLEAN, STRING = XSD.integer.value, XSD.boolean.value, XSD.string.value

#: What is written of a term that the context does not coerce.
ANYTHING = ""


class UnframeableError(Exception):
    """The document holds what has no place in a tree."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a property's values stand under. ``takes`` is the datatype, ``@language`` or ``@id`` that all of them have."""

    name: str
    takes: str = ANYTHING
    is_set: bool = False


class Context:
    """The context of one release. Threads may share it."""

    def __init__(self, iris: Iris) -> None:
        text = files("ontology").joinpath("context.jsonld").read_text(encoding="utf-8")
        self.entries: dict[str, Any] = json.loads(text.replace(DEFAULT_BASE_IRI, iris.base))["@context"]
        self.ranks = {term: rank for rank, term in enumerate(self.entries)}
        simple = {term: entry for term, entry in self.entries.items() if isinstance(entry, str)}
        self.prefixes = {term: iri for term, iri in simple.items() if iri.endswith(("/", "#"))}
        self._keys: dict[str, Key] = {}
        self._reverse: dict[str, Key] = {}
        for term, entry in self.entries.items():
            if not isinstance(entry, bool | int | float):
                self._define(term, {"@id": entry} if isinstance(entry, str) else entry)
        # as many as the release has IRIs, which hold the space that their short names take many times over
        self.iri = cache(self._iri)
        self.name = cache(self._name)

    def _define(self, term: str, entry: dict[str, str]) -> None:
        takes = f"@{entry['@language']}" if "@language" in entry else self._expanded(entry.get("@type", ANYTHING))
        key = Key(term, takes, entry.get("@container") == "@set")
        if "@reverse" in entry:
            self._reverse[self._expanded(entry["@reverse"])] = key
        elif not entry["@id"].startswith("@"):
            self._keys[self._expanded(entry["@id"])] = key

    def _expanded(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        return self.prefixes[prefix] + local if colon and prefix in self.prefixes else name

    def key(self, predicate: NamedNode, kind: str) -> Key:
        """Return what values of this kind stand under: the property's term only where that does not change them."""
        key = self._keys.get(predicate.value)
        return key if key and key.takes in (ANYTHING, kind) else Key(self.iri(predicate.value))

    def reverse(self, predicate: NamedNode) -> Key:
        """Return what stands for the property as read from its other end."""
        return self._reverse[predicate.value]

    def literal(self, value: Literal, kind: str, key: Key) -> object:
        """Return the literal as JSON: numbers and truth values as JSON's own, if these are written just as the literal is."""
        text: str | int | bool = value.value
        if kind == INTEGER and PLAIN_INTEGER.fullmatch(value.value):
            text = int(value.value)
        elif kind == BOOLEAN and text in ("true", "false"):
            text = text == "true"
        if kind in (key.takes, STRING):
            return text
        if kind.startswith("@"):
            return {"value": text, "language": value.language}
        return {"type": self.name(kind), "value": text}

    def _iri(self, iri: str) -> str:
        """Shorten the IRI of a thing by the prefix that leaves least of it."""
        fitting = [
            f"{prefix}:{iri.removeprefix(whole)}"
            for prefix, whole in self.prefixes.items()
            # with two slashes behind its colon it would be read as a whole IRI
            if iri.startswith(whole) and iri != whole and not iri.startswith("//", len(whole))
        ]
        if fitting:
            return min(fitting, key=lambda short: (len(short), short))
        if iri.partition(":")[0] in self.prefixes:
            msg = f"{iri} reads like a prefix of the context"
            raise UnframeableError(msg)
        return iri

    def _name(self, iri: str) -> str:
        """Shorten the IRI of a class, a datatype or a property to its term, if that says nothing of its values."""
        key = self._keys.get(iri)
        return key.name if key and key.takes in (ANYTHING, "@id") else self._iri(iri)

    def terms_of(self, names: Iterable[str]) -> frozenset[str]:
        """Return the terms and prefixes among keys, shortened IRIs and other texts."""
        return frozenset({name.partition(":")[0] for name in names} & self.entries.keys())

    def of(self, terms: frozenset[str]) -> dict[str, Any]:
        """Return the entries of these terms, and those of the prefixes that they use."""
        used = {"@version", *terms}
        for entry in (self.entries[term] for term in terms):
            used.update(name.partition(":")[0] for name in (entry.values() if isinstance(entry, dict) else [entry]))
        return {term: entry for term, entry in self.entries.items() if term in used}


def kind_of(value: Literal) -> str:
    """Return the datatype of a literal, or its language behind an ``@``: what a term says of its values."""
    if value.direction:
        msg = "readers of trees may know nothing of directions"
        raise UnframeableError(msg)
    return f"@{value.language}" if value.language else value.datatype.value
