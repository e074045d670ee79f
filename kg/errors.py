"""One exception root with an exit code: whatever a person can cause ends in one clear line, never in a traceback."""

from __future__ import annotations


class OpdkgError(Exception):
    """Something the caller can mend. ``exit_code`` is what the command line ends with."""

    exit_code = 1


class DataError(OpdkgError):
    """A source, a release or a rule file is wrong: the message names file, line or field, reason, and what to do."""


class UsageError(OpdkgError):
    """The call itself is wrong: an unknown option, name or setting."""

    exit_code = 2


class RefusedError(OpdkgError):
    """What upstream sent is not published, and the old release goes on serving. ``reasons`` are one line each."""

    exit_code = 3

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons
