"""How a sync ended: told to whoever asked for it, and noted for those who ask later."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kg.errors import OpdkgError, RefusedError, UsageError
from kg.upstream.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.release import Home

LAST = "last"


class Outcome(StrEnum):
    """How a sync ended."""

    BUILT = "built"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """How a sync ended, when it began, how long it took, and the release that is current now.

    ``reasons`` say why it was refused or failed, or what a person has overruled with the words in ``forced``. A replay has
    ``passed_over`` the commits that are not believed.
    """

    outcome: Outcome
    began: str
    seconds: float
    release: str | None
    reasons: list[str] = field(default_factory=list)
    forced: str | None = None
    passed_over: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        codes = {Outcome.REFUSED: RefusedError.exit_code, Outcome.FAILED: OpdkgError.exit_code}
        return codes.get(self.outcome, 0)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_text(self) -> str:
        """Return one line for a log."""
        line = f"{self.began} sync {self.outcome}: release {self.release or 'none'}, {self.seconds:.1f} s"
        if self.passed_over:
            line += f", {len(self.passed_over)} passed over"
        return ": ".join([line, "; ".join(self.reasons)]) if self.reasons else line


@dataclass(frozen=True, slots=True)
class Ended:
    """How the work of a sync ended, if no error ended it; see Report."""

    outcome: Outcome
    reasons: list[str] = field(default_factory=list)
    forced: str | None = None
    passed_over: list[str] = field(default_factory=list)


def reported(home: Home, work: Callable[[], Ended]) -> Report:
    """Do the work of a sync alone in the home, and note how it ended; only a call that is itself wrong raises an error."""
    began, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    try:
        with home.change():
            ended = work()
    except UsageError:
        raise
    except RefusedError as error:
        ended = Ended(Outcome.REFUSED, error.reasons)
    except (OpdkgError, OSError) as error:
        ended = Ended(Outcome.FAILED, [str(error)])
    current = home.current_or_none()
    seconds = round(time.monotonic() - clock, 3)
    release = current.id if current else None
    report = Report(ended.outcome, began, seconds, release, ended.reasons, ended.forced, ended.passed_over)
    try:
        Kept.of(home).write(LAST, report.as_json())
    except OSError as error:
        report.reasons.append(f"how it ended is not noted: {error}")
    return report


def last_report(home: Home) -> Report | None:
    """Return how the last sync ended, None if there was none or its note cannot be read."""
    noted = Kept.of(home).read(LAST)
    try:
        return Report(**{**noted, "outcome": Outcome(noted["outcome"])})
    except (KeyError, TypeError, ValueError):
        return None
