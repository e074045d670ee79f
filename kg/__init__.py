"""The knowledge graph of on-policy distillation research: everything that makes a release, and the way into one.

``open_graph()`` gives the current release to rdflib, ``open_store()`` to pyoxigraph, both read-only.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.graph import open_graph as open_graph
    from kg.graph import open_store as open_store

__version__ = "0.1.0"
__all__ = ["open_graph", "open_store"]


def __getattr__(name: str) -> object:
    """Import kg.graph when somebody asks for what is in it: commands that open no release start without rdflib."""
    if name in __all__:
        return getattr(importlib.import_module("kg.graph"), name)
    msg = f"module 'kg' has no attribute {name!r}"
    raise AttributeError(msg)
