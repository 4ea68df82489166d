import { colorOf, h } from "./common.js";

const HEIGHT = 210, M = { left: 60, right: 14, top: 30, bottom: 34 };

// At most four points a pixel column (first, lowest, highest, last): spikes stay, paths stay short. `xy` is flat.
export function decimate(xy, x0, x1, pixels) {
  if (xy.length <= 4 * pixels) return xy;
  const column = (i) => Math.floor(((xy[i] - x0) / (x1 - x0 || 1)) * pixels), out = [];
  for (let i = 0; i < xy.length;) {
    const c = column(i), keep = { first: i, low: i, high: i, last: i };
    for (; i < xy.length && column(i) === c; i += 2) {
      if (xy[i + 1] < xy[keep.low + 1]) keep.low = i;
      if (xy[i + 1] > xy[keep.high + 1]) keep.high = i;
      keep.last = i;
    }
    for (const j of [...new Set(Object.values(keep))].sort((a, b) => a - b)) out.push(xy[j], xy[j + 1]);
  }
  return out;
}

// Round numbers in [low, high], about `count` of them.
export function ticks(low, high, count = 4) {
  const raw = (high - low || 1) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (raw < 1.5 * power ? 1 : raw < 3.5 * power ? 2 : raw < 7.5 * power ? 5 : 10), out = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) out.push(+v.toPrecision(12));
  return out;
}

// As many decimals as tell the marks apart.
export function writer(marks) {
  const step = marks.length > 1 ? marks[1] - marks[0] : marks[0] || 1;
  const decimals = Math.min(8, Math.max(0, -Math.floor(Math.log10(Math.abs(step)) + 1e-9)));
  return (v) => (Math.abs(v) >= 1e5 ? v.toExponential(1) : v.toFixed(decimals));
}

// Exponential mean over the points, free of the pull towards the start value (as in Adam's first moment).
export function smooth(xy, weight) {
  if (!weight) return xy;
  let mean = 0, total = 0;
  return xy.map((v, i) => {
    if (i % 2 === 0 || v === null) return v;
    mean = weight * mean + (1 - weight) * v;
    total = weight * total + (1 - weight);
    return mean / total;
  });
}

// Path of flat points; a gap where a value is missing, as after a division by zero.
export function pathOf(xy, X, Y) {
  let d = "", pen = "M";
  for (let i = 0; i < xy.length; i += 2) {
    const y = xy[i + 1] === null ? NaN : Y(xy[i + 1]);
    if (!Number.isFinite(y)) { pen = "M"; continue; }
    d += `${pen}${X(xy[i]).toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return d;
}

const isShare = (metric) => metric.includes("acc");
const say = (metric, value) => (value === null ? "not a number" : isShare(metric) ? `${(100 * value).toFixed(1)} %` : +value.toPrecision(3));

function domains(series, zoom, logarithmic) {
  let x1 = 1, low = Infinity, high = -Infinity;
  for (const { xy } of series) x1 = Math.max(x1, xy.at(-2) ?? 0);
  const [from, to] = zoom ?? [0, Math.max(x1, ...series.map(({ xy }) => xy.at(-2) ?? 0))];
  for (const { xy } of series) {
    for (let i = 0; i < xy.length; i += 2) {
      const y = xy[i + 1];
      if (xy[i] < from || xy[i] > to || y === null || (logarithmic && y <= 0)) continue;
      if (y < low) low = y;
      if (y > high) high = y;
    }
  }
  if (low > high) [low, high] = [logarithmic ? 0.1 : 0, 1];
  if (logarithmic) return { from, to, low: low / 1.15, high: high * 1.15 };
  const pad = (high - low) * 0.06 || Math.abs(high) * 0.1 || 0.5;
  return { from, to, low: low - pad, high: high + pad };
}

function scales({ from, to, low, high }, width, logarithmic) {
  const warp = logarithmic ? Math.log : (v) => v, w = width - M.left - M.right, t = HEIGHT - M.top - M.bottom;
  return {
    X: (x) => M.left + ((x - from) / (to - from || 1)) * w,
    Y: (y) => M.top + (1 - (warp(y) - warp(low)) / (warp(high) - warp(low) || 1)) * t,
    back: (px) => from + ((px - M.left) / w) * (to - from),
  };
}

function logTicks(low, high) {
  const out = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.log10(high); p++) for (const m of [1, 2, 5]) out.push(m * 10 ** p);
  const inside = out.filter((v) => v >= low && v <= high), decades = inside.filter((v) => /^1(e|0*$|$)|^0\.0*1$/.test(String(+v.toPrecision(3))));
  return inside.length > 6 && decades.length > 1 ? decades : inside;
}

// One panel: axes, lines, phases, the best epoch, and a cursor that the pointer or the arrow keys move.
export function makePanel(model, metric, shared) {
  const grid = h("g", { class: "tlk-curves-grid" }), lines = h("g", { fill: "none" }), over = h("g");
  const svg = h("svg", { class: "tlk-curves-panel", height: HEIGHT, tabindex: 0, role: "application", "aria-roledescription": "line chart" }, grid, lines, over);
  let drawn = null;

  const axis = (view, { X, Y }, logarithmic, width) => {
    const parts = [h("text", { x: 12, y: 19, class: "tlk-curves-title" }, metric.replaceAll("_", " "))];
    const marks = (logarithmic ? logTicks : ticks)(view.low, view.high), write = logarithmic ? (v) => String(+v.toPrecision(3)) : writer(marks);
    for (const v of marks) {
      parts.push(h("line", { x1: M.left, x2: width - M.right, y1: Y(v), y2: Y(v) }));
      const label = isShare(metric) ? `${+(100 * v).toPrecision(4)} %` : write(v);
      parts.push(h("text", { x: M.left - 6, y: Y(v) + 4, "text-anchor": "end" }, label));
    }
    const whole = view.to - view.from > 2;
    for (const v of ticks(view.from, view.to, 5)) if (!whole || Number.isInteger(v)) parts.push(h("text", { x: X(v), y: HEIGHT - 19, "text-anchor": "middle" }, String(v)));
    parts.push(h("text", { x: width - M.right, y: HEIGHT - 6, "text-anchor": "end" }, "epoch"));
    return parts;
  };

  // Phases of each run that has several, in the run's colour: two runs may change at different epochs.
  const phases = (view, { X }) => model.get("runs").flatMap((run, k) => {
    if (run.phases.length < 2 || shared.hidden.has(k)) return [];
    return run.phases.filter(({ start }, i) => !i || (start > view.from && start < view.to)).flatMap(({ name, start }, i) => {
      const x = X(Math.max(start, view.from)), label = h("text", { x: x + 4, y: M.top + 10 + 12 * k, class: "tlk-curves-soft" }, name);
      return i ? [h("line", { x1: x, x2: x, y1: M.top, y2: HEIGHT - M.bottom, class: `tlk-curves-phase tlk-stroke-${colorOf(k)}` }), label] : [label];
    });
  });

  const bests = ({ X, Y }) => model.get("runs").flatMap((run, k) => {
    const { best } = run;
    if (!best || best.metric.replace(/^val_/, "") !== metric || shared.hidden.has(k)) return [];
    return [h("circle", { cx: X(best.epoch), cy: Y(best.value), r: 6, class: `tlk-curves-best tlk-stroke-${colorOf(k)}` },
      h("title", {}, `${run.name}: best ${best.metric} in epoch ${best.epoch}`))];
  });

  // Where a run ended before its time.
  const ends = (series, { X }) => model.get("runs").flatMap(({ ended }, k) => {
    const last = Math.max(0, ...series.filter(({ run, kind }) => run === k && kind !== "batch").map(({ xy }) => xy.at(-2) ?? 0));
    if (!last || !["stopped early", "stopped by you", "broken off"].includes(ended) || shared.hidden.has(k)) return [];
    const x = X(last), left = x > 120;
    return [h("line", { x1: x, x2: x, y1: HEIGHT - M.bottom - 26, y2: HEIGHT - M.bottom, class: `tlk-curves-ended tlk-stroke-${colorOf(k)}` }),
      h("text", { x: left ? x - 5 : x + 5, y: HEIGHT - M.bottom - 14 - 12 * (k % 2), "text-anchor": left ? "end" : "start", class: "tlk-curves-soft" }, ended)];
  });

  const draw = (all) => {
    const series = all.filter(({ run }) => !shared.hidden.has(run));
    // No width: hidden, as while JupyterLab changes its theme.
    const width = Math.max(240, svg.clientWidth || (drawn?.width ?? 0));
    const logarithmic = metric === "learning_rate" || (model.get("log_scale") && !isShare(metric));
    const view = domains(series, shared.zoom, logarithmic);
    view.to = shared.zoom ? view.to : Math.max(view.to, shared.longest());
    const scale = scales(view, width, logarithmic), weight = model.get("smoothing");
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    grid.replaceChildren(...axis(view, scale, logarithmic, width), ...phases(view, scale));
    const order = { batch: 0, train: 1, val: 2 }, paths = [];
    for (const { run, kind, xy } of series.toSorted((a, b) => order[a.kind] - order[b.kind])) {
      const shown = xy.length && shared.zoom ? inRange(xy, view) : xy, line = `tlk-stroke-${colorOf(run)} tlk-curves-${kind}`;
      const add = (points, extra = "") => paths.push(h("path", { d: pathOf(decimate(points, view.from, view.to, width), scale.X, scale.Y), class: line + extra }));
      add(shown);
      if (kind === "batch" && weight) add(smooth(shown, weight), " tlk-curves-smooth");
      if (kind !== "batch" && xy.length === 2) paths.push(h("circle", { cx: scale.X(xy[0]), cy: scale.Y(xy[1]), r: 3, class: line }));
    }
    lines.replaceChildren(...paths, ...bests(scale), ...ends(series, scale));
    drawn = { scale, series, width };
    svg.setAttribute("aria-label", `${metric.replaceAll("_", " ")}: ${latest(series)}. Left and right arrow keys read the values, plus and minus zoom.`);
    cursor();
  };
  const inRange = (xy, { from, to }) => {
    let a = 0, b = xy.length;
    while (a + 2 < b && xy[a + 2] < from) a += 2;
    while (b - 4 > a && xy[b - 4] > to) b -= 2;
    return xy.slice(a, b);
  };
  const latest = (series) => series.filter(({ kind }) => kind !== "batch").map(({ run, kind, xy }) =>
    `${model.get("runs")[run]?.name ?? ""} ${kind === "val" ? "validation" : "training"} ${say(metric, xy.at(-1) ?? null)}`).join(", ") || "no epoch yet";

  const seriesName = (kind) => [metric.replaceAll("_", " "), ...(metric === "learning_rate" ? [] : [kind === "val" ? "validation" : "training"])].join(" ");

  const cursor = () => {
    if (!drawn || shared.cursor === null) { over.replaceChildren(); return; }
    const x = drawn.scale.X(shared.cursor);
    over.replaceChildren(h("line", { x1: x, x2: x, y1: M.top, y2: HEIGHT - M.bottom, class: "tlk-curves-cursor" }));
    if (shared.drag !== null) {
      const from = drawn.scale.X(shared.drag);
      over.append(h("rect", { x: Math.min(from, x), y: M.top, width: Math.abs(x - from), height: HEIGHT - M.top - M.bottom, class: "tlk-curves-band" }));
    }
  };
  const values = () => drawn.series.filter(({ kind, xy }) => kind !== "batch" && xy.length).flatMap(({ run, kind, xy }) => {
    const i = xy.findIndex((v, j) => j % 2 === 0 && v === Math.round(shared.cursor));
    return i < 0 ? [] : [{ run, text: `${seriesName(kind)} ${say(metric, xy[i + 1])}` }];
  });

  const at = (event) => drawn.scale.back(event.clientX - svg.getBoundingClientRect().left);
  svg.addEventListener("pointerdown", (event) => { shared.drag = at(event); svg.setPointerCapture(event.pointerId); });
  svg.addEventListener("pointermove", (event) => shared.point(at(event)));
  svg.addEventListener("pointerup", (event) => {
    const from = shared.drag, to = at(event);
    shared.drag = null;
    if (from !== null && Math.abs(drawn.scale.X(to) - drawn.scale.X(from)) > 8) shared.setZoom([Math.max(0, Math.min(from, to)), Math.max(from, to)]);
  });
  svg.addEventListener("pointerleave", () => { if (shared.drag === null) shared.point(null); });
  svg.addEventListener("dblclick", () => shared.setZoom(null));
  svg.addEventListener("keydown", (event) => {
    const here = Math.round(shared.cursor ?? 0), last = shared.longest();
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 1, End: last }[event.key];
    if (to !== undefined) shared.point(Math.min(last, Math.max(1, to)), true);
    else if (event.key === "+") { const r = (shared.zoom ? shared.zoom[1] - shared.zoom[0] : last) / 4, c = shared.cursor ?? last / 2; shared.setZoom([Math.max(0, c - r), c + r]); }
    else if (event.key === "-" || event.key === "Escape") shared.setZoom(null);
    else return;
    event.preventDefault();
  });
  return { svg, draw, cursor, values };
}
