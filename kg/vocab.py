"""Every namespace, term and IRI pattern of the graph, once.

Foreign terms are listed by hand: a name that is not listed here cannot be used by mistake. Own terms live in one
namespace, ``{base}ontology#``; :class:`Iris` makes the IRI of every kind of thing from the base IRI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_BASE_IRI = "https://w3id.org/opdkg/"

#: What a path segment may hold unescaped: RFC 3986's unreserved characters, and those sub-delimiters that people write in
#: names and ids. Everything else is percent-encoded, so that each IRI has one spelling.
SEGMENT_SAFE = "-._~,+:@!()"


class Namespace:
    """A vocabulary's IRI and the terms of it that this project uses: ``RDF.type``, or ``SKOS["prefLabel"]``."""

    def __init__(self, prefix: str, iri: str, terms: str) -> None:
        self.prefix = prefix
        self.iri = iri
        self._terms = {term: NamedNode(iri + term) for term in terms.split()}

    def __getattr__(self, term: str) -> NamedNode:
        try:
            return self._terms[term]
        except KeyError:
            msg = f"{self.prefix}:{term} is not a term that kg/vocab.py lists"
            raise AttributeError(msg) from None

    def __getitem__(self, term: str) -> NamedNode:
        return self.__getattr__(term)

    def __iter__(self) -> Iterator[NamedNode]:
        return iter(self._terms.values())


RDF = Namespace(
    "rdf",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "type Property Statement subject predicate object reifies",
)
RDFS = Namespace(
    "rdfs",
    "http://www.w3.org/2000/01/rdf-schema#",
    "label comment seeAlso subClassOf subPropertyOf isDefinedBy Class",
)
OWL = Namespace(
    "owl",
    "http://www.w3.org/2002/07/owl#",
    "sameAs Ontology Class ObjectProperty DatatypeProperty versionIRI versionInfo",
)
XSD = Namespace(
    "xsd",
    "http://www.w3.org/2001/XMLSchema#",
    "string boolean integer nonNegativeInteger decimal date dateTime anyURI hexBinary",
)
SKOS = Namespace(
    "skos",
    "http://www.w3.org/2004/02/skos/core#",
    "Concept ConceptScheme Collection prefLabel altLabel hiddenLabel definition notation scopeNote inScheme topConceptOf "
    "hasTopConcept broader narrower related exactMatch closeMatch broadMatch narrowMatch relatedMatch mappingRelation "
    "broaderTransitive semanticRelation",
)
SKOSXL = Namespace(
    "skosxl",
    "http://www.w3.org/2008/05/skos-xl#",
    "Label prefLabel altLabel hiddenLabel literalForm",
)
DCTERMS = Namespace(
    "dcterms",
    "http://purl.org/dc/terms/",
    "title alternative issued modified date subject creator isPartOf hasPart isVersionOf replaces isReplacedBy identifier "
    "description license publisher source format extent hasVersion conformsTo type accrualPeriodicity",
)
DC = Namespace("dc", "http://purl.org/dc/elements/1.1/", "creator")
FABIO = Namespace("fabio", "http://purl.org/spar/fabio/", "ResearchPaper hasArXivId")
PRISM = Namespace("prism", "http://prismstandard.org/namespaces/basic/2.0/", "doi publicationName")
DOCO = Namespace("doco", "http://purl.org/spar/doco/", "Section")
CITO = Namespace("cito", "http://purl.org/spar/cito/", "cites")
SCHEMA = Namespace(
    "schema",
    "https://schema.org/",
    "ScholarlyArticle SoftwareSourceCode codeRepository url name domainIncludes rangeIncludes target keywords",
)
FOAF = Namespace("foaf", "http://xmlns.com/foaf/0.1/", "page homepage name Agent")
PROV = Namespace(
    "prov",
    "http://www.w3.org/ns/prov#",
    "Entity Activity Agent Person Organization SoftwareAgent Plan wasDerivedFrom wasAttributedTo wasGeneratedBy "
    "wasRevisionOf invalidatedAtTime generatedAtTime used",
)
DCAT = Namespace(
    "dcat",
    "http://www.w3.org/ns/dcat#",
    "Dataset Distribution distribution downloadURL mediaType compressFormat byteSize version landingPage accessURL "
    "hasCurrentVersion isVersionOf DataService servesDataset endpointURL accessService DatasetSeries inSeries prev last "
    "previousVersion keyword",
)
VOID = Namespace(
    "void",
    "http://rdfs.org/ns/void#",
    "Dataset Linkset triples entities distinctSubjects distinctObjects classes properties classPartition propertyPartition "
    "class property uriSpace uriRegexPattern exampleResource vocabulary sparqlEndpoint dataDump subset linkPredicate target "
    "subjectsTarget objectsTarget feature documents",
)
SH = Namespace(
    "sh",
    "http://www.w3.org/ns/shacl#",
    "SPARQLExecutable SPARQLSelectExecutable select prefixes declare PrefixDeclaration prefix namespace",
)
SPDX = Namespace(
    "spdx",
    "http://spdx.org/rdf/terms#",
    "Checksum checksum checksumValue algorithm checksumAlgorithm_sha256",
)

FOREIGN = (
    RDF,
    RDFS,
    OWL,
    XSD,
    SKOS,
    SKOSXL,
    DCTERMS,
    DC,
    FABIO,
    PRISM,
    DOCO,
    CITO,
    SCHEMA,
    FOAF,
    PROV,
    DCAT,
    VOID,
    SH,
    SPDX,
)

#: The classes and properties of ``{base}ontology#``. ontology/opd.ttl defines each of them.
OWN_CLASSES = (
    "Paper Authorship AuthorName Listing Classification DistillationSetup LanguageModel Repository SourceSnapshot "
    "SurveyVersion Rule Change Commit"
)
OWN_PROPERTIES = (
    "classifiedAs lossClass signalSource stabilization role teacherAccess granularity inSection coverage "
    "year citationKey authorName position hasAuthorship name listing listingStatus firstListed lastListed droppedSince "
    "methodName repository officialRepository reportsSetup teacher student model selfDistillation setupText orientation family "
    "parameters activeParameters variant status method confidence confidenceBasis rule negated reason sha256 sourceKind "
    "change event before after textBefore textAfter"
)

#: The opd: property of each classification dimension. The dimension's name is its facet key and its key in rules.yaml.
DIMENSIONS = {
    "chapter": "inSection",
    "loss": "lossClass",
    "signal": "signalSource",
    "stabilization": "stabilization",
    "role": "role",
    "access": "teacherAccess",
    "granularity": "granularity",
    "coverage": "coverage",
}

#: The release's own named graphs, by origin (DESIGN.md, "The graph").
GRAPHS = ("ontology", "taxonomy", "papers", "claims", "history", "links", "description")


def segment(text: str) -> str:
    """Return ``text`` as one IRI path segment in its only spelling."""
    return quote(text, safe=SEGMENT_SAFE)


class Iris:
    """The IRI of every kind of thing under one base IRI. Arguments are ids and slugs, not yet escaped."""

    def __init__(self, base: str = DEFAULT_BASE_IRI) -> None:
        self.base = base
        self.opd = Namespace("opd", f"{base}ontology#", f"{OWN_CLASSES} {OWN_PROPERTIES}")
        self.ontology = NamedNode(f"{base}ontology")
        self.dataset = NamedNode(f"{base}dataset")
        self.endpoint = NamedNode(f"{base}sparql")

    def _iri(self, kind: str, *segments: str) -> NamedNode:
        return NamedNode("/".join((f"{self.base}{kind}", *segments)))

    def paper(self, paper_id: str) -> NamedNode:
        """Old arXiv ids and DOIs hold a slash: it stays."""
        return self._iri("paper", *map(segment, paper_id.split("/")))

    def paper_id(self, iri: str) -> str:
        """Return the id of the paper that has this IRI."""
        return unquote(iri.removeprefix(f"{self.base}paper/"))

    def authorship(self, paper_id: str, position: int) -> NamedNode:
        return NamedNode(f"{self.paper(paper_id).value}/author/{position}")

    def setup(self, paper_id: str, number: int) -> NamedNode:
        return NamedNode(f"{self.paper(paper_id).value}/setup/{number}")

    def name(self, spelling: str) -> NamedNode:
        """A space is written ``_``, as people do; a literal underscore is doubled, so that spellings stay apart."""
        return self._iri("name", segment(spelling.replace("_", "__").replace(" ", "_")))

    def model(self, slug: str) -> NamedNode:
        return self._iri("model", segment(slug))

    def repository(self, slug: str) -> NamedNode:
        """``slug`` is host/owner/name; its slashes stay."""
        return self._iri("repository", *map(segment, slug.split("/")))

    def concept(self, scheme: str, slug: str) -> NamedNode:
        return self._iri("concept", segment(scheme), segment(slug))

    def label(self, scheme: str, slug: str, text: str) -> NamedNode:
        """A spelling of a concept, below the concept."""
        return self._iri("concept", segment(scheme), segment(slug), "label", segment(text))

    def scheme(self, slug: str) -> NamedNode:
        return self._iri("scheme", segment(slug))

    def source(self, slug: str) -> NamedNode:
        return self._iri("source", segment(slug))

    def listing(self, digest: str) -> NamedNode:
        return self._iri("listing", digest)

    def claim(self, digest: str) -> NamedNode:
        return self._iri("claim", digest)

    def change(self, digest: str) -> NamedNode:
        return self._iri("change", digest)

    def commit(self, commit_id: str) -> NamedNode:
        return self._iri("commit", commit_id)

    def agent(self, slug: str) -> NamedNode:
        return self._iri("agent", segment(slug))

    def rule(self, slug: str) -> NamedNode:
        return self._iri("rule", segment(slug))

    def question(self, name: str) -> NamedNode:
        return self._iri("queries", segment(name))

    def dump(self, release_id: str, file: str = "") -> NamedNode:
        """Return where a file of a release is downloaded; without a file, where all of them are listed."""
        return NamedNode(f"{self.base}dumps/{release_id}/{file}")

    def prefix(self, prefix: str) -> NamedNode:
        """A prefix is declared by the ontology, as SHACL has it, and has an IRI below it."""
        return self._iri("ontology", "prefixes", segment(prefix))

    def release(self, release_id: str) -> NamedNode:
        return self._iri("release", release_id)

    def graph(self, name: str) -> NamedNode:
        """``name`` is one of GRAPHS, or ``local/{file name}``."""
        return self._iri("graph", *map(segment, name.split("/")))

    def vocabularies(self) -> dict[str, str]:
        """The prefix of every vocabulary that the graph uses, as dumps declare them."""
        return {ns.prefix: ns.iri for ns in (*FOREIGN, self.opd)}

    def prefixes(self) -> dict[str, str]:
        """Every prefix that a query may use: the vocabularies', and one for each kind of thing that people write by hand.

        Dumps do without the latter: the slash in ``paper/2306.13649/author/1`` would have to be escaped.
        """
        things = {
            "paper": f"{self.base}paper/",
            "model": f"{self.base}model/",
            "concept": f"{self.base}concept/",
            "scheme": f"{self.base}scheme/",
        }
        return self.vocabularies() | things
