"""What the system tells of a process (proc_pid_stat(5)). Only Linux does: elsewhere, and of one that is gone, an OSError."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

#: In which the system counts the time of processors, in one second.
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """The process that has started it, and the seconds of a processor that it has had."""

    parent: int
    cpu_s: float


def read_process(pid: int | str) -> Process:
    """Read it as it is now."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    fields = stat.rpartition(")")[2].split()  # a name may hold anything, brackets too
    return Process(int(fields[1]), (int(fields[11]) + int(fields[12])) / CLOCK_TICKS)
