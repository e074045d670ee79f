"""A paper as a line of a bibliography, formatted by a CSL processor after kg/data/reference.csl."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING

from citeproc import Citation as Cluster
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc.formatter import plain
from citeproc.source.json import CiteProcJSON

from kg.cite import csl_item

if TYPE_CHECKING:
    from kg.cite import Citation

#: The processor keeps notes on the style's own nodes while it works.
_LOCK = Lock()

#: The processor is to leave a full stop out after these, and does not.
_ENDED = re.compile(r"(?<=[?!])\.(?= |$)")


def reference(item: Citation) -> str:
    """Return the paper as plain text on one line: authors as listed, year, title, venue, number, and where it is."""
    with _LOCK:
        source = CiteProcJSON([csl_item(item)])
        bibliography = CitationStylesBibliography(_style(), source, plain)
        bibliography.register(Cluster([CitationItem(item.key)]))
        (line,) = bibliography.bibliography()
    return _ENDED.sub("", str(line))


@cache
def _style() -> CitationStylesStyle:
    return CitationStylesStyle(str(files("kg").joinpath("data/reference.csl")), validate=False)
