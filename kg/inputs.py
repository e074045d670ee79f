"""Which sources go into a release: the ones named in the call, or the bundled snapshot of facts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kg.errors import DataError, UsageError
from kg.fetch import fetch, shown
from kg.records import Problem, Severity
from kg.sources import read_bytes, read_source
from kg.sources.bundle import load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from kg.records import SourceFile


@dataclass(slots=True)
class Inputs:
    """The sources of a release, and the files of a folder that were passed over, with the reason.

    ``originals`` are the bytes that the sources were read from, but of those that this package brings.
    """

    sources: list[SourceFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    originals: list[bytes] = field(default_factory=list)

    def add(self, data: bytes, file: str, *, address: str | None = None, day: date | None = None) -> SourceFile:
        """Read a source (see read_source) and take it in."""
        source = read_source(data, file, address=address, day=day)
        self.sources.append(source)
        self.originals.append(data)
        return source


def read_sources(names: Iterable[str]) -> Inputs:
    """Read each file, each readable file of a folder, each http(s) address.

    A file that is named and is none of the four formats is a DataError. In a folder, such files are passed over and
    reported: upstream's folders hold other pages too.
    """
    inputs = Inputs()
    for name in names:
        if urlsplit(name).scheme in {"http", "https"}:
            inputs.add(fetch(name), Path(urlsplit(name).path).name or "index", address=shown(name))
        elif Path(name).is_dir():
            _read_folder(Path(name), inputs)
        elif Path(name).exists():
            inputs.add(read_bytes(Path(name)), name)
        else:
            msg = f"{name}: no such file or folder"
            raise UsageError(msg)
    inputs.sources = distinct(inputs.sources)
    return inputs


def read_bundled() -> Inputs:
    """Read the bundled snapshot of facts, and the curator's own file beside it."""
    folder = files("kg").joinpath("data")
    snapshot = sorted(folder.joinpath("snapshot").iterdir(), key=lambda file: file.name)
    curation = folder.joinpath("curation.yaml")
    facts = [load(file.read_bytes(), file.name) for file in snapshot if file.name.endswith(".json")]
    return Inputs(distinct([*facts, read_source(curation.read_bytes(), curation.name)]))


def with_facts(corrections: Inputs) -> Inputs:
    """Return what a curator's files correct when nothing else is named: the bundled facts, and the files themselves."""
    facts = [source for source in read_bundled().sources if source.curator is None]
    return Inputs(distinct([*facts, *corrections.sources]), corrections.problems)


def _read_folder(path: Path, inputs: Inputs) -> None:
    before = len(inputs.sources)
    for file in sorted(path.iterdir()):
        if file.is_file():
            try:
                inputs.add(read_bytes(file), str(file))
            except DataError as error:
                inputs.problems.append(Problem(file.name, None, "", f"passed over: {error}", Severity.WARNING))
    if len(inputs.sources) == before:
        msg = f"{path}: holds no file in any of the four source formats"
        raise DataError(msg)


def distinct(sources: list[SourceFile]) -> list[SourceFile]:
    """Leave out a file that was given twice; name two files of one kind and day apart by their content."""
    by_content = {source.snapshot.sha256: source for source in sources}
    times = Counter(source.snapshot.slug for source in by_content.values())
    return [
        source
        if times[source.snapshot.slug] == 1
        else replace(
            source,
            snapshot=replace(source.snapshot, slug=f"{source.snapshot.slug}-{source.snapshot.sha256[:12]}"),
        )
        for source in by_content.values()
    ]
