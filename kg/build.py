"""Sources → a published release: the whole line, each step one module.

sources → merge → derive (claims, setups) → quads → checks → store, dumps, search → admit → publish. Nothing under the home
changes before everything is built and checked; a failure leaves no trace but the message.
"""

from __future__ import annotations

import gc
import hashlib
import shutil
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pyoxigraph import Quad, RdfFormat, Store, Triple, parse, serialize

from kg import __version__
from kg.cards import CARD_AUTHORS, packed, read_card
from kg.checks import Checker
from kg.dataset import Edition
from kg.description import description
from kg.description.counts import Counts, Tally
from kg.documents import documents
from kg.dumps import Contents, in_order, with_more, write_dumps
from kg.errors import DataError
from kg.executables import executables
from kg.history import history
from kg.indexing import build_index
from kg.integrity import damages
from kg.mapping import derive, quads
from kg.merge import merge
from kg.quality import quality
from kg.records import Severity
from kg.release import Home, Release, write_json
from kg.rules import load_rules
from kg.spellings import spellings
from kg.taxonomy import load_taxonomy
from kg.thesaurus import Thesaurus
from kg.violations import located
from kg.vocab import DEFAULT_BASE_IRI, GRAPHS, Iris

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from kg.inputs import Inputs
    from kg.mapping import Derivation
    from kg.merge import Merged
    from kg.records import Problem, SourceFile
    from kg.taxonomy import Taxonomy
    from kg.violations import Violation

#: Raised when the same quads would be laid out differently on disk: a part of every release id.
LAYOUT = "7"

PLACEHOLDER = "0000-00-00-0000000000"


@dataclass(slots=True)
class Timings:
    """Seconds of each step, for the manifest. Steps are announced to ``announce`` as they begin."""

    announce: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.announce(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)


@dataclass(frozen=True, slots=True)
class Result:
    """What a build made: ``fresh`` is false where the same content was a release already."""

    release: Release
    fresh: bool
    report: dict[str, Any]


@dataclass(slots=True)
class Graph:
    """Everything that goes into a release, before it is on disk. ``quads`` are distinct and in order."""

    quads: list[Quad]
    merged: Merged
    derivation: Derivation
    taxonomy: Taxonomy
    problems: list[Problem]
    newest: date | None


class CheckError(DataError):
    """The graph violates a rule that it must not violate: nothing was published. ``report`` names every violation."""

    def __init__(self, violations: list[Violation], report: dict[str, Any]) -> None:
        super().__init__(f"{len(violations)} violations, nothing was published; the first: {violations[0]}")
        self.violations = violations
        self.report = report


def build(
    home: Home,
    inputs: Inputs,
    *,
    base_iri: str = DEFAULT_BASE_IRI,
    local: list[Quad] | None = None,
    announce: Callable[[str], None] = lambda _: None,
    forced: str | None = None,
) -> Result:
    """Build a release of these sources and of local RDF, check it, and publish it.

    The same content gives the same id and byte-identical dumps. A CheckError or DataError leaves the home as it was. ``forced``
    is the reason for which a person publishes what a sync would refuse: the manifest keeps it.
    """
    iris = Iris(base_iri)
    timings = Timings(announce)
    checker = Checker(iris)
    try:
        gc.disable()  # a build makes a million small objects that all live to its end
        with timings.step("map"):
            graph = map_sources(inputs, local or [], iris)
            checker.begin(own_triples(graph.quads, iris))
        with timings.step("describe"):
            tally = Tally(graph.quads, iris)
            edition = _identify(graph, tally, iris)
            described = description(tally, edition)
            graph.quads = with_more(graph.quads, described)
        known = home.find(edition.release_id)
        if known is not None and not damages(known):
            home.publish(known)
            return Result(known, fresh=False, report=known.report())
        more = {"forced": forced} if forced else {}
        release, report = _make(home, edition, graph, tally.count(described), checker, timings, more)
    finally:
        gc.enable()
        checker.close()
    home.publish(release)
    return Result(release, fresh=True, report=report)


def map_sources(inputs: Inputs, local: list[Quad], iris: Iris) -> Graph:
    """Merge and map the sources: every quad but those that count what is in the release."""
    merged = merge(inputs.sources)
    taxonomy, schemes, layout_problems = load_taxonomy().with_survey_versions(merged.sources)
    rules = load_rules(taxonomy)
    derivation = derive(merged, taxonomy, rules, schemes)
    problems = [*inputs.problems, *(problem for source in merged.sources for problem in source.problems)]
    problems += [*merged.problems, *layout_problems, *derivation.problems, *quality(derivation.papers)]
    mapped = [
        *ontology(iris),
        *taxonomy.quads(iris),
        *spellings(merged.sources, taxonomy, rules, schemes, iris),
        *quads(merged, derivation, rules, iris),
        *history(merged, derivation, taxonomy, rules, iris),
        *executables(iris),
        *local,
    ]
    days = [source.snapshot.day for source in merged.sources if source.snapshot.day]
    return Graph(in_order(mapped), merged, derivation, taxonomy, problems, max(days, default=None))


def ontology(iris: Iris) -> Iterator[Quad]:
    """Return ontology/opd.ttl as quads of graph/ontology, its own terms under the release's base IRI."""
    text = files("ontology").joinpath("opd.ttl").read_text(encoding="utf-8").replace(DEFAULT_BASE_IRI, iris.base)
    graph = iris.graph("ontology")
    return (Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parse(text, RdfFormat.TURTLE))


def own_triples(quads: Iterable[Quad], iris: Iris) -> set[Triple]:
    """Return what is to be checked: the release's own graphs, without those that a reader added.

    The description, which the build makes last, is judged by no shape.
    """
    own = {iris.graph(name) for name in GRAPHS}
    return {quad.triple for quad in quads if quad.graph_name in own}


def _identify(graph: Graph, tally: Tally, iris: Iris) -> Edition:
    """Name the release by the day of the newest source and 10 hex digits of the SHA-256 of all that it says."""
    edition = Edition(PLACEHOLDER, graph.newest, tuple(source.snapshot.slug for source in graph.merged.sources), iris)
    described = in_order(description(tally, edition))
    said = serialize([*graph.quads, *described], format=RdfFormat.N_QUADS) or b""
    digest = hashlib.sha256(f"{LAYOUT} {__version__}\n".encode() + said)
    return replace(edition, release_id=f"{graph.newest or 'undated'}-{digest.hexdigest()[:10]}")


def _make(
    home: Home,
    edition: Edition,
    graph: Graph,
    counts: Counts,
    checker: Checker,
    timings: Timings,
    more: dict[str, str],
) -> tuple[Release, dict[str, Any]]:
    """Write the release while it is checked; it is admitted only if the checks find nothing."""
    folder = home.stage()
    try:
        dumps = _write(folder, graph, edition, timings)
        with timings.step("check"):
            violations = located(checker.violations(), graph, edition.iris)
        report = _report(edition.release_id, graph, violations)
        if violations:
            raise CheckError(violations, report)
        write_json(folder / "report.json", report)
        before = home.current_or_none()
        manifest = _manifest(edition, graph, counts, report) | {
            **more,
            "previous": before and before.id,
            "dumps": dumps,
            "seconds": timings.seconds,
        }
        with timings.step("admit"):
            return home.admit(folder, edition.release_id, manifest), report
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, graph: Graph, edition: Edition, timings: Timings) -> dict[str, dict[str, int | str]]:
    with timings.step("store"):
        store = Store(str(folder / "store"))
        store.bulk_extend(graph.quads)
        store.flush()
    with timings.step("dump"):
        dumps = write_dumps(folder / "dumps", Contents(edition, graph.quads, store, graph.taxonomy))
    with timings.step("index"):
        thesaurus = Thesaurus(store, edition.iris)
        papers = documents(
            graph.derivation,
            graph.taxonomy,
            lambda paper: packed(read_card(store, edition.iris, thesaurus, paper, CARD_AUTHORS)),
        )
        build_index(folder / "search", papers)
    return dumps


def _manifest(edition: Edition, graph: Graph, counts: Counts, report: dict[str, Any]) -> dict[str, Any]:
    papers = graph.derivation.papers
    claims = Counter(slug for mapped in papers for claim in mapped.claims for slug in claim.snapshots)
    return {
        "id": edition.release_id,
        "base_iri": edition.iris.base,
        "inputs": [_input(source, claims[source.snapshot.slug]) for source in graph.merged.sources],
        "counts": {
            "papers": len(papers),
            "current": sum(mapped.paper.listed for mapped in papers),
            "claims": sum(len(mapped.claims) for mapped in papers),
            "triples": counts.triples,
            "quads": len(graph.quads),
            "graphs": counts.graphs,
            "quarantined": report["counts"].get(Severity.QUARANTINED.value, 0),
            "warnings": report["counts"].get(Severity.WARNING.value, 0),
        },
        "versions": {name: version(name) for name in ("rdflib", "pyoxigraph", "pyshacl", "tantivy")}
        | {"opdkg": __version__},
    }


def _input(source: SourceFile, claims: int) -> dict[str, Any]:
    snapshot = asdict(source.snapshot)
    day = snapshot["day"] and snapshot["day"].isoformat()
    return snapshot | {"day": day, "entries": len(source.entries), "claims": claims}


def _report(release_id: str, graph: Graph, violations: list[Violation]) -> dict[str, Any]:
    mentions = [asdict(mention) for source in graph.merged.sources for mention in source.mentions]
    listed = {mapped.paper.arxiv_id for mapped in graph.derivation.papers}
    return {
        "release": release_id,
        "counts": dict(Counter(problem.severity.value for problem in graph.problems)),
        "problems": [asdict(problem) for problem in graph.problems],
        "mentioned_only": [mention for mention in mentions if mention["arxiv_id"] not in listed],
        "violations": [asdict(violation) for violation in violations],
    }
