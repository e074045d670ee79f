"""``opdkg check FILE``: what a build would say of source files, before anything is built of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.build import map_sources, own_triples
from kg.checks import check
from kg.identifiers import clean_text
from kg.inputs import read_sources, with_facts
from kg.records import Severity
from kg.violations import located
from kg.vocab import Iris

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.records import Problem, SourceFile
    from kg.violations import Violation

#: What a problem did to its entry, in words.
DONE = {Severity.QUARANTINED: "left out", Severity.WARNING: "odd"}

#: How much of a line is shown.
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of some files: all problems of theirs, and what in the graph of them breaks a rule."""

    sources: list[SourceFile]
    problems: list[Problem]
    violations: list[Violation]

    @property
    def is_clean(self) -> bool:
        """Whether every entry would be in the graph; odd ones would."""
        return not self.violations and all(problem.severity is not Severity.QUARANTINED for problem in self.problems)

    def record(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return {
            "files": [
                {"file": source.snapshot.file, "kind": source.snapshot.kind, "entries": len(source.entries)}
                for source in self.sources
            ],
            "problems": [asdict(problem) for problem in self.problems],
            "violations": [asdict(violation) for violation in self.violations],
        }

    def lines(self, names: Iterable[str]) -> list[str]:
        """Return all of it for a person; lines of the files of these names are quoted where something is wrong with them."""
        texts = _texts(names)
        said: list[str] = []
        for problem in self.problems:
            where = f"{problem.file}:{problem.line}" if problem.line else problem.file
            said.append(f"{where}: {DONE[problem.severity]}: {problem.field}: {problem.reason}")
            text = texts.get(problem.file, [])
            if problem.line and problem.line <= len(text):
                said.append(f"    {clean_text(text[problem.line - 1])[:SHOWN]}")
        said += [f"violation: {each}" for each in self.violations]
        for source in self.sources:
            severities = [problem.severity for problem in self.problems if problem.file == source.snapshot.file]
            said.append(
                f"{source.snapshot.file} ({source.snapshot.kind}): {len(source.entries)} entries read, "
                f"{severities.count(Severity.QUARANTINED)} left out, {severities.count(Severity.WARNING)} oddities"
            )
        return said


def check_sources(names: Iterable[str], iris: Iris) -> Verdict:
    """Read files, folders or addresses as a build would, and judge them; nothing is written.

    Curators' files alone are judged beside the bundled facts, which they correct. What cannot be read at all is a DataError.
    """
    inputs = read_sources(names)
    corrections = all(source.curator is not None for source in inputs.sources)
    graph = map_sources(with_facts(inputs) if corrections else inputs, [], iris)
    files = {source.snapshot.file for source in inputs.sources} | {problem.file for problem in inputs.problems}
    alone = map_sources(inputs, [], iris) if corrections else graph  # the facts have been checked
    problems = [problem for problem in graph.problems if problem.file in files]
    problems.sort(key=lambda problem: (problem.file, problem.line or 0, problem.field))
    return Verdict(inputs.sources, problems, located(check(own_triples(alone.quads, iris), iris), alone, iris))


def _texts(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the lines of the files that are at hand, by the name that problems call them."""
    files = (Path(name) for name in names)
    return {
        file.name: file.read_text(encoding="utf-8", errors="replace").split("\n") for file in files if file.is_file()
    }
