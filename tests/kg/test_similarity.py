"""How alike names and titles are: what does not count, what counts a little, and what makes another name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.similarity import likeness, plain, wording

TITLE = "On-Policy Distillation of Language Models: Learning from Self-Generated Mistakes"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("D$^3$-MOPD", "D3-MOPD"),
        ("<i>On-Policy</i> &amp; Off-Policy<br/>", "On-Policy & Off-Policy"),
        (r"Schr\"{o}dinger and \c{C}elik", "Schrodinger and Celik"),
        (r"The $\mathcal{L}_{\text{KL}}$ loss", "The L_KL loss"),
        (r"$\alpha$-divergence", "alpha-divergence"),
        ("{MiniLLM}: {On-Policy}", "MiniLLM: On-Policy"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_markup_is_taken_away(written: str, read: str) -> None:
    assert plain(written) == read


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TITLE, "on policy distillation of language models learning from self generated mistakes"),
        ("Qwen2.5-7B-Instruct", "qwen 2.5 7b instruct"),
        ("Qwen2.5-7B-Instruct", "Qwen2.5_7B_Instruct"),
        ("On-Policy", "onpolicy"),
        ("D$^3$-MOPD", "D³-MOPD"),
        ("Schölkopf", "SCHOLKOPF"),
        ("ﬁne-tuning", "fine tuning"),
    ],
)
def test_what_is_only_written_differently_is_the_same(one: str, other: str) -> None:
    assert likeness(wording(one), wording(other)).same
    assert likeness(wording(other), wording(one)).score == 1


@pytest.mark.parametrize(("one", "other"), [("Qwen2.5-7B", "Qwen25-7B"), ("OPT-1.3B", "OPT-13B"), ("GKD", "GKD2")])
def test_numbers_mean_what_they_say(one: str, other: str) -> None:
    alike = likeness(wording(one), wording(other))
    assert not alike.same
    assert not alike.slipped
    assert alike.score < 1


@pytest.mark.parametrize(
    ("other", "slipped"),
    [
        ("On-Polciy Distillation of Language Models: Learning from Self-Generated Mistakes", True),
        ("On-Policy Distilation of Language Models: Learning from Self-Generated Mistakes", True),
        ("On-Policy Distillation of Language Modells: Learning from Self-Generated Mistakes", True),
        ("On-Policy Distillation of Language Models: Lerning from Self-Generated Mistakez", True),
        ("Learning from Self-Generated Mistakes: On-Policy Distillation of Language Models", True),
        ("On-Policy Distillation of Lnaguage Modesl: Learnnig from Self-Generated Mistakes", False),  # three of ten
        ("Off-Policy Distillation of Language Models: Learning from Self-Generated Mistakes", False),
        ("On-Policy Distillation of Large Language Models: Learning from Self-Generated Mistakes", False),
        ("On-Policy Distillation of Language Models", False),
    ],
)
def test_a_slip_is_one_letter_in_one_word_of_five(other: str, slipped: bool) -> None:  # noqa: FBT001 (an expected value)
    assert likeness(wording(TITLE), wording(other)).slipped is slipped


def test_a_first_letter_is_no_slip() -> None:
    one, other = "Learning with a symmetric divergence", "Learning with a asymmetric divergence"
    assert not likeness(wording(one), wording(other)).slipped


def test_scores_fall_with_what_is_changed() -> None:
    others = (
        TITLE,
        "Learning from Self-Generated Mistakes: On-Policy Distillation of Language Models",
        "On-Policy Distillation of Language Models: Learning",
        "On-Policy Distillation of Agents",
        "Attention Is All You Need",
    )
    scores = [likeness(wording(TITLE), wording(other)).score for other in others]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert scores[-1] < 0.2


@given(st.text(), st.text())
def test_any_texts_compare_both_ways_alike(one: str, other: str) -> None:
    there, back = likeness(wording(one), wording(other)), likeness(wording(other), wording(one))
    assert there == back
    assert 0 <= there.score <= 1
    assert there.same == (there.score == 1)
