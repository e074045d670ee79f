// Draws the pictures of /trends and /atlas. Without it, or where it fails, the tables say the same.

import { View, compile, expressionInterpreter, parse } from "./vendor/vega.js";

/** How much of the past a picture by month shows. */
const MONTHS = 48;

/** The class of what nobody has classified is grey, the others are told apart. */
const UNKNOWN = "Unclassified";
const HUES = ["#4c78a8", "#e8833a", "#3f9e96", "#c9536b", "#8d6bb8", "#5b9c4a", "#d6a92b", "#e39ab0", "#7d8f3a", "#9c755f"];

/** A colour of the page: the picture follows when the page turns dark, or is printed. */
const colour = (name) => `var(${name})`;

/** What all pictures look like. */
function config() {
  const [ink, quiet, rule] = ["--ink", "--quiet", "--rule"].map(colour);
  const font = getComputedStyle(document.body).fontFamily;
  const text = { labelColor: ink, titleColor: quiet, labelFont: font, titleFont: font, labelFontSize: 14, titleFontSize: 14, titleFontWeight: "normal" };
  return {
    aria: false, // the picture has one name; its numbers are in the table
    background: "transparent",
    font,
    view: { stroke: null },
    axis: { ...text, domainColor: rule, tickColor: rule, gridColor: rule, labelLimit: 260 },
    legend: { ...text, labelLimit: 320, symbolType: "square" },
  };
}

/** The columns' colours, in their order. */
function palette(columns) {
  let next = 0;
  return columns.map((name) => (name === UNKNOWN ? colour("--rule") : HUES[next++ % HUES.length]));
}

/** Every month from `MONTHS` before the last one on, those without papers too. */
function lastMonths(months) {
  const [year, month] = months.at(-1).split("-").map(Number);
  return Array.from({ length: MONTHS }, (_, index) => {
    const day = new Date(Date.UTC(year, month - MONTHS + index, 1));
    return day.toISOString().slice(0, 7);
  });
}

function stacked(data, room) {
  const [row, column] = [data.rows.name, data.columns.name];
  const share = data.kind === "share";
  const dated = data.rows.values.filter((name) => /^\d/.test(name));
  const times = row === "month" ? lastMonths(dated) : dated;
  const narrow = room < 640;
  return {
    width: "container",
    height: 280,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values: data.values.filter((value) => times.includes(value[row])).map((value) => ({ ...value, order: data.columns.values.indexOf(value[column]) })) },
    mark: { type: "bar", cursor: "pointer" },
    encoding: {
      x: {
        field: row,
        type: "ordinal",
        scale: { domain: times, paddingInner: 0.15 },
        axis: { title: null, labelAngle: -90, labelOverlap: true, values: row === "month" ? times.filter((month) => /-(01|04|07|10)$/.test(month)) : times },
      },
      y: { field: "papers", type: "quantitative", stack: share ? "normalize" : "zero", axis: { title: share ? "share" : "papers", format: share ? "%" : "d", tickMinStep: share ? 0.1 : 1 } },
      color: {
        field: column,
        type: "nominal",
        scale: { domain: data.columns.values, range: palette(data.columns.values) },
        legend: { title: null, orient: "bottom", columns: narrow ? 1 : 3 },
      },
      order: { field: "order" },
      href: { field: "address" },
      tooltip: [{ field: row }, { field: column }, { field: "papers" }],
    },
  };
}

/** The colour of a cell that has this part of the most. */
const shade = (part) => `color-mix(in srgb, var(--link) ${Math.round(100 * Math.sqrt(part))}%, var(--wash))`;

function heat(data) {
  const [row, column] = [data.rows.name, data.columns.name];
  const most = Math.max(...data.values.map((value) => value.papers));
  return {
    width: { step: data.columns.values.length > 20 ? 27 : 36 },
    height: { step: 24 },
    data: { values: data.values.map((value) => ({ ...value, shade: shade(value.papers / most) })) },
    encoding: {
      y: { field: row, type: "nominal", sort: data.rows.values, axis: { title: row } },
      x: { field: column, type: "nominal", sort: data.columns.values, axis: { title: column, orient: "top", labelAngle: -60 } },
      href: { field: "address" },
      tooltip: [{ field: row }, { field: column }, { field: "papers" }],
    },
    layer: [
      {
        mark: { type: "rect", cursor: "pointer" },
        encoding: { color: { field: "shade", type: "nominal", scale: null } },
      },
      {
        mark: { type: "text", cursor: "pointer", fontSize: 13 },
        encoding: {
          text: { field: "papers" },
          color: { condition: { test: `datum.papers > ${most / 4}`, value: colour("--paper") }, value: colour("--ink") },
        },
      },
    ],
  };
}

function bars(data, room) {
  const [row, column] = [data.rows.name, data.columns.name];
  return {
    width: Math.max(200, room - 230),
    height: { step: 9 },
    data: { values: data.values },
    mark: { type: "bar", cursor: "pointer" },
    encoding: {
      y: { field: row, type: "nominal", sort: data.rows.values, axis: { title: null } },
      yOffset: { field: column, sort: data.columns.values },
      x: { field: "papers", type: "quantitative", axis: { title: "papers", orient: "top", tickMinStep: 1 } },
      color: { field: column, type: "nominal", scale: { domain: data.columns.values, range: palette(data.columns.values) }, legend: { title: null, orient: "top" } },
      href: { field: "address" },
      tooltip: [{ field: row }, { field: column }, { field: "papers" }],
    },
  };
}

const KINDS = { stack: stacked, share: stacked, heat, bars };

/** Draw the picture into its place, and fold the table that stood in for it. */
async function draw(place, data) {
  place.hidden = false;
  const canvas = document.createElement("div"); // the picture is one thing with one name: its parts are not read out
  canvas.ariaHidden = "true";
  place.replaceChildren(canvas);
  const spec = compile(KINDS[data.kind](data, place.clientWidth), { config: config() }).spec;
  const view = new View(parse(spec, null, { ast: true }), { expr: expressionInterpreter, renderer: "svg", container: canvas, hover: false });
  await view.runAsync();
}

async function show(place) {
  const answer = await fetch(place.dataset.source);
  if (!answer.ok) return;
  await draw(place, await answer.json());
  place.parentElement.querySelector("details.numbers").open = false;
}

await Promise.all([...document.querySelectorAll("[data-source]")].map(show));
