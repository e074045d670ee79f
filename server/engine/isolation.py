"""What a worker process gives up before it sees a query: the network, writing, dumps of its memory, and its orphanhood."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

#: Below the server's own processes, so that a heavy query takes no time from the pages and from taking it away.
NICENESS = 5


def isolate(parent: int, *, network: bool) -> None:
    """Cut this process off, from the network if it needs none. To be called while it has one thread, or it cannot be left.

    ``parent`` is the process with which this one is to die. What the kernel refuses (a container may forbid namespaces) is
    done without: SERVICE is refused by the parser already. Elsewhere than on Linux only the resource limits are set.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(NICENESS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a query that begins pushes nobody off a processor
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        libc = ctypes.CDLL(None, use_errno=True)
        if not network:
            libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # after unshare, which clears it
    if os.getppid() != parent:
        os._exit(1)  # it died before the kernel was asked to tell


def limit_memory(megabytes: int) -> None:
    """Let this process take so much more memory than it has now. Past it an allocation fails, which Oxigraph does not survive.

    What it has now is mostly reserved and not used: the stacks of RocksDB's threads, above all.
    """
    with contextlib.suppress(OSError):  # no /proc: not Linux, where RLIMIT_AS means little anyway
        reserved = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        soft, hard = reserved + (megabytes << 20), resource.getrlimit(resource.RLIMIT_AS)[1]
        ceiling = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def peak_memory() -> int:
    """Return the most memory that this process has used, in bytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024
