"""Tables of contents → survey versions: which known version a snapshot follows, or a new one made of its chapters."""

from __future__ import annotations

import re
from datetime import date
from itertools import chain, count
from typing import TYPE_CHECKING

from kg.concepts import Concept, Justification, Match, Relation, SurveyVersion
from kg.identifiers import slugify
from kg.records import Problem, Severity, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.concepts import ChapterKey
    from kg.records import Chapter, ChapterPath, Snapshot, SourceFile

WORD = re.compile(r"[^\W_]+")

#: A number that can be a segment of an IRI as it is.
NUMBER = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")

#: What the chapters belong to, in the titles of survey versions.
TITLES = {SourceKind.AWESOME: "the list", SourceKind.CATALOGUE: "the catalogue"}


def chapter_key(path: ChapterPath) -> ChapterKey:
    """Return what tells the last chapter of ``path`` from others, whatever its capitals and punctuation."""
    chapter, parent = path[-1], path[-2].title if len(path) > 1 else ""
    return chapter.notation or "", _words(chapter.title), _words(parent)


def _words(title: str) -> str:
    return " ".join(WORD.findall(title.casefold().replace("&", " and ")))


def contents(file: SourceFile) -> dict[ChapterPath, None]:
    """Return the paths of all chapters that the file names, outer ones before inner ones, each once."""
    paths = chain(file.chapters, *(entry.chapters for entry in file.entries))
    return {path[: depth + 1]: None for path in paths for depth in range(len(path))}


def make_version(
    slug: str, title: str, *, kind: SourceKind, issued: date | None, chapters: Mapping[ChapterPath, str | None]
) -> tuple[SurveyVersion, list[str]]:
    """Make a survey version of chapters (outer ones first) and their definitions.

    What stands in the way of one concept with one number and one name for each chapter is got round, and complained of.
    """
    concepts: dict[str, Concept] = {}
    by_key: dict[ChapterKey, Concept] = {}
    complaints = []
    for path, definition in chapters.items():
        chapter, key = path[-1], chapter_key(path)
        if key in by_key:
            complaints.append(f"the chapter {_name(chapter)} is there twice, and counts as one")
            continue
        notation = chapter.notation
        if notation in {other.notation for other in concepts.values()} - {None}:
            complaints.append(f"two chapters have the number {notation}: {_name(chapter)} goes without")
            notation = None
        parent = by_key[chapter_key(path[:-1])] if len(path) > 1 else None
        by_key[key] = concept = Concept(
            scheme=slug,
            slug=_free(_slugs(chapter, notation, parent), concepts),
            label=_free(_labels(chapter, parent), {other.label for other in concepts.values()}),
            definition=definition,
            notation=notation,
            broader=(parent.slug,) if parent else (),
        )
        concepts[concept.slug] = concept
    version = SurveyVersion(slug, title, concepts, dimension="chapter", kind=kind, issued=issued, chapters=by_key)
    return version, complaints


def _name(chapter: Chapter) -> str:
    return f"{chapter.notation} {chapter.title}" if chapter.notation else chapter.title


def _free(candidates: Iterable[str], taken: Iterable[str]) -> str:
    taken = set(taken)
    return next(candidate for candidate in candidates if candidate not in taken)


def _slugs(chapter: Chapter, notation: str | None, parent: Concept | None) -> Iterator[str]:
    """Return the slugs that the chapter may have, best first: its number, or its title with ever more around it."""
    if notation and NUMBER.fullmatch(notation):
        yield notation
    try:
        title = slugify(chapter.title)
    except ValueError:  # nothing that ASCII could spell
        title = "chapter"
    yield title
    if parent:
        yield f"{parent.slug}-{title}"
    yield from (f"{title}-{number}" for number in count(2))


def _labels(chapter: Chapter, parent: Concept | None) -> Iterator[str]:
    yield chapter.title
    if parent:
        yield f"{chapter.title} ({parent.label})"
    yield from (f"{chapter.title} ({number})" for number in count(2))


def fitting_version(versions: Iterable[SurveyVersion], file: SourceFile) -> SurveyVersion | None:
    """Return the known version that has all chapters of ``file``, or None.

    Of several, the newest one that is not newer than the file; else the newest.
    """
    kind, day = file.snapshot.kind, file.snapshot.day
    keys = {chapter_key(path) for path in contents(file)}
    fitting = [version for version in versions if version.kind is kind and keys <= version.chapters.keys()]
    before = [version for version in fitting if day and version.issued and version.issued <= day]
    return newest_version(before or fitting)


def newest_version(versions: Iterable[SurveyVersion]) -> SurveyVersion | None:
    """Return the newest of them; one without a date counts as older than all others."""
    return max(versions, key=lambda version: (version.issued or date.min, version.slug), default=None)


def version_of(file: SourceFile, taken: Iterable[str]) -> tuple[SurveyVersion, list[Problem]]:
    """Make a survey version of a file's own chapters, under a slug that is not taken, and say so."""
    snapshot = file.snapshot
    if snapshot.day:
        when = f"{snapshot.day.day} {snapshot.day:%B} {snapshot.day.year}"
        slugs = [f"survey-{snapshot.day}", f"survey-{snapshot.slug}"]
    else:
        when = f"without a date ({snapshot.slug})"
        slugs = [f"survey-{snapshot.slug}"]
    version, complaints = make_version(
        _free(slugs, taken),
        f"Chapters of {TITLES[snapshot.kind]}, {when}",
        kind=snapshot.kind,
        issued=snapshot.day,
        chapters=dict.fromkeys(contents(file)),
    )
    return version, [_problem(snapshot, complaint) for complaint in complaints]


def new_layout(file: SourceFile, version: SurveyVersion, known: SurveyVersion | None) -> Problem:
    """Return the warning that says which chapters made a new survey version necessary."""
    before = known.chapters if known else {}
    unknown = [_name(path[-1]) for path in contents(file) if chapter_key(path) not in before]
    return _problem(
        file.snapshot,
        f"a new layout of chapters, kept as the scheme {version.slug}: no known survey version has all of them; "
        "ontology/taxonomy.yaml may name it, and relate it to the others",
        "; ".join(unknown),
    )


def same_chapters(new: SurveyVersion, known: SurveyVersion) -> Iterator[Match]:
    """Match the chapters that stand in both versions with the same number and title, under the same parent title."""
    for key, concept in new.chapters.items():
        if key in known.chapters:
            yield Match(Relation.EXACT, concept, known.chapters[key], Justification.LEXICAL)


def _problem(snapshot: Snapshot, reason: str, excerpt: str = "") -> Problem:
    return Problem(snapshot.file, None, "chapters", reason, Severity.WARNING, excerpt[:200])
