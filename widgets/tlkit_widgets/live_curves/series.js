// Series of points, flat: `xy` is [x0, y0, x1, y1, ...]; a `y` that is null is missing.

// The metric of a series by its name on the page, `run/from/metric`, and the series itself.
function readSeries(name, xy) {
  const [run, from] = name.split("/", 2);
  const metric = name.slice(run.length + from.length + 2); // which may have a slash
  const base = metric.replace(/^val_/, "");
  const phase = metric === base ? "train" : "val";
  if (from === "epoch" || from === "batch") {
    return [base, { run: +run, kind: from === "epoch" ? phase : "batch", xy }];
  }
  return [base, { run: +run, kind: "value", xy, index: +from, phase }];
}

// Of the single values, only those of the validation, in each run that has any.
function withoutTwice(all) {
  const validated = new Set(all.filter(({ phase }) => phase === "val").map(({ run }) => run));
  return all.filter(({ run, phase }) => phase !== "train" || !validated.has(run));
}

const rank = (metric) => ({ loss: 0, learning_rate: 2 })[metric] ?? 1;

// `{metric: [{run, kind, xy}]}`, the loss first and the learning rate last; kinds are batch, train, val, and value for
// each of a metric's values where it has several: those of the validation if there are any.
export function panelsOf(data, withRate) {
  const panels = {};
  for (const [name, xy] of Object.entries(data)) {
    const [metric, series] = readSeries(name, xy);
    if (metric !== "learning_rate" || withRate) {
      panels[metric] ??= [];
      panels[metric].push(series);
    }
  }
  const ordered = Object.entries(panels).sort(([a], [b]) => rank(a) - rank(b));
  return Object.fromEntries(ordered.map(([metric, all]) => [metric, withoutTwice(all)]));
}

// Where the points of one pixel column are lowest and highest, and where they begin and end; `end` is behind the last.
function columnFrom(xy, start, columnOf) {
  const column = columnOf(start);
  let [low, high, i] = [start, start, start];
  for (; i < xy.length && columnOf(i) === column; i += 2) {
    low = xy[i + 1] < xy[low + 1] ? i : low;
    high = xy[i + 1] > xy[high + 1] ? i : high;
  }
  return { kept: [start, low, high, i - 2], end: i };
}

// At most four points for each pixel column (first, lowest, highest, last): spikes stay, paths stay short.
export function decimate(xy, from, to, pixels) {
  if (xy.length <= 4 * pixels) {
    return xy;
  }
  const columnOf = (i) => Math.floor(((xy[i] - from) / (to - from || 1)) * pixels);
  const out = [];
  for (let i = 0; i < xy.length; ) {
    const { kept, end } = columnFrom(xy, i, columnOf);
    for (const j of [...new Set(kept)].sort((a, b) => a - b)) {
      out.push(xy[j], xy[j + 1]);
    }
    i = end;
  }
  return out;
}

// Exponential mean over the points, free of the pull towards the start value (as in Adam's first moment).
export function smooth(xy, weight) {
  if (!weight) {
    return xy;
  }
  let mean = 0;
  let total = 0;
  return xy.map((v, i) => {
    if (i % 2 === 0 || v === null) {
      return v;
    }
    mean = weight * mean + (1 - weight) * v;
    total = weight * total + (1 - weight);
    return mean / total;
  });
}

// Path of the points; a gap where a value is missing, as after a division by zero.
export function pathOf(xy, X, Y) {
  let path = "";
  let pen = "M";
  for (let i = 0; i < xy.length; i += 2) {
    const y = xy[i + 1] === null ? Number.NaN : Y(xy[i + 1]);
    if (Number.isFinite(y)) {
      path += `${pen}${X(xy[i]).toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
    } else {
      pen = "M";
    }
  }
  return path;
}

// Points that no line reaches: what is measured in a single epoch, or between two gaps.
export function lonely(xy) {
  const isThere = (i) => xy[i + 1] !== null && xy[i + 1] !== undefined;
  const out = [];
  for (let i = 0; i < xy.length; i += 2) {
    if (isThere(i) && !isThere(i - 2) && !isThere(i + 2)) {
      out.push(xy[i], xy[i + 1]);
    }
  }
  return out;
}

// The points from `from` to `to`, and one more on either side, to which lines go on.
export function inRange(xy, from, to) {
  let a = 0;
  let b = xy.length;
  while (a + 2 < b && xy[a + 2] < from) {
    a += 2;
  }
  while (b - 4 > a && xy[b - 4] > to) {
    b -= 2;
  }
  return xy.slice(a, b);
}

export const lastX = (xy) => xy.at(-2) ?? 0;
