"""The taxonomy: its file read strictly, its lookups, the survey version of each list, and its SKOS."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.errors import DataError
from kg.records import Chapter, ChapterPath, Entry, Severity, Snapshot, SourceFile, SourceKind
from kg.skos import check_skos
from kg.taxonomy import Taxonomy, load_taxonomy
from kg.vocab import DCTERMS, DIMENSIONS, DOCO, RDF, SKOS, XSD, Iris

SMALL = """
schemes:
  colour:
    title: Colour
    definition: What it looks like.
    dimension: signal
    concepts:
      warm: {label: Warm, definition: Like fire.}
      red: {label: Red, definition: Like blood., notation: R, alt: [Crimson], hidden: [rot], broader: [warm]}
  size:
    title: Size
    definition: How large it is.
    concepts:
      big: {label: Big, definition: Not small.}
survey_versions:
  survey-2026-01-01:
    title: First
    issued: 2026-01-01
    kind: awesome
    chapters:
      - title: Beginnings & Ends
        definition: All of it.
        chapters:
          - {title: The Middle, notation: "1.1", definition: Half of it.}
mappings:
  exactMatch:
    - [survey-2026-01-01/1.1, size/big]
"""


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


def path(*chapters: str) -> ChapterPath:
    """``4 Title`` is the chapter Title with the number 4; a first word without a digit belongs to the title."""
    words = [chapter.split(" ", 1) for chapter in chapters]
    return tuple(
        Chapter(word[1], word[0]) if word[0][0].isdigit() else Chapter(title)
        for word, title in zip(words, chapters, strict=True)
    )


def source(day: str | None, *chapters: ChapterPath, kind: SourceKind = SourceKind.AWESOME) -> SourceFile:
    name = f"{kind}-{day or 'ab12'}"
    snapshot = Snapshot(name, kind, f"{name}.md", "0" * 64, 1, date.fromisoformat(day) if day else None)
    return SourceFile(snapshot, chapters=chapters)


OBJECTIVES = "4 Objective Functions and Optimization"
SIGNAL = "5 Signal Source and Teacher Architecture"
SELF = "5.3 Self-Distillation"
UNDERSTANDING = path("7 Understanding OPD")


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("title: Colour", "title: Colour\n    hue: 3", "taxonomy.yaml: schemes/colour/hue: is not a field"),
        ("label: Warm, definition", "label: Warm, lable: Hot, definition", "concepts/warm/lable: is not a field"),
        ("broader: [warm]", "broader: [cold]", "colour/concepts/red/broader: 'cold'"),
        (
            "      warm:",
            "      red: {label: Twice, definition: No.}\n      warm:",
            r"taxonomy.yaml:\d+: 'red' is there twice",
        ),
        ("size/big]", "size/huge]", "mappings/exactMatch: size/huge is not a concept"),
        ("size/big]", "big]", "mappings/exactMatch: big/ is not a concept"),
        ("size/big]", "survey-2026-01-01/beginnings-ends]", "are of one scheme"),
        ("[survey-2026-01-01/1.1, size/big]", "size/big", "must hold pairs"),
        ("  exactMatch:", "  sameAs:", "mappings/sameAs: is not a field"),
        ("dimension: signal", "dimension: sound", "schemes/colour/dimension: 'sound'"),
        ("dimension: signal", "dimension: chapter", "chapter is for survey versions"),
        ("definition: How large it is.", "definition: How large it is.\n    dimension: signal", "the same dimension"),
        ('notation: "1.1"', "notation: 1.1", "must be text, in quotes"),
        ("label: Big, ", "", "size/concepts/big/label: is missing"),
        ("label: Big,", "label: '',", "size/concepts/big/label: must be text"),
        ("alt: [Crimson]", "alt: Crimson", "red/alt: must be a list"),
        ("alt: [Crimson]", "alt: [Crimson, Crimson]", "red/alt: names something twice"),
        ("big: {", "Big One: {", "a name is made of a-z"),
        ("issued: 2026-01-01", "issued: January", "issued: must be a day"),
        ("kind: awesome", "kind: curation", "kind: 'curation'"),
        ("  survey-2026-01-01:\n", "  size:\n", "has the name of a scheme"),
        ("title: The Middle,", "title: The Middle, pages: '3',", r"chapters\[1\]/chapters\[1\]/pages"),
        ("chapters:\n", "chapters:\n      - {title: beginnings AND ends, definition: Again.}\n", "is there twice"),
        ("schemes:", "schemes: [", r"taxonomy.yaml:\d+: "),
        (SMALL, "- a list", "taxonomy.yaml: must hold named fields"),
        (SMALL, "schemes: *nowhere", "nowhere"),
        (SMALL, "? [schemes]\n: 1", "unhashable"),
        (SMALL, "", "must hold named fields"),
        (SMALL, "a: " + "x" * 600_000, "are not read"),
    ],
)
def test_a_fault_in_the_file_is_named_by_its_place(before: str, after: str, message: str) -> None:
    assert before in SMALL
    with pytest.raises(DataError, match=message):
        load_taxonomy(SMALL.replace(before, after, 1))


def test_the_small_file_is_sound() -> None:
    assert list(load_taxonomy(SMALL).schemes) == ["colour", "size", "survey-2026-01-01"]


def test_every_dimension_has_a_scheme_and_names_its_gaps(taxonomy: Taxonomy) -> None:
    for dimension in DIMENSIONS.keys() - {"chapter", "coverage"}:
        scheme = taxonomy.scheme_of(dimension)
        assert {"unclassified", "not-reported"} <= scheme.concepts.keys(), dimension
    assert list(taxonomy.scheme_of("coverage").concepts) == ["in-survey", "pending"]


def test_every_concept_is_defined(taxonomy: Taxonomy) -> None:
    for scheme in taxonomy.schemes.values():
        assert not [concept.slug for concept in scheme.concepts.values() if not concept.definition]


@pytest.mark.parametrize(
    ("version", "top", "chapters"),
    [
        ("survey-2026-04-05", 9, 19),
        ("survey-2026-04-12", 11, 11),
        ("survey-2026-04-26", 5, 16),
        ("survey-2026-05-13", 6, 21),
        ("survey-2026-05-23", 6, 21),
        ("survey-2026-10-06", 7, 7),
    ],
)
def test_survey_versions_have_all_chapters(taxonomy: Taxonomy, version: str, top: int, chapters: int) -> None:
    scheme = taxonomy.schemes[version]
    assert (len(scheme.top_concepts), len(scheme.concepts)) == (top, chapters)


# ---------------------------------------------------------------- lookups


@pytest.mark.parametrize(
    ("dimension", "spelling", "slug"),
    [
        ("loss", "reverse-kl", "reverse-kl"),
        ("loss", "RKL", "reverse-kl"),
        ("loss", "rkl", "reverse-kl"),
        ("loss", "Forward KL", "forward-kl"),
        ("loss", "Symmetric", "symmetric-kl"),
        ("loss", "KL+RL", "kl-rl"),
        ("loss", "Other", "other"),
        ("loss", "f-Divergence", "other-f-divergence"),
        ("loss", "f-divergence", "f-divergence"),
        ("loss", "F-DIVERGENCE", None),
        ("loss", "KL", None),
        ("loss", "logits", None),
        ("signal", "Logit-Based", "logits"),
        ("role", "direct_opd", "direct-opd"),
        ("coverage", "pending", "pending"),
        ("chapter", "survey-2026-05-23/5.3.1", "5.3.1"),
        ("chapter", "5.3.1", None),
        ("mood", "sad", None),
    ],
)
def test_find_is_exact_and_never_guesses(taxonomy: Taxonomy, dimension: str, spelling: str, slug: str | None) -> None:
    found = taxonomy.find(dimension, spelling)
    assert (found and found.slug) == slug


def test_broader_closure_goes_up_every_way(taxonomy: Taxonomy) -> None:
    reverse_kl = taxonomy.concept("objective", "reverse-kl")
    assert [concept.slug for concept in taxonomy.broader_closure(reverse_kl)] == [
        "reverse-kl",
        "kl-based",
        "f-divergence",
    ]
    privileged = taxonomy.concept("survey-2026-05-23", "5.3.1")
    assert [str(concept) for concept in taxonomy.broader_closure(privileged)] == [
        "survey-2026-05-23/5.3.1",
        "survey-2026-05-23/5.3",
        "survey-2026-05-23/5",
    ]


def test_lookups_that_must_succeed_say_what_is_missing(taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match="objective/love is not a concept"):
        taxonomy.concept("objective", "love")
    with pytest.raises(DataError, match="nowhere/love"):
        taxonomy.concept("nowhere", "love")
    with pytest.raises(DataError, match="'chapter'"):
        taxonomy.scheme_of("chapter")
    with pytest.raises(DataError, match="has no chapter 'Cookery > Soups'"):
        taxonomy.chapter("survey-2026-05-23", path("Cookery", "Soups"))
    with pytest.raises(DataError, match="has no chapter"):
        taxonomy.chapter("signal", path("Logits"))


def test_a_chapter_is_found_whatever_its_punctuation(taxonomy: Taxonomy) -> None:
    black_box = path("5 SIGNAL SOURCE & TEACHER ARCHITECTURE", "5.2 Black-box & API constrained")
    assert taxonomy.chapter("survey-2026-05-13", black_box).slug == "5.2"
    flat = taxonomy.chapter("survey-2026-04-12", path("Self-Play & Self-Distillation"))
    assert (flat.slug, flat.broader) == ("self-play-self-distillation", ())
    nested = taxonomy.chapter(
        "survey-2026-04-05", path("Black-Box & Self-Distillation", "Self-Play & Self-Distillation")
    )
    assert nested.broader == ("black-box-self-distillation",)


# ---------------------------------------------------------------- survey versions


@pytest.mark.parametrize(
    ("day", "chapters", "version"),
    [
        ("2026-05-13", [path(SIGNAL, SELF, "5.3.2 Self-Play")], "survey-2026-05-13"),
        ("2026-05-23", [path(SIGNAL, SELF, "5.3.2 Pure Self-Distillation")], "survey-2026-05-23"),
        ("2026-06-03", [path(SIGNAL, SELF, "5.3.2 Pure Self-Distillation")], "survey-2026-05-23"),
        ("2026-05-20", [UNDERSTANDING], "survey-2026-05-13"),
        ("2026-06-30", [UNDERSTANDING], "survey-2026-05-23"),
        ("2026-01-01", [UNDERSTANDING], "survey-2026-05-23"),
        (None, [UNDERSTANDING], "survey-2026-05-23"),
        ("2026-04-20", [path("Related Topics")], "survey-2026-04-12"),
        ("2026-04-10", [path("Related Topics")], "survey-2026-04-05"),
        ("2026-04-26", [path("6 Understanding OPD")], "survey-2026-04-26"),
    ],
)
def test_a_known_layout_is_recognized(
    taxonomy: Taxonomy, day: str | None, chapters: list[ChapterPath], version: str
) -> None:
    file = source(day, *chapters)
    extended, schemes, problems = taxonomy.with_survey_versions([file])
    assert schemes == {file.snapshot.slug: version}
    assert problems == []
    assert extended.schemes == taxonomy.schemes


def test_the_catalogue_has_versions_of_its_own(taxonomy: Taxonomy) -> None:
    catalogue = source("2026-10-06", path("9 Applications and systems"), kind=SourceKind.CATALOGUE)
    readme = source("2026-10-06", path("9 Applications and systems"))
    extended, schemes, problems = taxonomy.with_survey_versions([catalogue, readme])
    assert schemes == {"catalogue-2026-10-06": "survey-2026-10-06", "awesome-2026-10-06": "survey-awesome-2026-10-06"}
    assert len(problems) == 1
    assert extended.chapter("survey-awesome-2026-10-06", path("9 Applications and systems")).slug == "9"


def test_a_new_layout_becomes_a_version_that_says_so(taxonomy: Taxonomy) -> None:
    new = path(SIGNAL, "5.4 Teacher Ensembles")
    file = source("2026-07-01", path(OBJECTIVES), new)
    extended, schemes, problems = taxonomy.with_survey_versions([file])
    assert schemes == {"awesome-2026-07-01": "survey-2026-07-01"}
    assert list(extended.schemes["survey-2026-07-01"].concepts) == ["4", "5", "5.4"]
    assert extended.schemes["survey-2026-07-01"].title == "Chapters of the list, 1 July 2026"
    same = extended.exact_matches(extended.concept("survey-2026-07-01", "5"))
    assert {str(concept) for concept in same} == {"survey-2026-05-23/5", "survey-2026-05-13/5"}
    assert extended.exact_matches(extended.chapter("survey-2026-07-01", new)) == []
    (problem,) = problems
    assert (problem.file, problem.severity) == ("awesome-2026-07-01.md", Severity.WARNING)
    assert "survey-2026-07-01" in problem.reason
    assert problem.excerpt == "5.4 Teacher Ensembles"


def test_a_chapter_under_another_parent_is_another_chapter(taxonomy: Taxonomy) -> None:
    moved = path("6 Training Efficiency and Stabilization", "5.2 Black-Box and API-Constrained")
    extended, _, _ = taxonomy.with_survey_versions([source("2026-07-01", moved)])
    assert extended.exact_matches(extended.chapter("survey-2026-07-01", moved)) == []


def test_later_files_find_the_version_that_an_earlier_one_made(taxonomy: Taxonomy) -> None:
    layout = [path("1 A"), path("2 B")]
    files = [source("2026-07-09", *layout[:1]), source("2026-07-01", *layout), source(None, *layout)]
    _, schemes, problems = taxonomy.with_survey_versions(files)
    assert set(schemes.values()) == {"survey-2026-07-01"}
    assert len(problems) == 1


def test_an_undated_new_layout_is_named_after_its_snapshot(taxonomy: Taxonomy) -> None:
    extended, schemes, _ = taxonomy.with_survey_versions([source(None, path("1 A"))])
    assert schemes == {"awesome-ab12": "survey-awesome-ab12"}
    assert extended.survey_versions[-1].issued is None


def test_chapters_of_entries_count_and_other_sources_do_not(taxonomy: Taxonomy) -> None:
    inner = path("1 A", "1.1 B")
    file = source("2026-07-01")
    file = replace(file, entries=(Entry("README.md", 1, titles=("T",), arxiv_id="2601.00001", chapters=(inner,)),))
    other = source("2026-07-02", path("1 A"), kind=SourceKind.LOSS_TAXONOMY)
    extended, schemes, _ = taxonomy.with_survey_versions([file, other])
    assert extended.chapter(schemes["awesome-2026-07-01"], inner).broader == ("1",)
    assert "loss-taxonomy-2026-07-02" not in schemes


def test_a_muddled_table_of_contents_still_makes_a_sound_scheme(taxonomy: Taxonomy) -> None:
    muddle = [
        path("1 A", "1.1 Papers"),
        path("1 A", "1.1 Tools"),
        path("2 B", "2.1 Papers"),
        path("C", "Papers"),
        path("D", "Papers"),
        path("D", "D", "Papers"),
        path("概観"),
        path("展望"),
        (Chapter("Odd", "../x"),),
    ]
    extended, schemes, problems = taxonomy.with_survey_versions([source("2026-07-01", *muddle)])
    chapters = [extended.chapter(schemes["awesome-2026-07-01"], chapter) for chapter in muddle]
    assert [chapter.slug for chapter in chapters] == [
        "1.1",
        "tools",
        "2.1",
        "papers",
        "d-papers",
        "d-papers",  # the same title under the same parent title: one chapter
        "chapter",
        "chapter-2",
        "odd",
    ]
    assert [chapter.label for chapter in chapters[:5]] == ["Papers", "Tools", "Papers (B)", "Papers (C)", "Papers (D)"]
    complaints = [problem.reason for problem in problems[1:]]
    assert complaints == [
        "two chapters have the number 1.1: 1.1 Tools goes without",
        "the chapter Papers is there twice, and counts as one",
    ]
    store = Store()
    store.bulk_extend(Quad(*quad.triple) for quad in extended.quads(Iris()))
    assert check_skos(store) == []


# ---------------------------------------------------------------- SKOS


def graph_of(taxonomy: Taxonomy, iris: Iris) -> set[tuple[object, object, object]]:
    quads = list(taxonomy.quads(iris))
    assert {quad.graph_name for quad in quads} == {iris.graph("taxonomy")}
    assert len(set(quads)) == len(quads)
    return {(quad.subject, quad.predicate, quad.object) for quad in quads}


def test_a_concept_says_everything_that_the_file_says() -> None:
    iris = Iris("https://example.org/")
    triples = graph_of(load_taxonomy(SMALL), iris)
    red, warm, scheme = iris.concept("colour", "red"), iris.concept("colour", "warm"), iris.scheme("colour")
    assert {(p, o) for s, p, o in triples if s == red} == {
        (RDF.type, SKOS.Concept),
        (SKOS.inScheme, scheme),
        (SKOS.prefLabel, Literal("Red", language="en")),
        (SKOS.altLabel, Literal("Crimson", language="en")),
        (SKOS.hiddenLabel, Literal("rot", language="en")),
        (SKOS.definition, Literal("Like blood.", language="en")),
        (SKOS.notation, Literal("R")),
        (iris.opd.position, Literal("2", datatype=XSD.integer)),
        (SKOS.broader, warm),
    }
    assert (warm, SKOS.narrower, red) in triples
    assert {(p, o) for s, p, o in triples if s == scheme} == {
        (RDF.type, SKOS.ConceptScheme),
        (DCTERMS.title, Literal("Colour", language="en")),
        (DCTERMS.description, Literal("What it looks like.", language="en")),
        (SKOS.hasTopConcept, warm),
    }
    assert (warm, SKOS.topConceptOf, scheme) in triples


def test_a_survey_version_is_a_scheme_of_sections() -> None:
    iris = Iris()
    triples = graph_of(load_taxonomy(SMALL), iris)
    version, middle = iris.scheme("survey-2026-01-01"), iris.concept("survey-2026-01-01", "1.1")
    assert {(version, RDF.type, SKOS.ConceptScheme), (version, RDF.type, iris.opd.SurveyVersion)} <= triples
    assert (version, DCTERMS.issued, Literal("2026-01-01", datatype=XSD.date)) in triples
    assert {(middle, RDF.type, SKOS.Concept), (middle, RDF.type, DOCO.Section)} <= triples
    big = iris.concept("size", "big")
    assert {(middle, SKOS.exactMatch, big), (big, SKOS.exactMatch, middle)} <= triples


def test_mappings_are_written_from_both_sides(taxonomy: Taxonomy) -> None:
    iris = Iris()
    extended, _, _ = taxonomy.with_survey_versions([source("2026-07-01", path(OBJECTIVES), path("1 New"))])
    triples = graph_of(extended, iris)
    fours = [iris.concept(f"survey-2026-{day}", "4") for day in ("05-13", "05-23", "07-01")]
    assert {(one, SKOS.exactMatch, other) for one in fours for other in fours if one != other} <= triples
    assert not [triple for triple in triples if triple[1] == SKOS.exactMatch and triple[0] == triple[2]]
    self_play = iris.concept("survey-2026-04-26", "5.2"), iris.concept("survey-2026-05-13", "5.3.2")
    assert {(self_play[0], SKOS.closeMatch, self_play[1]), (self_play[1], SKOS.closeMatch, self_play[0])} <= triples
    fixed, old = iris.concept("survey-2026-05-13", "4.1"), iris.concept("survey-2026-04-26", "4.1")
    assert {(fixed, SKOS.broadMatch, old), (old, SKOS.narrowMatch, fixed)} <= triples


def test_every_iri_stands_under_the_base(taxonomy: Taxonomy) -> None:
    iris = Iris("https://example.org/kg/")
    for subject, predicate, _ in graph_of(taxonomy, iris):
        assert isinstance(subject, NamedNode)
        assert subject.value.startswith(("https://example.org/kg/concept/", "https://example.org/kg/scheme/"))
        assert isinstance(predicate, NamedNode)


def test_the_order_is_always_the_same(taxonomy: Taxonomy) -> None:
    assert list(taxonomy.quads(Iris())) == list(load_taxonomy().quads(Iris()))
