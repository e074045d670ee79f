"""Rows of the answers that a person read out of upstream's own files, each with the place where it stands there.

Places are the file's date and the line: README of 3 June, 476. The loss taxonomy is that of 3 June, the catalogue that of 6
October 2026.
"""

from __future__ import annotations

Row = tuple[object, ...]

LIST, AUTHORS, RULES = "Maintainers of the Awesome list", "Authors of the survey", "Rules of this graph"
AUDITOR = "Language-model auditor of loss formulations"


def _listed(version: str, chapter: str, label: str) -> Row:
    concept = f"concept/survey-{version}/{chapter}"
    return ("in section", concept, label, LIST, "Curated list", None, None, "Accepted")


def _by_rule(dimension: str, concept: str, label: str, rule: str, confidence: str | None) -> Row:
    return (dimension, f"concept/{concept}", label, RULES, "Rule", rule, confidence, "Accepted")


#: All of it. What a rule concludes from a chapter that the newest README no longer has the paper in is of low confidence,
#: and so is all that rests on the list of 5 April, which mixed up ids.
WHO_CLASSIFIED_MINILLM: tuple[Row, ...] = (
    # The green mark before the title: README of 3 June, 476.
    ("coverage", "concept/coverage/in-survey", "In the survey", LIST, "Curated list", None, None, "Accepted"),
    _by_rule("granularity", "granularity/sequence", "Sequence", "chapter-first-sequence", "Low"),
    _by_rule("granularity", "granularity/token", "Token", "chapter-first-token", "Low"),
    _by_rule("granularity", "granularity/token", "Token", "chapter-token", "Low"),
    # README of 5 April, 109 and 87: in two chapters.
    _listed("2026-04-05", "sequence-level-on-policy-methods", "Sequence-Level On-Policy Methods"),
    _listed("2026-04-05", "token-level-divergence-minimization", "Token-Level Divergence Minimization"),
    # README of 12 April, 132; of 26 April, 131; of 13 May, 362; of 23 May, 449, and of 3 June, 476.
    _listed("2026-04-12", "token-level-on-policy-methods", "Token-Level On-Policy Methods"),
    _listed("2026-04-26", "4.1", "Objective Functions & Divergence Optimization"),
    _listed("2026-05-13", "5.1", "White-Box Logit Supervision"),
    _listed("2026-05-23", "5.1", "White-Box Logit Supervision"),
    # Catalogue, paper_id 2306.08543: home 4, mechanism direct_opd.
    (
        "in section",
        "concept/survey-2026-10-06/4",
        "Objectives and update rules",
        AUTHORS,
        "Authors of the survey",
        None,
        None,
        "Accepted",
    ),
    # Loss taxonomy, 157: in the table of RKL, high.
    (
        "loss class",
        "concept/objective/reverse-kl",
        "Reverse KL",
        AUDITOR,
        "Audit by a language model",
        None,
        "High",
        "Accepted",
    ),
    ("role", "concept/role/direct-opd", "Direct OPD", AUTHORS, "Authors of the survey", None, None, "Accepted"),
    # §5.1 of May and June, and the chapter of 12 April.
    _by_rule("signal source", "signal/logits", "Logits", "chapter-logits", "High"),
    _by_rule("signal source", "signal/logits", "Logits", "chapter-token-logits", "Low"),
    # Neither the title nor a chapter names a technique.
    _by_rule("stabilization", "stabilization/unclassified", "Unclassified", "unclassified", None),
    _by_rule("teacher access", "access/white-box", "White-box", "chapter-token-white-box", "Low"),
    _by_rule("teacher access", "access/white-box", "White-box", "chapter-white-box", "High"),
)

LION = "Lion: Adversarial Distillation of Proprietary Large Language Models"
MINILLM = "MiniLLM: On-Policy Distillation of Large Language Models"
GKD = "On-Policy Distillation of Language Models: Learning from Self-Generated Mistakes"
SPIN = "Self-Play Fine-Tuning Converts Weak Language Models to Strong Language Models"
SDPO = "Reinforcement Learning via Self-Distillation"
F_OPD = "f-OPD: Stabilizing Long-Horizon On-Policy Distillation with Freshness-Aware Control"
F_DISTILL = "f-Divergence Minimization for Sequence-Level Knowledge Distillation"
KDFLOW = "KDFlow: A User-Friendly and Efficient Knowledge Distillation Framework for Large Language Models"
AVSD = "AVSD: Adaptive-View Self-Distillation by Balancing Consensus and Teacher-Specific Privileged Signals"

#: Some rows of each other answer.
ROWS: dict[str, tuple[Row, ...]] = {
    "dropped-papers": (
        # README of 5 April, 134, to README of 3 June, 495; the catalogue has no such id.
        ("paper/2305.12870", LION, "2026-04-05", "2026-06-03", "2026-10-06"),
        # Only in the README of 12 April, 242.
        ("paper/2603.01875", KDFLOW, "2026-04-12", "2026-04-12", "2026-04-26"),
    ),
    "f-divergences": (
        ("paper/2306.08543", MINILLM, "Reverse KL"),  # loss taxonomy, 157
        ("paper/2306.13649", GKD, "Forward KL"),  # loss taxonomy, 109
        ("paper/2307.15190", F_DISTILL, "f-divergence"),  # not in the loss taxonomy: its title says so
    ),
    "loss-classes-by-year": (
        # Catalogue: only MiniLLM (2306.08543) is of 2023 and in the loss taxonomy's table of RKL.
        (2023, "Reverse KL", 1),
        # Loss taxonomy, 242 and 243: SuperCorrect (2410.09008, 2024 in the README of 3 June) and SPIN (2401.01335).
        (2024, "Preference", 2),
        # Catalogue: DAgger (1011.0686) alone is of 2010.
        (2010, "Unclassified", 1),
    ),
    "most-frequent-names": (
        # Catalogue: 2604.02288, 2605.07711, 2605.07725, 2605.11739, 2609.14193, 2609.23697.
        ("Fang, Junfeng", 6),
        # Catalogue: 2306.08543, 2511.10643, 2603.16856, 2607.04763, 2607.18110.
        ("Dong, Li", 5),
        # Catalogue: 2603.05433, 2603.11178, 2604.14084, 2605.12483; the last of the 17 names with four papers.
        ("Zhou, Zhengze", 4),
    ),
    "moved-between-survey-versions": (
        # README of 3 June, 476: §5.1; catalogue: home 4.
        ("paper/2306.08543", MINILLM, "5.1", "White-Box Logit Supervision", "Objectives and update rules"),
        # README of 23 May, 524: §5.3.2, and no more on 3 June; catalogue: home 6.
        ("paper/2401.01335", SPIN, "5.3.2", "Pure Self-Distillation", "Data and training dynamics"),
    ),
    "reverse-kl-with-code-and-small-teacher": (
        # Loss taxonomy, 150: RKL; README of 3 June, 574: Qwen3-8B → Self; catalogue: submitted and code_urls.
        ("paper/2601.20802", SDPO, "2026-01-28", "https://github.com/lasgroup/SDPO", "model/qwen3-8b", 8_000_000_000),
    ),
    "same-family-pairs": (
        # README of 3 June, 390, 433 and 728: T5-Small/Base/Large → T5-XL 3B, T5-Small/Base → T5-Large 780M, T5-Small → T5-XL.
        # A FLAN-T5 teacher (443) is of another family.
        ("T5", 3),
        # README of 23 May, 610: SmolLM2-135M → SmolLM2-360M. SmolLM3 is another family.
        ("SmolLM2", 1),
    ),
    "self-distillation": (
        ("paper/2401.01335", SPIN, "model/zephyr-7b"),  # README of 23 May, 524: Zephyr-7B (Mistral-7B) → Self
        ("paper/2605.20643", AVSD, None),  # README of 3 June, 530: Self → Self, and no model
    ),
    "superseded-claims": (
        # README of 23 May, 502: §5.3.1; of 3 June, 686: §8.1.
        ("paper/2605.15239", LIST, "in section", "Privileged Information", "2026-05-23", "Industrial Deployment"),
    ),
    "teachers-ten-times-larger": (
        # README of 3 June, 476: 1.5B of 120M is 12.5.
        (
            "paper/2306.08543",
            "GPT-2 120M–760M → GPT-2 1.5B / GPT-J 6B / OPT-13B",
            1_500_000_000,
            120_000_000,
            13,
        ),
        # README of 3 June, 390. T5-XL has 3B parameters and T5-Small 60M (arXiv:1910.10683).
        ("paper/2306.13649", "T5-Small/Base/Large → T5-XL 3B", 3_000_000_000, 60_000_000, 50),
    ),
    "unsure-loss-classes": (
        ("paper/2605.17862", F_OPD, "Other objective", "Low"),  # loss taxonomy, 255: the only one that is low
        ("paper/2306.13649", GKD, "Forward KL", "Medium"),  # loss taxonomy, 109
    ),
}

#: What must not be found in any row of the answer: a subject, or a pair of values.
ABSENT: dict[str, tuple[set[object], ...]] = {
    # The curator says that the list's DeepSeek-V4 report is the catalogue's 2606.19348; the loss taxonomy calls it deepseekv4.
    "dropped-papers": ({"paper/2606.19348"}, {"paper/deepseekv4"}, {"paper/2306.08543"}),
    # MiniLLM: reverse KL, and in the chapter of logits. 2604.28123: preference (loss taxonomy, 240), and black-box by its title.
    "empty-cells-of-loss-and-signal": ({"Reverse KL", "Logits"}, {"Preference", "Generated text"}),
    "f-divergences": ({"paper/2305.12870"},),  # loss taxonomy, 277: Other
    # GKD is in §4.1 and in home 4; 2605.15239 in §8.1 (README of 3 June, 686) and in home 9, applications both.
    "moved-between-survey-versions": ({"paper/2306.13649"}, {"paper/2605.15239"}),
    "reverse-kl-with-code-and-small-teacher": ({"paper/2306.08543"},),  # of 2023
    "same-family-pairs": ({"Qwen3.5"},),  # README of 3 June, 552 (→ Self) and 477 (→ compressed Qwen3.5)
    # README of 3 June, 652: Qwen3-0.6B to 32B → Self; each size teaches itself.
    "teachers-ten-times-larger": ({"paper/2604.16830"},),
    "unsure-loss-classes": ({"paper/2306.08543"},),  # loss taxonomy, 157: high
}
