"""JSON-LD as two independent readers take it."""

from __future__ import annotations

import json

from pyld import jsonld
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, parse


def as_oxigraph_reads(data: bytes) -> set[Triple]:
    return {quad.triple for quad in parse(data, RdfFormat.JSON_LD)}


def as_pyld_reads(data: bytes) -> set[Triple]:
    nquads = jsonld.to_rdf(json.loads(data), {"format": "application/n-quads"})
    return {quad.triple for quad in parse(nquads, RdfFormat.N_QUADS)}


def isomorphic(left: set[Triple], right: set[Triple]) -> bool:
    datasets = [Dataset(Quad(t.subject, t.predicate, t.object) for t in triples) for triples in (left, right)]
    for dataset in datasets:
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return datasets[0] == datasets[1]
