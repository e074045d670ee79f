// What the pages can do beyond links and forms. Everything here works without it, by loading a page.

const TYPING_PAUSE_MS = 180;

let latest = 0;

/** Show the papers page at `address` without leaving this one; what the person was doing stays where it was. */
async function show(address, { push }) {
  const turn = ++latest;
  let text;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    text = await answer.text();
  } catch {
    location.assign(address);
    return;
  }
  if (turn !== latest) return; // a newer request has overtaken this one
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.querySelector("#browse");
  const here = document.querySelector("#browse");
  if (!fresh || !here) {
    location.assign(address);
    return;
  }
  const focused = document.activeElement?.closest("#browse [data-key]")?.dataset.key;
  for (const details of here.querySelectorAll("details[data-facet]")) {
    const twin = fresh.querySelector(`details[data-facet="${CSS.escape(details.dataset.facet)}"]`);
    if (twin) twin.open = details.open;
  }
  const filters = here.querySelector(".filters");
  fresh.querySelector(".filters")?.classList.toggle("open", filters?.classList.contains("open"));
  here.replaceWith(document.adoptNode(fresh));
  document.title = page.title;
  if (push) history.pushState({}, "", address);
  if (focused) fresh.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  prepare(fresh);
  const status = document.querySelector("#status");
  if (status) status.textContent = fresh.dataset.total;
}

/** The address that a form leads to, without the fields that nobody filled in. */
function addressOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(fields).toString();
  return query ? `${form.action}?${query}` : form.action;
}

function prepare(root) {
  const toggle = root.querySelector(".filters-toggle");
  const filters = root.querySelector(".filters");
  if (toggle && filters) toggle.setAttribute("aria-expanded", String(filters.classList.contains("open")));
}

document.addEventListener("click", (event) => {
  const toggle = event.target.closest(".filters-toggle");
  if (toggle) {
    const open = document.querySelector(".filters").classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    return;
  }
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = event.target.closest("#browse a[data-live]");
  if (link && plain && !event.defaultPrevented) {
    event.preventDefault();
    show(link.href, { push: true });
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-live]") && document.querySelector("#browse")) {
    event.preventDefault();
    show(addressOf(event.target), { push: true });
  }
});

let typing;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-live]");
  if (!form || !event.target.matches("input[type=search]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => show(addressOf(form), { push: true }), TYPING_PAUSE_MS);
});

addEventListener("popstate", () => {
  if (document.querySelector("#browse")) show(location.href, { push: false });
});

prepare(document);
