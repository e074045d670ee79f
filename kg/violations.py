"""What a check finds: a rule that the graph breaks, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a finding keeps a release from being published."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding. ``source`` is skos, shacl or quality; ``focus`` is the IRI that it is about."""

    source: str
    rule: str
    focus: str
    message: str
    severity: Severity = Severity.VIOLATION
