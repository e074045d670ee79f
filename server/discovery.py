"""How programs find their way here: ``/opensearch.xml`` for browsers, ``/CITATION.cff`` for who cites the graph."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

import yaml
from flask import Blueprint, Response

from kg.dataset import PUBLISHER, TITLE
from server.reading import reading

blueprint = Blueprint("discovery", __name__)

OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"

#: What a browser calls the search; OpenSearch allows 16 characters.
SHORT_NAME = "OPD papers"


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search for papers (OpenSearch 1.1)."""
    here = reading()
    root = Element("OpenSearchDescription", xmlns=OPENSEARCH)
    SubElement(root, "ShortName").text = SHORT_NAME
    SubElement(root, "Description").text = "Papers on on-policy distillation, by title, author, method or identifier"
    for media_type, more in (("text/html", ""), ("application/json", "&format=json")):
        template = here.links.absolute(f"/papers?q={{searchTerms}}&page={{startPage?}}{more}")
        SubElement(root, "Url", type=media_type, template=template, pageOffset="1")
    SubElement(
        root,
        "Url",
        type="application/opensearchdescription+xml",
        rel="self",
        template=here.links.absolute("/opensearch.xml"),
    )
    SubElement(root, "Image", type="image/svg+xml", width="32", height="32").text = here.links.absolute(
        "/static/icon.svg"
    )
    SubElement(root, "InputEncoding").text = "UTF-8"
    SubElement(root, "OutputEncoding").text = "UTF-8"
    text = tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(text, content_type="application/opensearchdescription+xml")


@blueprint.get("/CITATION.cff")
def citation() -> Response:
    """Say how the release that is served is cited (Citation File Format 1.2.0). The repository's file is about the software."""
    here = reading()
    edition = here.edition
    content = {
        "cff-version": "1.2.0",
        "message": "If you use this graph, cite the release that you used.",
        "type": "dataset",
        "title": TITLE,
        "version": edition.release_id,
        "authors": [{"name": PUBLISHER}],
        "license": "CC0-1.0",
        "url": edition.node.value,
    }
    if edition.newest:
        content["date-released"] = edition.newest.isoformat()
    return Response(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), content_type="application/yaml")
