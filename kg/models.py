"""The name of a language model → what it says: family, parameters, variant, and one slug for all its spellings.

Families, abbreviations and aliases are in ontology/models.yaml. A name is read if it begins with a listed family, or if
it ends in a size (``Foo-7B``); what is not written in the name or published for it is not filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from kg.identifiers import slugify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: A name has at most so many words and a word so many characters; whatever is longer is not a model's name.
MAX_WORDS = 12
MAX_WORD_CHARS = 30

UNITS = {"M": 10**6, "B": 10**9, "T": 10**12}
NUMBER = r"\d{1,4}(?:\.\d{1,3})?"
SIZE = re.compile(rf"({NUMBER})([MBT])", re.ASCII | re.IGNORECASE)
ACTIVE = re.compile(rf"A({NUMBER}[MBT])", re.ASCII | re.IGNORECASE)
WORD = re.compile(r"[a-z0-9]+(?:(?<=[0-9])\.(?=[0-9])[a-z0-9]+)*", re.ASCII | re.IGNORECASE)
SPACED_WORD = re.compile(r"([\s_-]*)([^\s_-]+)")
#: ``Qwen3-`` ``8B`` ``-Base``: what a list of sizes shares, the size with its active part, and what follows it.
SIZED_NAME = re.compile(rf"(.*?[\s_-])?({NUMBER}[MBT](?:-A{NUMBER}[MBT])?)([\s_-].*)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelMention:
    """A model as a text names it. Mentions with equal ``slug`` are one model and agree in all but their spelling.

    ``name`` is as written, completed from a list of sizes (``Qwen3-4B/8B`` names ``Qwen3-8B``). ``parameters`` counts
    all experts of a mixture, ``active_parameters`` those that one token uses. ``variant`` is what remains of the name.
    """

    name: str
    slug: str
    family: str | None
    parameters: int | None
    active_parameters: int | None
    variant: str | None


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models. ``sizes`` are its named sizes by lower-case word, ``mixtures`` the active part of a total."""

    name: str
    developer: str
    source: str
    sizes: Mapping[str, tuple[str, int]]
    parameters: int | None
    active_parameters: int | None
    mixtures: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a statement may hold besides models, in lower case. Sides are ``teacher``, ``student`` and ``either``."""

    itself: frozenset[str]
    notes: Mapping[str, frozenset[str]]
    placeholders: Mapping[str, frozenset[str]]
    statements: frozenset[str]


@dataclass(frozen=True, slots=True)
class Families:
    """All of ontology/models.yaml, ready to be looked up.

    ``by_key`` is by :func:`key_of` the family's names, ``aliases`` leads from a slug to the name of the same model.
    """

    by_key: Mapping[str, Family]
    aliases: Mapping[str, str]
    variants: Mapping[str, str]
    before_size: frozenset[str]
    fillers: frozenset[str]
    not_names: frozenset[str]
    phrases: Phrases


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name: whether a space and not a hyphen sets it off, and where it starts."""

    spaced: bool
    start: int
    text: str

    @property
    def key(self) -> str:
        """What the word is looked up by."""
        return self.text.casefold()


def parse_size(text: str) -> int | None:
    """Return the parameters that ``1.5B``, ``120M`` or ``1.6T`` stands for, None if it is no such size."""
    match = SIZE.fullmatch(text)
    return int(Decimal(match[1]) * UNITS[match[2].upper()]) or None if match else None


def key_of(words: Sequence[Word]) -> str:
    """Return what a family's name is looked up by: no capitals, no hyphens (``llama2`` for Llama-2 and LLaMA 2)."""
    return "".join(word.key for word in words)


def read_model(name: str, families: Families) -> ModelMention | None:
    """Read one model's name, without spaces around it; None if it is none."""
    mention = _read(name, families)
    alias = families.aliases.get(mention.slug) if mention else None
    known = _read(alias, families) if alias else None
    return replace(known, name=mention.name) if mention and known else mention


def complete_names(parts: Sequence[str], families: Families) -> list[str]:
    """Complete the names of a list whose beginning or end is written once: ``Qwen3-1.7B``, ``4B-Base``.

    A size alone takes the beginning of the name before it (``Qwen3-4B-Base``), unless that name goes on after its own
    size; an end that only the last one has belongs to all (``Qwen3-1.7B-Base``). Whatever else stands as it is.
    """
    completed: list[str] = []
    group: list[tuple[str, str]] = []  # beginning-and-size, end of the names that share their beginning
    beginning, sizes = "", frozenset[str]()
    for part in parts:
        cut = _cut(part, families)
        follows = bool(group) and (part.casefold() in sizes or (cut is not None and not cut[0]))
        if follows and (not group[0][1] or (cut and cut[2])):
            group.append((beginning + (cut[1] if cut else part), cut[2] if cut else ""))
            continue
        completed += _shared_end(group)
        group = []
        if cut and cut[0]:
            beginning, sizes = cut[0], _named_sizes(part, families)
            group = [(cut[0] + cut[1], cut[2])]
        else:
            completed.append(part)
    return completed + _shared_end(group)


def _shared_end(group: list[tuple[str, str]]) -> list[str]:
    last = group[-1][1] if group else ""
    shared = "" if any(end for _, end in group[:-1]) else last
    return [name + (end or shared) for name, end in group]


def _cut(name: str, families: Families) -> tuple[str, str, str] | None:
    """Cut a name into beginning, size (``8B``, or a named size such as ``XL``) and end; None if it has no size."""
    words = words_of(name)
    family, rest = _family(words, families)
    if family and rest and rest[0].key in family.sizes:
        end = rest[0].start + len(rest[0].text)
        return name[: rest[0].start], rest[0].text, name[end:]
    match = SIZED_NAME.fullmatch(name)
    return (match[1] or "", match[2], match[3] or "") if match else None


def _named_sizes(name: str, families: Families) -> frozenset[str]:
    family, _ = _family(words_of(name), families)
    return frozenset(family.sizes) if family else frozenset()


def words_of(name: str) -> list[Word]:
    """Cut a name at spaces, hyphens and underscores."""
    return [Word(match[1].isspace(), match.start(2), match[2]) for match in SPACED_WORD.finditer(name)]


def _family(words: Sequence[Word], families: Families) -> tuple[Family | None, Sequence[Word]]:
    """Return the family with the longest name that the words begin with, and the words after it."""
    for count in range(min(len(words), MAX_WORDS), 0, -1):
        family = families.by_key.get(key_of(words[:count]))
        if family:
            return family, words[count:]
    return None, words


@dataclass(slots=True)
class _Name:
    """A name taken apart."""

    before: list[str]
    after: list[str]
    size: str | None = None
    active: str | None = None

    def take(self, word: Word, families: Families, *, size_follows: bool) -> bool:
        """Sort one word in; False if no model's name has such a word there."""
        if parse_size(word.text):
            fits, self.size = self.size is None, word.text
            return fits
        if ACTIVE.fullmatch(word.text):
            fits, self.active = self.active is None, word.text
            return fits
        variant = families.variants.get(word.key)
        if word.spaced and not (variant and self.size):
            return False
        # A lower-case word after the size is English ("-guided"), unless it is one of those that names have.
        looks_like_a_name = word.text[0].isupper() or any(character.isdigit() for character in word.text)
        if not (variant or size_follows or looks_like_a_name):
            return False
        known_place = variant in families.before_size if variant else self.size is None
        (self.before if known_place else self.after).append(variant or word.text)
        return True


def _read(name: str, families: Families) -> ModelMention | None:
    words = words_of(name)
    if not 0 < len(words) <= MAX_WORDS or not all(is_word(word.text) for word in words):
        return None
    if words[0].start or not name.endswith(words[-1].text):
        return None
    while len(words) > 1 and words[-1].spaced and words[-1].key in families.fillers:
        words.pop()
    written = name[: words[-1].start + len(words[-1].text)]
    family, rest = _family(words, families)
    if family is None and not _is_name_of_unknown_family(words, families):
        return None
    named = family.sizes.get(rest[0].key) if family and rest else None
    rest = rest[1:] if named else rest
    taken = _Name([], [])
    for position, word in enumerate(rest, 1):
        size_follows = any(parse_size(later.text) for later in rest[position:])
        if not taken.take(word, families, size_follows=size_follows):
            return None
    return _mention(written, family, named, taken)


def is_word(text: str) -> bool:
    """Tell whether a model's name may have such a word: ASCII letters, digits, dots between digits."""
    return len(text) <= MAX_WORD_CHARS and WORD.fullmatch(text) is not None


def _is_name_of_unknown_family(words: Sequence[Word], families: Families) -> bool:
    return (
        words[0].text[0].isalpha()
        and words[0].key not in families.variants
        and any(parse_size(word.text) for word in words[1:])
        and not any(word.spaced for word in words[1:])
        and not any(word.key in families.not_names for word in words)
    )


def _mention(written: str, family: Family | None, named: tuple[str, int] | None, taken: _Name) -> ModelMention:
    size = parse_size(taken.size) if taken.size else None
    mixture, active, published = taken.active, None, None
    if family:
        published = named[1] if named else family.parameters
        mixture = mixture or family.mixtures.get(size or 0)
        active = family.active_parameters if size in {None, published} else None
    parts = [
        family.name if family else None,
        named[0] if named else None,
        *taken.before,
        # A size that the name without it already stands for is not said twice: GPT-2 XL 1.5B is GPT-2 XL.
        _short_size(taken.size) if taken.size and size != published else None,
        _short_size(mixture) if mixture else None,
        *taken.after,
    ]
    return ModelMention(
        name=written,
        slug=slugify("-".join(part for part in parts if part)),
        family=family.name if family else None,
        parameters=size or published,
        active_parameters=parse_size(mixture[1:]) if mixture else active,
        variant="-".join((*taken.before, *taken.after) if family else taken.after) or None,
    )


def _short_size(text: str) -> str:
    """Return ``7B`` for ``7.0B``."""
    number, unit = text[:-1], text[-1]
    return (number.rstrip("0").rstrip(".") if "." in number else number) + unit
