import { SHAPES, array, calm, colorOf, h, keepKeys, marker, onTheme, percent, put, shapeOf, sprite } from "./common.js";

const RADIUS = 4.5, MARGIN = 16, MOVE = 450, PREVIEW = 96; // pixels, pixels, milliseconds, pixels

// Index of the point nearest to (x, y), or -1 when none is within `reach`. `at(i)` gives [x, y].
export function nearestPoint(n, at, x, y, reach) {
  let best = -1, least = reach * reach;
  for (let i = 0; i < n; i++) {
    const [px, py] = at(i), d = (px - x) ** 2 + (py - y) ** 2;
    if (d < least) { best = i; least = d; }
  }
  return best;
}

// The next point from `from` in direction [dx, dy], within 45 degrees of it; `from` itself at the edge.
export function pointBeside(n, at, from, [dx, dy]) {
  const [x, y] = at(from);
  let best = from, least = Infinity;
  for (let i = 0; i < n; i++) {
    const [px, py] = at(i), along = (px - x) * dx + (py - y) * dy, across = Math.abs((px - x) * dy - (py - y) * dx);
    if (i !== from && along > 0.5 && across <= along && along + 2 * across < least) { best = i; least = along + 2 * across; }
  }
  return best;
}

const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function readState(model) {
  const names = model.get("class_names"), labels = array(model, "_labels", Uint16Array), n = labels.length;
  const points = array(model, "_points", Float32Array), near = array(model, "_neighbours", Uint16Array);
  const cuts = model.get("cuts"), sources = model.get("sources"), k = model.get("num_neighbours");
  const place = (source = model.get("source")) => [sources.indexOf(source), cuts.indexOf(model.get("cut"))];
  const offset = () => { const [s, c] = place(); return s * cuts.length + c; };
  return {
    names, labels, n, cuts, sources, k,
    points: () => points.subarray(offset() * n * 2, (offset() + 1) * n * 2),
    neighbours: (i) => [...near.subarray((offset() * n + i) * k, (offset() * n + i + 1) * k)],
    shown: (table, source) => { const [s, c] = place(source); return model.get(table)[s][c]; },
    label: (i) => names[labels[i]],
  };
}

function sourceSwitch(model, state) {
  const group = `tlk-${crypto.randomUUID?.() ?? Math.random()}`;
  const field = h("fieldset", { class: "tlk-segments" }, h("legend", { class: "tlk-hidden" }, "Weights"));
  for (const source of state.sources) {
    const radio = h("input", { type: "radio", name: group, value: source });
    radio.addEventListener("change", () => put(model, { source }));
    field.append(h("label", {}, radio, source));
  }
  field.hidden = state.sources.length < 2;
  const update = () => { for (const radio of field.querySelectorAll("input")) radio.checked = radio.value === model.get("source"); };
  return { field, update };
}

// Share of agreeing neighbours at each cut, one line a source, aligned with the slider below it.
function depthChart(model, state) {
  const svg = h("svg", { class: "tlk-map-depth", viewBox: "0 0 300 64", preserveAspectRatio: "none", "aria-hidden": "true" });
  const last = state.cuts.length - 1, x = (c) => (last ? 8 + (284 * c) / last : 150), y = (share) => 60 - 56 * share;
  const chance = y(model.get("_chance"));
  const here = h("line", { y1: 2, y2: 62, class: "tlk-map-here" });
  svg.append(h("line", { x1: 0, x2: 300, y1: chance, y2: chance, class: "tlk-map-chance" }), here);
  const lines = model.get("_agreement").map((shares) => {
    const path = h("path", { d: "M" + shares.map((share, c) => `${x(c)} ${y(share)}`).join("L"), class: "tlk-map-share" });
    svg.append(path);
    return path;
  });
  const update = () => {
    const c = x(state.cuts.indexOf(model.get("cut")));
    here.setAttribute("x1", c); here.setAttribute("x2", c);
    lines.forEach((line, s) => line.classList.toggle("tlk-map-on", state.sources[s] === model.get("source")));
  };
  return { svg, update };
}

function cutSlider(model, state) {
  const last = state.cuts.length - 1;
  const slider = h("input", { type: "range", min: 0, max: last, step: 1, "aria-label": "Layer of the cut" });
  slider.addEventListener("input", () => put(model, { cut: state.cuts[slider.value] }));
  const name = h("output", { class: "tlk-map-cut" }), chart = depthChart(model, state);
  const ends = h("div", { class: "tlk-map-ends tlk-soft", "aria-hidden": "true" }, h("span", {}, "input"), name, h("span", {}, "output"));
  const box = h("div", { class: "tlk-map-slider" },
    h("div", { class: "tlk-soft" }, "Neighbours of the same class, 0 to 100 %, by layer of the cut; dashed: by chance"), chart.svg, slider, ends);
  box.hidden = last < 1;
  const update = () => {
    const at = state.cuts.indexOf(model.get("cut"));
    slider.value = at;
    slider.setAttribute("aria-valuetext", `${state.cuts[at]}, ${at + 1} of ${last + 1}`);
    name.textContent = `cut: ${state.cuts[at]}`;
    chart.update();
  };
  return { box, update };
}

function legend(state, onHighlight) {
  const buttons = state.names.map((name, k) => {
    const button = h("button", { type: "button", "aria-pressed": "false", class: "tlk-map-class" }, marker(k), name);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      buttons.forEach((other) => other.setAttribute("aria-pressed", String(on && other === button)));
      onHighlight(on ? k : null);
    });
    return button;
  });
  return h("div", { class: "tlk-map-legend", role: "group", "aria-label": "Classes: press one to bring it out" }, ...buttons);
}

// Canvas with the points; `view` holds what is drawn: shown positions, current and highlighted point, pictures or dots.
function painter(canvas, model, state, pictures) {
  const g = canvas.getContext("2d"), paths = SHAPES.map((d) => new Path2D(d));
  const view = { xy: Float32Array.from(state.points()), current: -1, highlight: null, thumbs: false, width: 0, height: 0 };
  const at = (i) => {
    const scale = view.height / 2 - MARGIN;
    return [view.width / 2 + view.xy[2 * i] * scale, view.height / 2 - view.xy[2 * i + 1] * scale];
  };
  const drawPoint = (i, color, dim) => {
    const [x, y] = at(i), k = state.labels[i];
    g.save();
    g.translate(x, y);
    g.globalAlpha = dim ? 0.18 : 1;
    if (view.thumbs) {
      const [column, row] = pictures.place(i), side = pictures.side;
      g.drawImage(pictures.sheet, column * side, row * side, side, side, -12, -12, 24, 24);
      g.lineWidth = 2; g.strokeStyle = color(colorOf(k)); g.strokeRect(-12, -12, 24, 24);
    } else {
      g.scale(RADIUS, RADIUS);
      g.fillStyle = color(colorOf(k)); g.fill(paths[shapeOf(k)]);
    }
    g.restore();
  };
  const drawRing = (i, style, width, dash = []) => {
    const [x, y] = at(i), r = view.thumbs ? 18 : 9;
    g.save(); g.setLineDash(dash); g.strokeStyle = style; g.lineWidth = width;
    g.beginPath(); g.arc(x, y, r, 0, 2 * Math.PI); g.stroke(); g.restore();
  };
  const drawLink = (from, to, style, same) => {
    g.save(); g.setLineDash(same ? [] : [4, 4]); g.strokeStyle = style; g.lineWidth = 1.5;
    g.beginPath(); g.moveTo(...at(from)); g.lineTo(...at(to)); g.stroke(); g.restore();
  };
  const draw = () => {
    const style = getComputedStyle(canvas), ratio = devicePixelRatio || 1;
    const palette = SHAPES.map((_, k) => style.getPropertyValue(`--tlk-c${k}`)), color = (k) => palette[k], ink = style.color;
    // No size: hidden, as while JupyterLab changes its theme.
    view.width = canvas.clientWidth || view.width; view.height = canvas.clientHeight || view.height;
    if (!view.width) return;
    canvas.width = view.width * ratio; canvas.height = view.height * ratio;
    g.scale(ratio, ratio);
    const selected = model.get("selected"), near = selected === null ? [] : state.neighbours(selected);
    const raised = new Set([...near, ...(selected === null ? [] : [selected])]);
    const dim = (i) => (raised.size ? !raised.has(i) && view.highlight !== state.labels[i] : view.highlight !== null && view.highlight !== state.labels[i]);
    for (let i = 0; i < state.n; i++) if (dim(i)) drawPoint(i, color, true);
    for (const i of near) drawLink(selected, i, ink, state.labels[i] === state.labels[selected]);
    for (let i = 0; i < state.n; i++) if (!dim(i)) drawPoint(i, color, false);
    for (const i of near) drawRing(i, ink, 1.5, state.labels[i] === state.labels[selected] ? [] : [3, 3]);
    if (selected !== null) drawRing(selected, ink, 3);
    if (view.current >= 0) drawRing(view.current, style.getPropertyValue("--tlk-focus"), 2.5);
  };
  let frame = 0;
  const ask = () => { frame ||= requestAnimationFrame(() => { frame = 0; draw(); }); };
  let moving = 0;
  const move = () => {
    cancelAnimationFrame(moving);
    const from = view.xy.slice(), to = state.points(), start = performance.now();
    const step = (now) => {
      const t = calm() ? 1 : Math.min(1, Math.max(0, now - start) / MOVE), ease = 1 - (1 - t) ** 3;
      for (let i = 0; i < to.length; i++) view.xy[i] = from[i] + (to[i] - from[i]) * ease;
      draw();
      if (t < 1) moving = requestAnimationFrame(step);
    };
    moving = requestAnimationFrame(step);
  };
  return { view, at, ask, move, end: () => { cancelAnimationFrame(frame); cancelAnimationFrame(moving); } };
}

function neighbourPanel(model, state, pictures) {
  const panel = h("div", { class: "tlk-map-near", role: "status" });
  const figure = (i, caption, kind, size) => h("figure", { class: `tlk-map-${kind}` },
    pictures.tile(i, size, `image ${i}, ${state.label(i)}`), h("figcaption", {}, caption));
  const update = () => {
    const selected = model.get("selected");
    if (selected === null) {
      panel.replaceChildren(h("p", { class: "tlk-soft" },
        "Point at a dot to see its image. Click one, or move with the arrow keys and press Enter, to see its nearest neighbours."));
      return;
    }
    const near = state.neighbours(selected), same = (i) => state.labels[i] === state.labels[selected];
    const clear = h("button", { type: "button" }, "Clear");
    clear.addEventListener("click", () => put(model, { selected: null }));
    panel.replaceChildren(
      h("div", { class: "tlk-row" }, figure(selected, state.label(selected), "chosen", 84), clear),
      h("p", {}, h("strong", {}, `${near.filter(same).length} of ${near.length}`), ` nearest neighbours are also ${state.label(selected)}:`),
      h("div", { class: "tlk-map-tiles" },
        ...near.map((i) => figure(i, `${same(i) ? "✓" : "✗"} ${state.label(i)}`, same(i) ? "same" : "other", 48))));
  };
  return { panel, update };
}

function preview(state, pictures, plot) {
  const card = h("div", { class: "tlk-map-card", "aria-hidden": "true" });
  card.hidden = true;
  return (i, at) => {
    card.hidden = i < 0;
    if (i < 0) return;
    const [x, y] = at(i), side = x + PREVIEW + 40 > plot.clientWidth ? x - PREVIEW - 28 : x + 16;
    card.replaceChildren(pictures.tile(i, PREVIEW, ""), h("div", {}, state.label(i)));
    card.style.left = `${Math.max(0, side)}px`;
    card.style.top = `${Math.min(Math.max(0, y - PREVIEW / 2), plot.clientHeight - PREVIEW - 34)}px`;
    if (!card.isConnected) plot.append(card);
  };
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-map");
  keepKeys(el);
  const state = readState(model), pictures = sprite(model);
  const weights = sourceSwitch(model, state), cut = cutSlider(model, state), near = neighbourPanel(model, state, pictures);
  const verdict = h("p", { class: "tlk-map-verdict", role: "status" }), said = h("div", { class: "tlk-hidden", role: "status" });
  const canvas = h("canvas", {
    class: "tlk-map-canvas", tabindex: 0, role: "application", "aria-roledescription": "scatter plot",
    "aria-label": `${state.n} images of ${state.names.length} classes by their features. Arrow keys move between points, Page Up and Page Down step through all, Enter selects, Escape clears.`,
  });
  const plot = h("div", { class: "tlk-map-plot" }, canvas);
  const paint = painter(canvas, model, state, pictures), showCard = preview(state, pictures, plot);
  const thumbs = h("input", { type: "checkbox" });
  thumbs.addEventListener("change", () => { paint.view.thumbs = thumbs.checked; paint.ask(); });

  const point = (i, say = false) => {
    if (paint.view.current === i) return;
    paint.view.current = i;
    showCard(i, paint.at);
    if (say && i >= 0) said.textContent = `image ${i}, ${state.label(i)}`;
    paint.ask();
  };
  const select = (i) => put(model, { selected: i < 0 || i === model.get("selected") ? null : i });
  const hit = (event) => nearestPoint(state.n, paint.at, event.offsetX, event.offsetY, 14);
  canvas.addEventListener("pointermove", (event) => point(hit(event)));
  canvas.addEventListener("pointerleave", () => point(-1));
  canvas.addEventListener("blur", () => point(-1));
  canvas.addEventListener("click", (event) => select(hit(event)));
  canvas.addEventListener("keydown", (event) => {
    const from = paint.view.current >= 0 ? paint.view.current : model.get("selected") ?? 0, { n } = state;
    const step = { Home: 0, End: n - 1, PageDown: (from + 1) % n, PageUp: (from + n - 1) % n }[event.key];
    if (event.key in ARROWS) point(pointBeside(n, paint.at, from, ARROWS[event.key]), true);
    else if (step !== undefined) point(step, true);
    else if (event.key === "Enter" || event.key === " ") select(paint.view.current);
    else if (event.key === "Escape") select(-1);
    else return;
    if (!event.shiftKey) event.preventDefault();
  });

  const update = () => {
    weights.update(); cut.update(); near.update();
    const width = state.shown("_widths");
    verdict.replaceChildren(
      h("strong", {}, percent(state.shown("_agreement"))), ` of the ${state.k} nearest neighbours have the same class (by chance ${percent(model.get("_chance"))}). `,
      h("span", { class: "tlk-soft" }, `The plane holds ${percent(state.shown("_spread"))} of the spread; neighbours are sought in all ${width} dimensions.`));
  };
  model.on("change:cut", () => { update(); paint.move(); point(-1); });
  model.on("change:source", () => { update(); paint.move(); point(-1); });
  model.on("change:selected", () => { update(); paint.ask(); });
  pictures.sheet.addEventListener("load", paint.ask);
  const resized = new ResizeObserver(paint.ask), endTheme = onTheme(paint.ask);
  resized.observe(canvas);

  el.append(
    h("div", { class: "tlk-row" }, weights.field, h("label", {}, thumbs, " show images as points")), verdict,
    h("div", { class: "tlk-map-columns" },
      h("div", { class: "tlk-map-left" }, plot, legend(state, (k) => { paint.view.highlight = k; paint.ask(); })),
      h("div", { class: "tlk-map-right" }, cut.box, near.panel)), said);
  update();
  return () => { paint.end(); resized.disconnect(); endTheme(); pictures.free(); };
}
export default { render };
