"""From an answer's rows to the rows and columns of a picture, and to the facets that find the papers behind each number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from server.answers import answer, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from server.reading import Reading

    Chosen = Mapping[str, tuple[str, ...]]
    Numbers = Mapping[tuple[str, str], int]
    Read = Callable[[Reading, list[dict[str, str]]], "Axes"]

#: How many models the picture of the most used ones shows.
MOST_USED = 25

NO_DAY = "no day known"


@dataclass(frozen=True, slots=True)
class Axes:
    """Numbers by row and column. ``papers`` are the facets that find a cell's papers, None where no facets find just those."""

    rows: list[str]
    columns: list[str]
    numbers: Numbers
    papers: Callable[[str, str], Chosen | None]
    name: Callable[[str], str] = str


def by_month(variable: str, period: str = "month") -> Read:
    """Return a reader of numbers by time and concept. Times are in order, what has none comes last."""

    def read(here: Reading, records: list[dict[str, str]]) -> Axes:
        numbers = {(each.get(period, NO_DAY), each[variable]): int(each["papers"]) for each in records}
        times = sorted({when for when, _ in numbers}, key=lambda when: (when == NO_DAY, when))

        def papers(when: str, iri: str) -> Chosen | None:
            concept = here.thesaurus.concepts.get(iri)
            exact = variable == "chapter" or not (concept and concept.narrower)  # a facet counts narrower ones as well
            pair = here.facets.value_of(concept) if concept and exact and when != NO_DAY else None
            return {"month": tuple(_months(when)), pair[0]: (pair[1],)} if pair else None

        return Axes(times, _in_order(here, {iri for _, iri in numbers}), numbers, papers, _namer(here))

    return read


def losses_and_signals(here: Reading, records: list[dict[str, str]]) -> Axes:
    """Return the numbers of papers that have both, by loss and signal in the taxonomy's order."""
    numbers = {(each["loss"], each["signal"]): int(each["papers"]) for each in records}
    rows, columns = (_in_order(here, {pair[side] for pair in numbers}) for side in (0, 1))

    def papers(loss: str, signal: str) -> Chosen:
        pairs = (here.facets.value_of(here.thesaurus.concepts[iri]) for iri in (loss, signal))
        return {pair[0]: (pair[1],) for pair in pairs if pair}

    return Axes(rows, columns, numbers, papers, _namer(here))


def teachers_and_students(kind: str) -> Read:
    """Return a reader of numbers by kind of teacher and kind of student; the kind is a model's ``family`` or ``size``."""

    def read(here: Reading, records: list[dict[str, str]]) -> Axes:
        numbers = {(each["teacher"], each["student"]): int(each["papers"]) for each in records}
        totals = Counter[str]()
        for (teacher, student), number in numbers.items():
            totals[teacher] += number
            totals[student] += number
        ordered = sorted(totals, key=_size if kind == "size" else lambda name: (-totals[name], name))
        rows, columns = ([name for name in ordered if name in {pair[side] for pair in numbers}] for side in (0, 1))
        models = _models(here, kind)

        def papers(teacher: str, student: str) -> Chosen | None:
            chosen = {"teacher": models.get(("asTeacher", teacher)), "student": models.get(("asStudent", student))}
            return {facet: tuple(slugs) for facet, slugs in chosen.items() if slugs} if all(chosen.values()) else None

        return Axes(rows, columns, numbers, papers)

    return read


def most_used(_: Reading, records: list[dict[str, str]]) -> Axes:
    """Return how many papers have each of the most used models as teacher, as student, and in any part."""
    top = records[:MOST_USED]
    columns = {"asTeacher": "as teacher", "asStudent": "as student", "papers": "in any part"}
    numbers = {(each["model"], part): int(each[part]) for each in top for part in columns}
    names = {each["model"]: each["label"] for each in top} | columns

    def papers(model: str, part: str) -> Chosen:
        facet = {"asTeacher": "teacher", "asStudent": "student", "papers": "model"}[part]
        return {facet: (model.rpartition("/")[2],)}

    return Axes([each["model"] for each in top], list(columns), numbers, papers, lambda key: names[key])


def _models(here: Reading, kind: str) -> dict[tuple[str, str], list[str]]:
    """Return the slugs of the models that teach, and of those that learn, by that part and the kind."""
    question = find(here, here.iris.question("most-used-models"))
    found: dict[tuple[str, str], list[str]] = {}
    for record in answer(here, question).records() if question else ():
        for part in ("asTeacher", "asStudent"):
            if kind in record and record[part] != "0":
                found.setdefault((part, record[kind]), []).append(record["model"].rpartition("/")[2])
    return found


def _size(band: str) -> int:
    """Return the least size of a band, which is the number that its name begins with."""
    return int("".join(takewhile(str.isdigit, band)))


def _months(when: str) -> list[str]:
    """Return the months of a month, or of a quarter such as 2026-Q1."""
    year, _, part = when.partition("-")
    if not part.startswith("Q"):
        return [when]
    last = 3 * int(part[1:])
    return [f"{year}-{month:02}" for month in range(last - 2, last + 1)]


def _in_order(here: Reading, iris: Iterable[str]) -> list[str]:
    concepts = here.thesaurus.concepts

    def place(iri: str) -> tuple[float, str]:
        concept = concepts.get(iri)
        return (concept.position if concept else float("inf"), iri)

    return sorted(iris, key=place)


def _namer(here: Reading) -> Callable[[str], str]:
    def name(key: str) -> str:
        concept = here.thesaurus.concepts.get(key)
        return concept.name if concept else key

    return name
