"""How far a long task is, on stderr: for a person at a terminal it moves, for a log it is lines or nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.upstream.replay import Telling


@contextmanager
def progress(task: str) -> Iterator[Callable[[str], None]]:
    """Show the steps of a long task to a person at a terminal, and nothing to a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        line = bar.add_task(task)
        yield lambda step: bar.update(line, description=f"{task}: {step}")


@contextmanager
def replaying() -> Iterator[Telling]:
    """Show how far a replay is: a bar to a person at a terminal, a line for each step to a log."""
    from kg.upstream.replay import Telling  # noqa: PLC0415 (takes a while, and few replay)

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Telling(announce=lambda step: click.echo(f"replay: {step}", err=True))
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task("replay", total=None)
        yield Telling(
            announce=lambda step: bar.update(line, description=f"replay: {step}"),
            advance=lambda done, total: bar.update(line, completed=done, total=total),
        )
