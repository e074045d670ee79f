"""Teacher → student text → distillation setups. Nothing is guessed: each setup says on what its sides rest.

The arrow's direction is not consistent upstream: some rows are student → teacher, others teacher → student. Only the
text's own words, a column header, Self, or the models' sizes tell which side teaches; otherwise the models are merely
involved. A statement is read only if it consists of models, Self and the placeholders of ontology/models.yaml; anything
else is prose, of which nothing is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kg.families import load_families
from kg.models import NUMBER, ModelMention, complete_names, parse_size, read_model
from kg.records import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.models import Families

__all__ = ["Direction", "ModelMention", "Orientation", "Setup", "read_setups"]

#: What a text may hold. Real ones have up to 2 setups, 100 characters of models, 7 models and 2 arrows.
MAX_SETUPS = 20
MAX_STATEMENT_CHARS = 500
MAX_MODELS = 40
MAX_ARROWS = 6

STATEMENT_END = re.compile(r"; | · ")
ARROWS = r"\s*(?:→|⟶|⇒|-+>|=+>|\$?\\(?:long)?rightarrow\$?)\s*"
ARROW = re.compile(ARROWS)
#: Between two models. The dash of a range of sizes counts: only its two ends are named.
SEPARATORS = rf"\s*[/,\u2013\u2014~]\s*|\s+(?:\+|&|and)\s+|\s+(?=etc\b)|(?<=\d[BMT])-(?={NUMBER}[BMT]\b)"
SEPARATOR = re.compile(rf"(?:{SEPARATORS})(?![^()]*\))", re.IGNORECASE)
RUN_ON = re.compile(rf"\)(?!\s*$|\s*\(|{ARROWS}|{SEPARATORS})", re.IGNORECASE)
SPACED_SLASH = re.compile(r" / (?![^()]*\))")
#: ``Qwen2.5-{0.5B,7B}`` is a list like ``Qwen2.5-0.5B/7B``.
BRACED = re.compile(r"(?<=[\s_-])\{([^{}()]*)\}(?![\w.])")
NOTE = re.compile(r"\(([^()]*)\)")
COUNTED = re.compile(rf"(?:\d+\+?|({NUMBER}[BMT]))\s+(.+)", re.IGNORECASE)


class Orientation(StrEnum):
    """On what the sides of a setup rest."""

    SELF = "self"  #: the text says Self, or both sides name just one and the same model
    STATED = "stated"  #: the text or a column header says which side teaches
    SIZE = "size"  #: every model of one side is larger than every one of the other: the larger teach (a rule of ours)
    UNKNOWN = "unknown"  #: no side is claimed


@dataclass(frozen=True, slots=True)
class Setup:
    """One statement of who teaches whom.

    ``text`` holds what was read and nothing more: reading it again gives the same setup. ``involved`` are models whose
    side is not known. ``self_distillation`` is True if each student is its own teacher, False if none is, None if the
    text leaves it open.
    """

    text: str
    teachers: tuple[ModelMention, ...]
    students: tuple[ModelMention, ...]
    involved: tuple[ModelMention, ...]
    self_distillation: bool | None
    orientation: Orientation


@dataclass(frozen=True, slots=True)
class _Part:
    """One item of a side: a model, Self, a bare size, or a placeholder (all three with no model)."""

    model: ModelMention | None = None
    size: int | None = None
    itself: bool = False
    says: str | None = None  #: the side that the text puts it on: teacher or student
    says_self: bool = False
    aside: tuple[ModelMention, ...] = ()  #: models named in parentheses after it


_Side = tuple[_Part, ...]


def read_setups(text: str, *, stated: Direction | None = None) -> tuple[Setup, ...]:
    """Read the setups that a text states; ``stated`` is what the header of its column says. Never raises.

    Statements end at ``; `` or `` · `` and are read one by one: leaving out the prose among them changes nothing, and
    ``"; ".join(setup.text …)`` reads as the whole text does.
    """
    families = load_families()
    setups: list[Setup] = []
    for statement in _statements(text):
        setups += _read_statement(statement, stated, families)
        if len(setups) >= MAX_SETUPS:
            break
    return tuple(setups[:MAX_SETUPS])


def _statements(text: str) -> Iterator[str]:
    depth = 0
    for statement in STATEMENT_END.split(" ".join(text.split())):
        # What begins inside parentheses is the rest of a remark.
        if depth == 0 and len(statement) <= MAX_STATEMENT_CHARS:
            yield statement.strip(" ;·")
        depth = max(0, depth + statement.count("(") - statement.count(")"))


def _read_statement(statement: str, stated: Direction | None, families: Families) -> list[Setup]:
    if statement.casefold() in families.phrases.statements:
        return [Setup(statement, (), (), (), None, Orientation.UNKNOWN)]
    texts = ARROW.split(_without_remarks(statement, families))
    if len(texts) > MAX_ARROWS + 1:
        return []
    pairs = _pairs(texts)
    sides = {text: _read_side(text, families) for text in {*texts, *(text for pair in pairs for text in pair)}}
    if not all(sides.values()):
        return []
    if len(texts) == 1:
        return _setup_without_arrow(texts[0], sides[texts[0]])
    if not pairs:
        parts = tuple(part for text in texts for part in sides[text])
        return [Setup(" → ".join(texts), (), (), _all_models(parts), None, Orientation.UNKNOWN)]
    return [_setup(f"{left} → {right}", sides[left], sides[right], stated) for left, right in pairs]


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Pair what stands on both sides of each arrow; nothing if that can't be told.

    ``A → B → C`` is A with B, B with C; ``A → B / C → D`` is A with B, C with D, which is true however it is meant.
    """
    cuts = [SPACED_SLASH.split(text) for text in texts[1:-1]]
    if any(cut[2:] for cut in cuts):
        return []
    lefts = [texts[0], *(cut[-1] for cut in cuts)]
    rights = [*(cut[0] for cut in cuts), texts[-1]]
    return list(zip(lefts, rights, strict=True)) if len(texts) > 1 else []


# ---------------------------------------------------------------- from text to parts


def _without_remarks(statement: str, families: Families) -> str:
    """Leave out what stands in parentheses, except sizes, models and words that name a side.

    The result is empty if parentheses don't match, or if something else than a separator or an arrow follows them.
    """
    kept, position = "", 0
    for start, end in _parentheses(statement):
        note = statement[start + 1 : end].strip()
        kept += f"{statement[position:start].rstrip()} ({note if _is_read(note, families) else ''})"
        position = end + 1
    kept += statement[position:]
    if kept.count("(") != kept.count(")") or RUN_ON.search(kept):
        return ""
    return kept.replace(" ()", "").strip()


def _parentheses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each outer parenthesis opens and closes; one that never closes ends with the text."""
    depth = start = 0
    for position, character in enumerate(text):
        if character == "(":
            start = start if depth else position
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            if not depth:
                yield start, position
    if depth:
        yield start, len(text)


def _is_read(note: str, families: Families) -> bool:
    known = any(note.casefold() in group for group in families.phrases.notes.values())
    return known or bool(_sizes_in(note)) or bool(_models_in(note, families))


def _sizes_in(note: str) -> list[str]:
    sizes = SEPARATOR.split(note)
    return sizes if all(parse_size(size) for size in sizes) else []


def _models_in(note: str, families: Families) -> list[ModelMention]:
    models = [read_model(name, families) for name in complete_names(SEPARATOR.split(note), families)]
    known = [model for model in models if model]
    return known if len(known) == len(models) else []


def _read_side(text: str, families: Families) -> _Side:
    """Read all items of a side; empty if one of them can't be read."""
    names: list[str] = []
    notes: list[list[str]] = []
    for item in SEPARATOR.split(BRACED.sub(r"\1", text)):
        name, _, remark = item.partition(" (")
        told = NOTE.findall(f"({remark}") if remark else []
        spelled = _with_sizes(name.strip(), told, families)
        names += spelled
        notes += [told] * len(spelled)
    if len(names) > MAX_MODELS:
        return ()
    parts = [
        _read_part(name, told, families) for name, told in zip(complete_names(names, families), notes, strict=True)
    ]
    known = tuple(part for part in parts if part)
    return known if len(known) == len(parts) else ()


def _with_sizes(name: str, notes: Sequence[str], families: Families) -> list[str]:
    """``Qwen2.5-Instruct`` with the note ``7B/14B`` is a list of sizes: ``Qwen2.5-Instruct-7B``, ``14B``."""
    sizes = next((sizes for note in notes if (sizes := _sizes_in(note))), [])
    model = read_model(name, families) if sizes else None
    return [f"{name}-{sizes[0]}", *sizes[1:]] if model and not model.parameters else [name]


def _read_part(name: str, notes: Sequence[str], families: Families) -> _Part | None:
    phrases = families.phrases
    if name.casefold() in phrases.itself:
        return _Part(itself=True)
    told = {side for side, group in phrases.notes.items() for note in notes if note.casefold() in group}
    says = next((side for side in ("teacher", "student") if side in told), None)
    aside = tuple(model for note in notes for model in _models_in(note, families))
    model = read_model(name, families)
    if model:
        return _Part(model, model.parameters, says=says, says_self="self" in told, aside=aside)
    size = parse_size(name)
    if size:
        return _Part(size=size, says=says, aside=aside)
    counted = COUNTED.fullmatch(name)
    phrase = (counted[2] if counted else name).casefold()
    side = next((side for side, group in phrases.placeholders.items() if phrase in group), None)
    if side is None:
        return None
    size = parse_size(counted[1]) if counted and counted[1] else None
    return _Part(size=size, says=says if side == "either" else side, aside=aside)


# ---------------------------------------------------------------- from parts to setups


def _setup_without_arrow(text: str, side: _Side) -> list[Setup]:
    """Models that are only named; their sides where each is told."""
    models, aside = _distinct(part.model for part in side), _aside(side)
    if all(part.itself or (part.model and part.says_self) for part in side):
        return [Setup(text, models, models, aside, self_distillation=True, orientation=Orientation.SELF)]
    teachers, students = (
        _distinct(part.model for part in side if part.says == says) for says in ("teacher", "student")
    )
    involved = _distinct((*(part.model for part in side if not part.says), *aside))
    orientation = Orientation.STATED if teachers or students else Orientation.UNKNOWN
    return [Setup(text, teachers, students, involved, None, orientation)] if models else []


def _setup(text: str, left: _Side, right: _Side, stated: Direction | None) -> Setup:
    itself = _teaches_itself(left, right)
    orientation, left_teaches = _orient(left, right, stated, itself=bool(itself))
    if orientation is Orientation.UNKNOWN:
        return Setup(text, (), (), _all_models((*left, *right)), None, orientation)
    first, second = _models(left, right), _models(right, left)
    teachers, students = (first, second) if left_teaches else (second, first)
    return Setup(text, teachers, students, _aside((*left, *right)), itself, orientation)


def _orient(left: _Side, right: _Side, stated: Direction | None, *, itself: bool) -> tuple[Orientation, bool]:
    """Return on what the sides rest, and whether the left side teaches. The row's own words go before its column's."""
    says_left, says_right = ({part.says for part in side} for side in (left, right))
    left_teaches = "teacher" in says_left or "student" in says_right
    right_teaches = "teacher" in says_right or "student" in says_left
    if left_teaches or right_teaches:
        return Orientation.UNKNOWN if left_teaches and right_teaches else Orientation.STATED, left_teaches
    if stated:
        return Orientation.STATED, stated is Direction.TEACHER_FIRST
    if itself:
        return Orientation.SELF, True
    if _all_larger(left, right) or _all_larger(right, left):
        return Orientation.SIZE, _all_larger(left, right)
    return Orientation.UNKNOWN, False


def _all_larger(these: _Side, those: _Side) -> bool:
    large, small = [part.size for part in these], [part.size for part in those]
    return all(size and others and size > others for size in large for others in small)


def _teaches_itself(left: _Side, right: _Side) -> bool | None:
    if all(part.itself for part in left) or all(part.itself for part in right):
        return True
    models, others = ([part.model for part in side if part.model] for side in (left, right))
    if len(models) < len(left) or len(others) < len(right):
        return None
    if {model.slug for model in models} == {other.slug for other in others}:
        # Of a family alone ("Qwen3 → Qwen3") or of several models, who teaches whom is not said unless in words.
        one = len(_distinct(models)) == 1 and models[0].parameters is not None
        return True if one or any(part.says_self for part in (*left, *right)) else None
    return None if any(_may_be_one(model, other) for model in models for other in others) else False


def _may_be_one(model: ModelMention, other: ModelMention) -> bool:
    """Tell whether both are one model, or one of them may be any of the other's family."""
    sized = model.parameters is not None and other.parameters is not None
    return model.slug == other.slug or (not sized and model.family is not None and model.family == other.family)


def _models(side: _Side, other: _Side) -> tuple[ModelMention, ...]:
    """Return the models of a side; Self stands for those of the other."""
    return _distinct(part.model for own in side for part in (other if own.itself else (own,)))


def _all_models(side: _Side) -> tuple[ModelMention, ...]:
    return _distinct((*(part.model for part in side), *_aside(side)))


def _aside(side: _Side) -> tuple[ModelMention, ...]:
    return _distinct(model for part in side for model in part.aside)


def _distinct(models: Iterable[ModelMention | None]) -> tuple[ModelMention, ...]:
    found: dict[str, ModelMention] = {}
    for model in models:
        if model:
            found.setdefault(model.slug, model)
    return tuple(found.values())
