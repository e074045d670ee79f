"""``/taxonomy``: every concept scheme as a tree, with the number of papers of each concept."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template

from kg.search import SearchRequest
from kg.vocab import DIMENSIONS
from server.facets import CONCEPT_FACETS, SCHEMES
from server.filters import LISTED, Selection
from server.reading import Reading, reading

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
    """Answer with all schemes: the classifications first, then the survey's versions from the newest on, then the rest."""
    here = reading()
    schemes = here.thesaurus.schemes
    slugs = (SCHEMES.get(facet, facet) for facet in DIMENSIONS)
    dimensions = [schemes[iri] for slug in slugs if (iri := here.iris.scheme(slug).value) in schemes]
    surveys = here.thesaurus.survey_versions()
    rest = [scheme for scheme in schemes.values() if scheme not in dimensions and not scheme.is_survey]
    groups = (("Classifications", dimensions), ("The survey's chapters", surveys), ("About claims and listings", rest))
    return render_template("taxonomy.html", groups=groups, thesaurus=here.thesaurus, counts=concept_counts(here))
