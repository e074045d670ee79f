"""RDF Patch (https://jena.apache.org/documentation/rdf-patch/): the quads that turn one release's dump into another's.

    H id <uuid> .            one for each pair of releases
    H from "release id" .    H to "release id" .
    TX .
    D subject predicate object graph .
    A subject predicate object graph .
    TC .

Both dumps are in one order and are read side by side, so that a patch takes no memory however large they are.
"""

from __future__ import annotations

import gzip
import uuid
from typing import TYPE_CHECKING

from kg.dumps import WHOLE
from kg.errors import DataError
from kg.media import N_QUADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.release import Release

Key = tuple[bytes, bytes, bytes, bytes]

#: Later than any line: what a dump that has ended is compared as.
_END: tuple[Key, bytes] = ((b"\x7f",) * 4, b"")


def rdf_patch(before: Release, after: Release) -> Iterator[bytes]:
    """Return the lines of the patch from one release's opd.nq to another's.

    A dump that is not there is a DataError before the first line; one that is damaged or not in order is one on the way.
    """
    pair = uuid.uuid5(uuid.NAMESPACE_URL, f"opdkg:{before.id}:{after.id}")
    ours, theirs = _lines(before), _lines(after)
    old, new = next(ours, _END), next(theirs, _END)
    yield f'H id <urn:uuid:{pair}> .\nH from "{before.id}" .\nH to "{after.id}" .\nTX .\n'.encode()
    while old is not _END or new is not _END:
        if old[0] == new[0]:
            old, new = next(ours, _END), next(theirs, _END)
        elif old[0] < new[0]:
            yield b"D " + old[1]
            old = next(ours, _END)
        else:
            yield b"A " + new[1]
            new = next(theirs, _END)
    yield b"TC .\n"


def _lines(release: Release) -> Iterator[tuple[Key, bytes]]:
    """Return the lines of a release's N-Quads, each behind what they are sorted by."""
    path = release.dumps / WHOLE[N_QUADS.name].file
    last: Key | None = None
    try:
        with gzip.open(path) as file:
            for line in file:
                key = _key(line)
                if last is not None and key <= last:
                    raise DataError(f"{path}: is not in the order of dumps: build the release again")
                yield key, line
                last = key
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: cannot be read: {error}; build the release again") from None


def _key(line: bytes) -> Key:
    """Return graph, subject, predicate and object of a line: the order of dumps. Only an object can hold a space."""
    subject, predicate, rest = line.split(b" ", 2)
    value, graph, _ = rest.rsplit(b" ", 2)
    return graph, subject, predicate, value
