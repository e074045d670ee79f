"""Rules of data quality: what looks odd in the sources, named and left as it is.

Each finding is a warning that says which entry, in which file and line, what is odd, and what a curator may do.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from kg.identifiers import repository_slug
from kg.records import Problem, Severity
from kg.titles import overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.mapping import MappedPaper
    from kg.merge import Paper
    from kg.records import Entry

Finding = tuple["Entry", str, str]  #: the entry, the field, what is odd about it

ARXIV_MONTH = re.compile(r"(\d\d)(\d\d)\.\d{4,5}")
TEX = re.compile(r"\$[^$]+\$|\\[A-Za-z]+")

#: Titles of one id that share fewer of their words than this are probably of two papers.
LEAST_OVERLAP = 0.2


def quality(papers: Iterable[MappedPaper]) -> list[Problem]:
    """Apply every rule; the findings come in order of file, line and field."""
    papers = list(papers)
    findings = [finding for mapped in papers for rule in RULES for finding in rule(mapped.paper)]
    findings += _shared_repositories(papers)
    problems = [
        Problem(entry.file, entry.line, field, reason, Severity.WARNING, _name(entry))
        for entry, field, reason in findings
    ]
    return sorted(set(problems), key=lambda problem: (problem.file, problem.line or 0, problem.field, str(problem)))


def _name(entry: Entry) -> str:
    return (entry.arxiv_id or entry.upstream_id or entry.address or "")[:200]


def _dates(paper: Paper) -> Iterator[Finding]:
    for entry in (listing.entry for listing in paper.listings):
        if entry.issued and len(entry.issued) < len("2026-01-01"):
            yield entry, "submitted", f"only {entry.issued} is known of the date: the paper gets a year and no day"
        month = ARXIV_MONTH.fullmatch(entry.arxiv_id or "")
        if month and entry.issued:
            submitted, numbered = entry.issued[2:7].replace("-", ""), month[1] + month[2]
            if len(submitted) == len(numbered) and submitted < numbered:
                yield (
                    entry,
                    "submitted",
                    f"{entry.issued} is earlier than the month in the arXiv id; a curator's 'issued' corrects it",
                )


def _authors(paper: Paper) -> Iterator[Finding]:
    for entry in (listing.entry for listing in paper.listings):
        for name, times in Counter(entry.authors).items():
            if times > 1:
                yield entry, "authors", f"{name!r} stands {times} times in the list of authors: each place is kept"
        single = [name for name in entry.authors if "," not in name]
        if single:
            yield (
                entry,
                "authors",
                f"not written as 'Family, Given', perhaps teams or single names: {'; '.join(single)}"[:500],
            )


def _titles(paper: Paper) -> Iterator[Finding]:
    for entry in (listing.entry for listing in paper.listings):
        for title in entry.titles:
            if TEX.search(title):
                yield entry, "title", "holds TeX, which is kept as text"
            if overlap(title, paper.title) < LEAST_OVERLAP:
                yield (
                    entry,
                    "title",
                    f"{title!r} shares hardly a word with {paper.title!r}, which has the same id: is the id right?",
                )
    entries = [listing.entry for listing in paper.listings]
    if not any(entry.titles or entry.short_titles for entry in entries):
        yield (
            entries[0],
            "title",
            "no source gives a title: the paper is called by its id; a curator's 'title' names it",
        )
    elif not any(entry.titles for entry in entries):
        yield entries[0], "title", "no source gives the whole title: the paper has a shortened one"


def _identifiers(paper: Paper) -> Iterator[Finding]:
    for entry in (listing.entry for listing in paper.listings):
        if entry.upstream_id and entry.arxiv_id and entry.upstream_id != entry.arxiv_id:
            yield (
                entry,
                "paper_id",
                f"{entry.upstream_id} is not the arXiv id {entry.arxiv_id}: the paper is named by the latter",
            )


def _chapters(paper: Paper) -> Iterator[Finding]:
    if paper.listed and not any(listing.entry.chapters for listing in paper.listings):
        yield paper.listings[0].entry, "home", "no source puts the paper into a chapter"


def _shared_repositories(papers: list[MappedPaper]) -> Iterator[Finding]:
    users: dict[str, dict[str, Entry]] = defaultdict(dict)
    for mapped in papers:
        for resource in mapped.resources:
            slug = repository_slug(resource.address) if resource.is_code else None
            if slug:
                users[slug][mapped.paper.id] = mapped.paper.listings[0].entry
    for slug, entries in users.items():
        if len(entries) > 1:
            for paper_id, entry in entries.items():
                others = ", ".join(sorted(entries.keys() - {paper_id}))
                yield (
                    entry,
                    "code_urls",
                    f"the repository {slug} is also linked from {others}: it may be another project's",
                )


RULES: tuple[Callable[[Paper], Iterator[Finding]], ...] = (_dates, _authors, _titles, _identifiers, _chapters)
