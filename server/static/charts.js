// Draws the pictures of /trends, /atlas, /network and of single things. Without it, or where it fails, the tables say the same.

import { View, compile, expressionInterpreter, parse } from "./vendor/vega.js";

/** How much of the past a picture by month shows. */
const MONTHS = 48;

/** So few bars would be too broad over the whole width. */
const FEW = 10;

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
    ...(times.length < FEW ? { width: { step: 60 } } : { width: "container", autosize: { type: "fit-x", contains: "padding" } }),
    height: 280,
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
        legend: data.columns.values.length > 1 ? { title: null, orient: "bottom", columns: narrow ? 1 : 3 } : null,
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
    height: { step: Math.max(9, 20 / data.columns.values.length) },
    data: { values: data.values },
    mark: { type: "bar", cursor: "pointer" },
    encoding: {
      y: { field: row, type: "nominal", sort: data.rows.values, axis: { title: null } },
      yOffset: { field: column, sort: data.columns.values },
      x: { field: "papers", type: "quantitative", axis: { title: "papers", orient: "top", tickMinStep: 1 } },
      color: { field: column, type: "nominal", scale: { domain: data.columns.values, range: palette(data.columns.values) }, legend: data.columns.values.length > 1 ? { title: null, orient: "top" } : null },
      href: { field: "address" },
      tooltip: [{ field: row }, { field: column }, { field: "papers" }],
    },
  };
}

/** Names as points, pairs as lines between them, laid out by their pull on each other; the labels that have room are shown. */
function network(data, room) {
  const [ink, quiet, paper, link] = ["--ink", "--quiet", "--paper", "--link"].map(colour);
  const place = new Map(data.names.map((each, index) => [each.name, index]));
  const narrow = room < 640;
  const scale = Math.min(2, Math.max(1, room / 450)); // of the distances: names need room
  const shown = { tooltip: { signal: "datum.said" }, cursor: { value: "pointer" } };
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    width: room - 20,
    height: narrow ? 560 : 500,
    autosize: "pad",
    data: [
      { name: "names", values: data.names.map((each) => ({ ...each, said: `${each.name}: ${each.papers}` })) },
      {
        name: "pairs",
        values: data.pairs.map((each) => ({ ...each, source: place.get(each.one), target: place.get(each.other), said: `${each.one} and ${each.other}: ${each.papers}` })),
      },
    ],
    marks: [
      {
        name: "points",
        type: "symbol",
        zindex: 1,
        from: { data: "names" },
        encode: { enter: { middleX: { signal: "width / 2" }, middleY: { signal: "height / 2" } }, update: { ...shown, fill: { value: link }, stroke: { value: paper }, size: { signal: "40 + 25 * datum.papers" }, href: { field: "address" } } },
        transform: [
          {
            type: "force",
            static: true,
            iterations: 300,
            signal: "force",
            forces: [
              { force: "center", x: { signal: "width / 2" }, y: { signal: "height / 2" } },
              { force: "x", x: "middleX", strength: narrow ? 0.2 : 0.05 },
              { force: "y", y: "middleY", strength: narrow ? 0.06 : 0.12 },
              { force: "collide", radius: 15 * scale },
              { force: "nbody", strength: -45 * scale * scale, distanceMax: 220 * scale },
              { force: "link", links: "pairs", distance: 50 * scale },
            ],
          },
        ],
      },
      {
        type: "path",
        from: { data: "pairs" },
        encode: { update: { ...shown, stroke: { value: quiet }, strokeOpacity: { value: 0.6 }, strokeWidth: { signal: "1 + sqrt(datum.papers)" }, href: { field: "address" } } },
        transform: [
          { type: "linkpath", require: { signal: "force" }, shape: "line", sourceX: "datum.source.x", sourceY: "datum.source.y", targetX: "datum.target.x", targetY: "datum.target.y" },
        ],
      },
      {
        type: "text",
        zindex: 2,
        from: { data: "points" },
        encode: { update: { text: { field: "datum.name" }, fill: { value: ink }, font: { value: getComputedStyle(document.body).fontFamily }, fontSize: { value: 15 }, href: { field: "datum.address" } } },
        transform: [{ type: "label", size: { signal: "[width, height]" }, anchor: ["right", "left", "top", "bottom"], offset: [3] }],
      },
    ],
  };
}

const KINDS = { stack: stacked, share: stacked, heat, bars };

/** Draw the picture into its place, and fold the table that stood in for it. */
async function draw(place, data) {
  place.hidden = false;
  const canvas = document.createElement("div"); // the picture is one thing with one name: its parts are not read out
  canvas.ariaHidden = "true";
  place.replaceChildren(canvas);
  const spec = data.kind === "network" ? network(data, place.clientWidth) : compile(KINDS[data.kind](data, place.clientWidth), { config: config() }).spec;
  const view = new View(parse(spec, data.kind === "network" ? config() : null, { ast: true }), { expr: expressionInterpreter, renderer: "svg", container: canvas, hover: false });
  await view.runAsync();
}

async function show(place) {
  const answer = await fetch(place.dataset.source);
  if (!answer.ok) return;
  await draw(place, await answer.json());
  place.parentElement.querySelector("details.numbers").open = false;
}

await Promise.all([...document.querySelectorAll("[data-source]")].map(show));
