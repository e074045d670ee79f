"""The rules: their file read strictly, translations, and what each rule concludes from its own examples."""

from __future__ import annotations

from datetime import date

import pytest

from kg.errors import DataError
from kg.records import Chapter, Snapshot, SourceFile, SourceKind
from kg.rules import Facts, Rule, Rules, load_rules
from kg.taxonomy import Taxonomy, load_taxonomy
from kg.vocab import DIMENSIONS

SMALL = """
codes:
  loss: {RKL: reverse-kl}
rules:
  by-chapter:
    dimension: signal
    concept: logits
    confidence: high
    when: {chapter: [survey-2026-05-23/5.1]}
    unless: {role: [background], title: [logit-free]}
    note: The chapter says so.
    example: [survey-2026-05-23/5.1]
  by-title:
    dimension: signal
    concept: reward-or-verifier
    confidence: medium
    when: {title: [reward, black box]}
    note: The title says so.
  by-setup:
    dimension: access
    concept: self
    confidence: low
    when: {setup: self}
    note: The setup says so.
"""


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="module")
def rules(taxonomy: Taxonomy) -> Rules:
    return load_rules(taxonomy)


@pytest.fixture(scope="module")
def small(taxonomy: Taxonomy) -> Rules:
    return load_rules(taxonomy, SMALL)


def titled(title: str) -> Facts:
    return Facts(titles=(title,))


def listed_in(name: str, taxonomy: Taxonomy) -> Facts:
    """Return the facts of a paper in one chapter, the broader ones included."""
    scheme, _, slug = name.partition("/")
    closure = taxonomy.broader_closure(taxonomy.concept(scheme, slug))
    return Facts(chapters=frozenset((concept.scheme, concept.slug) for concept in closure))


def facts_of(rule: Rule, example: str, taxonomy: Taxonomy) -> Facts:
    if rule.chapters:
        return listed_in(example, taxonomy)
    return Facts(self_distillation=True) if rule.when.self_distillation else titled(example)


def fired(rules: Rules, facts: Facts) -> list[str]:
    return [conclusion.rule.id for conclusion in rules.apply(facts)]


# ---------------------------------------------------------------- the real rules


def test_every_rule_fires_on_its_examples(rules: Rules, taxonomy: Taxonomy) -> None:
    for rule in rules:
        assert rule.examples, rule.id
        for example in rule.examples:
            assert rule.fires(facts_of(rule, example, taxonomy)), (rule.id, example)


def test_no_rule_fires_on_its_counter_examples(rules: Rules) -> None:
    counter_examples = [(rule, title) for rule in rules for title in rule.counter_examples]
    assert len(counter_examples) > 20
    for rule, title in counter_examples:
        assert not rule.fires(titled(title)), (rule.id, title)


def test_rules_are_told_apart_and_reach_every_dimension(rules: Rules) -> None:
    ids = [rule.id for rule in rules]
    assert len(set(ids)) == len(ids)
    assert "unclassified" not in ids  # the mapping's own rule for gaps
    assert {rule.dimension for rule in rules} == DIMENSIONS.keys() - {"chapter", "coverage"}


def test_no_rule_concludes_a_gap(rules: Rules) -> None:
    assert not [rule.id for rule in rules if rule.concept.slug in ("unclassified", "not-reported")]


@pytest.mark.parametrize(
    ("dimension", "code", "slug"),
    [
        ("loss", "FKL", "forward-kl"),
        ("loss", "RKL", "reverse-kl"),
        ("loss", "Symmetric", "symmetric-kl"),
        ("loss", "f-Divergence", "other-f-divergence"),
        ("loss", "KL+RL", "kl-rl"),
        ("loss", "Preference", "preference"),
        ("loss", "Other", "other"),
        ("role", "direct_opd", "direct-opd"),
        ("role", "hybrid_opd", "hybrid-opd"),
        ("role", "teacher_mediated_rl", "teacher-mediated-rl"),
        ("role", "interactive_imitation", "interactive-imitation"),
        ("role", "offline_distillation", "offline-distillation"),
        ("role", "analysis", "analysis"),
        ("role", "application", "application"),
        ("role", "background", "background"),
        ("loss", "f-divergence", None),
        ("loss", "rkl", None),
        ("role", "RKL", None),
        ("signal", "RKL", None),
    ],
)
def test_codes_are_translated_exactly(
    rules: Rules, taxonomy: Taxonomy, dimension: str, code: str, slug: str | None
) -> None:
    concept = rules.translate(dimension, code)
    assert (concept and concept.slug) == slug
    if concept:
        assert taxonomy.find(dimension, code) == concept


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Black-Box On-Policy Distillation of Large Language Models", {"access/black-box", "signal/generated-text"}),
        ("Self-Distilled RLVR", {"signal/reward-or-verifier", "signal/self", "access/self"}),
        (
            "Trust-Region Behavior Blending for On-Policy Distillation",
            {"stabilization/trust-region", "stabilization/mixed-sampling"},
        ),
        (
            "HINT-SD: Targeted Hindsight Self-Distillation for Long-Horizon Agents",
            {"signal/privileged-information", "signal/self", "access/self"},
        ),
        (
            "ToDi: Token-wise Distillation via Fine-Grained Divergence Control",
            {"granularity/token", "stabilization/adaptive-divergence"},
        ),
        ("Efficient Memory Management for Large Language Model Serving with PagedAttention", set()),
        ("MiniLLM: On-Policy Distillation of Large Language Models", set()),
        ("Scaling Laws for Neural Language Models", set()),
    ],
)
def test_a_title_alone_concludes_what_it_says(rules: Rules, title: str, expected: set[str]) -> None:
    assert {str(conclusion.concept) for conclusion in rules.apply(titled(title))} == expected


def test_a_chapter_alone_concludes_what_it_says(rules: Rules, taxonomy: Taxonomy) -> None:
    def concluded(chapter: str) -> set[str]:
        return {str(conclusion.concept) for conclusion in rules.apply(listed_in(chapter, taxonomy))}

    assert concluded("survey-2026-05-23/5.1") == {"signal/logits", "access/white-box"}
    assert concluded("survey-2026-05-23/5.2") == {"signal/generated-text", "access/black-box"}
    assert concluded("survey-2026-05-23/5.3.1") == {"signal/privileged-information", "signal/self", "access/self"}
    assert concluded("survey-2026-05-23/5.3.3") == {"signal/reward-or-verifier", "signal/self", "access/self"}
    assert concluded("survey-2026-05-23/6") == set()
    assert concluded("survey-2026-10-06/5") == set()


def test_the_stated_role_comes_before_a_rule(rules: Rules, taxonomy: Taxonomy) -> None:
    facts = listed_in("survey-2026-05-23/7.2", taxonomy)
    assert fired(rules, facts) == ["chapter-analysis"]
    assert fired(rules, Facts(chapters=facts.chapters, roles=frozenset({"direct-opd"}))) == []


# ---------------------------------------------------------------- how rules work


def test_conclusions_come_in_the_order_of_the_file_each_once(small: Rules) -> None:
    facts = Facts(
        titles=("A Reward", "Another reward"),
        chapters=frozenset({("survey-2026-05-23", "5.1"), ("survey-2026-05-13", "5.1")}),
        self_distillation=True,
    )
    assert fired(small, facts) == ["by-chapter", "by-title", "by-setup"]
    assert [str(conclusion.concept) for conclusion in small.apply(facts)] == [
        "signal/logits",
        "signal/reward-or-verifier",
        "access/self",
    ]


@pytest.mark.parametrize(
    ("title", "fires"),
    [
        ("A REWARD for Everyone", True),
        ("Reward", True),
        ("“Reward”: a study", True),
        ("Black Box, Black-Box, black\u2011box", True),
        ("Black  Box", True),
        ("Rewards", False),
        ("Reward-Free Training", False),
        ("Non\u2013Reward Training", False),
        ("reward_model", False),
        ("Black and Box", False),
        ("", False),
    ],
)
def test_title_phrases_are_whole_words(small: Rules, title: str, *, fires: bool) -> None:
    assert fired(small, titled(title)) == (["by-title"] if fires else [])


def test_unless_keeps_a_rule_from_firing(small: Rules) -> None:
    chapters = frozenset({("survey-2026-05-23", "5.1")})
    assert fired(small, Facts(chapters=chapters, roles=frozenset({"analysis"}))) == ["by-chapter"]
    assert fired(small, Facts(chapters=chapters, roles=frozenset({"background"}))) == []
    assert fired(small, Facts(chapters=chapters, titles=("A Logit-Free Way",))) == []


def test_a_rule_follows_exact_matches_into_new_layouts(taxonomy: Taxonomy) -> None:
    white_box = (Chapter("Signal Source and Teacher Architecture", "5"), Chapter("White-Box Logit Supervision", "5.1"))
    beneath = (*white_box, Chapter("Something New", "5.1.1"))
    snapshot = Snapshot("awesome-2026-07-01", SourceKind.AWESOME, "README.md", "0" * 64, 1, date(2026, 7, 1))
    extended, schemes, _ = taxonomy.with_survey_versions([SourceFile(snapshot, chapters=(white_box, beneath))])
    rules = load_rules(extended, SMALL)
    chapter = extended.chapter(schemes["awesome-2026-07-01"], beneath)
    assert fired(rules, listed_in(str(chapter), extended)) == ["by-chapter"]
    (rule,) = (rule for rule in rules if rule.id == "by-chapter")
    assert rule.chapters[0] == ("survey-2026-05-23", "5.1")
    assert set(rule.chapters) == {(f"survey-2026-{day}", "5.1") for day in ("05-23", "05-13", "07-01")}


def test_a_very_long_title_is_read_once_through(rules: Rules) -> None:
    assert fired(rules, titled("self-" * 20_000)) == []
    assert fired(rules, titled("token " * 20_000)) == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("RKL: reverse-kl", "RKL: backward-kl", "codes/loss/RKL: objective/backward-kl"),
        ("  loss: {RKL", "  mood: {RKL", "codes/mood/RKL: no scheme has the dimension 'mood'"),
        ("concept: logits", "concept: logit", "rules/by-chapter/concept: signal/logit"),
        ("dimension: access", "dimension: mood", "rules/by-setup/concept: no scheme has the dimension 'mood'"),
        ("dimension: access", "dimension: chapter", "rules/by-setup/concept: no scheme has the dimension 'chapter'"),
        ("survey-2026-05-23/5.1]}", "survey-2026-05-23/5.9]}", "by-chapter/when/chapter: survey-2026-05-23/5.9"),
        ("survey-2026-05-23/5.1]}", "signal/logits]}", "by-chapter/when/chapter: 'signal/logits' is not a chapter"),
        ("survey-2026-05-23/5.1]}", "survey-5.1]}", "'survey-5.1' is not a chapter"),
        ("confidence: low", "confidence: certain", "by-setup/confidence: 'certain'"),
        ("role: [background]", "role: [foreground]", "by-chapter/unless/role: role/foreground"),
        ("setup: self", "setup: other", "by-setup/when/setup: 'other'"),
        ("{setup: self}", "{setup: self, title: [x]}", "by-setup/when: must hold exactly one of"),
        ("{setup: self}", "{}", "by-setup/when: must hold exactly one of"),
        ("{setup: self}", "{author: Hinton}", "by-setup/when: must hold exactly one of"),
        ("role: [background]", "venue: [ICLR]", "by-chapter/unless/venue: is not a field"),
        ("    when: {setup: self}\n", "", "by-setup/when: is missing"),
        ("    note: The setup says so.\n", "", "by-setup/note: is missing"),
        ("confidence: low", "confidence: low\n    weight: '3'", "rules.yaml: rules/by-setup/weight: is not a field"),
        ("by-setup:", "By Setup:", "a rule's name is made of"),
        ("by-setup:", "by-title:", r"rules.yaml:\d+: 'by-title' is there twice"),
        ("codes:", "extra: {}\ncodes:", "rules.yaml: extra: is not a field"),
    ],
)
def test_a_fault_in_the_file_is_named_by_its_place(taxonomy: Taxonomy, before: str, after: str, message: str) -> None:
    assert before in SMALL
    with pytest.raises(DataError, match=message):
        load_rules(taxonomy, SMALL.replace(before, after, 1))
