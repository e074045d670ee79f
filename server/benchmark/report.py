"""The outcome of a run: medians over the rounds, ratios beside what they must be, as a table and as JSON."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from server.benchmark.cases import GOALS, Measure
from server.benchmark.crowd import BOMBERS, BOUND
from server.benchmark.targets import OURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.benchmark.cases import Goal, Key
    from server.benchmark.crowd import CrowdTimes
    from server.benchmark.load import Measurement
    from server.benchmark.pages import PageTimes

    #: What each server did in each case, round by round.
    Rounds = Mapping[tuple[Key, str], Sequence[Measurement]]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A goal and what came of it: the median over the rounds, None if a round has no answer to divide by or of ours."""

    goal: Goal
    value: float | None

    @property
    def met(self) -> bool:
        return self.value is not None and self.goal.is_met_by(self.value)


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run found. ``setting`` says of what, on which machine and how."""

    setting: Mapping[str, Any]
    pages: Sequence[PageTimes]
    rounds: Rounds = field(default_factory=dict)
    crowd: CrowdTimes | None = None

    @property
    def ratios(self) -> list[Ratio]:
        return [Ratio(goal, _ratio(self.rounds, goal)) for goal in GOALS] if self.rounds else []

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            **self.setting,
            "ratios": [{**asdict(ratio.goal), "ratio": ratio.value, "met": ratio.met} for ratio in self.ratios],
            "measurements": [
                {"case": key, "server": name, "rounds": [asdict(each) for each in found]}
                for (key, name), found in self.rounds.items()
            ],
            "pages": [{**asdict(each), "target_ms": each.target_ms, "ratio": each.ratio} for each in self.pages],
            "crowd": self.crowd and {**asdict(self.crowd), "ratio": self.crowd.ratio, "met": self.crowd.met},
        }

    def as_text(self) -> str:
        """Return the tables that a person reads."""
        parts = [", ".join(f"{name} {value}" for name, value in self.setting.items())]
        if self.rounds:
            measured = [("case", "server", "requests/s", "p50 ms", "p99 ms", "failed")]
            measured += [(key, name, *_medians(found)) for (key, name), found in self.rounds.items()]
            ratios = [("ratio to", "of what", "measured", "target", "")]
            ratios += [_ratio_row(ratio) for ratio in self.ratios]
            parts += [_table(measured), _table(ratios)]
        parts.append(_pages(self.pages))
        if self.crowd:
            parts.append(_crowd(self.crowd))
        return "\n\n".join(parts)


def _ratio(rounds: Rounds, goal: Goal) -> float | None:
    """Divide within each round, whose two measurements stand side by side in time, and take the median."""
    pairs = zip(rounds[goal.case, OURS], rounds[goal.peer_case, goal.peer], strict=True)
    values = [(_value(ours, goal.measure), _value(theirs, goal.measure)) for ours, theirs in pairs]
    if any(ours == 0 or theirs == 0 for ours, theirs in values):
        return None
    return statistics.median(ours / theirs for ours, theirs in values)


def _value(found: Measurement, measure: Measure) -> float:
    return found.rate if measure is Measure.RATE else found.p99_ms


def _medians(found: Sequence[Measurement]) -> tuple[str, str, str, str]:
    rate, p50, p99 = (
        statistics.median(values)
        for values in zip(*((each.rate, each.p50_ms, each.p99_ms) for each in found), strict=True)
    )
    return f"{rate:.1f}", f"{p50:.2f}", f"{p99:.2f}", str(sum(each.failures for each in found))


def _ratio_row(ratio: Ratio) -> tuple[str, str, str, str, str]:
    goal = ratio.goal
    sign = "≤" if goal.measure is Measure.P99 else "≥"
    value = "no answers" if ratio.value is None else f"{ratio.value:.2f}"
    return goal.peer, f"{goal.title}: {goal.measure}", value, f"{sign} {goal.bound:g}", "met" if ratio.met else "missed"


def _pages(pages: Sequence[PageTimes]) -> str:
    head = (
        "papers",
        "page",
        "matching",
        "server ms",
        "target",
        "",
        "processor ms",
        "HTTP ms",
        "SPARQL ms",
        "SPARQL/HTTP",
    )
    return _table([head, *map(_page_row, pages)])


def _page_row(times: PageTimes) -> tuple[str, ...]:
    bound, least = times.target_ms, "" if times.sparql_whole else "> "
    return (
        str(times.papers),
        times.kind,
        str(times.matching),
        f"{times.server_ms:.1f}",
        f"< {bound:g}" if bound else "",
        ("met" if times.server_ms < bound else "missed") if bound else "",
        f"{times.processor_ms:.1f}",
        f"{times.http_ms:.1f}",
        "none" if times.sparql_ms is None else f"{least}{times.sparql_ms:.0f}",
        "" if times.ratio is None else f"{least}{times.ratio:.0f}",
    )


def _crowd(times: CrowdTimes) -> str:
    return _table(
        [
            ("a look-up beside", f"{BOMBERS} clients' bombs", "quiet p95 ms", "crowded p95 ms", "ratio", "target", ""),
            (
                "",
                f"{times.failures} failed",
                f"{times.quiet_p95_ms:.2f}",
                f"{times.crowded_p95_ms:.2f}",
                f"{times.ratio:.2f}",
                f"≤ {BOUND:g}",
                "met" if times.met else "missed",
            ),
        ]
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns: the text to the left, the numbers (from the third column on) to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)  # noqa: PLR2004
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines)
