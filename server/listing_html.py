"""What a page of papers repeats most, as HTML: papers, marked titles, values of facets.

A template takes three times as long over each.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.cards import Card
    from kg.marks import Part
    from server.facets import Value

    #: How to link to an IRI, None for what is not to be linked to (links.py).
    _Href = Callable[[str], str | None]

CURRENT = ' aria-current="true"'


def values_html(key: str, values: Iterable[Value]) -> Markup:
    """Return the items of a list: each value with its count, the way to choose or exclude it, and the narrower ones."""
    return Markup(_items(key, values))  # noqa: S704 - all that is not ours is escaped


def marked_html(parts: Iterable[Part]) -> Markup:
    """Return a title with what a question has found in it marked."""
    texts = ((escape(part.text), part.marked) for part in parts)
    html = "".join([f"<mark>{text}</mark>" if marked else text for text, marked in texts])
    return Markup(html)  # noqa: S704 - as above


def card_html(card: Card, href: _Href, scheme_name: Callable[[str], str], title: Markup | None = None) -> Markup:
    """Return a paper as it stands in a list, with its ``title`` marked if that is given."""
    parts = [f'<article class="card">\n<h3><a href="{_link(href, card.iri)}">{title or escape(card.title)}</a></h3>\n']
    if card.authors:
        further = card.author_count - len(card.authors)
        note = f' <span class="quiet">and {further} more</span>' if further > 0 else ""
        parts.append(f'<p class="authors">{escape("; ".join(card.authors))}{note}</p>\n')
    parts.append(f'<p class="facts">{"".join(_facts(card, href))}</p>\n')
    if card.concepts:
        parts.append(f'<ul class="tags" aria-label="Classified as">\n{"".join(_tags(card, href, scheme_name))}</ul>\n')
    return Markup("".join((*parts, "</article>\n")))  # noqa: S704 - as above


def _facts(card: Card, href: _Href) -> Iterator[str]:
    if day := escape(card.published):
        yield f'<time datetime="{day}">{day}</time>'
    if card.arxiv_id:
        arxiv = escape(card.arxiv_id)
        yield f'<span><a class="nowrap" href="https://arxiv.org/abs/{arxiv}">arXiv:{arxiv}</a></span>'
    elif card.address and (to := _link(href, card.address)):
        yield f'<span><a href="{to}" rel="nofollow noopener">page</a></span>'
    if card.repositories and (to := _link(href, card.repositories[0])):
        yield f'<span><a href="{to}">code</a></span>'
    if card.status == "dropped":
        since = f" since {escape(str(card.dropped_since))}" if card.dropped_since else ""
        yield f'<span class="dropped">dropped{since}</span>'


def _tags(card: Card, href: _Href, scheme_name: Callable[[str], str]) -> Iterator[str]:
    for scheme, concepts in card.by_scheme.items():
        links = ", ".join([f'<a href="{_link(href, each.iri)}">{escape(each.name)}</a>' for each in concepts])
        yield f'<li><span class="scheme">{escape(scheme_name(scheme))}</span> {links}</li>\n'


def _link(href: _Href, iri: str) -> str:
    return escape(href(iri) or "")


def _items(key: str, values: Iterable[Value]) -> str:
    return "".join([_item(key, each) for each in values])


def _item(key: str, it: Value) -> str:
    name, value, verb = escape(it.name), escape(it.value), "Do not exclude" if it.excluded else "Exclude"
    kind = f"value{' excluded' if it.excluded else ''}{'' if it.count else ' none'}"
    narrower = f"<ul>\n{_items(key, it.children)}</ul>\n" if it.children else ""
    return (
        f'<li>\n<div class="{kind}">\n'
        f'<a href="{escape(it.toggle)}" rel="nofollow" data-live data-key="{key}={value}"{CURRENT if it.chosen else ""}>'
        f'<span class="value-name">{name}</span></a>\n'
        f'<span class="count">{it.count}<span class="hidden"> papers</span></span>\n'
        f'<a class="exclude" href="{escape(it.exclude)}" rel="nofollow" data-live data-key="{key}=-{value}"'
        f'{CURRENT if it.excluded else ""} title="{verb} {name}">'
        f'<span aria-hidden="true">\u2212</span><span class="hidden">{verb} {name}</span></a>\n'
        f"</div>\n{narrower}</li>\n"
    )
