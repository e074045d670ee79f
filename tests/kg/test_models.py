"""What a model's name says, which names are one model, and what ontology/models.yaml may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import DataError
from kg.families import load_families
from kg.models import ModelMention, complete_names, parse_size, read_model

FAMILIES = load_families()


def read(name: str) -> ModelMention:
    mention = read_model(name, FAMILIES)
    assert mention is not None
    return mention


#: name, slug, family, parameters and active parameters in millions, variant
FACTS = [
    ("Qwen3-8B", "qwen3-8b", "Qwen3", 8_000, None, None),
    ("Qwen3-0.6B", "qwen3-0.6b", "Qwen3", 600, None, None),
    ("Qwen3", "qwen3", "Qwen3", None, None, None),
    ("Qwen2.5-Math-7B-Instruct", "qwen2.5-math-7b-instruct", "Qwen2.5", 7_000, None, "Math-Instruct"),
    ("Qwen3-4B-Instruct-2507", "qwen3-4b-instruct-2507", "Qwen3", 4_000, None, "Instruct-2507"),
    ("Qwen3-4B-Non-Thinking", "qwen3-4b-non-thinking", "Qwen3", 4_000, None, "Non-Thinking"),
    ("Qwen3-30B-A3B", "qwen3-30b-a3b", "Qwen3", 30_000, 3_000, None),
    ("Qwen3-Coder-30B-A3B", "qwen3-coder-30b-a3b", "Qwen3", 30_000, 3_000, "Coder"),
    ("Qwen3-Next-80B-A3B-Thinking", "qwen3-next-80b-a3b-thinking", "Qwen3", 80_000, 3_000, "Next-Thinking"),
    ("Qwen3-A3B-Instruct", "qwen3-a3b-instruct", "Qwen3", None, 3_000, "Instruct"),
    ("Qwen2-Audio-7B", "qwen2-audio-7b", "Qwen2", 7_000, None, "Audio"),
    ("QwQ-32B", "qwq-32b", "QwQ", 32_000, None, None),
    ("gpt-oss-120b", "gpt-oss-120b", "gpt-oss", 120_000, None, None),
    ("GPT-2", "gpt-2", "GPT-2", None, None, None),
    ("GPT-2 XL", "gpt-2-xl", "GPT-2", 1_500, None, None),
    ("GPT-2 120M", "gpt-2-120m", "GPT-2", 120, None, None),
    ("GPT-5-Chat", "gpt-5-chat", "GPT-5", None, None, "Chat"),
    ("GPT-4o", "gpt-4o", "GPT-4o", None, None, None),
    ("ChatGPT", "chatgpt", "ChatGPT", None, None, None),
    ("T5-Small", "t5-small", "T5", 60, None, None),
    ("T5-Base", "t5-base", "T5", 220, None, None),
    ("T5-Large", "t5-large", "T5", 770, None, None),
    ("T5-XL", "t5-xl", "T5", 3_000, None, None),
    ("FLAN-T5-XL", "flan-t5-xl", "FLAN-T5", 3_000, None, None),
    ("Phi-3-mini", "phi-3-mini", "Phi-3", 3_800, None, None),
    ("DeepSeek-R1", "deepseek-r1", "DeepSeek-R1", 671_000, 37_000, None),
    ("DeepSeek-V4-Pro 1.6T", "deepseek-v4-pro-1.6t", "DeepSeek-V4", 1_600_000, None, "Pro"),
    ("DeepSeek-R1-Distill-Llama-8B", "deepseek-r1-distill-llama-8b", "DeepSeek-R1-Distill-Llama", 8_000, None, None),
    ("MiMo-V2-Flash", "mimo-v2-flash", "MiMo-V2-Flash", 309_000, 15_000, None),
    ("Llama-70B", "llama-70b", "Llama", 70_000, None, None),
    ("Llama-3.3-70B", "llama-3.3-70b", "Llama-3.3", 70_000, None, None),
    ("Gemma-2B", "gemma-2b", "Gemma", 2_000, None, None),
    ("Gemma-2-2B-IT", "gemma-2-2b-it", "Gemma-2", 2_000, None, "IT"),
    ("Step-Audio2-mini", "step-audio-2-mini", "Step-Audio-2", None, None, "mini"),
    ("Skywork-OR1-Math-7B", "skywork-or1-math-7b", "Skywork-OR1", 7_000, None, "Math"),
    ("SD 3.5 Medium", "stable-diffusion-3.5-medium", "Stable-Diffusion-3.5", 2_500, None, None),
    ("KAT-Coder-V2", "kat-coder-v2", "KAT-Coder", None, None, "V2"),
    # A family that is not listed: the size makes it a model.
    ("CodeV-SVA-14B", "codev-sva-14b", None, 14_000, None, None),
    ("GiGPO-Qwen2.5-7B", "gigpo-qwen2.5-7b", None, 7_000, None, None),
    ("HyperEyes-30B-Instruct", "hypereyes-30b-instruct", None, 30_000, None, "Instruct"),
]


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts[0])
def test_a_name_says_family_size_and_variant(
    facts: tuple[str, str, str | None, int | None, int | None, str | None],
) -> None:
    name, slug, family, size, active, variant = facts
    parameters, active_parameters = (count * 10**6 if count else None for count in (size, active))
    assert read(name) == ModelMention(name, slug, family, parameters, active_parameters, variant)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Llama-2-7B", "LLaMA2-7B", "llama2-7b", "Llama 2 7B", "LLaMA-2-7b"),
        ("Gemma-3-4B", "Gemma3-4B"),
        ("OLMo-3-7B", "Olmo3-7B", "Olmo-3-7B"),
        ("Skywork-OR1-7B", "SkyWork-OR1-7B"),
        ("Qwen2.5-Math-1.5B", "Qwen2.5-1.5B-Math"),
        ("Qwen2.5-7B-Instruct", "Qwen2.5-Instruct-7B", "Qwen2.5-7B-Inst", "Qwen2.5 7B Instruct"),
        ("Qwen3-4B-Base", "Qwen3-4B-base"),
        ("Qwen3-30B-A3B", "Qwen3-30B"),
        ("Qwen3-VL-235B-A22B-Thinking", "Qwen3-VL-235B-Thinking"),
        ("GPT-2 XL", "GPT-2 1.5B", "GPT2-XL", "GPT-2-XL 1.5B"),
        ("GPT-2 Large", "GPT-2 Large 774M", "GPT-2 774M"),
        ("T5-XL", "T5-XL 3B"),
        ("TinyLlama-1.1B", "TinyLLaMA", "TinyLlama-1.1b"),
        ("DeepSeek-R1", "DeepSeek-R1 671B"),
        ("DeepSeek-R1-Distill-Qwen-7B", "R1-Distill-Qwen-7B", "DeepSeek-Distill-Qwen-7B", "DeepSeek-R1-Distill-7B"),
        ("DeepSeek-R1-Distill-Qwen-1.5B", "R1-Distill-1.5B", "DeepSeek-Distill-Qwen-1.5B"),
        ("MiMo-V2-Flash", "MiMo-V2-Flash 309B MoE"),
        ("InternLM2.5-7B-Chat", "InternLM-2.5-7B-Chat"),
        ("Qwen3", "Qwen3 series", "Qwen3 family"),
        ("Mistral-7B", "Mistral-7.0B"),
    ],
)
def test_spellings_of_one_model_agree_in_all_but_the_name(spellings: tuple[str, ...]) -> None:
    facts = {(m.slug, m.family, m.parameters, m.active_parameters, m.variant) for m in map(read, spellings)}
    assert len(facts) == 1


@pytest.mark.parametrize(
    "different",
    [
        ("Llama-7B", "Llama-2-7B", "LLaMA-6.7B"),
        ("T5-Large", "T5-Large 780M", "FLAN-T5-Large"),
        ("T5-Base", "T5-Base 250M"),
        ("GPT-2 120M", "GPT-2 Small", "GPT-2"),
        ("Qwen3-4B", "Qwen3-4B-Instruct", "Qwen3-4B-Instruct-2507", "Qwen3-4B-Base"),
        ("DeepSeek-R1-Distill-Qwen-32B", "DeepSeek-R1-Distill-Llama-8B", "DeepSeek-R1-Distill-13B"),
        ("Qwen2.5-7B", "Qwen2-7B", "Qwen-7B", "Qwen2.5-VL-7B"),
        ("Gemma-2B", "Gemma-2-2B", "Gemma-2"),
        ("OpenLLaMA-7B", "OpenLLaMA2-7B"),
    ],
)
def test_different_models_stay_apart(different: tuple[str, ...]) -> None:
    assert len({read(name).slug for name in different}) == len(different)


@pytest.mark.parametrize("name", [facts[0] for facts in FACTS])
def test_a_slug_reads_as_the_model_that_it_stands_for(name: str) -> None:
    assert read(read(name).slug).slug == read(name).slug


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "8B",
        "7B-Instruct",
        "Base-7B",
        "student-7B",
        "LLM-7B",
        "Foo",
        "Foo 7B",
        "foo bar-7B",
        "Foo-7B-8B",
        "Qwen3-8B-guided",
        "Qwen3 guided",
        "Qwen3-8B-",
        "-Qwen3-8B",
        "Qwen3-8B!",
        "Qwen/Qwen3-8B",
        "π-7B",
        "Foo-0B",
        "Foo-" + "a" * 31 + "-7B",
        "Foo-" + "a-" * 12 + "7B",
    ],
)
def test_what_is_no_name_is_not_read(text: str) -> None:
    assert read_model(text, FAMILIES) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1.5B", 1_500_000_000),
        ("120M", 120_000_000),
        ("1.6T", 1_600_000_000_000),
        ("7b", 7_000_000_000),
        ("0.1B", 10**8),
    ],
)
def test_a_size_is_read_to_the_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "B", "7", "7K", "7 B", "-7B", "1,5B", "1.B", "0B", "99999B", "٧B", "7B "])
def test_what_is_no_size_is_not_read(text: str) -> None:
    assert parse_size(text) is None


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        (["Qwen3-4B", "8B"], ["Qwen3-4B", "Qwen3-8B"]),
        (["Qwen3-1.7B", "4B-Base"], ["Qwen3-1.7B-Base", "Qwen3-4B-Base"]),
        (["Qwen3-1.7B", "4B", "8B-Base"], ["Qwen3-1.7B-Base", "Qwen3-4B-Base", "Qwen3-8B-Base"]),
        (["Qwen3-8B", "30B-A3B"], ["Qwen3-8B", "Qwen3-30B-A3B"]),
        (["T5-Small", "Base", "Large"], ["T5-Small", "T5-Base", "T5-Large"]),
        (["GPT-2 120M", "760M"], ["GPT-2 120M", "GPT-2 760M"]),
        (["Qwen3-4B-Base", "8B-Base"], ["Qwen3-4B-Base", "Qwen3-8B-Base"]),
        # Whether the second is an Instruct too can't be told: it stays a size.
        (["Qwen3-4B-Instruct", "8B"], ["Qwen3-4B-Instruct", "8B"]),
        (["Qwen3-4B", "Llama-3.1-8B-Instruct"], ["Qwen3-4B", "Llama-3.1-8B-Instruct"]),
        (["OPT", "Llama-7B"], ["OPT", "Llama-7B"]),
        (["Self", "8B"], ["Self", "8B"]),
        (["8B", "Qwen3-4B", "Base"], ["8B", "Qwen3-4B", "Base"]),
        ([], []),
    ],
)
def test_a_list_of_sizes_names_each_model_in_full(parts: list[str], names: list[str]) -> None:
    assert complete_names(parts, FAMILIES) == names


WORDS = [
    "Qwen3",
    "Llama",
    "GPT",
    "2",
    "T5",
    "Small",
    "8B",
    "1.5B",
    "A3B",
    "Base",
    "Inst",
    "Math",
    "XL",
    "R1",
    "Distill",
]
WORDS += ["Foo", "foo", "model", "3.1", "v2", "π"]
words = st.sampled_from(WORDS)
glued = st.lists(st.tuples(words, st.sampled_from("- _")), max_size=6).map(lambda parts: "".join(sum(parts, ()))[:-1])


@given(glued | st.text(max_size=40), glued)
def test_one_slug_never_stands_for_two_sizes_or_families(one: str, other: str) -> None:
    mentions = [mention for name in (one, other) if (mention := read_model(name, FAMILIES))]
    facts = {(m.family, m.parameters, m.active_parameters, (m.variant or "").casefold()) for m in mentions}
    assert len(facts) <= len({mention.slug for mention in mentions}) <= 2
    assert all(mention.name in (one, other) or f"{mention.name} " in f"{one}\n{other}" for mention in mentions)


# ---------------------------------------------------------------- ontology/models.yaml

SMALL = """\
families:
  - {family: Ant, developer: Ants, source: "arXiv:2601.00001", names: [Emmet], sizes: {Wee: 1M}}
  - {family: Bee, developer: Bees, source: "https://example.org/bee", parameters: 2B, active_parameters: 1B}
aliases:
  - {name: Emmet-1M, is: Ant-Wee, source: "arXiv:2601.00001"}
variants: {before_size: {Math: []}, after_size: {Instruct: [Inst]}}
fillers: [series]
not_names: [teacher]
phrases:
  self: [Self]
  notes: {teacher: [teacher], student: [student], self: [self]}
  placeholders: {teacher: [Many teachers], student: [Many students], either: [LLM]}
  statements: [No models]
"""


def test_another_file_of_families_is_read_by_the_same_rules() -> None:
    families = load_families(SMALL)
    assert read_model("emmet 1M", families) == ModelMention("emmet 1M", "ant-wee", "Ant", 10**6, None, None)
    assert read_model("Bee-Inst", families) == ModelMention(
        "Bee-Inst", "bee-instruct", "Bee", 2 * 10**9, 10**9, "Instruct"
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("families:", "families: [", "not YAML"),
        (SMALL, "", "must be a mapping"),
        (SMALL, "[" * 5_000, "not YAML"),
        (SMALL, "#" * 200_001, "longer than"),
        ("fillers: [series]\n", "", "lacks fillers"),
        ("fillers:", "filers: []\nfillers:", "no field filers"),
        ("fillers: [series]", "fillers: series", "fillers: must be a list"),
        ("fillers: [series]", "fillers: [7]", "must be a text, not 7"),
        ("fillers: [series]", "fillers: [series]\nfillers: [others]", "given twice"),
        ("developer: Ants, ", "", "families, entry 1: lacks developer"),
        ("developer: Ants", "maker: Ants, developer: Ants", "no field maker"),
        ("family: Ant,", "family: 7,", "must be a text"),
        ("family: Ant,", "family: A nt,", "letters, digits, dots and hyphens"),
        ("names: [Emmet]", "names: [Bee]", "is taken"),
        ("names: [Emmet]", "names: [A/b]", "letters, digits, dots and hyphens"),
        ("Wee: 1M", "Wee: small", "must be a size"),
        ("Wee: 1M", "Wee: 1M, Wee: 2M", "given twice"),
        ("sizes: {Wee: 1M}", "sizes: {Wee: 1M}, parameters: 1B", "either sizes or parameters"),
        ("parameters: 2B, active_parameters: 1B", "active_parameters: 1B", "go with parameters"),
        ("parameters: 2B", "mixtures: {2B: 1B}, parameters: 2B", "write 30B: A3B"),
        ('"arXiv:2601.00001", names', "someone, names", "source: must be arXiv"),
        ("name: Emmet-1M", "name: Emmet_or_so!", "does not read as a model"),
        ("is: Ant-Wee", "is: Cat-7B", "of no listed family"),
        ("is: Ant-Wee", "is: Ant-1M", "is said already"),
        ("after_size: {Instruct: [Inst]}", "after_size: {Instruct: [Math]}", "is there twice"),
        ("{before_size: {Math: []}, ", "{", "lacks before_size"),
        ("student: [student], ", "", "phrases: notes: lacks student"),
        ("either: [LLM]", "other: [LLM]", "lacks either"),
    ],
)
def test_a_wrong_file_is_refused_with_the_field_and_the_reason(old: str, new: str, told: str) -> None:
    assert SMALL.count(old) >= 1
    with pytest.raises(DataError, match=told) as raised:
        load_families(SMALL.replace(old, new, 1))
    assert str(raised.value).startswith("ontology/models.yaml: ")
    assert "\n" not in str(raised.value)


def test_every_family_names_its_developer_and_source() -> None:
    families = FAMILIES.by_key.values()
    assert {"Qwen3", "GPT-2", "T5", "Llama-3.1", "DeepSeek-R1"} <= {family.name for family in families}
    assert all(family.developer and family.source for family in families)
