"""The integrity conditions of the SKOS Reference (https://www.w3.org/TR/skos-reference/), and what a usable scheme needs.

Each check is one query over the default graph. Mappings count as what they entail: exactMatch is symmetric and
transitive, and broadMatch is broader, so that a contradiction that only shows across schemes is found as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from kg.violations import Violation
from kg.vocab import SKOS

if TYPE_CHECKING:
    from pyoxigraph import QuerySolutions, Store

#: One step to a wider concept, however it is written; and any relation that is not hierarchical.
BROADER = "(skos:broader|skos:broadMatch|^skos:narrower|^skos:narrowMatch)"
RELATED = "(skos:related|skos:relatedMatch|^skos:related|^skos:relatedMatch)"
EXACT = "(skos:exactMatch|^skos:exactMatch)"
IN_SCHEME = "(skos:inScheme|skos:topConceptOf|^skos:hasTopConcept)"
IS_TOP = "(skos:topConceptOf|^skos:hasTopConcept)"


@dataclass(frozen=True, slots=True)
class _Check:
    """``pattern`` binds ?focus, and ?one, ?two where ``message`` names them."""

    rule: str
    pattern: str
    message: str


CHECKS = (
    _Check(
        "S9",
        "?focus a skos:ConceptScheme, skos:Concept",
        "is a concept scheme and a concept; make it one of the two",
    ),
    *(
        _Check(
            "S13",
            f"?focus skos:{first} ?one ; skos:{second} ?one",
            f"has {{one}} as {first} and as {second}; keep one of them",
        )
        for first, second in (("prefLabel", "altLabel"), ("prefLabel", "hiddenLabel"), ("altLabel", "hiddenLabel"))
    ),
    _Check(
        "S14",
        "?focus skos:prefLabel ?one, ?two FILTER(LANG(?one) = LANG(?two) && STR(?one) < STR(?two))",
        "has two preferred labels in one language, {one} and {two}; make one of them an altLabel",
    ),
    _Check(
        "S27",
        f"?focus {RELATED} ?one FILTER EXISTS {{ ?focus {BROADER}+ ?one }}",
        "is related to {one}, which is broader than it; keep one of the two relations",
    ),
    _Check(
        "S37",
        "?focus a skos:Collection VALUES ?one { skos:Concept skos:ConceptScheme } ?focus a ?one",
        "is a collection and a {one}; make it one of the two",
    ),
    _Check(
        "S46",
        f"?focus {EXACT} ?next . ?focus {EXACT}+ ?one FILTER(?one != ?focus) "
        f"FILTER EXISTS {{ {{ ?focus {RELATED} ?one }} UNION {{ ?focus {BROADER}+ ?one }} }}",
        "is exactly {one}, and yet broader, narrower or related; make it a closeMatch, or take the other relation away",
    ),
    _Check(
        "cycle",
        f"?focus {BROADER} ?next FILTER EXISTS {{ ?focus {BROADER}+ ?focus }}",
        "is broader than itself; take one of the links of the circle away",
    ),
    _Check(
        "top-concept",
        f"?focus a skos:ConceptScheme FILTER NOT EXISTS {{ ?top {IS_TOP} ?focus }}",
        "has no top concept; name one",
    ),
    _Check(
        "scheme",
        f"?focus a skos:Concept FILTER NOT EXISTS {{ ?focus {IN_SCHEME} ?scheme . ?scheme a skos:ConceptScheme }}",
        "is in no concept scheme; say which one it belongs to",
    ),
    _Check(
        "orphan",
        f"?focus a skos:Concept ; {IN_SCHEME} ?one "
        f"FILTER NOT EXISTS {{ ?focus (skos:broader|^skos:narrower)* ?top . ?top {IS_TOP} ?one }}",
        "reaches no top concept of {one}; give it a broader concept, or make it a top concept",
    ),
    _Check(
        "label",
        "?focus a skos:Concept FILTER NOT EXISTS { ?focus skos:prefLabel ?label }",
        "has no preferred label; give it one",
    ),
    *(
        _Check(
            rule,
            f"?focus skos:{name} ?one ; skos:inScheme ?scheme . ?two skos:{name} ?one ; skos:inScheme ?scheme "
            "FILTER(STR(?focus) < STR(?two))",
            f"has the {name} {{one}} of {{two}} in the same scheme; give one of them another",
        )
        for rule, name in (("label-clash", "prefLabel"), ("notation", "notation"))
    ),
)


def check_skos(store: Store) -> list[Violation]:
    """Return what the concept schemes in the store's default graph violate, in order of rule and focus."""
    found = {violation for check in CHECKS for violation in _violations(check, store)}
    return sorted(found, key=lambda violation: (violation.rule, violation.focus, violation.message))


def _violations(check: _Check, store: Store) -> list[Violation]:
    query = f"SELECT DISTINCT ?focus ?one ?two WHERE {{ {check.pattern} }}"
    solutions = cast("QuerySolutions", store.query(query, prefixes={SKOS.prefix: SKOS.iri}))
    return [
        Violation(
            source="skos",
            rule=check.rule,
            focus=solution["focus"].value,
            message=check.message.format(one=solution["one"], two=solution["two"]),
        )
        for solution in solutions
    ]
