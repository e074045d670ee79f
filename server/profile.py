"""What the pages of names, models, repositories, sources and the release tell in words, each number with its papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.changes import previous
from kg.records import Severity
from kg.search import MAX_LISTED, SearchRequest
from kg.vocab import DCTERMS, SCHEMA
from server.changes import KINDS, compared
from server.counted import Series
from server.filters import address
from server.wording import counted, in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyoxigraph import NamedNode

    from kg.entity import Document
    from server.reading import Reading

#: How many things of one kind a fact names.
NAMED = 20

#: What the kinds of sources are, in words.
SOURCES = {
    "catalogue": "the survey's catalogue of papers",
    "awesome": "the README of the Awesome list",
    "loss-taxonomy": "an audit of loss formulations by a language model",
    "curation": "a curator's own additions and corrections",
    "history": "what a repository's commits tell of its files",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A value in words, and a note in quiet type behind it, each with an address to link to if there is one."""

    text: str
    href: str | None = None
    note: str = ""
    note_href: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What something is, and its values; ``more`` says of further ones how many there are, and where."""

    name: str
    values: list[Said]
    more: Said | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a thing is, in a sentence, and its facts."""

    lead: str
    facts: list[Fact]


def profile(here: Reading, document: Document) -> Profile | None:
    """Return the profile of a name, model, repository, source or release, None for anything else."""
    opd = here.iris.opd
    kinds: dict[NamedNode, Callable[[Reading, Document], Profile]] = {
        opd.AuthorName: _name,
        opd.LanguageModel: _model,
        opd.Repository: _repository,
        opd.SourceSnapshot: _source,
    }
    if document.subject == here.iris.release(here.release.id):
        return _release(here)
    found = next((read for kind, read in kinds.items() if document.is_a(kind)), None)
    return found(here, document) if found else None


def _name(here: Reading, document: Document) -> Profile:
    name = document.text(document.subject, here.iris.opd.authorName) or ""
    own = {"author": (name,)}
    years = sorted(Series(name, own, "year").counts(here))
    code = Series(name, own, "code").counts(here).get("yes", 0)
    request = SearchRequest(limit=0, facet_limit=MAX_LISTED)
    beside = [each for each in here.index.beside(request, "author", [name]) if each.value != name]
    together = [
        Said(
            each.value,
            here.links.href(here.iris.name(each.value).value),
            counted(each.count, "paper"),
            address("/network", [("author", name), ("shared", "1"), ("one", name), ("other", each.value)]),
        )
        for each in beside[:NAMED]
    ]
    network = address("/network", [("author", name), ("shared", "1")])
    more = Said(f"and {len(beside) - NAMED} more names", network) if len(beside) > NAMED else None
    return Profile(
        "A name as it stands on papers: a spelling, not a person. Two people may share it, and one person may use several.",
        [
            *_fact("Years", [Said(years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}")] if years else []),
            *_fact("With code", [Said(counted(code, "paper"), _papers(author=name, code="yes"))] if code else []),
            *_fact("On papers with", together, more),
        ],
    )


def _model(here: Reading, document: Document) -> Profile:
    node, opd = document.subject, here.iris.opd
    slug = node.value.rpartition("/")[2]

    def number(predicate: NamedNode) -> list[Said]:
        text = document.text(node, predicate)
        return [Said(in_words(int(text)))] if text else []

    def counterparts(mine: str, other: str) -> tuple[list[Said], Said | None]:
        counts = Series(slug, {mine: (slug,)}, other).counts(here)
        said = [
            Said(
                "itself" if each == slug else here.facets.name(other, each),
                here.links.href(here.iris.model(each).value),
                counted(count, "paper"),
                _papers(**{mine: slug, other: each}),
            )
            for each, count in counts.items()
        ]
        more = Said(f"and {len(said) - NAMED} more, in the picture's data", "#counterparts")
        return said[:NAMED], more if len(said) > NAMED else None

    def part(facet: str) -> list[Said]:
        total = here.index.frequency(facet, slug)
        return [Said(counted(total, "paper"), _papers(**{facet: slug}))] if total else []

    return Profile(
        "A language model as papers name it in what they say of teacher and student.",
        [
            *_fact("Family", list(map(Said, document.texts(node, opd.family)))),
            *_fact("Parameters", number(opd.parameters)),
            *_fact("Active parameters", number(opd.activeParameters)),
            *_fact("Variant", list(map(Said, document.texts(node, opd.variant)))),
            *_fact("Also written", list(map(Said, document.texts(node, DCTERMS.alternative)))),
            *_fact("As teacher in", part("teacher")),
            *_fact("As student in", part("student")),
            *_fact("Students beside it", *counterparts("teacher", "student")),
            *_fact("Teachers beside it", *counterparts("student", "teacher")),
        ],
    )


def _repository(here: Reading, document: Document) -> Profile:
    node = document.subject
    host = (document.label(node) or "").partition("/")[0]
    return Profile(
        "A place of code that sources name beside papers.",
        [
            *_fact("Host", [Said(host)] if host else []),
            *_fact("Address", [_outward(here, each) for each in document.nodes(node, SCHEMA.codeRepository)]),
        ],
    )


def _source(here: Reading, document: Document) -> Profile:
    node, opd = document.subject, here.iris.opd
    slug = node.value.rpartition("/")[2]
    read: dict[str, Any] = next((each for each in here.manifest["inputs"] if each["slug"] == slug), {})
    problems = [each for each in here.release.report()["problems"] if each["file"] == read.get("file")]
    quarantined = [each for each in problems if each["severity"] == Severity.QUARANTINED.value]
    kind = document.text(node, opd.sourceKind) or ""
    papers = here.index.frequency("source", slug)

    def count(key: str, what: str, *many: str) -> list[Said]:
        return [Said(counted(read[key], what, *many))] if key in read else []

    return Profile(
        f"A snapshot of {SOURCES.get(kind, 'a source')}, as it was read into this release.",
        [
            *_fact("Date", list(map(Said, document.texts(node, DCTERMS.date)))),
            *_fact("Came from", [_outward(here, each) for each in document.nodes(node, DCTERMS.source)]),
            *_fact("Size", [Said(counted(int(size), "byte")) for size in document.texts(node, DCTERMS.extent)]),
            *_fact("SHA-256", list(map(Said, document.texts(node, opd.sha256)))),
            *_fact("Read", count("entries", "entry", "entries")),
            *_fact("Lists", [Said(counted(papers, "paper"), _papers(source=slug))]),
            *_fact("Stands behind", count("claims", "claim")),
            *_problems("Quarantined", quarantined),
            *_problems("Warnings", [each for each in problems if each not in quarantined]),
        ],
    )


def _problems(name: str, found: list[dict[str, Any]]) -> Iterator[Fact]:
    said = [
        Said(" ".join(filter(None, (each["line"] and f"Line {each['line']}:", str(each["reason"]))))) for each in found
    ]
    more = Said(f"and {len(said) - NAMED} more, in the release's report.json") if len(said) > NAMED else None
    yield Fact(name, said[:NAMED] or [Said("nothing")], more)


def _release(here: Reading) -> Profile:
    counts, inputs = here.manifest["counts"], here.manifest["inputs"]
    before = previous(here.release)
    changed = compared(before, here.release).counts if before else {}
    changes = address("/changes", [("from", before.id), ("to", here.release.id)] if before else [])
    numbers = {"claim": "claims", "triple": "triples"}
    sources = [
        Said(
            each["file"],
            here.links.href(here.iris.source(each["slug"]).value),
            counted(here.index.frequency("source", each["slug"]), "paper"),
            _papers(source=each["slug"]),
        )
        for each in inputs
    ]
    return Profile(
        "What the whole site shows: a folder that was built once, checked, and never changes.",
        [
            *_fact("Newest source", [Said(max(each["day"] for each in inputs if each["day"]))]),
            *_fact(
                "Papers",
                [
                    Said(counted(counts["papers"], "paper"), "/papers"),
                    Said(in_words(counts["current"]), _papers(status="current"), "listed today"),
                ],
            ),
            *_fact("Statements", [Said(counted(counts[many], one)) for one, many in numbers.items()]),
            *_fact("Sources", sources),
            *_fact("Quarantined", [Said(counted(counts["quarantined"], "entry", "entries"))]),
            *_fact("Downloads", [Said("the whole graph and the lists of papers", f"/dumps/{here.release.id}/")]),
            *_fact(
                f"Since release {before.id}" if before else "Before it",
                [
                    Said(f"{KINDS[kind]}: {counted(count, 'paper')}", f"{changes}#{kind}")
                    for kind, count in changed.items()
                    if count
                ]
                or [Said("no paper changed" if before else "no release is kept", changes)],
            ),
            *_fact("Built with", [Said(f"{name} {number}") for name, number in here.manifest["versions"].items()]),
        ],
    )


def _fact(name: str, values: list[Said], more: Said | None = None) -> Iterator[Fact]:
    """Yield the fact if there is anything to say."""
    if values:
        yield Fact(name, values, more)


def _papers(**chosen: str) -> str:
    return address("/papers", chosen.items())


def _outward(here: Reading, node: NamedNode) -> Said:
    return Said(node.value, here.links.href(node.value))
