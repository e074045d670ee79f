"""The curator's file: YAML with additions and corrections, which win over all other sources and name their author.

    curator: Jane Doe                 # required: who says all this
    date: 2026-10-07                  # since when
    papers:                           # required: what is said of each paper
      - id: arXiv:2306.13649v2        # required: an arXiv id in any spelling, an upstream id, or an http(s) address
        same_as: [gkd2023]            # further ids and addresses of the same paper
        title: On-Policy Distillation of Language Models
        authors: ["Agarwal, Rishabh", "Vieillard, Nino"]
        issued: 2023-06-23            # or 2023-06, or 2023
        listed: false                 # whether the paper is listed today
        code: https://github.com/…    # one address, or a list
        models: GPT-2 XL → GPT-2      # teacher → student; one text, or a list
        chapter: survey-2026-10-06/4  # the chapter of one version of the survey
        loss: reverse-kl              # what the paper is in this dimension: a concept's slug
        signal:                       # or with a reason, or what it is not, or a list of such
          - {is: logits, confidence: high, because: section 3.1 says so}
          - {not: hidden-states, because: the appendix rules it out}

The dimensions are those of :data:`kg.vocab.DIMENSIONS`. An entry with a value that cannot be read is quarantined as a whole:
half a correction would be worse than none. An unknown key is reported and the rest of its entry counts. Anchors, aliases
and deep nesting have no use here and are refused.
"""

from __future__ import annotations

import difflib
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from kg.errors import DataError
from kg.identifiers import clean_address, clean_text, parse_arxiv_id
from kg.records import Direction, Entry, Resource, Statement
from kg.sources.reading import CONFIDENCES, MAX_NAME, MAX_STATEMENT, MAX_TITLE, is_date
from kg.vocab import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.sources.reading import Reading

#: A curator's file is written by hand.
MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 10

KEYS = ("curator", "date", "papers")
PAPER_KEYS = ("id", "same_as", "title", "authors", "issued", "listed", "code", "models", *DIMENSIONS)
STATEMENT_KEYS = ("is", "not", "confidence", "because")

#: A chapter is named with its survey version: survey-2026-10-06/4.
_SLUG = re.compile(r"(?:survey-[a-z0-9-]{1,50}/)?[a-z0-9]+(?:[-.+][a-z0-9]+)*")
#: What was meant to be an arXiv id; as an upstream id it would name a paper that nobody has.
_LIKE_ARXIV = re.compile(r"(?:arxiv:?)?\d{4}\.\d{4,5}(?:v\d+)?", re.IGNORECASE)
#: Line breaks to YAML 1.1 but to no editor: lines would be counted differently.
_OTHER_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _BadValueError(Exception):
    """A value that cannot be read: where it stands, what it belongs to, and why."""

    def __init__(self, node: yaml.Node, where: str, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.where = where
        self.reason = reason


def read(text: str, file: str, reading: Reading) -> None:
    """Read the whole file. Broken YAML, no curator, or no list of papers is a DataError."""
    top = _compose(_OTHER_LINE_BREAKS.sub(" ", text), file)
    try:
        keys = dict(_pairs(top, "the file", KEYS, reading))
        reading.curator = _text(_required(keys, "curator", top, "the name of who says all this"), "curator", MAX_NAME)
        if "date" in keys:
            reading.day = date.fromisoformat(_checked(keys["date"], "date", _whole_date, "a date, YYYY-MM-DD"))
        papers = _list(_required(keys, "papers", top, "a list with an id in each item"), "papers")
    except _BadValueError as error:
        msg = f"{file}:{_line(error.node)}: {error.where}: {error.reason}"
        raise DataError(msg) from None
    for node in papers:
        try:
            reading.add(_entry(node, reading))
        except _BadValueError as error:
            reading.quarantine(_line(error.node), error.where, f"{error.reason}; the whole entry is left out")


def _compose(text: str, file: str) -> yaml.Node:
    """Return the root node. The events are looked at first, so that nothing hostile is ever built."""
    if len(text) > MAX_CHARACTERS:
        msg = f"{file}: is {len(text)} characters long; a curator's file of more than {MAX_CHARACTERS} is not read"
        raise DataError(msg)
    try:
        _check_events(text, file)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = clean_text(getattr(error, "problem", None) or str(error))
        msg = f"{file}{f':{mark.line + 1}' if mark else ''}: is no YAML: {reason}"
        raise DataError(msg) from None
    if root is None:
        msg = f"{file}: is YAML that holds nothing"
        raise DataError(msg)
    return root


def _check_events(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            msg = f"{file}:{line}: anchors (&) and aliases (*) are not read: write the value out"
            raise DataError(msg)
        if depth > MAX_DEPTH:
            msg = f"{file}:{line}: is nested more than {MAX_DEPTH} levels deep"
            raise DataError(msg)


def _entry(node: yaml.Node, reading: Reading) -> Entry:
    keys = dict(_pairs(node, "papers", PAPER_KEYS, reading))
    paper_id = _name(_required(keys, "id", node, "an arXiv id, an upstream id or an address"), "id")
    names = [paper_id, *(_name(item, "same_as") for item in _items(keys, "same_as"))]
    arxiv_id = next(filter(None, map(parse_arxiv_id, names)), None)
    address = clean_address(paper_id)
    upstream_id = paper_id if not address and paper_id != parse_arxiv_id(paper_id) else None
    known_as = {arxiv_id, upstream_id} | ({address} if arxiv_id is None else set())
    codes = [_checked(item, "code", clean_address, "an http(s) address") for item in _items(keys, "code")]
    return Entry(
        file=reading.file,
        line=_line(node),
        titles=(_text(keys["title"], "title", MAX_TITLE),) if "title" in keys else (),
        arxiv_id=arxiv_id,
        upstream_id=upstream_id,
        address=address,
        authors=tuple(_text(item, "authors", MAX_NAME) for item in _items(keys, "authors")),
        issued=_checked(keys["issued"], "issued", _date, "YYYY, YYYY-MM or YYYY-MM-DD") if "issued" in keys else None,
        resources=tuple(Resource("Code", code) for code in codes),
        models=tuple(_text(item, "models", MAX_STATEMENT) for item in _items(keys, "models")),
        models_direction=Direction.TEACHER_FIRST if "models" in keys else None,
        statements=tuple(_statements(keys, reading)),
        same_as=tuple(dict.fromkeys(name for name in names if name not in known_as)),
        listed=_checked(keys["listed"], "listed", _truth, "true or false") == "true" if "listed" in keys else None,
    )


def _statements(keys: dict[str, yaml.Node], reading: Reading) -> Iterator[Statement]:
    for dimension in DIMENSIONS:
        for item in _items(keys, dimension):
            if isinstance(item, yaml.ScalarNode):
                yield Statement(dimension, _checked(item, dimension, _slug, "a concept's slug"))
                continue
            said = dict(_pairs(item, dimension, STATEMENT_KEYS, reading))
            if ("is" in said) == ("not" in said):
                raise _BadValueError(item, dimension, "says neither or both of 'is' and 'not': give one of them")
            confidence = said.get("confidence")
            yield Statement(
                dimension,
                _checked(said.get("is") or said["not"], dimension, _slug, "a concept's slug"),
                confidence=_checked(confidence, dimension, _confidence, "high, medium or low") if confidence else None,
                negated="not" in said,
                reason=_text(said["because"], dimension, MAX_STATEMENT) if "because" in said else None,
            )


# ---------------------------------------------------------------- nodes


def _pairs(node: yaml.Node, where: str, known: tuple[str, ...], reading: Reading) -> Iterator[tuple[str, yaml.Node]]:
    """Yield the known keys of a mapping with their values; report every other key."""
    if not isinstance(node, yaml.MappingNode):
        raise _BadValueError(node, where, "is not written as 'key: value' lines")
    seen = set()
    for key_node, value in node.value:
        key = _text(key_node, where, MAX_NAME)
        if key in seen:
            reading.warn(_line(key_node), key, "stands twice: the first one counts")
        elif key in known:
            yield key, value
        else:
            close = difflib.get_close_matches(key, known, n=1)
            advice = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
            reading.warn(_line(key_node), key, f"is no known key and is not read: {advice}")
        seen.add(key)


def _items(keys: dict[str, yaml.Node], key: str) -> list[yaml.Node]:
    """Return the items of a list, or the value itself as the only one."""
    if key not in keys:
        return []
    node = keys[key]
    return _list(node, key) if isinstance(node, yaml.SequenceNode) else [node]


def _required(keys: dict[str, yaml.Node], key: str, owner: yaml.Node, what: str) -> yaml.Node:
    if key not in keys:
        raise _BadValueError(owner, key, f"is missing: give {what}")
    return keys[key]


def _list(node: yaml.Node, where: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise _BadValueError(node, where, "is no list")
    return list(node.value)


def _text(node: yaml.Node, where: str, longest: int) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _BadValueError(node, where, "is not a text")
    text = clean_text(node.value)
    if not text or len(text) > longest:
        raise _BadValueError(node, where, f"is {len(text)} characters long" if text else "is empty")
    return text


def _checked(node: yaml.Node, where: str, check: Callable[[str], str | None], what: str) -> str:
    text = _text(node, where, MAX_STATEMENT)
    value = check(text)
    if value is None:
        raise _BadValueError(node, where, f"{text[:80]!r} is not {what}")
    return value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


# ---------------------------------------------------------------- values


def _name(node: yaml.Node, where: str) -> str:
    return _checked(node, where, _paper_name, "an arXiv id, an upstream id or an http(s) address")


def _paper_name(text: str) -> str | None:
    if found := parse_arxiv_id(text) or clean_address(text):
        return found
    is_id = len(text) <= MAX_NAME and " " not in text and "://" not in text and not _LIKE_ARXIV.fullmatch(text)
    return text if is_id else None


def _date(text: str) -> str | None:
    return text if is_date(text) else None


def _whole_date(text: str) -> str | None:
    return text if is_date(text) and len(text) == len("2026-01-01") else None


def _slug(text: str) -> str | None:
    return text if _SLUG.fullmatch(text) else None


def _confidence(text: str) -> str | None:
    return text if text in CONFIDENCES else None


def _truth(text: str) -> str | None:
    return text if text in ("true", "false") else None
