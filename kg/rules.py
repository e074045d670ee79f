"""ontology/rules.yaml → translations of upstream codes, and rules that conclude what no source states.

A translation is the source's own word in another spelling. A conclusion is ours, and names the rule that made it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kg.errors import DataError
from kg.strict_yaml import load_fields
from kg.taxonomy import Concept, SurveyVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.strict_yaml import Fields
    from kg.taxonomy import Taxonomy

FILE = "ontology/rules.yaml"

#: The kinds of condition that a rule may have.
KINDS = ("chapter", "title", "setup", "role")

#: A rule's name is a segment of its IRI.
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_DASHES = re.compile("[\u2010-\u2015\u2212]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at. ``chapters`` are (survey version, slug), the broader ones included; ``roles`` are slugs."""

    titles: tuple[str, ...] = ()
    chapters: frozenset[tuple[str, str]] = frozenset()
    self_distillation: bool = False
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds if any of its parts does. ``words`` finds phrases in a title that went through :func:`plain_title`."""

    chapters: tuple[tuple[str, str], ...] = ()
    words: re.Pattern[str] | None = None
    self_distillation: bool = False
    roles: frozenset[str] = frozenset()

    def holds(self, facts: Facts) -> bool:
        """Tell whether it holds of a paper."""
        return (
            not facts.chapters.isdisjoint(self.chapters)
            or (self.words is not None and any(self.words.search(plain_title(title)) for title in facts.titles))
            or (self.self_distillation and facts.self_distillation)
            or not facts.roles.isdisjoint(self.roles)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``examples`` are chapters or titles on which it fires, ``counter_examples`` titles on which it must not."""

    id: str
    dimension: str
    concept: Concept
    confidence: str
    note: str
    when: Condition
    unless: Condition
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]

    @property
    def chapters(self) -> tuple[tuple[str, str], ...]:
        """The chapters that it rests on, with those that match them exactly."""
        return self.when.chapters

    def fires(self, facts: Facts) -> bool:
        """Tell whether it concludes anything of a paper."""
        return self.when.holds(facts) and not self.unless.holds(facts)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A concept that holds by a rule."""

    rule: Rule
    concept: Concept


class Rules:
    """The rules in the order of their file, and the codes of each dimension."""

    def __init__(self, rules: tuple[Rule, ...], codes: Mapping[str, Mapping[str, Concept]]) -> None:
        self._rules = rules
        self._codes = codes

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def translate(self, dimension: str, code: str) -> Concept | None:
        """Return the concept that an upstream code stands for, exactly as it is spelled, or None."""
        return self._codes.get(dimension, {}).get(code)

    def apply(self, facts: Facts) -> list[Conclusion]:
        """Return one conclusion of each rule that fires, in the order of the rules."""
        return [Conclusion(rule, rule.concept) for rule in self._rules if rule.fires(facts)]


@lru_cache(maxsize=16)
def plain_title(title: str) -> str:
    """Return a title as rules read it: composed letters, every dash a hyphen, single spaces."""
    return " ".join(_DASHES.sub("-", unicodedata.normalize("NFC", title)).split())


def load_rules(taxonomy: Taxonomy, text: str | None = None) -> Rules:
    """Read ontology/rules.yaml, or ``text`` in its place. A DataError names the field that is wrong and why."""
    if text is None:
        text = files("ontology").joinpath("rules.yaml").read_text(encoding="utf-8")
    top = load_fields(text, FILE)
    codes = {
        dimension: {
            code: _concept(dimension, slug, fields, code, taxonomy) for code, slug in fields.named_texts().items()
        }
        for dimension, fields in top.fields("codes").named_fields().items()
    }
    rules = tuple(_read_rule(name, fields, taxonomy) for name, fields in top.fields("rules").named_fields().items())
    top.end()
    return Rules(rules, codes)


def _concept(dimension: str, slug: str, fields: Fields, key: str, taxonomy: Taxonomy) -> Concept:
    try:
        return taxonomy.concept(taxonomy.scheme_of(dimension).slug, slug)
    except DataError as fault:
        raise fields.fault(str(fault), key) from None


def _read_rule(name: str, fields: Fields, taxonomy: Taxonomy) -> Rule:
    if not ID.fullmatch(name):
        raise fields.fault("a rule's name is made of a-z, 0-9 and hyphens; write it so")
    dimension = fields.text("dimension")
    when = fields.fields("when")
    if len([kind for kind in KINDS if kind in when]) != 1:
        raise fields.fault(f"must hold exactly one of {', '.join(KINDS)}", "when")
    confidence = fields.text("confidence")
    if confidence not in taxonomy.schemes["confidence"].concepts:
        raise fields.fault(f"{confidence!r} is not a concept of the scheme confidence", "confidence")
    rule = Rule(
        id=name,
        dimension=dimension,
        concept=_concept(dimension, fields.text("concept"), fields, "concept", taxonomy),
        confidence=confidence,
        note=fields.text("note"),
        when=_read_condition(when, taxonomy),
        unless=_read_condition(fields.fields("unless"), taxonomy) if "unless" in fields else Condition(),
        examples=fields.texts("example"),
        counter_examples=fields.texts("counter_example"),
    )
    fields.end()
    return rule


def _read_condition(fields: Fields, taxonomy: Taxonomy) -> Condition:
    chapters = [_chapter(name, fields, taxonomy) for name in fields.texts("chapter")]
    phrases = fields.texts("title")
    roles = fields.texts("role")
    for role in roles:
        _concept("role", role, fields, "role", taxonomy)
    setup = fields.text_or_none("setup")
    if setup not in (None, "self"):
        raise fields.fault(f"{setup!r} is not a setup that rules know; write self", "setup")
    fields.end()
    same = (other for chapter in chapters for other in (chapter, *taxonomy.exact_matches(chapter)))
    return Condition(
        chapters=tuple(dict.fromkeys((chapter.scheme, chapter.slug) for chapter in same)),
        words=_words(phrases) if phrases else None,
        self_distillation=setup is not None,
        roles=frozenset(roles),
    )


def _chapter(name: str, fields: Fields, taxonomy: Taxonomy) -> Concept:
    scheme, _, slug = name.partition("/")
    if not isinstance(taxonomy.schemes.get(scheme), SurveyVersion):
        raise fields.fault(f"{name!r} is not a chapter; write survey version/chapter", "chapter")
    try:
        return taxonomy.concept(scheme, slug)
    except DataError as fault:
        raise fields.fault(str(fault), "chapter") from None


def _words(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Compile a search for any of the phrases as whole words. Nothing in it repeats, so it runs in linear time."""
    spelled = ("[ -]".join(map(re.escape, re.split("[ -]", plain_title(phrase)))) for phrase in phrases)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(spelled)})(?![\w-])", re.IGNORECASE)
