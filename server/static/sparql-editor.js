// The query editor at /sparql: YASGUI over this endpoint alone. Without it the page's form asks the same questions.

import Yasgui from "./vendor/yasgui.js";

const { Yasqe, Yasr } = Yasgui;
const { base, prefixes } = JSON.parse(document.querySelector("#editor-data").textContent);
const endpoint = location.origin + location.pathname;

/** Characters of a query that is still sent by GET, whose answer the browser keeps. */
const LONGEST_BY_GET = 4000;

/** Every term that the release says it uses, the most used first, and every concept of its schemes. */
const TERMS = `PREFIX void: <http://rdfs.org/ns/void#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?kind ?term (MAX(?count) AS ?uses) WHERE {
  { ?part void:class ?term ; void:entities ?count BIND("class" AS ?kind) }
  UNION { ?part void:property ?term ; void:triples ?count BIND("property" AS ?kind) }
  UNION { ?term a skos:Concept BIND("concept" AS ?kind) BIND(0 AS ?count) }
}
GROUP BY ?kind ?term
ORDER BY DESC(?uses) ?term`;

/** The IRI behind the longest of the graph's prefixes that fits it, as SPARQL takes it. */
function shorten(iri) {
  const fitting = Object.entries(prefixes).filter(([, namespace]) => iri.startsWith(namespace));
  const [prefix, namespace] = fitting.reduce((best, next) => (next[1].length > best[1].length ? next : best), ["", ""]);
  const name = iri.slice(namespace.length);
  return namespace && /^[\w-]+$/.test(name) ? `${prefix}:${name}` : `<${iri}>`;
}

let loading;
/** The terms of one kind, asked for once, when someone first completes one. */
async function terms(kind) {
  loading ??= fetch(`${endpoint}?${new URLSearchParams({ query: TERMS, format: "json" })}`)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
    .then((answer) => answer.results.bindings.map((row) => ({ kind: row.kind.value, iri: row.term.value })))
    .catch(() => []); // the query can be written without
  return (await loading).filter((term) => term.kind === kind).map((term) => term.iri);
}

/** Complete terms of this kind from the graph itself, where YASGUI would ask other sites. */
function completer(kind, isValidCompletionPosition) {
  return {
    name: kind,
    bulk: false,
    isValidCompletionPosition,
    preProcessToken: (yasqe, token) => ({ ...token, autocompletionString: token.string.trim() }),
    postProcessSuggestion: (yasqe, token, iri) => shorten(iri),
    async get(yasqe, token) {
      const typed = token.autocompletionString.replace(/^</, "").toLowerCase();
      const colon = typed.indexOf(":");
      const namespace = prefixes[typed.slice(0, Math.max(colon, 0))];
      const fits = namespace
        ? (iri) => iri.startsWith(namespace) && iri.slice(namespace.length).toLowerCase().includes(typed.slice(colon + 1))
        : (iri) => iri.toLowerCase().includes(typed);
      return (await terms(kind)).filter(fits);
    },
  };
}

const isConceptPosition = (yasqe) => yasqe.getCompleteToken().string.trim().startsWith("concept:");
for (const kind of ["property", "class"]) {
  Yasqe.registerAutocompleter(completer(kind, Yasqe.Autocompleters[kind].isValidCompletionPosition));
}
Yasqe.registerAutocompleter(completer("concept", isConceptPosition));
Yasqe.forkAutocompleter("prefixes", {
  name: "prefixes",
  persistenceId: null,
  get: Object.entries(prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`),
});

/** YASGUI's table, whose links lead to this site's pages, and whose columns are as wide as the browser makes them. */
class Table extends Yasr.plugins.table {
  persistentConfig = { compact: true, isEllipsed: false };
  helpReference = undefined;

  constructor(yasr) {
    super(yasr);
    queueMicrotask(() => yasr.dataElement.setAttribute("role", "status")); // it is made after the plugins
  }

  getUriLinkFromBinding({ value: iri }, known) {
    const link = document.createElement("a");
    link.className = "iri";
    const path = iri.startsWith(base) ? iri.slice(base.length) : "/";
    if (!path.startsWith("/")) link.href = `/${path}`;
    else if (/^https?:/.test(iri)) link.href = iri;
    const [prefix, namespace] = Object.entries(known).find(([, start]) => iri.startsWith(start)) ?? [];
    link.textContent = prefix === undefined ? iri : `${prefix}:${iri.slice(namespace.length)}`;
    return link.outerHTML;
  }

  draw(config) {
    super.draw(config);
    this.destroyResizer();
    for (const sized of [this.tableEl, ...this.tableEl.querySelectorAll("th")]) sized.style.removeProperty("width");
  }

  drawControls() {
    super.drawControls();
    this.tableSizeField.setAttribute("aria-label", "Rows on a page");
  }
}
Yasr.registerPlugin("table", Table);

/** The server's problem document (RFC 9457) as a person reads it. */
function renderProblem({ text }) {
  let problem;
  try {
    problem = JSON.parse(text);
  } catch {
    return undefined;
  }
  const message = document.createElement("div");
  message.setAttribute("role", "alert");
  const title = message.appendChild(document.createElement("strong"));
  title.textContent = `${problem.status} ${problem.title}`;
  message.appendChild(document.createElement("pre")).textContent = problem.detail;
  return message;
}
Yasr.defaults.errorRenderers = [renderProblem];

// YASGUI's own links also carry an endpoint, headers and formats; here there is nothing to choose but the query.
Yasgui.Tab.prototype.getShareableLink = function () {
  return `${endpoint}#${new URLSearchParams({ query: this.getQuery(), title: this.getName() })}`;
};

Yasqe.defaults.editorHeight = "auto"; // a tab takes it from nowhere else

const root = document.querySelector("#editor");
const plain = document.querySelector("#plain");
const examples = document.querySelector("#examples");
const yasgui = new Yasgui(root, {
  persistenceId: "opdkg",
  populateFromUrl: false,
  autofocus: false,
  requestConfig: {
    endpoint,
    method: (yasgui) => (yasgui.getTab().getQuery().length > LONGEST_BY_GET ? "POST" : "GET"),
  },
  yasqe: {
    value: plain.querySelector("textarea").value,
    screenReaderLabel: "SPARQL query",
    resizeable: false,
    extraKeys: { Tab: false, "Shift-Tab": false }, // the keyboard must be able to leave
  },
  yasr: { prefixes, maxPersistentResponseSize: 0 },
});

// The arrow keys lead to it as to a tab, and a list of tabs may hold nothing else.
const adder = root.querySelector(".addTab");
adder.setAttribute("role", "tab");
adder.setAttribute("aria-selected", "false");

/** Show the query in a tab, the one that already holds it or a new one, and run it. */
function openQuery(query, name) {
  const held = Object.values(yasgui._tabs).find((tab) => tab.getPersistedJson().yasqe.value === query);
  if (held) held.select();
  const tab = held ?? yasgui.addTab(true, { name: yasgui.createTabName(name), yasqe: { value: query } });
  tab.query().catch(() => {}); // the tab shows what went wrong
}

/** Open what a shared link holds, and take it out of the address, which would be out of date with the next key. */
function openShared() {
  const shared = new URLSearchParams(location.hash.slice(1));
  if (!shared.has("query")) return;
  history.replaceState(history.state, "", endpoint);
  const query = shared.get("query");
  const example = [...examples.querySelectorAll("a")].find((link) => link.dataset.query === query);
  openQuery(query, shared.get("title") ?? example?.textContent);
}

root.addEventListener(
  "click",
  ({ target }) => {
    if (!target.closest(".yasqe_share")) return;
    setTimeout(() => root.querySelector(".yasqe_sharePopup input")?.setAttribute("aria-label", "Link to this query"));
  },
  { capture: true }, // the button lets no click through
);

examples.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openQuery(link.dataset.query, link.textContent);
  root.scrollIntoView();
});
addEventListener("hashchange", openShared);
openShared();
plain.open = false;
