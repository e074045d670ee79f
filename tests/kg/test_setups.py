"""Who teaches whom: real forms of the upstream statements, each read by hand, and what holds for every text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.setups import Direction, ModelMention, Orientation, Setup, read_setups

SELF, STATED, SIZE, UNKNOWN = Orientation.SELF, Orientation.STATED, Orientation.SIZE, Orientation.UNKNOWN

#: text, teachers, students, involved, self-distillation, orientation: names as they stand in the text, split at commas.
Reading = tuple[str, str, str, str, bool | None, Orientation]

READINGS: list[Reading] = [
    # One model, or several, and Self.
    ("Qwen3-8B → Self", "Qwen3-8B", "Qwen3-8B", "", True, SELF),
    ("Self → Qwen3-8B", "Qwen3-8B", "Qwen3-8B", "", True, SELF),
    ("Qwen3-4B-Instruct → Self (Skill-SDL)", "Qwen3-4B-Instruct", "Qwen3-4B-Instruct", "", True, SELF),
    ("Qwen2.5-7B-Instruct → Self (privileged student)", "Qwen2.5-7B-Instruct", "Qwen2.5-7B-Instruct", "", True, SELF),
    ("Qwen2.5-7B-Instruct → Self (a teacher, SDFT)", "Qwen2.5-7B-Instruct", "Qwen2.5-7B-Instruct", "", True, SELF),
    ("Qwen3-4B-base → Self", "Qwen3-4B-base", "Qwen3-4B-base", "", True, SELF),
    ("MiMo-V2-Flash 309B MoE → Self (MOPD)", "MiMo-V2-Flash 309B", "MiMo-V2-Flash 309B", "", True, SELF),
    ("Nemotron-Cascade-2-30B-A3B → Self", "Nemotron-Cascade-2-30B-A3B", "Nemotron-Cascade-2-30B-A3B", "", True, SELF),
    ("Zephyr-7B (Mistral-7B) → Self", "Zephyr-7B", "Zephyr-7B", "Mistral-7B", True, SELF),
    ("Qwen3-4B / Qwen3-8B → Self (π-Distill)", "Qwen3-4B, Qwen3-8B", "Qwen3-4B, Qwen3-8B", "", True, SELF),
    ("Qwen3-4B/8B → Self", "Qwen3-4B, Qwen3-8B", "Qwen3-4B, Qwen3-8B", "", True, SELF),
    ("Qwen3.5-4B/9B → Self (crop→image)", "Qwen3.5-4B, Qwen3.5-9B", "Qwen3.5-4B, Qwen3.5-9B", "", True, SELF),
    ("Qwen2.5-{0.5B,7B} → Self", "Qwen2.5-0.5B, Qwen2.5-7B", "Qwen2.5-0.5B, Qwen2.5-7B", "", True, SELF),
    ("Qwen3-0.6B–32B → Self (CaOPD: a; b)", "Qwen3-0.6B, Qwen3-32B", "Qwen3-0.6B, Qwen3-32B", "", True, SELF),
    (
        "DeepSeek-R1-Distill-Qwen-1.5B/7B / DeepSeek-R1-Distill-Llama-8B → Self (dual-stream)",
        "DeepSeek-R1-Distill-Qwen-1.5B, DeepSeek-R1-Distill-Qwen-7B, DeepSeek-R1-Distill-Llama-8B",
        "DeepSeek-R1-Distill-Qwen-1.5B, DeepSeek-R1-Distill-Qwen-7B, DeepSeek-R1-Distill-Llama-8B",
        "",
        True,
        SELF,
    ),
    (
        "Qwen2.5-Instruct (3B/7B/32B) → Self (CaOPD)",
        "Qwen2.5-Instruct-3B, Qwen2.5-Instruct-7B, Qwen2.5-Instruct-32B",
        "Qwen2.5-Instruct-3B, Qwen2.5-Instruct-7B, Qwen2.5-Instruct-32B",
        "",
        True,
        SELF,
    ),
    (
        "Llama-3.1-8B / Qwen3-4B–30B-Instruct → Self (SSD)",
        "Llama-3.1-8B, Qwen3-4B-Instruct, Qwen3-30B-Instruct",
        "Llama-3.1-8B, Qwen3-4B-Instruct, Qwen3-30B-Instruct",
        "",
        True,
        SELF,
    ),
    (
        "Llama-3.1/Qwen2.5/Phi-3 families → Self (EMA teacher)",
        "Llama-3.1, Qwen2.5, Phi-3",
        "Llama-3.1, Qwen2.5, Phi-3",
        "",
        True,
        SELF,
    ),
    ("LLM agents → Self", "", "", "", True, SELF),
    ("DiffusionLM → Self", "", "", "", True, SELF),
    ("Self → Self (multi-view PI)", "", "", "", True, SELF),
    # One and the same model on both sides.
    ("Qwen3-1.7B → Qwen3-1.7B", "Qwen3-1.7B", "Qwen3-1.7B", "", True, SELF),
    ("LLaDA-8B-Instruct (WINO) → LLaDA-8B-Instruct", "LLaDA-8B-Instruct", "LLaDA-8B-Instruct", "", True, SELF),
    ("Qwen3-8B (stop-gradient self) → Qwen3-8B", "Qwen3-8B", "Qwen3-8B", "", True, SELF),
    (
        "Qwen3-4B-Instruct-2507 (EMA + hints) → Qwen3-4B-Instruct-2507",
        "Qwen3-4B-Instruct-2507",
        "Qwen3-4B-Instruct-2507",
        "",
        True,
        SELF,
    ),
    # Without an arrow.
    ("Qwen3-VL-8B (self)", "Qwen3-VL-8B", "Qwen3-VL-8B", "", True, SELF),
    ("Self (one teacher / one student)", "", "", "", True, SELF),
    ("Qwen3-32B (teacher), Qwen3-4B (student)", "Qwen3-32B", "Qwen3-4B", "", None, STATED),
    ("KAT-Coder-V2 (proprietary pipeline)", "", "", "KAT-Coder-V2", None, UNKNOWN),
    ("GPT-2 / OPT families (a framework)", "", "", "GPT-2, OPT", None, UNKNOWN),
    ("GPT-2 / Phi-3 / Llama-3", "", "", "GPT-2, Phi-3, Llama-3", None, UNKNOWN),
    ("Theoretical (no specific models)", "", "", "", None, UNKNOWN),
    # The text says which side teaches.
    ("GPT-2 (student) → GPT-2 XL (teacher)", "GPT-2 XL", "GPT-2", "", None, STATED),
    ("Qwen2.5-VL-3B → Qwen3-8B (text reasoning teacher)", "Qwen3-8B", "Qwen2.5-VL-3B", "", False, STATED),
    ("Qwen3-Omni-A3B → Qwen3-A3B-Instruct (text teacher)", "Qwen3-A3B-Instruct", "Qwen3-Omni-A3B", "", None, STATED),
    ("Qwen3-1.7B / Qwen3-8B → Qwen3-8B (teacher)", "Qwen3-8B", "Qwen3-1.7B, Qwen3-8B", "", None, STATED),
    ("Qwen3-4B/8B (self-teacher) → Qwen3-4B/8B", "Qwen3-4B, Qwen3-8B", "Qwen3-4B, Qwen3-8B", "", True, STATED),
    ("Various students → InternLM-2.5-7B-Chat", "InternLM-2.5-7B-Chat", "", "", None, STATED),
    ("Various students → Various teachers (ULD)", "", "", "", None, STATED),
    ("Qwen3-1.7B/4B → Multi-teacher", "", "Qwen3-1.7B, Qwen3-4B", "", None, STATED),
    ("Llama-3-8B / Qwen-7B → larger teacher LLMs (DPO)", "", "Llama-3-8B, Qwen-7B", "", None, STATED),
    ("External teacher → HyperEyes-30B (Qwen3-VL-30B)", "", "HyperEyes-30B", "Qwen3-VL-30B", None, STATED),
    (
        "Qwen3-4B-Non-Thinking → Self-RL teachers / Qwen3-30B-A3B (G-OPD)",
        "Qwen3-30B-A3B",
        "Qwen3-4B-Non-Thinking",
        "",
        None,
        STATED,
    ),
    # All of one side are larger: in the early rows the right one, in the later rows the left one.
    ("Qwen3-1.7B → Qwen3-8B", "Qwen3-8B", "Qwen3-1.7B", "", False, SIZE),
    ("Qwen3-32B → Qwen3-4B", "Qwen3-32B", "Qwen3-4B", "", False, SIZE),
    ("Qwen3-32B -> Qwen3-4B", "Qwen3-32B", "Qwen3-4B", "", False, SIZE),
    ("T5-Small/Base/Large → T5-XL 3B", "T5-XL 3B", "T5-Small, T5-Base, T5-Large", "", False, SIZE),
    ("T5-Base 250M → FLAN-T5-XL 3B", "FLAN-T5-XL 3B", "T5-Base 250M", "", False, SIZE),
    ("T5-Small/Base → PaLM-540B (rationales; a motive)", "PaLM-540B", "T5-Small, T5-Base", "", False, SIZE),
    ("DistilGPT-2 82M → GPT-2 Large 774M (+ DP-SGD)", "GPT-2 Large 774M", "DistilGPT-2 82M", "", False, SIZE),
    (
        "GPT-2 120M–760M → GPT-2 1.5B / GPT-J 6B / OPT-13B",
        "GPT-2 1.5B, GPT-J 6B, OPT-13B",
        "GPT-2 120M, GPT-2 760M",
        "",
        False,
        SIZE,
    ),
    ("GPT-2 120M / TinyLLaMA → LLaMA-6.7B", "LLaMA-6.7B", "GPT-2 120M, TinyLLaMA", "", False, SIZE),
    ("TinyLlama-1.1B → Phi-3-mini / Llama-2-7B", "Phi-3-mini, Llama-2-7B", "TinyLlama-1.1B", "", False, SIZE),
    ("OpenVLA-OPD (7B) → Qwen2.5-VL-72B", "Qwen2.5-VL-72B", "OpenVLA-OPD-7B", "", False, SIZE),
    (
        "Qwen2.5-1.5B–32B / Llama-3-8B–70B → DeepSeek-R1 671B · ⚠️ a baseline (§7.4)",
        "DeepSeek-R1 671B",
        "Qwen2.5-1.5B, Qwen2.5-32B, Llama-3-8B, Llama-3-70B",
        "",
        False,
        SIZE,
    ),
    (
        "Qwen3-4B → gpt-oss-120b / Qwen3-Next-80B-A3B-Thinking (DASD)",
        "gpt-oss-120b, Qwen3-Next-80B-A3B-Thinking",
        "Qwen3-4B",
        "",
        False,
        SIZE,
    ),
    (
        "Qwen2.5-1.5B-Math / Llama-3.2-3B → Qwen2.5-7B-Math / Llama-3.2-11B",
        "Qwen2.5-7B-Math, Llama-3.2-11B",
        "Qwen2.5-1.5B-Math, Llama-3.2-3B",
        "",
        False,
        SIZE,
    ),
    (
        "Qwen2-1.5B / Gemma-2-2B / Danube2-1.8B → Qwen2-7B / Gemma-2-9B / Mistral-7B",
        "Qwen2-7B, Gemma-2-9B, Mistral-7B",
        "Qwen2-1.5B, Gemma-2-2B, Danube2-1.8B",
        "",
        False,
        SIZE,
    ),
    (
        "DeepSeek-R1-Distill-Qwen-1.5B → SkyWork-OR1-7B/32B",
        "SkyWork-OR1-7B, SkyWork-OR1-32B",
        "DeepSeek-R1-Distill-Qwen-1.5B",
        "",
        False,
        SIZE,
    ),
    ("Qwen2.5-Coder-7B → CodeV-SVA-14B", "CodeV-SVA-14B", "Qwen2.5-Coder-7B", "", False, SIZE),
    ("Qwen3-0.6B-1.7B → Qwen3-8B", "Qwen3-8B", "Qwen3-0.6B, Qwen3-1.7B", "", False, SIZE),
    # A size alone is no model's name; it still tells which side is larger.
    ("Qwen3-32B → 8B", "Qwen3-32B", "", "", None, SIZE),
    ("Qwen3-VL-32B → 2B–3B GUI agents", "Qwen3-VL-32B", "", "", None, SIZE),
    # No side is told.
    ("143M–1.4B → 975M–12.6B (a scaling law)", "", "", "", None, UNKNOWN),
    ("LLaMA-7B → ChatGPT (adversarial distillation)", "", "", "LLaMA-7B, ChatGPT", None, UNKNOWN),
    ("Qwen3-4B/8B → GPT-4o (DAgger)", "", "", "Qwen3-4B, Qwen3-8B, GPT-4o", None, UNKNOWN),
    ("Qwen3-4B / Qwen3-8B → Qwen3-8B / Qwen3-32B", "", "", "Qwen3-4B, Qwen3-8B, Qwen3-32B", None, UNKNOWN),
    ("Qwen3-1.7B/8B → Qwen3-8B", "", "", "Qwen3-1.7B, Qwen3-8B", None, UNKNOWN),
    ("Qwen3-8B → Qwen3-8B-Base", "", "", "Qwen3-8B, Qwen3-8B-Base", None, UNKNOWN),
    ("JustRL-R1-1.5B → R1-Distill-1.5B", "", "", "JustRL-R1-1.5B, R1-Distill-1.5B", None, UNKNOWN),
    ("Qwen3 series → Qwen3 (larger, logit KD)", "", "", "Qwen3", None, UNKNOWN),
    ("HY-Embodied-0.5 (small) → HY-Embodied (large, internal)", "", "", "HY-Embodied-0.5, HY-Embodied", None, UNKNOWN),
    ("KAT-Coder-V2 → 5 domain specialists", "", "", "KAT-Coder-V2", None, UNKNOWN),
    ("10+ domain experts (1.6T each) → DeepSeek-V4-Pro 1.6T MoE", "", "", "DeepSeek-V4-Pro 1.6T", None, UNKNOWN),
    ("GRPO domain specialists (SD3.5) → SD 3.5 Medium", "", "", "SD 3.5 Medium, SD3.5", None, UNKNOWN),
    ("Qwen2.5-Math-7B → DeepSeek-R1 traces (RLKD)", "", "", "Qwen2.5-Math-7B", None, UNKNOWN),
    ("Qwen3.5-9B → compressed Qwen3.5 (latent MTP)", "", "", "Qwen3.5-9B", None, UNKNOWN),
    ("Qwen3-1.7B → R1-Distill-7B / Qwen3-4B etc.", "", "", "Qwen3-1.7B, R1-Distill-7B, Qwen3-4B", None, UNKNOWN),
    (
        "Qwen2.5-Math-1.5B / Qwen2.5-Math-7B → Qwen2.5-Math-7B / Qwen2.5-Math-1.5B",
        "",
        "",
        "Qwen2.5-Math-1.5B, Qwen2.5-Math-7B",
        None,
        UNKNOWN,
    ),
    (
        "GPT-2 120M–760M / OPT/Llama-7B → GPT-2 XL / OPT-13B",
        "",
        "",
        "GPT-2 120M, GPT-2 760M, OPT, Llama-7B, GPT-2 XL, OPT-13B",
        None,
        UNKNOWN,
    ),
    (
        "Qwen3-1.7B/4B-Base → Qwen3-1.7B/4B-Inst (self-distill), OLMo-3-7B",
        "",
        "",
        "Qwen3-1.7B-Base, Qwen3-4B-Base, Qwen3-1.7B-Inst, Qwen3-4B-Inst, OLMo-3-7B",
        None,
        UNKNOWN,
    ),
    (
        "Qwen2.5-7B-Inst / Phi-4-mini → Phi-4-mini / Gemma-2-2B-IT",
        "",
        "",
        "Qwen2.5-7B-Inst, Phi-4-mini, Gemma-2-2B-IT",
        None,
        UNKNOWN,
    ),
]

#: Texts that state several setups: each is one of the readings above or as simple.
SEVERAL = {
    "Qwen3-8B → Qwen3-14B; Qwen2.5-Math-7B-Instruct → Self": [
        ("Qwen3-8B → Qwen3-14B", "Qwen3-14B", "Qwen3-8B", "", False, SIZE),
        ("Qwen2.5-Math-7B-Instruct → Self", "Qwen2.5-Math-7B-Instruct", "Qwen2.5-Math-7B-Instruct", "", True, SELF),
    ],
    "Qwen3-8B → Qwen3-1.7B; Qwen3-4B → Qwen3-0.6B; some words on the method": [
        ("Qwen3-8B → Qwen3-1.7B", "Qwen3-8B", "Qwen3-1.7B", "", False, SIZE),
        ("Qwen3-4B → Qwen3-0.6B", "Qwen3-4B", "Qwen3-0.6B", "", False, SIZE),
    ],
    "Qwen2.5-Math-72B → Qwen2.5-Math-7B / Qwen3-Coder-30B-A3B → Qwen3-8B; words": [
        ("Qwen2.5-Math-72B → Qwen2.5-Math-7B", "Qwen2.5-Math-72B", "Qwen2.5-Math-7B", "", False, SIZE),
        ("Qwen3-Coder-30B-A3B → Qwen3-8B", "Qwen3-Coder-30B-A3B", "Qwen3-8B", "", False, SIZE),
    ],
    "Qwen3-32B → Qwen3-8B → Qwen3-1.7B": [
        ("Qwen3-32B → Qwen3-8B", "Qwen3-32B", "Qwen3-8B", "", False, SIZE),
        ("Qwen3-8B → Qwen3-1.7B", "Qwen3-8B", "Qwen3-1.7B", "", False, SIZE),
    ],
    # Three in the middle of two arrows: where one statement ends and the next begins can't be told.
    "Qwen3-32B → Qwen3-8B / Qwen3-14B / Qwen3-4B → Qwen3-1.7B": [
        (
            "Qwen3-32B → Qwen3-8B / Qwen3-14B / Qwen3-4B → Qwen3-1.7B",
            "",
            "",
            "Qwen3-32B, Qwen3-8B, Qwen3-14B, Qwen3-4B, Qwen3-1.7B",
            None,
            UNKNOWN,
        ),
    ],
    "VISD: a judge of videos (a/b/c); more words; VideoLLM → Self": [("VideoLLM → Self", "", "", "", True, SELF)],
    "Qwen3-4B → Self; oracle: Qwen2.5-32B (gating)": [("Qwen3-4B → Self", "Qwen3-4B", "Qwen3-4B", "", True, SELF)],
}

PROSE = [
    "",
    "   ",
    "Position paper",
    "NAME: one thing + another thing",
    "Signals from Base to Instruct",
    "Benchmarks of reasoning",
    "VideoLLM that distils itself",
    "RL on a teacher (GRPO) → OPD to the student",
    "Qwen3/Llama rule for rewards",
    "reward of a task → distilled policy",
    "generation 8.1× faster",
    "openPangu-Embedded-1B → 68.73% SOTA",
    "Qwen3-8B-guided search → Qwen3-4B",
    "Llama-based agents",
    "teacher-7B → student-1B",
    "GenEval 63→92, OCR 59→94",
    "Qwen3-8B →",
    "→ Qwen3-8B",
    "→",
    "8B",
    "LLM",
    "Qwen3-8B (a remark) runs on → Qwen3-4B",
    "Qwen3-8B) → Qwen3-4B",
    "http://example.org/Qwen3-8B → Qwen3-4B",
    "<b>Qwen3-8B</b> → Qwen3-4B",
]

#: What may follow a statement in upstream's text; the reader must not care.
TAILS = ["; words on the method (KL → 0; a/b)", " · other words", "; a; b · c", " ; ", ";", "; NPD: speed → 8.1×"]


def names(models: tuple[ModelMention, ...]) -> str:
    return ", ".join(model.name for model in models)


def reading(setup: Setup) -> tuple[str, str, str, bool | None, Orientation]:
    told = (names(setup.teachers), names(setup.students), names(setup.involved))
    return (*told, setup.self_distillation, setup.orientation)


@pytest.mark.parametrize("expected", READINGS, ids=lambda expected: expected[0])
def test_a_real_form_reads_as_by_hand(expected: Reading) -> None:
    (setup,) = read_setups(expected[0])
    assert reading(setup) == expected[1:]


@pytest.mark.parametrize("text", SEVERAL)
def test_several_statements_are_read_one_by_one(text: str) -> None:
    assert [(setup.text, *reading(setup)) for setup in read_setups(text)] == SEVERAL[text]


@pytest.mark.parametrize("text", PROSE)
def test_of_prose_nothing_is_kept(text: str) -> None:
    assert read_setups(text) == ()


FORMS = [expected[0] for expected in READINGS] + list(SEVERAL)


@pytest.mark.parametrize("text", FORMS)
def test_trimmed_text_reads_as_the_whole(text: str) -> None:
    setups = read_setups(text)
    for tail in TAILS:
        assert read_setups(text + tail) == setups
    assert read_setups("; ".join(setup.text for setup in setups)) == setups


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Qwen2.5-7B-Instruct → Self (conditioned on demonstrations)", "Qwen2.5-7B-Instruct → Self"),
        ("Qwen3-8B  (frozen (see text)) →  Qwen3-4B (a → b", "Qwen3-8B → Qwen3-4B"),
        ("GPT-2 (student) → GPT-2 XL (teacher, frozen)", "GPT-2 (student) → GPT-2 XL"),
        ("Qwen2.5-Instruct(7B/14B) → Self", "Qwen2.5-Instruct (7B/14B) → Self"),
        ("HyperEyes-30B (Qwen3-VL-30B) → Self (words)", "HyperEyes-30B (Qwen3-VL-30B) → Self"),
    ],
)
def test_the_text_of_a_setup_is_what_was_read_and_no_more(text: str, kept: str) -> None:
    assert [setup.text for setup in read_setups(text)] == [kept]


@pytest.mark.parametrize(
    ("text", "header", "teachers", "students", "orientation"),
    [
        ("LLaMA-7B → ChatGPT", Direction.STUDENT_FIRST, "ChatGPT", "LLaMA-7B", STATED),
        ("LLaMA-7B → ChatGPT", Direction.TEACHER_FIRST, "LLaMA-7B", "ChatGPT", STATED),
        ("Qwen3-32B → Qwen3-4B", Direction.STUDENT_FIRST, "Qwen3-4B", "Qwen3-32B", STATED),
        # The row's own words are closer to the fact than the header of its column.
        ("GPT-2 (student) → GPT-2 XL (teacher)", Direction.TEACHER_FIRST, "GPT-2 XL", "GPT-2", STATED),
        # A row that contradicts itself claims nothing.
        ("GPT-2 (teacher) → GPT-2 XL (teacher)", Direction.TEACHER_FIRST, "", "", UNKNOWN),
        ("Qwen3-8B → Self", Direction.TEACHER_FIRST, "Qwen3-8B", "Qwen3-8B", STATED),
        ("GPT-2 / OPT", Direction.TEACHER_FIRST, "", "", UNKNOWN),
    ],
)
def test_a_column_header_states_the_direction(
    text: str, header: Direction, teachers: str, students: str, orientation: Orientation
) -> None:
    (setup,) = read_setups(text, stated=header)
    assert (names(setup.teachers), names(setup.students), setup.orientation) == (teachers, students, orientation)


@pytest.mark.parametrize(
    "text",
    [
        "/",
        "→",
        "(",
        ")",
        "()",
        "(a",
        "; ",
        "Qwen3-8B/",
        "Qwen3-8B → ",
        "(8B/",
        "8B-",
        "- ",
        " and ",
        "(Qwen3-8B/4B)/",
        "[",
        "{",
    ],
)
def test_hostile_repetition_reads_as_nothing(text: str) -> None:
    assert read_setups(text * (10_000 // len(text))) == ()


def test_no_more_than_a_bounded_number_of_setups_is_read() -> None:
    setups = read_setups("Qwen3-8B → Qwen3-4B → Qwen3-0.6B; " * 1_000)
    assert len(setups) == 20
    assert read_setups("; ".join(setup.text for setup in setups)) == setups


PIECES = [
    "Qwen3",
    "Qwen3-8B",
    "Qwen3-4B/8B",
    "T5-Small",
    "/Base",
    "GPT-2 XL",
    "Foo-7B",
    "R1-Distill-7B",
    "ChatGPT",
    "8B",
]
PIECES += [
    "-Base",
    "-Instruct",
    "–32B",
    "{0.5B,7B}",
    "Self",
    "Various students",
    "Multi-teacher",
    "etc.",
    "LLM",
    "GUI agents",
]
PIECES += ["→", " → ", " -> ", " / ", "/", ", ", " + ", " and ", "; ", " · ", " ", "(", ")", " (teacher)", " (student)"]
PIECES += [
    " (self)",
    " (self-teacher)",
    " (7B/14B)",
    " (Mistral-7B)",
    " (a remark)",
    " MoE",
    " series",
    "5 ",
    "π",
    "\u00a0",
    "\x00",
]
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=60)
headers = st.none() | st.sampled_from(Direction)


@given(texts, headers)
def test_whatever_the_text_nothing_is_claimed_that_it_does_not_say(text: str, header: Direction | None) -> None:
    setups = read_setups(text, stated=header)
    assert read_setups("; ".join(setup.text for setup in setups), stated=header) == setups
    for setup in setups:
        for model in (*setup.teachers, *setup.students, *setup.involved):
            assert all(part in text for part in model.name.replace("-", " ").split())
        assert all(word in text.replace("->", "→") for word in setup.text.replace("(", " ").replace(")", " ").split())
        if setup.orientation is UNKNOWN:
            assert (setup.teachers, setup.students, setup.self_distillation) == ((), (), None)
        if setup.orientation is SELF:
            assert setup.teachers == setup.students
            assert setup.self_distillation is True
        if setup.orientation is SIZE:
            sizes = [[model.parameters or 0 for model in side] for side in (setup.students, setup.teachers)]
            assert max(sizes[0], default=0) < min(sizes[1], default=10**20)
            assert not setup.self_distillation
        if setup.self_distillation is False:
            assert not {model.slug for model in setup.teachers} & {model.slug for model in setup.students}


@given(st.lists(texts, max_size=4), st.lists(st.sampled_from(["prose here", "KL: a/b", "12% faster"]), max_size=3))
def test_prose_after_the_statements_changes_nothing(statements: list[str], prose: list[str]) -> None:
    text = "; ".join(statements)
    if text.count("(") == text.count(")"):
        assert read_setups("; ".join((text, *prose))) == read_setups(text)
