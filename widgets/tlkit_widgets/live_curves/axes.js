import { h, isShare, say } from "../shared/common.js";
import { lastX } from "./series.js";

export const HEIGHT = 210; // pixels of a panel
export const MARGIN = { left: 60, right: 14, top: 30, bottom: 34 };
// The step between marks is the least of these, times a power of ten, that its bound does not exceed.
const STEPS = [
  { below: 1.5, step: 1 },
  { below: 3.5, step: 2 },
  { below: 7.5, step: 5 },
  { below: Infinity, step: 10 },
];

// Round numbers in [low, high], about `count` of them.
export function ticks(low, high, count = 4) {
  const raw = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * STEPS.find(({ below }) => raw < below * power).step;
  const out = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) {
    out.push(+v.toPrecision(12));
  }
  return out;
}

// 1, 2 and 5 times the powers of ten in [low, high]; only the powers where these are enough.
function logTicks(low, high) {
  const all = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    all.push(...[1, 2, 5].map((factor) => factor * 10 ** power));
  }
  const inside = all.filter((v) => v >= low && v <= high);
  const decades = inside.filter((v) => /^1(e|0*$|$)|^0\.0*1$/.test(String(+v.toPrecision(3))));
  return inside.length > 6 && decades.length > 1 ? decades : inside;
}

// As many decimals as tell the marks apart.
export function writer(marks) {
  const step = marks.length > 1 ? marks[1] - marks[0] : marks[0] || 1;
  const decimals = Math.min(8, Math.max(0, -Math.floor(Math.log10(Math.abs(step)) + 1e-9)));
  return (v) => (Math.abs(v) >= 1e5 ? v.toExponential(1) : v.toFixed(decimals));
}

// The lowest and the highest value from `from` to `to`.
function extremes(series, [from, to], logarithmic) {
  let low = Infinity;
  let high = -Infinity;
  for (const { xy } of series) {
    for (let i = 0; i < xy.length; i += 2) {
      const y = xy[i + 1];
      if (xy[i] >= from && xy[i] <= to && y !== null && (!logarithmic || y > 0)) {
        low = Math.min(low, y);
        high = Math.max(high, y);
      }
    }
  }
  return low <= high ? [low, high] : [logarithmic ? 0.1 : 0, 1];
}

// The part of the plane that is shown: epochs `from` to `to`, values `low` to `high`.
export function viewOf(series, { zoom, longest }, logarithmic, width) {
  const ends = series.map(({ xy }) => lastX(xy));
  const measured = [0, Math.max(1, ...ends)];
  const [low, high] = extremes(series, zoom ?? measured, logarithmic);
  const [from, to] = zoom ?? [0, Math.max(measured[1], longest())];
  const view = { from, to, logarithmic, width };
  if (logarithmic) {
    return { ...view, low: low / 1.15, high: high * 1.15 };
  }
  const pad = (high - low) * 0.06 || Math.abs(high) * 0.1 || 0.5;
  return { ...view, low: low - pad, high: high + pad };
}

// From epochs and values to pixels, and from pixels `back` to epochs.
export function scaleOf({ from, to, low, high, logarithmic, width }) {
  const warp = logarithmic ? Math.log : (v) => v;
  const across = width - MARGIN.left - MARGIN.right;
  const down = HEIGHT - MARGIN.top - MARGIN.bottom;
  return {
    X: (x) => MARGIN.left + ((x - from) / (to - from || 1)) * across,
    Y: (y) => MARGIN.top + (1 - (warp(y) - warp(low)) / (warp(high) - warp(low) || 1)) * down,
    back: (px) => from + ((px - MARGIN.left) / across) * (to - from),
  };
}

function valueMarks(metric, view, Y) {
  const marks = view.logarithmic ? logTicks(view.low, view.high) : ticks(view.low, view.high);
  const write = view.logarithmic ? (v) => String(+v.toPrecision(3)) : writer(marks);
  const label = (v) => (isShare(metric) ? `${+(100 * v).toPrecision(4)} %` : write(v));
  return marks.flatMap((v) => [
    h("line", { x1: MARGIN.left, x2: view.width - MARGIN.right, y1: Y(v), y2: Y(v) }),
    h("text", { x: MARGIN.left - 6, y: Y(v) + 4, "text-anchor": "end" }, label(v)),
  ]);
}

function epochMarks(view, X) {
  const wholeOnly = view.to - view.from > 2;
  const marks = ticks(view.from, view.to, 5).filter((v) => !wholeOnly || Number.isInteger(v));
  return marks.map((v) => h("text", { x: X(v), y: HEIGHT - 19, "text-anchor": "middle" }, String(v)));
}

// Title, lines and labels of a panel.
export function axisParts(metric, title, view, { X, Y }) {
  return [
    h("text", { x: 12, y: 19, class: "tlk-curves-title" }, title),
    ...valueMarks(metric, view, Y),
    ...epochMarks(view, X),
    h("text", { x: view.width - MARGIN.right, y: HEIGHT - 6, "text-anchor": "end" }, say`epoch`),
  ];
}
