import { h, isShare, say, sayMetric, word } from "../shared/common.js";
import { axisParts, HEIGHT, scaleOf, viewOf } from "./axes.js";
import { bestMarks, cursorMarks, endMarks, lineMarks, phaseMarks, runMarks } from "./marks.js";

const LEAST_WIDTH = 240; // pixels
const LEAST_DRAG = 8; // pixels

// say`accuracy`, say`loss`, say`learning rate`
const nameOf = (metric) => word(metric.replaceAll("_", " "));
const phaseOf = (kind) => (kind === "val" ? say`validation` : say`training`);
const sayValue = (metric, value) => (value === null ? say`not a number` : sayMetric(metric, value));

function seriesName(metric, kind, index) {
  if (kind === "value") {
    return say`value ${index}`;
  }
  return metric === "learning_rate" ? nameOf(metric) : `${nameOf(metric)} ${phaseOf(kind)}`;
}

// The last value of each line, in words.
function latest(runs, metric, series) {
  const lines = series.filter(({ kind }) => kind === "train" || kind === "val");
  const texts = lines.map(({ run, kind, xy }) => {
    return `${runs[run]?.name ?? ""} ${phaseOf(kind)} ${sayValue(metric, xy.at(-1) ?? null)}`;
  });
  return texts.join(", ") || say`no epoch yet`;
}

// A metric that is an array is drawn by the mean of its values.
function titleOf(runs, metric) {
  const numValues = Math.max(0, ...runs.map(({ arrays }) => arrays?.[metric] ?? arrays?.[`val_${metric}`] ?? 0));
  return nameOf(metric) + (numValues ? say`, mean of ${numValues} values` : "");
}

// What each line of a panel has at an epoch: [{run, text}].
function valuesAt(metric, series, epoch) {
  return series
    .filter(({ kind, xy }) => kind !== "batch" && xy.length)
    .map((one) => ({ ...one, at: one.xy.findIndex((v, j) => j % 2 === 0 && v === epoch) }))
    .filter(({ at }) => at >= 0)
    .map(({ run, kind, xy, index, at }) => ({
      run,
      text: `${seriesName(metric, kind, index)} ${sayValue(metric, xy[at + 1])}`,
    }));
}

// Drag to zoom, point to read, double click to see all.
function addPointer(svg, shared, scale) {
  const epochAt = (event) => scale().back(event.clientX - svg.getBoundingClientRect().left);
  svg.addEventListener("pointerdown", (event) => {
    shared.drag = epochAt(event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => shared.point(epochAt(event)));
  svg.addEventListener("pointerup", (event) => {
    const from = shared.drag;
    const to = epochAt(event);
    const { X } = scale();
    shared.drag = null;
    if (from !== null && Math.abs(X(to) - X(from)) > LEAST_DRAG) {
      shared.setZoom([Math.max(0, Math.min(from, to)), Math.max(from, to)]);
    }
  });
  svg.addEventListener("pointerleave", () => {
    if (shared.drag === null) {
      shared.point(null);
    }
  });
  svg.addEventListener("dblclick", () => shared.setZoom(null));
}

// Arrow keys, Home and End read the values; plus and minus zoom.
function addKeys(svg, shared) {
  const zoomIn = () => {
    const width = shared.zoom ? shared.zoom[1] - shared.zoom[0] : shared.longest();
    const centre = shared.cursor ?? shared.longest() / 2;
    shared.setZoom([Math.max(0, centre - width / 4), centre + width / 4]);
  };
  svg.addEventListener("keydown", (event) => {
    const here = Math.round(shared.cursor ?? 0);
    const last = shared.longest();
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 1, End: last }[event.key];
    if (to !== undefined) {
      shared.point(Math.min(last, Math.max(1, to)), true);
    } else if (event.key === "+") {
      zoomIn();
    } else if (event.key === "-" || (event.key === "Escape" && shared.zoom)) {
      shared.setZoom(null);
    } else {
      return;
    }
    event.preventDefault();
  });
}

// One panel: axes, lines, phases, the best epoch, and a cursor that the pointer or the arrow keys move.
export function makePanel(model, metric, shared) {
  const grid = h("g", { class: "tlk-curves-grid" });
  const lines = h("g", { fill: "none" });
  const over = h("g");
  const about = { tabindex: 0, role: "application", "aria-roledescription": say`line chart` };
  const svg = h("svg", { ...about, class: "tlk-curves-panel", height: HEIGHT }, grid, lines, over);
  let drawn = null; // { scale, series, width } of the last drawing

  const cursor = () => {
    const pixels = (epoch) => (epoch === null ? null : drawn.scale.X(epoch));
    over.replaceChildren(...(drawn ? cursorMarks(pixels(shared.cursor), pixels(shared.drag)) : []));
  };
  const draw = (all) => {
    const every = model.get("runs").map((run, index) => ({ ...run, index }));
    const runs = every.filter(({ index }) => !shared.hidden.has(index));
    const series = all.filter(({ run }) => !shared.hidden.has(run));
    const logarithmic = metric === "learning_rate" || (model.get("log_scale") && !isShare(metric));
    // No width: hidden, as it is while JupyterLab changes its theme.
    const width = Math.max(LEAST_WIDTH, svg.clientWidth || (drawn?.width ?? 0));
    const view = viewOf(series, shared, logarithmic, width);
    const scale = scaleOf(view);
    const how = { view, scale, zoomed: Boolean(shared.zoom), smoothing: model.get("smoothing") };
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.setAttribute(
      "aria-label",
      `${nameOf(metric)}: ${latest(every, metric, series)}. ${say`Left and right arrow keys read the values, plus and minus zoom.`}`,
    );
    grid.replaceChildren(...axisParts(metric, titleOf(every, metric), view, scale), ...phaseMarks(runs, view, scale.X));
    lines.replaceChildren(
      ...lineMarks(series, how),
      ...bestMarks(runs, metric, scale),
      ...endMarks(runs, series, scale.X),
      ...runMarks(runs, series, how),
    );
    drawn = { scale, series, width };
    cursor();
  };
  addPointer(svg, shared, () => drawn.scale);
  addKeys(svg, shared);
  return { svg, draw, cursor, values: () => valuesAt(metric, drawn.series, Math.round(shared.cursor)) };
}
