"""The second way to the answers that count, and to those that compare sources: see second_way.py, which this continues."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations, product
from typing import TYPE_CHECKING

from kg.setups import read_setups
from tests.queries.facts import chapters, code, day, documents, issued, papers, setups, slug, stated_roles, title, year
from tests.queries.rules import concluded
from tests.queries.second_way import LOSSES, SIGNALS, WIDER, losses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.models import ModelMention

Row = tuple[object, ...]

UNCLASSIFIED = {"unclassified"}

ROLES = {
    "analysis": "Analysis",
    "application": "Application or system report",
    "background": "Background",
    "direct-opd": "Direct OPD",
    "hybrid-opd": "Mixed or replayed distillation",
    "interactive-imitation": "Interactive imitation",
    "offline-distillation": "Offline comparator",
    "teacher-mediated-rl": "Teacher-mediated RL",
    "unclassified": "Unclassified",
}

TECHNIQUES = {
    "adaptive-divergence": "Adaptive divergence",
    "adversarial-training": "Adversarial training",
    "curriculum": "Curriculum",
    "mixed-sampling": "Mixed sampling",
    "rollout-truncation": "Rollout truncation",
    "sample-weighting": "Sample weighting",
    "staleness-control": "Staleness control",
    "target-reformulation": "Target reformulation",
    "token-weighting": "Token weighting",
    "trust-region": "Trust region",
    "variance-reduction": "Variance reduction",
}

#: The least parameters of each band of sizes.
BILLION = 1_000_000_000
BANDS = {"0–1B": 0, "1–3B": 1, "3–7B": 3, "7–14B": 7, "14–32B": 14, "32–70B": 32, "70B+": 70}

NEWEST = "survey-2026-10-06"


def roles(paper: str) -> set[str]:
    return stated_roles(paper) or concluded(paper, "role") or UNCLASSIFIED


def _signals(paper: str) -> set[str]:
    return concluded(paper, "signal") or UNCLASSIFIED


def _month(paper: str) -> str | None:
    return (issued(paper) or "")[:7] or None


def _counted(pairs: Iterable[tuple[str | None, str, str]]) -> list[Row]:
    return [
        (*key, count) for key, count in sorted(Counter(pairs).items(), key=lambda one: (one[0][0] or "", one[0][1]))
    ]


def papers_per_month_by_loss() -> list[Row]:
    pairs = ((paper, loss) for paper in papers() for loss in losses(paper))
    return _counted((_month(paper), f"concept/objective/{loss}", LOSSES[loss]) for paper, loss in pairs)


def papers_per_month_by_role() -> list[Row]:
    pairs = ((paper, role) for paper in papers() for role in roles(paper))
    return _counted((_month(paper), f"concept/role/{role}", ROLES[role]) for paper, role in pairs)


def papers_per_month_by_chapter() -> list[Row]:
    found = ((paper, path[0]) for paper in papers() for path in chapters(paper).get(NEWEST, ()))
    distinct = {(paper, slug(top), top["title"]) for paper, top in found}
    return _counted((_month(paper), f"concept/{NEWEST}/{chapter}", label) for paper, chapter, label in distinct)


def loss_classes_by_quarter() -> list[Row]:
    pairs = ((when, loss) for paper in papers() if (when := issued(paper)) for loss in losses(paper) - UNCLASSIFIED)
    return _counted(
        (f"{when[:4]}-Q{(int(when[5:7]) + 2) // 3}", f"concept/objective/{loss}", LOSSES[loss]) for when, loss in pairs
    )


def loss_and_signal() -> list[Row]:
    counts = Counter[tuple[str, str]]()
    for paper in papers():
        wide = {each for loss in losses(paper) for each in {loss} | WIDER.get(loss, set())}
        counts.update(product(wide, _signals(paper)))
    names = SIGNALS | {"unclassified": "Unclassified"}
    return [
        (f"concept/objective/{loss}", LOSSES[loss], f"concept/signal/{signal}", names[signal], count)
        for (loss, signal), count in sorted(counts.items())
    ]


# ---------------------------------------------------------------- models


def _models(paper: str, side: str) -> list[ModelMention]:
    """The models that the paper's setups name as ``teachers``, as ``students``, or ``involved`` in neither part."""
    return [model for text in setups(paper) for setup in read_setups(text) for model in getattr(setup, side)]


def _band(model: ModelMention) -> str | None:
    if model.parameters is None:
        return None
    return list(BANDS)[bisect_right(list(BANDS.values()), Decimal(model.parameters) / BILLION) - 1]


def _cells(of: Callable[[ModelMention], str | None]) -> Counter[tuple[str, str]]:
    """How many papers have a teacher of one kind and a student of another, by both kinds."""
    counts = Counter[tuple[str, str]]()
    for paper in papers():
        one, other = ({kind for m in _models(paper, side) if (kind := of(m))} for side in ("teachers", "students"))
        counts.update(product(one, other))
    return counts


def families_of_teacher_and_student() -> list[Row]:
    counts = _cells(lambda model: model.family)
    return [(*pair, count) for pair, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def sizes_of_teacher_and_student() -> list[Row]:
    counts, order = _cells(_band), list(BANDS)
    pairs = sorted(counts, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))
    return [(*pair, counts[pair]) for pair in pairs]


def most_used_models() -> list[Row]:
    used, taught, learned = Counter[str](), Counter[str](), Counter[str]()
    mentions: dict[str, list[ModelMention]] = {}
    for paper in papers():
        teachers, students = _models(paper, "teachers"), _models(paper, "students")
        everyone = [*teachers, *students, *_models(paper, "involved")]
        for model in everyone:
            mentions.setdefault(model.slug, []).append(model)
        for counter, models in ((used, everyone), (taught, teachers), (learned, students)):
            counter.update({model.slug for model in models})
    rows: list[tuple[str, str, str | None, str | None, int, int, int]] = []
    for name, models in mentions.items():
        label = min({model.name for model in models}, key=lambda text: (text.casefold() != name, text))
        counts = used[name], taught[name], learned[name]
        rows.append((f"model/{name}", label, models[0].family, _band(models[0]), *counts))
    return [*sorted(rows, key=lambda row: (-row[4], row[1], row[0]))]


# ---------------------------------------------------------------- classes


def signals_with_a_black_box_teacher() -> list[Row]:
    found = [paper for paper in papers() if "black-box" in concluded(paper, "access")]
    rows = [(f"paper/{paper}", title(paper), SIGNALS[signal]) for paper in found for signal in _signals(paper)]
    return [*sorted(rows, key=lambda row: (row[2], row[0]))]


def stabilizers_of_reverse_kl() -> list[Row]:
    used, with_reverse = Counter[str](), Counter[str]()
    for paper in papers():
        techniques = concluded(paper, "stabilization")
        used.update(techniques)
        with_reverse.update(techniques if "reverse-kl" in losses(paper) else ())
    rows = [(TECHNIQUES[name], with_reverse[name], count) for name, count in used.items()]
    return [*sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))]


def white_box_token_level_reverse_kl() -> list[Row]:
    rows = [
        (f"paper/{paper}", title(paper), year(paper))
        for paper in papers()
        if "reverse-kl" in losses(paper)
        and "white-box" in concluded(paper, "access")
        and "token" in concluded(paper, "granularity")
    ]
    return [*sorted(rows, key=lambda row: (-(row[2] or 0), row[0]))]


def unclassified_by_dimension() -> list[Row]:
    counts = {
        "loss class": sum(losses(paper) == UNCLASSIFIED for paper in papers()),
        "role": sum(roles(paper) == UNCLASSIFIED for paper in papers()),
    }
    by_rules = (
        ("signal source", "signal"),
        ("teacher access", "access"),
        ("granularity", "granularity"),
        ("stabilization", "stabilization"),
    )
    for label, dimension in by_rules:
        counts[label] = sum(not concluded(paper, dimension) for paper in papers())
    return [*sorted(counts.items(), key=lambda row: (-row[1], row[0]))]


# ---------------------------------------------------------------- sources and people


def code_by_year() -> list[Row]:
    every = Counter(year(paper) for paper in papers())
    opened = Counter(year(paper) for paper in papers() if code(paper))
    rows: list[Row] = []
    for when, count in sorted(((when, count) for when, count in every.items() if when), reverse=True):
        percent = (Decimal(100) * opened[when] / count).quantize(Decimal(1), ROUND_HALF_UP)
        rows.append((when, count, opened[when], percent))
    return rows


def chapters_of_each_survey_version() -> list[Row]:
    counts, titles = Counter[tuple[str, str]](), {}
    for paper in papers():
        for version, paths in chapters(paper).items():
            counts.update({(version, slug(path[0])) for path in paths})
            titles |= {(version, slug(path[0])): path[0]["title"] for path in paths}
    rows = [
        (f"scheme/{version}", day(version), f"concept/{version}/{top}", titles[version, top], count)
        for (version, top), count in sorted(counts.items())
    ]
    return [*sorted(rows, key=lambda row: row[1], reverse=True)]


def names_that_publish_together() -> list[Row]:
    counts = Counter(
        pair for entry in documents()["catalogue-2026-10-06"] for pair in combinations(sorted(set(entry["authors"])), 2)
    )
    rows = [(*pair, count) for pair, count in counts.items() if count >= 3]
    return [*sorted(rows, key=lambda row: (-row[2], row[:2]))]


def other_titles() -> list[Row]:
    rows: list[tuple[str, str, str]] = []
    for paper, said in papers().items():
        whole, short = (
            {text for entry in said.values() for text in entry.get(kind, ())} for kind in ("titles", "short_titles")
        )
        rows += [(f"paper/{paper}", title(paper), text) for text in (whole or short) - {title(paper)}]
    return [*sorted(rows, key=lambda row: (row[0], row[2]))]


def new_in_the_newest_list() -> list[Row]:
    rows: list[tuple[str, str, str | None, str | None]] = []
    for paper, said in papers().items():
        if {source for source in said if not source.startswith("loss-taxonomy")} == {"catalogue-2026-10-06"}:
            names = [path[-1]["title"] for path in chapters(paper).get(NEWEST, ())]
            rows += [(f"paper/{paper}", title(paper), issued(paper), name) for name in names or (None,)]
    in_order = sorted(rows, key=lambda row: (row[0], row[3] or ""))
    return [*sorted(in_order, key=lambda row: row[2] or "", reverse=True)]


#: By the name of the question.
ANSWERS: dict[str, Callable[[], list[Row]]] = {
    answer.__name__.replace("_", "-"): answer
    for answer in (
        chapters_of_each_survey_version,
        code_by_year,
        families_of_teacher_and_student,
        loss_and_signal,
        loss_classes_by_quarter,
        most_used_models,
        names_that_publish_together,
        new_in_the_newest_list,
        other_titles,
        papers_per_month_by_chapter,
        papers_per_month_by_loss,
        papers_per_month_by_role,
        signals_with_a_black_box_teacher,
        sizes_of_teacher_and_student,
        stabilizers_of_reverse_kl,
        unclassified_by_dimension,
        white_box_token_level_reverse_kl,
    )
}
