// What the pages can do beyond links and forms. Everything here works without it, by loading a page.

const TYPING_PAUSE_MS = 180;

let latest = 0;
let typed = false;

/** The page that is shown, whatever place in it the address names. */
const where = () => location.pathname + location.search;
let shown = where();

/** Show the papers page at `address` without leaving this one; what the person was doing stays where it was. */
async function show(address, keepInHistory) {
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
  const [here, fresh] = [document, page].map((each) => each.querySelector("#browse"));
  if (!fresh || !here) {
    location.assign(address);
    return;
  }
  const focused = document.activeElement?.closest("#browse [data-key]")?.dataset.key;
  keepOpen(here, fresh);
  here.replaceWith(document.adoptNode(fresh));
  syncForm(page);
  document.title = page.title;
  keepInHistory?.call(history, {}, "", address);
  shown = where();
  if (focused) fresh.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  document.querySelector("#status").textContent = fresh.dataset.total;
}

/** Leave open what the person has opened. */
function keepOpen(here, fresh) {
  for (const details of here.querySelectorAll("details[data-facet]")) {
    const twin = fresh.querySelector(`details[data-facet="${CSS.escape(details.dataset.facet)}"]`);
    if (twin) twin.open = details.open;
  }
  const isOpen = here.querySelector(".filters").classList.contains("open");
  fresh.querySelector(".filters").classList.toggle("open", isOpen);
  fresh.querySelector(".filters-toggle").setAttribute("aria-expanded", String(isOpen));
}

/** Let the search form keep the filters of the page that is shown now. */
function syncForm(page) {
  const [here, fresh] = [document, page].map((each) => each.querySelector("form[data-live]"));
  for (const field of here.querySelectorAll("input[type=hidden]")) field.remove();
  here.append(...fresh.querySelectorAll("input[type=hidden]"));
  const [box, freshBox] = [here, fresh].map((each) => each.querySelector("input[type=search]"));
  if (box !== document.activeElement) box.value = freshBox.value;
}

/** The address that a form leads to, without the fields that nobody filled in. */
function addressOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(fields).toString();
  return query ? `${form.action}?${query}` : form.action;
}

document.addEventListener("click", (event) => {
  const toggle = event.target.closest(".filters-toggle");
  if (toggle) {
    const isOpen = document.querySelector(".filters").classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(isOpen));
    return;
  }
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = event.target.closest("#browse a[data-live]");
  if (link && plain) {
    event.preventDefault();
    typed = false;
    show(link.href, history.pushState);
  }
});

/** Copy the text of an element; where the browser gives no way to the clipboard, select it for the person to copy. */
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const said = button.nextElementSibling;
  try {
    await navigator.clipboard.writeText(source.textContent);
    said.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    said.textContent = "Selected";
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) copy(button);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-live]")) {
    event.preventDefault();
    typed = false;
    show(addressOf(event.target), history.pushState);
  }
});

let pause;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-live]");
  if (!form) return;
  clearTimeout(pause);
  pause = setTimeout(() => {
    show(addressOf(form), typed ? history.replaceState : history.pushState); // one step back for a whole word
    typed = true;
  }, TYPING_PAUSE_MS);
});

addEventListener("popstate", () => {
  typed = false;
  if (document.querySelector("#browse") && where() !== shown) show(location.href);
});
