"""The README's Python does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad
from rdflib import RDF, URIRef

import kg
from kg import open_graph, open_store

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_readmes_python_runs_over_the_current_release(home: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    environment = {**os.environ, "OPDKG_HOME": str(home)}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=README.parent, capture_output=True, text=True, check=False
    )
    assert printed.returncode == 0, printed.stderr
    title, *years = printed.stdout.splitlines()
    assert title == "MiniLLM: On-Policy Distillation of Large Language Models"
    counts = {year: int(papers) for year, papers in map(str.split, years)}
    assert list(counts) == sorted(counts)
    assert counts["2026"] > counts["2023"] > 0


def test_a_release_is_not_written_to_from_python(home: Path) -> None:
    node = NamedNode("https://example.org/x")
    with pytest.raises(RuntimeError, match="read-write"):
        open_store(home).add(Quad(node, node, node))
    with pytest.raises(RuntimeError, match="read-write"):
        open_graph(home).graph(URIRef("https://example.org/g")).add((RDF.type, RDF.type, RDF.Property))


def test_the_library_offers_these_and_nothing_else() -> None:
    assert kg.__all__ == ["open_graph", "open_store"]
    with pytest.raises(AttributeError, match="open_everything"):
        kg.open_everything  # noqa: B018
