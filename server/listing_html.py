"""What a page of papers repeats most, as HTML: a facet's values, a paper's concepts, marked titles.

A template takes three times as long over each.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.marks import Part
    from kg.thesaurus import Concept
    from server.facets import Value

CURRENT = ' aria-current="true"'


def values_html(key: str, values: Iterable[Value]) -> Markup:
    """Return the items of a list: each value with its count, the way to choose or exclude it, and the narrower ones."""
    return Markup(_items(key, values))  # noqa: S704 - all that is not ours is escaped


def marked_html(parts: Iterable[Part]) -> Markup:
    """Return a title with what a question has found in it marked."""
    texts = ((escape(part.text), part.marked) for part in parts)
    html = "".join([f"<mark>{text}</mark>" if marked else text for text, marked in texts])
    return Markup(html)  # noqa: S704 - as above


def tags_html(
    by_scheme: Iterable[tuple[str, Iterable[Concept]]],
    href: Callable[[str], str | None],
    scheme_name: Callable[[str], str],
) -> Markup:
    """Return the items of a list: each scheme with those of its concepts that a paper has."""
    items = (
        f'<li><span class="scheme">{escape(scheme_name(scheme))}</span> '
        + ", ".join([f'<a href="{escape(href(each.iri) or "")}">{escape(each.name)}</a>' for each in concepts])
        + "</li>\n"
        for scheme, concepts in by_scheme
    )
    return Markup("".join(items))  # noqa: S704 - as above


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
