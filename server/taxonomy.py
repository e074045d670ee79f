"""``/taxonomy``: every concept scheme as a tree, with the number of papers of each concept; ``?q=`` finds concepts by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from kg.concept_search import find_concepts
from kg.search import SearchRequest
from kg.vocab import DIMENSIONS
from server import schema_org
from server.facets import CONCEPT_FACETS, SCHEMES
from server.filters import LISTED, MAX_TEXT_CHARS, Selection
from server.problems import BadRequestError
from server.reading import Reading, reading

if TYPE_CHECKING:
    from kg.thesaurus import Scheme

blueprint = Blueprint("taxonomy", __name__)


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers a concept has, narrower ones included, and the address of their list."""

    papers: int
    address: str


def concept_counts(here: Reading) -> dict[str, Count]:
    """Return the counts of all concepts that have papers, by IRI."""
    result = here.index.search(SearchRequest(limit=0, facets=CONCEPT_FACETS, facet_limit=LISTED))
    found = {}
    for facet, counts in result.facets.items():
        for each in counts:
            concept = here.facets.concept(facet, each.value)
            if concept:
                found[concept.iri] = Count(each.count, Selection.of(facet, each.value).address())
    return found


@blueprint.get("/taxonomy")
def show() -> str:
    """Answer with all schemes, or with the concepts that ``q`` finds in them, or in the one that ``scheme`` names."""
    here = reading()
    question = " ".join(request.args.get("q", "").split())
    if len(question) > MAX_TEXT_CHARS:
        raise BadRequestError(f"The search text has {len(question)} characters. Use at most {MAX_TEXT_CHARS}.")
    scheme = _scheme(here)
    if question:
        concepts = (each for each in here.thesaurus.concepts.values() if scheme is None or each.scheme == scheme.iri)
        hits = [(hit, here.thesaurus.path_to(hit.concept.iri)[:-1]) for hit in find_concepts(concepts, question)]
    else:
        hits = []
    return render_template(
        "taxonomy.html",
        question=question,
        scheme=scheme,
        hits=hits,
        groups=[] if question else _groups(here),
        thesaurus=here.thesaurus,
        counts=concept_counts(here),
        schema_org=schema_org.script_block(schema_org.term_sets(here)),
    )


def _scheme(here: Reading) -> Scheme | None:
    slug = request.args.get("scheme")
    if not slug:
        return None
    known = {scheme.slug: scheme for scheme in here.thesaurus.schemes.values()}
    if slug not in known:
        raise BadRequestError(f"There is no scheme “{slug[:50]}”. There are: {', '.join(sorted(known))}.")
    return known[slug]


def _groups(here: Reading) -> list[tuple[str, list[Scheme]]]:
    """Return the classifications first, then the survey's versions from the newest on, then the rest."""
    schemes = here.thesaurus.schemes
    slugs = (SCHEMES.get(facet, facet) for facet in DIMENSIONS)
    dimensions = [schemes[iri] for slug in slugs if (iri := here.iris.scheme(slug).value) in schemes]
    surveys = here.thesaurus.survey_versions()
    rest = [scheme for scheme in schemes.values() if scheme not in dimensions and not scheme.is_survey]
    return [("Classifications", dimensions), ("The survey's chapters", surveys), ("About claims and listings", rest)]
