"""Changes a home until it is killed, again and again: a line of standard input holds the seconds after which that happens.

Every process is a fork of this one, so that the time goes into what is to be interrupted and not into imports.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from kg.release import Home
from kg.settings import Settings
from kg.upstream.address import Address
from kg.upstream.report import Outcome
from kg.upstream.sync import sync
from tests.kg.upstream.web import catalogue


def change(home: Home, list_: Path, number: int) -> None:
    """Sync a list that has changed, prune, go back to another release if there is one, and forward again."""
    list_.write_bytes(catalogue(3, "2026-10-06", f"Title {number}"))
    report = sync(home, Settings(home=home.path, upstream_url=(Address(str(list_)),)))
    assert report.outcome is Outcome.BUILT, report
    with home.change():
        home.prune(2)
    newest = home.current()
    for release in (home.all()[0], newest):
        with home.change():
            home.publish(release)


def main() -> None:
    home, list_ = Home(Path(sys.argv[1])), Path(sys.argv[2])
    for number, line in enumerate(sys.stdin):
        process = os.fork()
        if process == 0:
            try:
                change(home, list_, number)
            except BaseException as error:  # noqa: BLE001 (the parent tells it)
                os.write(2, f"{error!r}\n".encode())
                os._exit(1)
            os._exit(0)
        if line.strip() != "-":
            time.sleep(float(line))
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
