"""The competency questions: one .rq file each in the queries package, with a header of title, question and tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

from kg.errors import DataError
from kg.vocab import DEFAULT_BASE_IRI

HEADER = re.compile(r"#\s*(title|question|tags):\s*(.+)")


@dataclass(frozen=True, slots=True)
class Question:
    """A competency question. ``name`` is its file's name without ``.rq``, ``text`` the whole file."""

    name: str
    title: str
    question: str
    tags: tuple[str, ...]
    text: str


def load_questions(base_iri: str = DEFAULT_BASE_IRI) -> list[Question]:
    """Return every question, by name, asked of a graph with this base IRI. An incomplete header is a DataError."""
    texts = {
        file.name: file.read_text(encoding="utf-8") for file in files("queries").iterdir() if file.name.endswith(".rq")
    }
    return [_parse(name, text.replace(DEFAULT_BASE_IRI, base_iri)) for name, text in sorted(texts.items())]


def find_question(name: str, base_iri: str = DEFAULT_BASE_IRI) -> Question | None:
    """Return the question of this name, or None."""
    return next((question for question in load_questions(base_iri) if question.name == name), None)


def _parse(file: str, text: str) -> Question:
    header = {key: value.strip() for key, value in HEADER.findall(text)}
    missing = [key for key in ("title", "question", "tags") if key not in header]
    if missing:
        msg = f"queries/{file}: the header lacks {', '.join(missing)}: write '# title: …' at the top"
        raise DataError(msg)
    tags = tuple(tag.strip() for tag in header["tags"].split(","))
    return Question(file.removesuffix(".rq"), header["title"], header["question"], tags, text)
