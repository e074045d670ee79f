"""Papers side by side: what each does in which way, as the table that a section on related work needs; as CSV and LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg import latex
from kg.columns import SEPARATOR
from kg.entity import Named, label_of
from kg.identifiers import clean_text
from kg.serialise import csv_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.cards import Card
    from kg.library import Library

#: The columns of concepts by the slug of their scheme, and those of the two sides of a setup.
SCHEMES = {
    "objective": "loss",
    "signal": "signal",
    "stabilization": "stabilization",
    "access": "access",
    "granularity": "granularity",
}
SIDES = ("teacher", "student")

#: The columns beside the paper's own, by key.
COLUMNS = {
    "year": "Year",
    "loss": "Loss",
    "signal": "Signal",
    "stabilization": "Stabilization",
    "access": "Teacher access",
    "granularity": "Granularity",
    "teacher": "Teacher",
    "student": "Student",
    "code": "Code",
}

#: What stands in a LaTeX cell of which nothing is known.
NOTHING = "--"


@dataclass(frozen=True, slots=True)
class Row:
    """A paper, the names of its method, and its cells by the keys of COLUMNS."""

    card: Card
    names: tuple[str, ...]
    cells: dict[str, list[Named]]


def compare(library: Library, ids: Iterable[str]) -> list[Row]:
    """Return a row for each of these papers of the release, in their order."""
    return [_row(library, card) for card in library.cards(ids)]


def as_csv(rows: Iterable[Row]) -> bytes:
    """Return the table as CSV, several values in a cell set apart by SEPARATOR."""
    lines = (
        [row.card.id, row.card.title, *(SEPARATOR.join(each.label for each in row.cells[key]) for key in COLUMNS)]
        for row in rows
    )
    return csv_table(["id", "title", *COLUMNS], lines)


def as_latex(rows: Iterable[Row]) -> str:
    """Return a ``tabular`` for the package booktabs, which cites the papers by the keys of their BibTeX."""
    lines = [
        r"% \usepackage{booktabs}",
        rf"\begin{{tabular}}{{{'l' * (1 + len(COLUMNS))}}}",
        r"\toprule",
        _line(["Paper", *COLUMNS.values()]),
        r"\midrule",
    ]
    for row in rows:
        name = (
            latex.escape(clean_text(", ".join(row.names)))
            if row.names
            else latex.escape_title(clean_text(row.card.title))
        )
        cells = (_latex_cell(key, row.cells[key]) for key in COLUMNS)
        lines.append(_line([rf"{name}~\cite{{{row.card.key}}}", *cells]))
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _line(cells: Iterable[str]) -> str:
    return rf"{' & '.join(cells)} \\"


def _latex_cell(key: str, entries: Sequence[Named]) -> str:
    """Whether there is code is enough: an address would be wider than the rest of the table."""
    text = ", ".join(entry.label for entry in entries) if key != "code" else "yes" if entries else ""
    return latex.escape(clean_text(text)) or NOTHING


def _row(library: Library, card: Card) -> Row:
    iris, node = library.iris, NamedNode(card.iri)
    cells: dict[str, list[Named]] = {key: [] for key in COLUMNS}
    cells["year"] = [Named(str(card.year))] if card.year else []
    for slug, key in SCHEMES.items():
        scheme = iris.scheme(slug).value
        cells[key] = [Named(concept.label, concept.iri) for concept in card.concepts if concept.scheme == scheme]
    setups = _objects(library, node, iris.opd.reportsSetup)
    for side in SIDES:
        models = {model for setup in setups for model in _objects(library, setup, iris.opd[side])}
        entries = (Named(label_of(library.store, model) or model.value, model.value) for model in models)
        cells[side] = sorted(entries, key=lambda entry: (entry.label.casefold(), entry.label))
    cells["code"] = [Named(iri.removeprefix(f"{iris.base}repository/"), iri) for iri in card.repositories]
    names = library.store.quads_for_pattern(node, iris.opd.methodName, None, iris.graph("papers"))
    return Row(card, tuple(sorted(quad.object.value for quad in names if isinstance(quad.object, Literal))), cells)


def _objects(library: Library, node: NamedNode, predicate: NamedNode) -> list[NamedNode]:
    quads = library.store.quads_for_pattern(node, predicate, None, library.iris.graph("papers"))
    return [quad.object for quad in quads if isinstance(quad.object, NamedNode)]
