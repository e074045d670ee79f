"""ontology/models.yaml → the families, aliases and phrases that names and setups are read with, strictly checked."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml

from kg.errors import DataError
from kg.models import ACTIVE, Families, Family, Phrases, is_word, key_of, parse_size, read_model, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SOURCE = "ontology/models.yaml"
MAX_SOURCE_CHARS = 200_000


def load_families(text: str | None = None) -> Families:
    """Read ontology/models.yaml, or ``text`` in its place. A DataError names the field that is wrong and why."""
    return _bundled() if text is None else _families(text)


@cache
def _bundled() -> Families:
    return _families((files("ontology") / "models.yaml").read_text("utf-8"))


def _families(text: str) -> Families:
    sections = ("families", "aliases", "variants", "fillers", "not_names", "phrases")
    top = _fields(_yaml(text), "the file", sections)
    by_key: dict[str, Family] = {}
    for number, item in enumerate(_list(top["families"], "families"), 1):
        family, names = _read_family(item, f"families, entry {number}")
        for name in names:
            key = key_of(words_of(name))
            _expect(key not in by_key, f"family {family.name}", f"the name {name!r} is taken; give each name once")
            by_key[key] = family
    variants, before_size = _read_variants(top["variants"])
    families = Families(
        by_key=by_key,
        aliases={},
        variants=variants,
        before_size=before_size,
        fillers=_keys(top["fillers"], "fillers"),
        not_names=_keys(top["not_names"], "not_names"),
        phrases=_read_phrases(top["phrases"]),
    )
    return replace(families, aliases=dict(_read_aliases(top["aliases"], families)))


def _read_family(item: object, where: str) -> tuple[Family, list[str]]:
    optional = ("names", "sizes", "parameters", "active_parameters", "mixtures")
    fields = _fields(item, where, ("family", "developer", "source"), optional)
    name = _text(fields["family"], f"{where}: family")
    where = f"family {name}"
    names = [name, *_texts(fields.get("names", []), f"{where}: names")]
    for spelling in names:
        fits = all(is_word(word.text) for word in words_of(spelling)) and " " not in name
        _expect(fits, f"{where}: {spelling!r}", "write names in letters, digits, dots and hyphens")
    parameters, active = (
        _size(fields[key], f"{where}: {key}") if key in fields else None for key in ("parameters", "active_parameters")
    )
    _expect("sizes" not in fields or not parameters, where, "give either sizes or parameters")
    _expect(not active or bool(parameters), where, "active_parameters go with parameters")
    sizes = _pairs(fields.get("sizes", {}), f"{where}: sizes")
    mixtures = _pairs(fields.get("mixtures", {}), f"{where}: mixtures")
    for total, part in mixtures.items():
        fits = parse_size(total) is not None and ACTIVE.fullmatch(part) is not None
        _expect(fits, f"{where}: mixtures", f"write 30B: A3B, not {total}: {part}")
    family = Family(
        name=name,
        developer=_text(fields["developer"], f"{where}: developer"),
        source=_source(fields["source"], where),
        sizes={word.casefold(): (word, _size(size, f"{where}: sizes: {word}")) for word, size in sizes.items()},
        parameters=parameters,
        active_parameters=active,
        mixtures={parse_size(total) or 0: part for total, part in mixtures.items()},
    )
    return family, names


def _read_variants(value: object) -> tuple[dict[str, str], frozenset[str]]:
    fields = _fields(value, "variants", ("before_size", "after_size"))
    variants: dict[str, str] = {}
    words = {place: _fields(group, f"variants: {place}") for place, group in fields.items()}
    for place, group in words.items():
        for word, short in group.items():
            for spelling in (word, *_texts(short, f"variants: {place}: {word}")):
                _expect(spelling.casefold() not in variants, f"variants: {place}", f"{spelling!r} is there twice")
                variants[spelling.casefold()] = word
    return variants, frozenset(words["before_size"])


def _read_phrases(value: object) -> Phrases:
    fields = _fields(value, "phrases", ("self", "notes", "placeholders", "statements"))
    notes = _fields(fields["notes"], "phrases: notes", ("teacher", "student", "self"))
    placeholders = _fields(fields["placeholders"], "phrases: placeholders", ("teacher", "student", "either"))
    return Phrases(
        itself=_keys(fields["self"], "phrases: self"),
        notes={side: _keys(group, f"phrases: notes: {side}") for side, group in notes.items()},
        placeholders={side: _keys(group, f"phrases: placeholders: {side}") for side, group in placeholders.items()},
        statements=_keys(fields["statements"], "phrases: statements"),
    )


def _read_aliases(value: object, families: Families) -> Iterator[tuple[str, str]]:
    seen = set[str]()
    for number, item in enumerate(_list(value, "aliases"), 1):
        where = f"aliases, entry {number}"
        fields = _fields(item, where, ("name", "is", "source"))
        _source(fields["source"], where)
        name, meant = (_text(fields[key], f"{where}: {key}") for key in ("name", "is"))
        alias, model = read_model(name, families), read_model(meant, families)
        _expect(alias is not None, where, f"{name!r} does not read as a model")
        _expect(model is not None and model.family is not None, where, f"{meant!r} is of no listed family")
        if alias and model:
            fits = alias.slug != model.slug and alias.slug not in seen
            _expect(fits, where, f"{name!r} is said already; leave this entry out")
            seen |= {alias.slug}
            yield alias.slug, meant


class _Loader(yaml.SafeLoader):
    """YAML in which a key that is given twice is an error and not silently the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(problem="a key is given twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _yaml(text: str) -> object:
    _expect(len(text) <= MAX_SOURCE_CHARS, "the file", f"it is longer than {MAX_SOURCE_CHARS} characters")
    try:
        return yaml.load(text, _Loader)  # noqa: S506 (a subclass of SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split()) or "it is nested too deeply"
        msg = f"{SOURCE}: not YAML: {reason}"
        raise DataError(msg) from error


def _expect(fits: bool, where: str, reason: str) -> None:  # noqa: FBT001
    if not fits:
        msg = f"{SOURCE}: {where}: {reason}"
        raise DataError(msg)


def _fields(
    value: object, where: str, required: Iterable[str] | None = None, optional: Iterable[str] = ()
) -> dict[str, object]:
    """Check a mapping's keys; with no ``required``, any strings will do."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        msg = f"{SOURCE}: {where}: must be a mapping with texts as keys"
        raise DataError(msg)
    if required is not None:
        missing = sorted(set(required) - set(value))
        unknown = sorted(set(value) - set(required) - set(optional))
        _expect(not missing, where, f"lacks {', '.join(missing)}")
        _expect(not unknown, where, f"has no field {', '.join(unknown)}; correct or remove it")
    return value


def _pairs(value: object, where: str) -> dict[str, str]:
    return {key: _text(item, f"{where}: {key}") for key, item in _fields(value, where).items()}


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        msg = f"{SOURCE}: {where}: must be a list"
        raise DataError(msg)
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        msg = f"{SOURCE}: {where}: must be a text, not {value!r}"
        raise DataError(msg)
    return value


def _texts(value: object, where: str) -> list[str]:
    return [_text(item, where) for item in _list(value, where)]


def _keys(value: object, where: str) -> frozenset[str]:
    return frozenset(text.casefold() for text in _texts(value, where))


def _size(value: object, where: str) -> int:
    size = parse_size(_text(value, where))
    if size is None:
        msg = f"{SOURCE}: {where}: must be a size such as 1.5B or 120M, not {value!r}"
        raise DataError(msg)
    return size


def _source(value: object, where: str) -> str:
    text = _text(value, f"{where}: source")
    _expect(text.startswith(("arXiv:", "https://")), f"{where}: source", "must be arXiv:… or https://…")
    return text
