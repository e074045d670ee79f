"""Formatted references: by a CSL processor, after a style of ours that CSL's own schema accepts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files

import pytest
from citeproc import SCHEMA_PATH
from hypothesis import given
from lxml import etree

from kg.reference import reference
from tests.kg.test_cite import D3_MOPD, MINILLM, TENSORRT, Citation, citations, one_line


def test_the_style_is_valid() -> None:
    style = etree.parse(str(files("kg").joinpath("data/reference.csl")))
    etree.RelaxNG(etree.parse(SCHEMA_PATH)).assertValid(style)


@pytest.mark.parametrize(
    ("paper", "line"),
    [
        (
            MINILLM,
            (
                "Yuxian Gu, Li Dong, Furu Wei, and Minlie Huang. 2023. MiniLLM: On-Policy Distillation of Large Language "
                "Models. ICLR 2024. arXiv:2306.08543. https://doi.org/10.48550/arXiv.2306.08543"
            ),
        ),
        (
            TENSORRT,
            (
                "NVIDIA. 2024. TensorRT-LLM: High-Performance Inference Framework for Large Language Models. "
                "https://github.com/NVIDIA/TensorRT-LLM"
            ),
        ),
        (
            replace(D3_MOPD, title="How Stale Can It Be?", doi=None),
            "Zechen Sun and Zhiwei Zhang. 2026. How Stale Can It Be? arXiv:2608.24987. https://arxiv.org/abs/2608.24987",
        ),
        (replace(TENSORRT, authors=(), year=None, address=None, title="Alone"), "Alone"),
        (
            replace(TENSORRT, authors=("van den Driessche, George", "DeepSeek-AI", "de Las Casas, Diego"), title="T"),
            "George van den Driessche, DeepSeek-AI, and Diego de Las Casas. 2024. T. https://github.com/NVIDIA/TensorRT-LLM",
        ),
    ],
)
def test_references_are_as_written_by_hand(paper: Citation, line: str) -> None:
    assert reference(paper) == line


def test_of_more_than_twenty_authors_the_first_nineteen_and_the_last_are_named() -> None:
    authors = tuple(f"Family{chr(97 + number)}, Given" for number in range(22))
    named = [f"Given Family{chr(97 + number)}" for number in range(19)]
    assert reference(replace(TENSORRT, authors=authors)).startswith(f"{', '.join(named)}, … Given Familyv. 2024.")


@given(citations)
def test_no_text_breaks_a_reference(paper: Citation) -> None:
    line = reference(paper)
    assert line == one_line(line)


def test_threads_do_not_mix_references_up() -> None:
    papers = [replace(D3_MOPD, key=f"a{number}", title=f"Title {number}") for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        lines = list(threads.map(reference, papers))
    assert [f"Title {number}." in line for number, line in enumerate(lines)] == [True] * 200
