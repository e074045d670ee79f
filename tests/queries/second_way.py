"""The whole answer to each competency question, worked out from the bundled facts without the graph.

Rows are in the order that the question promises. IRIs come without their base.
"""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from tests.queries.by_hand import WHO_CLASSIFIED_MINILLM
from tests.queries.facts import (
    chapters,
    code,
    day,
    documents,
    issued,
    papers,
    readmes,
    setups,
    slug,
    teachers_and_students,
    teaches_itself,
    title,
    year,
)
from tests.queries.rules import concluded

if TYPE_CHECKING:
    from collections.abc import Callable

Row = tuple[object, ...]

#: The seven classes of the loss taxonomy.
CODES = {
    "FKL": "forward-kl",
    "RKL": "reverse-kl",
    "Symmetric": "symmetric-kl",
    "f-Divergence": "other-f-divergence",
    "KL+RL": "kl-rl",
    "Preference": "preference",
    "Other": "other",
}

LOSSES = {
    "forward-kl": "Forward KL",
    "reverse-kl": "Reverse KL",
    "symmetric-kl": "Symmetric and skewed KL",
    "other-f-divergence": "Other f-divergence",
    "f-divergence": "f-divergence",
    "kl-based": "KL-based",
    "kl-rl": "KL + RL",
    "contrastive": "Contrastive",
    "preference": "Preference",
    "other": "Other objective",
    "unclassified": "Unclassified",
}

WIDER = {
    "forward-kl": {"kl-based", "f-divergence"},
    "reverse-kl": {"kl-based", "f-divergence"},
    "symmetric-kl": {"kl-based", "f-divergence"},
    "other-f-divergence": {"f-divergence"},
}

SIGNALS = {
    "logits": "Logits",
    "generated-text": "Generated text",
    "hidden-states": "Hidden states",
    "attention": "Attention matrices",
    "reward-or-verifier": "Reward or verifier",
    "self": "Self",
    "privileged-information": "Privileged information",
}

#: Chapters of the list of May and June, and the chapter of the catalogue that is about the same: objectives, teachers and
#: signals, training, understanding, applications. The catalogue's chapter 7 and its background have no counterpart.
COUNTERPART = {"4": "4", "5": "5", "6": "6", "7": "8", "8": "9"}


def audited(paper: str) -> dict[str, str]:
    """The auditor's class of the paper, and how sure the auditor is."""
    said = papers()[paper].get("loss-taxonomy-2026-06-03", {}).get("statements", ())
    return {CODES[statement["code"]]: statement["confidence"] for statement in said}


def losses(paper: str) -> set[str]:
    return audited(paper).keys() | concluded(paper, "loss") or {"unclassified"}


def dropped_papers() -> list[Row]:
    days = sorted({day(source) for source in documents() if not source.startswith("loss-taxonomy")})
    rows: list[Row] = []
    for paper, said in papers().items():
        listed = sorted(day(source) for source in said if not source.startswith("loss-taxonomy"))
        if days[-1] not in listed:
            since = next((later for later in days if listed and later > listed[-1]), None)
            rows.append((f"paper/{paper}", title(paper), *((listed[0], listed[-1]) if listed else (None, None)), since))
    return sorted(rows, key=lambda row: (row[4] or "", row[0]))


def empty_cells_of_loss_and_signal() -> list[Row]:
    with_loss, with_signal, with_both = Counter[str](), Counter[str](), set()
    for paper in papers():
        found = {wide for loss in losses(paper) for wide in {loss} | WIDER.get(loss, set())} - {"unclassified"}
        signals = concluded(paper, "signal")
        with_loss.update(found)
        with_signal.update(signals)
        with_both |= {(loss, signal) for loss in found for signal in signals}
    rows: list[tuple[str, int, str, int]] = [
        (LOSSES[loss], with_loss[loss], SIGNALS[signal], with_signal[signal])
        for loss in with_loss
        for signal in with_signal
        if (loss, signal) not in with_both
    ]
    return [*sorted(rows, key=lambda row: (-row[1] * row[3], row[0], row[2]))]


def f_divergences() -> list[Row]:
    rows = [
        (f"paper/{paper}", title(paper), LOSSES[loss])
        for paper in papers()
        for loss in losses(paper)
        if "f-divergence" in {loss} | WIDER.get(loss, set())
    ]
    return [*sorted(rows, key=lambda row: (row[2], row[0]))]


def loss_classes_by_year() -> list[Row]:
    counts = Counter((when, LOSSES[loss]) for paper in papers() if (when := year(paper)) for loss in losses(paper))
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    return [(when, loss, number) for (when, loss), number in ordered]


def most_frequent_names() -> list[Row]:
    counts = Counter(name for entry in documents()["catalogue-2026-10-06"] for name in set(entry["authors"]))
    return [row for row in sorted(counts.items(), key=lambda row: (-row[1], row[0])) if row[1] >= 4]


def moved_between_survey_versions() -> list[Row]:
    rows: list[tuple[str, str, str, str, str]] = []
    for paper in papers():
        before, after = (chapters(paper).get(f"survey-{version}", []) for version in ("2026-05-23", "2026-10-06"))
        expected = {COUNTERPART.get(path[0]["notation"]) for path in before}
        rows += [
            (f"paper/{paper}", title(paper), old[-1]["notation"], old[-1]["title"], new[-1]["title"])
            for old in before
            for new in after
            if slug(new[-1]) not in expected
        ]
    return [*sorted(rows, key=lambda row: (row[2], row[4], row[0]))]


def reverse_kl_with_code_and_small_teacher() -> list[Row]:
    found = [paper for paper in papers() if "reverse-kl" in losses(paper) and (year(paper) or 0) >= 2026]
    rows = {
        (f"paper/{paper}", title(paper), issued(paper), address, f"model/{teacher.slug}", teacher.parameters)
        for paper in found
        for address in code(paper)
        for statement in setups(paper)
        for teacher in teachers_and_students(statement)[0]
        if teacher.parameters and teacher.parameters < 10_000_000_000
    }
    in_order = sorted(rows, key=lambda row: (row[0], row[3], row[4]))
    return [*sorted(in_order, key=lambda row: row[2] or "", reverse=True)]


def same_family_pairs() -> list[Row]:
    counts = Counter[str]()
    for paper in papers():
        sides = [teachers_and_students(text) for text in setups(paper) if not teaches_itself(text)]
        pairs = [(teacher, student) for teachers, students in sides for teacher in teachers for student in students]
        counts.update({one.family for one, other in pairs if one.family == other.family and one != other if one.family})
    return [*sorted(counts.items(), key=lambda row: (-row[1], row[0]))]


def self_distillation() -> list[Row]:
    rows: set[tuple[str, str, str | None]] = set()
    for paper in papers():
        for statement in filter(teaches_itself, setups(paper)):
            models = [f"model/{student.slug}" for student in teachers_and_students(statement)[1]]
            rows |= {(f"paper/{paper}", title(paper), model) for model in models or (None,)}
    return [*sorted(rows, key=lambda row: (row[0], row[2] or ""))]


def superseded_claims() -> list[Row]:
    marks = {"in-survey": "In the survey", "pending": "Pending"}
    rows: list[tuple[str, str, str, str, str, str]] = []
    for paper in papers():
        subject, agent, said = f"paper/{paper}", "Maintainers of the Awesome list", readmes(paper)
        marked = [(day(source), marks[entry["mark"]]) for source, entry in said if "mark" in entry]
        for mark in {mark for _, mark in marked} - {mark for _, mark in marked[:1]}:
            since = min(when for when, other in marked if other == mark)
            rows.append((subject, agent, "coverage", mark, since, marked[0][1]))
        # Only the list of 23 May has the same chapters as a later one, and so could be corrected by it.
        before = papers()[paper].get("awesome-2026-05-23", {}).get("chapters", ())
        now = chapters(paper).get("survey-2026-05-23", [])
        moves = [(old[-1]["title"], new[-1]["title"]) for old in before for new in now if old not in now]
        rows += [(subject, agent, "in section", old, "2026-05-23", new) for old, new in moves]
    return [*sorted(rows, key=lambda row: (row[2], row))]


def teachers_ten_times_larger() -> list[Row]:
    found = []
    for paper in papers():
        for statement in setups(paper):
            teachers, students = teachers_and_students(statement)
            large = [model.parameters for model in teachers]
            small = [model.parameters for model in students if model.parameters]
            if small and large and all(large):
                sizes = min(size for size in large if size), min(small)
                found.append((f"paper/{paper}", statement, *sizes, Decimal(sizes[0]) / sizes[1]))
    in_order = sorted((row for row in found if row[4] >= 10), key=lambda row: (-row[4], row[0], row[1]))
    return [(*row[:4], row[4].quantize(Decimal(1), ROUND_HALF_UP)) for row in in_order]


def unsure_loss_classes() -> list[Row]:
    rows = [
        (f"paper/{paper}", title(paper), LOSSES[loss], confidence.capitalize())
        for paper in papers()
        for loss, confidence in audited(paper).items()
        if confidence != "high"
    ]
    return [*sorted(rows, key=lambda row: (row[3], row[0]))]


def who_classified_minillm() -> list[Row]:
    return [*WHO_CLASSIFIED_MINILLM]


#: By the name of the question.
ANSWERS: dict[str, Callable[[], list[Row]]] = {
    answer.__name__.replace("_", "-"): answer
    for answer in (
        dropped_papers,
        empty_cells_of_loss_and_signal,
        f_divergences,
        loss_classes_by_year,
        most_frequent_names,
        moved_between_survey_versions,
        reverse_kl_with_code_and_small_teacher,
        same_family_pairs,
        self_distillation,
        superseded_claims,
        teachers_ten_times_larger,
        unsure_loss_classes,
        who_classified_minillm,
    )
}
