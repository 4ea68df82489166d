import { colorOf, h, SHAPES, say, shapeOf, word } from "../shared/common.js";
import { HEIGHT, MARGIN } from "./axes.js";
import { decimate, inRange, lastX, lonely, pathOf, smooth } from "./series.js";

// What is drawn over the axes. Runs have their `index` among all, which gives them their colour.

const BOTTOM = HEIGHT - MARGIN.bottom;
// say`finished`, say`stopped early`, say`stopped by you`, say`broken off`
const BEFORE_TIME = ["stopped early", "stopped by you", "broken off"];
const ORDER = { batch: 0, value: 1, train: 2, val: 3 }; // from the back to the front

const upright = (x, y1, type) => h("line", { x1: x, x2: x, y1, y2: BOTTOM, class: type });
const note = (x, y, text, anchor) => h("text", { x, y, "text-anchor": anchor, class: "tlk-curves-soft" }, text);

// Phases of each run that has several, in the run's colour: two runs may change at different epochs.
export function phaseMarks(runs, view, X) {
  const marksOf = ({ phases, index }) => {
    const shown = phases.filter(({ start }, i) => !i || (start > view.from && start < view.to));
    return shown.flatMap(({ name, start }, i) => {
      const x = X(Math.max(start, view.from));
      const line = upright(x, MARGIN.top, `tlk-curves-phase tlk-stroke-${colorOf(index)}`);
      const label = note(x + 4, MARGIN.top + 10 + 12 * index, name);
      return i ? [line, label] : [label];
    });
  };
  return runs.filter(({ phases }) => phases.length > 1).flatMap(marksOf);
}

// The best epoch of each run, by this metric.
export function bestMarks(runs, metric, { X, Y }) {
  const own = runs.filter(({ best }) => best && best.metric.replace(/^val_/, "") === metric);
  return own.map(({ name, best, index }) => {
    const place = { cx: X(best.epoch), cy: Y(best.value), r: 6 };
    const title = h("title", {}, say`${name}: best ${best.metric} in epoch ${best.epoch}`);
    return h("circle", { ...place, class: `tlk-curves-best tlk-stroke-${colorOf(index)}` }, title);
  });
}

// Where a run ended before its time.
export function endMarks(runs, series, X) {
  const lastOf = (index) => {
    const own = series.filter(({ run, kind }) => run === index && kind !== "batch");
    return Math.max(0, ...own.map(({ xy }) => lastX(xy)));
  };
  const marksOf = ({ ended, index }) => {
    const x = X(lastOf(index));
    const y = BOTTOM - 14 - 12 * (index % 2);
    const line = upright(x, BOTTOM - 26, `tlk-curves-ended tlk-stroke-${colorOf(index)}`);
    return [line, x > 120 ? note(x - 5, y, word(ended), "end") : note(x + 5, y, word(ended), "start")];
  };
  return runs.filter(({ ended, index }) => BEFORE_TIME.includes(ended) && lastOf(index)).flatMap(marksOf);
}

// The last point of a line up to an epoch: {x, y}, or nothing where there is none that is a number.
function lastPoint(xy, to) {
  const within = xy.length - 2 * xy.filter((x, i) => i % 2 === 0 && x > to).length;
  const [x, y] = xy.slice(Math.max(0, within - 2), within);
  return Number.isFinite(y) ? { x, y } : undefined;
}

// The shape of each run where its lines end: colour is never the only difference between runs.
export function runMarks(runs, series, { view, scale }) {
  const shapeOfRun = ({ index }) => {
    const own = series.filter(({ run, kind }) => run === index && (kind === "train" || kind === "val"));
    const point = lastPoint(own.sort((a, b) => ORDER[a.kind] - ORDER[b.kind]).at(-1)?.xy ?? [], view.to);
    const place = point && `translate(${scale.X(point.x).toFixed(1)} ${scale.Y(point.y).toFixed(1)}) scale(4)`;
    const type = `tlk-curves-shape tlk-fill-${colorOf(index)}`;
    return point && h("path", { d: SHAPES[shapeOf(index)], transform: place, class: type });
  };
  return runs.length < 2 ? [] : runs.map(shapeOfRun).filter(Boolean);
}

// Line of a series, its points that no line reaches, and the number of a single value.
function seriesMarks({ run, kind, xy, index }, { view, scale, zoomed, smoothing }) {
  const { X, Y } = scale;
  const type = `tlk-stroke-${colorOf(run)} tlk-curves-${kind}`;
  const shown = xy.length && zoomed ? inRange(xy, view.from, view.to) : xy;
  const line = (points, extra = "") => {
    const d = pathOf(decimate(points, view.from, view.to, view.width), X, Y);
    return h("path", { d, class: type + extra });
  };
  if (kind === "batch") {
    return smoothing ? [line(shown), line(smooth(shown, smoothing), " tlk-curves-smooth")] : [line(shown)];
  }
  const marks = [line(shown)];
  const alone = lonely(xy);
  for (let i = 0; i < alone.length; i += 2) {
    marks.push(h("circle", { cx: X(alone[i]), cy: Y(alone[i + 1]), r: 3, class: type }));
  }
  if (kind === "value" && shown.length && shown.at(-1) !== null) {
    marks.push(note(X(lastX(shown)) + 3, Y(shown.at(-1)) + 4, String(index)));
  }
  return marks;
}

export const lineMarks = (series, how) =>
  series.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind]).flatMap((one) => seriesMarks(one, how));

// Where the reader points, and the band that is dragged; `cursor` and `dragged` are pixels, or null.
export function cursorMarks(cursor, dragged) {
  if (cursor === null) {
    return [];
  }
  const line = upright(cursor, MARGIN.top, "tlk-curves-cursor");
  if (dragged === null) {
    return [line];
  }
  const [x, width] = [Math.min(dragged, cursor), Math.abs(cursor - dragged)];
  return [line, h("rect", { x, y: MARGIN.top, width, height: BOTTOM - MARGIN.top, class: "tlk-curves-band" })];
}
