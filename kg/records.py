"""The plain data that sources produce and that the merge reads.

A *source file* is one upstream file as it was on one day (a snapshot). A reader turns its bytes into a
:class:`SourceFile`: the snapshot, what it lists, what it merely mentions, its table of contents, and every problem met on
the way. No RDF here, and no knowledge of other sources: the same bytes always give the same records.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum


class SourceKind(StrEnum):
    """The four upstream formats, and the past of such files. The value is used in IRIs, file names and reports."""

    CATALOGUE = "catalogue"
    AWESOME = "awesome"
    LOSS_TAXONOMY = "loss-taxonomy"
    CURATION = "curation"
    HISTORY = "history"


class Severity(StrEnum):
    """What a problem did to the entry it was found in."""

    QUARANTINED = "quarantined"  #: the entry was left out of the graph; the report keeps what it said
    WARNING = "warning"  #: the entry is in the graph as it stands; a person should look at it


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read as it should be: where it stands, what is wrong, what to do.

    ``line`` counts from 1 and is None where the format has no lines (a JSON entry names its index in ``field`` instead).
    ``excerpt`` is at most 200 characters of the offending text.
    """

    file: str
    line: int | None
    field: str
    reason: str
    severity: Severity
    excerpt: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.field}: {self.reason}" if self.field else f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One source file as it was on one day.

    ``slug`` is unique among the sources of a release and makes the IRI ``source/{slug}``: ``awesome-2026-06-03``; an
    undated one ends in the first 12 hex digits of its sha256. ``sha256`` and ``size`` (bytes) are of the upstream file
    itself, also where the records come from the bundled snapshot of its facts. ``day`` is None if neither name nor content
    tells it.
    """

    slug: str
    kind: SourceKind
    file: str
    sha256: str
    size: int
    day: date | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading of the survey's table of contents: ``notation`` is its number without the § sign (``5.3.1``), if it has one."""

    title: str
    notation: str | None = None


#: From the outermost chapter to the one that holds the table: (§5 Signal Source…, §5.3 Self-Distillation, §5.3.1 …).
ChapterPath = tuple[Chapter, ...]


class Mark(StrEnum):
    """Whether the list says that its survey covers a paper already."""

    IN_SURVEY = "in-survey"
    PENDING = "pending"


class Direction(StrEnum):
    """What a source says of the arrow in its texts about models."""

    TEACHER_FIRST = "teacher-first"
    STUDENT_FIRST = "student-first"


#: Resource labels that mean a place where code lives; the others are links to see also.
CODE_LABELS = ("code", "github", "official")


@dataclass(frozen=True, slots=True)
class Resource:
    """A link beside a paper: ``label`` as upstream has it (Code, Model, Project…), ``address`` an http(s) URL."""

    label: str
    address: str

    @property
    def is_code(self) -> bool:
        """Whether it is a place where code lives."""
        return self.label.casefold().startswith(CODE_LABELS)


@dataclass(frozen=True, slots=True)
class Statement:
    """One classification as a source words it.

    ``dimension`` is a key of ontology/rules.yaml's ``codes`` (loss, role, …), ``code`` the upstream spelling (``RKL``,
    ``direct_opd``), ``confidence`` high, medium or low where the source gives one. Only the curator's file may name
    a concept's slug instead of a code, give a ``reason``, or reject (``negated``).
    """

    dimension: str
    code: str
    confidence: str | None = None
    negated: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What one source says of one paper. A paper that a source lists in several places is still one entry.

    At least one of ``arxiv_id`` (no version suffix), ``upstream_id`` and ``address`` (http or https) is given: they
    identify the paper. ``titles`` holds every title that the source uses for it, the first one first; a title that upstream
    has cut short (``…``) is kept in ``short_titles`` only. ``issued`` is ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``, as
    written. ``years`` are those that the source states, in order. ``chapters`` are all the places where it is listed.
    ``models`` is the raw teacher → student text of each place, without the mark before it;
    ``models_direction`` is given where the source itself says which side of the arrow teaches. ``authors`` are strings as
    listed, in order. ``same_as`` (curator only) are further addresses or upstream ids of the same paper. ``listed``
    (curator only) says explicitly whether the paper is listed today.
    """

    file: str
    line: int | None
    titles: tuple[str, ...] = ()
    short_titles: tuple[str, ...] = ()
    arxiv_id: str | None = None
    upstream_id: str | None = None
    address: str | None = None
    authors: tuple[str, ...] = ()
    issued: str | None = None
    years: tuple[int, ...] = ()
    chapters: tuple[ChapterPath, ...] = ()
    mark: Mark | None = None
    resources: tuple[Resource, ...] = ()
    models: tuple[str, ...] = ()
    models_direction: Direction | None = None
    method_names: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    same_as: tuple[str, ...] = ()
    listed: bool | None = None

    @property
    def identity(self) -> str:
        """What tells the entry from the others of its source."""
        return self.arxiv_id or self.upstream_id or self.address or ""

    def light(self) -> Entry:
        """Return what a history keeps: what the paper is called and where it is, its chapters, classifications and code."""
        return Entry(
            file="",
            line=None,
            titles=self.titles,
            short_titles=self.short_titles,
            arxiv_id=self.arxiv_id,
            upstream_id=self.upstream_id,
            address=self.address,
            chapters=self.chapters,
            resources=tuple(resource for resource in self.resources if resource.is_code),
            statements=tuple(replace(statement, confidence=None) for statement in self.statements),
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A link to a paper outside the chapter tables (recently added, hall of fame, prose): it never lists the paper."""

    file: str
    line: int | None
    context: str  #: the heading it stands under
    title: str
    arxiv_id: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a repository: its id (40 hex digits), and when it was written and when it came in, YYYY-MM-DDTHH:MM:SSZ."""

    id: str
    authored: str
    committed: str

    @property
    def day(self) -> date:
        """The day (UTC) on which it came in."""
        return date.fromisoformat(self.committed[:10])


@dataclass(frozen=True, slots=True)
class Revision:
    """What a commit changed in what the repository's files of one kind hold, all of them taken together.

    ``entries`` are those that are new or say something else than before, by what :meth:`Entry.light` keeps of them; ``gone`` are
    the identities of those that are there no more.
    """

    commit: Commit
    kind: SourceKind
    entries: tuple[Entry, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A commit whose files of one kind are not believed: the state before it stands until a commit mends them."""

    commit: Commit
    kind: SourceKind
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """The past of a repository's files: what they held at first, and what each commit changed, the oldest first.

    ``root`` is the id of the repository's first commit, which tells it from others. ``begins`` is the id of the commit whose
    revisions say what was there before all that is told; None: there was nothing. ``pages`` is what the address of a
    commit's page begins with, if commits have public pages.
    """

    root: str
    begins: str | None
    pages: str | None
    revisions: tuple[Revision, ...]
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """All that a reader found in one snapshot. ``chapters`` is the table of contents in document order, each with its path.

    ``curator`` is the name that the curator's file signs with, None for the other kinds; only a history has a ``history``.
    """

    snapshot: Snapshot
    entries: tuple[Entry, ...] = ()
    chapters: tuple[ChapterPath, ...] = ()
    mentions: tuple[Mention, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    curator: str | None = None
    history: History | None = None
