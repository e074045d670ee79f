"""Records → classification claims: who says that a concept holds of a paper, how, how surely, and since which snapshot.

A claim is one agent's word. Sources speak in statements (translated by ontology/rules.yaml's codes) and by the chapters they
list a paper in; rules conclude from chapters, titles and setups; the curator's word wins. Where nothing is accepted in a
dimension, the paper is claimed to be unclassified in it, so that a gap can be asked for.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.identifiers import slugify
from kg.records import Problem, Severity, SourceKind, Statement
from kg.rules import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kg.merge import Listing, Paper
    from kg.rules import Rules
    from kg.taxonomy import Concept, Taxonomy

#: Dimensions in which every paper should be classified, so that a missing claim is a gap.
GAPS = ("loss", "signal", "stabilization", "role", "access", "granularity")

#: As many concepts are named to a curator who may have meant one of them.
MOST_NAMED = 20

#: The rule that states a gap. ontology/rules.yaml does not hold it, since it has no condition of its own.
GAP_RULE = "unclassified"

#: Who speaks through a source of each kind, by which method, and what the confidence of such a claim rests on.
VOICES = {
    SourceKind.CATALOGUE: ("survey-authors", "survey-authors", "stated"),
    SourceKind.AWESOME: ("awesome-list", "curated-list", "stated"),
    SourceKind.LOSS_TAXONOMY: ("loss-auditor", "language-model-audit", "self-report"),
    SourceKind.CURATION: ("curator", "curator", "human"),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One agent's claim. ``status`` is accepted, superseded or rejected; ``snapshots`` are slugs, in order of standing."""

    paper: str
    dimension: str
    concept: Concept
    agent: str
    method: str
    basis: str
    confidence: str | None = None
    negated: bool = False
    rule: str | None = None
    reason: str | None = None
    status: str = "accepted"
    snapshots: tuple[str, ...] = ()
    day: date | None = None

    @property
    def digest(self) -> str:
        """16 hex digits of the SHA-256 of what the claim says: the same in every release."""
        concept = f"{self.concept.scheme}/{self.concept.slug}"
        said = (self.paper, self.dimension, concept, self.agent, self.method, self.rule or "", str(self.negated))
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def claims_of(
    paper: Paper,
    *,
    taxonomy: Taxonomy,
    rules: Rules,
    schemes: Mapping[str, str],
    curators: Mapping[str, str],
    self_distillation: bool,
    problems: list[Problem],
) -> list[Claim]:
    """Return every claim about the paper, sorted by dimension and digest.

    ``schemes`` gives the survey version of each list snapshot, ``curators`` the name behind each curation snapshot, both by
    snapshot slug. What no rule file translates is added to ``problems`` and claimed by nobody.
    """
    stated = _Series()
    for listing in paper.listings:
        for statement in listing.entry.statements:
            concept = _translate(statement, listing, taxonomy, rules, problems)
            if concept:
                stated.add((statement.dimension, listing.snapshot.kind), listing, statement, concept, curators)
        for concept in _chapters(listing, taxonomy, schemes):
            statement = Statement("chapter", concept.slug)
            stated.add(("chapter", concept.scheme), listing, statement, concept, curators)
        if listing.entry.mark:
            concept = taxonomy.concept("coverage", listing.entry.mark.value)
            stated.add(("coverage", listing.snapshot.kind), listing, Statement("coverage", ""), concept, curators)
    claims = stated.claims(paper)
    claims += _conclusions(paper, claims, rules, taxonomy, self_distillation=self_distillation)
    claims = list(_after_curator(claims))
    claims += _gaps(paper, claims, taxonomy)
    return sorted(claims, key=lambda claim: (claim.dimension, claim.digest))


class _Series:
    """Statements that replace each other over time: of one dimension by one kind of source (chapters: of one survey version)."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], list[tuple[Listing, Claim]]] = defaultdict(list)

    def add(
        self,
        series: tuple[str, str],
        listing: Listing,
        statement: Statement,
        concept: Concept,
        curators: Mapping[str, str],
    ) -> None:
        agent, method, basis = VOICES[listing.snapshot.kind]
        if listing.snapshot.kind is SourceKind.CURATION:
            agent = f"curator-{slugify(curators[listing.snapshot.slug])}"
        claim = Claim(
            paper="",
            dimension=statement.dimension,
            concept=concept,
            agent=agent,
            method=method,
            basis=basis,
            confidence=statement.confidence,
            negated=statement.negated,
            reason=statement.reason,
        )
        self._said[series].append((listing, claim))

    def claims(self, paper: Paper) -> list[Claim]:
        """Return one claim for all snapshots that say the same; what the newest snapshot no longer says is superseded."""
        result: list[Claim] = []
        for said in self._said.values():
            newest = said[0][0].snapshot  # listings come newest first
            by_digest: dict[str, list[tuple[Listing, Claim]]] = defaultdict(list)
            for listing, claim in said:
                by_digest[replace(claim, paper=paper.id).digest].append((listing, claim))
            for same in by_digest.values():
                snapshots = list(dict.fromkeys(listing.snapshot for listing, _ in same))
                claim = replace(
                    same[0][1],
                    paper=paper.id,
                    status="accepted" if newest in snapshots else "superseded",
                    snapshots=tuple(snapshot.slug for snapshot in snapshots),
                    day=min((snapshot.day for snapshot in snapshots if snapshot.day), default=None),
                )
                result.append(claim)
        return result


def _translate(
    statement: Statement, listing: Listing, taxonomy: Taxonomy, rules: Rules, problems: list[Problem]
) -> Concept | None:
    concept = rules.translate(statement.dimension, statement.code)
    if concept is None and listing.snapshot.kind is SourceKind.CURATION:
        concept = taxonomy.find(statement.dimension, statement.code)
    if concept is None:
        entry, code, advice = listing.entry, statement.code, "add it to ontology/rules.yaml"
        if listing.snapshot.kind is SourceKind.CURATION:
            names = taxonomy.names_like(statement.dimension, code)
            advice = (
                f"did you mean {' or '.join(names)}?"
                if len(names) <= MOST_NAMED
                else "see the taxonomy for its concepts"
            )
        problems.append(
            Problem(
                entry.file,
                entry.line,
                statement.dimension,
                f"{code!r} is no concept that this graph has: the paper stays without this claim; {advice}",
                Severity.WARNING,
                statement.code[:200],
            )
        )
    return concept


def _chapters(listing: Listing, taxonomy: Taxonomy, schemes: Mapping[str, str]) -> Iterator[Concept]:
    for path in listing.entry.chapters:
        yield taxonomy.chapter(schemes[listing.snapshot.slug], path)


def _conclusions(
    paper: Paper, claims: list[Claim], rules: Rules, taxonomy: Taxonomy, *, self_distillation: bool
) -> list[Claim]:
    """Apply the rules to what is accepted.

    A conclusion derives from the snapshots of the chapter that it rests on, or else from the best source of the paper. It is
    of low confidence if the newest list that has the paper puts it elsewhere.
    """
    chapters = {
        (broader.scheme, broader.slug): claim
        for claim in claims
        if claim.dimension == "chapter" and claim.status == "accepted"
        for broader in taxonomy.broader_closure(claim.concept)
    }
    roles = frozenset(c.concept.slug for c in claims if c.dimension == "role" and c.status == "accepted")
    facts = Facts(titles=(paper.title,), chapters=frozenset(chapters), self_distillation=self_distillation, roles=roles)
    best = paper.listings[0].snapshot
    newest = {listing.snapshot.slug for kind in SourceKind if (listing := paper.newest(kind))}
    result = []
    for conclusion in rules.apply(facts):
        cause = next((chapters[chapter] for chapter in conclusion.rule.chapters if chapter in chapters), None)
        outdated = cause is not None and newest.isdisjoint(cause.snapshots)
        result.append(
            Claim(
                paper=paper.id,
                dimension=conclusion.rule.dimension,
                concept=conclusion.concept,
                agent="opdkg",
                method="rule",
                basis="rule",
                confidence="low" if outdated else conclusion.rule.confidence,
                rule=conclusion.rule.id,
                snapshots=cause.snapshots if cause else (best.slug,),
                day=cause.day if cause else best.day,
            )
        )
    return result


def _after_curator(claims: list[Claim]) -> Iterator[Claim]:
    """Let the curator's word win: what the curator denies is rejected, what the curator replaces is superseded."""
    curated = [claim for claim in claims if claim.method == "curator" and claim.status == "accepted"]
    denied = {(claim.dimension, claim.concept) for claim in curated if claim.negated}
    decided = {claim.dimension for claim in curated if not claim.negated and claim.dimension != "chapter"}
    agreed = {(claim.dimension, claim.concept) for claim in curated if not claim.negated}
    for claim in claims:
        what = (claim.dimension, claim.concept)
        if claim.method == "curator" or claim.status != "accepted":
            yield claim
        elif what in denied:
            yield replace(claim, status="rejected")
        elif claim.dimension in decided and what not in agreed:
            yield replace(claim, status="superseded")
        else:
            yield claim


def _gaps(paper: Paper, claims: list[Claim], taxonomy: Taxonomy) -> Iterator[Claim]:
    known = {claim.dimension for claim in claims if claim.status == "accepted" and not claim.negated}
    for dimension in GAPS:
        if dimension not in known:
            yield Claim(
                paper=paper.id,
                dimension=dimension,
                concept=taxonomy.scheme_of(dimension).concepts["unclassified"],
                agent="opdkg",
                method="rule",
                basis="rule",
                rule=GAP_RULE,
                snapshots=(paper.listings[0].snapshot.slug,),
            )
