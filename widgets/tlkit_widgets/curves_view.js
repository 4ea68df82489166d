import { makePanel } from "./chart.js";
import { colorOf, h, keepKeys, put } from "./common.js";

// `{metric: [{run, kind, xy}]}`, the loss first and the learning rate last; kinds are batch, train, val.
export function panelsOf(data, withRate) {
  const panels = {};
  for (const [name, xy] of Object.entries(data)) {
    const [run, metric, batch] = name.split("/"), base = metric.replace(/^val_/, "");
    if (base === "learning_rate" && !withRate) continue;
    (panels[base] ??= []).push({ run: +run, kind: batch ?? (metric === base ? "train" : "val"), xy });
  }
  const rank = (name) => (name === "loss" ? 0 : name === "learning_rate" ? 2 : 1);
  return Object.fromEntries(Object.entries(panels).sort(([a], [b]) => rank(a) - rank(b)));
}

function initialize({ model }) {
  // Once a model, so that each view and a later one finds all points in `data`, which is changed in place.
  model.on("msg:custom", ({ kind, points, starts }) => {
    if (kind !== "points") return;
    const data = model.get("data");
    for (const [name, xy] of Object.entries(points)) {
      const kept = (data[name] ??= []);
      if (kept.length < starts[name]) model.send({ kind: "all" }); // a message was missed while the page was loading
      else kept.splice(starts[name], Infinity, ...xy);
    }
  });
}

// A kernel that is busy with `fit` reads no widget message. Jupyter Server can interrupt it, and Python makes of the
// interrupt an orderly stop; elsewhere the message is all there is.
export async function requestStop(model) {
  const config = document.getElementById("jupyter-config-data"), kernel = model.get("_kernel_id");
  if (config && kernel) {
    const base = JSON.parse(config.textContent).baseUrl ?? "/", xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1];
    try {
      const reply = await fetch(`${base}api/kernels/${kernel}/interrupt`, { method: "POST", headers: xsrf ? { "X-XSRFToken": xsrf } : {} });
      if (reply.ok) return;
    } catch { /* no server to ask */ }
  }
  model.send({ kind: "stop" });
}

function header(model) {
  const stop = h("button", { type: "button", class: "tlk-first" }, "Stop training"), bar = h("progress", { max: 1, "aria-label": "Training" });
  const status = h("span"), said = h("span", { class: "tlk-hidden", role: "status" });
  stop.addEventListener("click", () => { stop.disabled = true; status.textContent = "stopping after this batch…"; requestStop(model); });
  const update = () => {
    const running = model.get("state") === "running";
    stop.hidden = bar.hidden = !running;
    bar.value = model.get("progress");
    if (!running) stop.disabled = false;
    if (!stop.disabled) status.textContent = model.get("status");
    if (said.dataset.state !== model.get("state")) said.textContent = running ? "training" : model.get("status");
    said.dataset.state = model.get("state");
  };
  return { box: h("div", { class: "tlk-row tlk-curves-head" }, stop, bar, status, said), update };
}

function options(model, onReset) {
  const tick = (name, label) => {
    const box = h("input", { type: "checkbox" });
    box.addEventListener("change", () => put(model, { [name]: box.checked }));
    return [h("label", {}, box, ` ${label}`), () => { box.checked = model.get(name); }];
  };
  const [log, updateLog] = tick("log_scale", "log scale"), [rate, updateRate] = tick("learning_rate", "learning rate");
  const slider = h("input", { type: "range", min: 0, max: 0.98, step: 0.02 });
  slider.addEventListener("input", () => put(model, { smoothing: +slider.value }));
  const reset = h("button", { type: "button" }, "Show all epochs");
  reset.addEventListener("click", onReset);
  const update = (zoomed) => { updateLog(); updateRate(); slider.value = model.get("smoothing"); reset.hidden = !zoomed; };
  return { box: h("div", { class: "tlk-row" }, log, rate, h("label", { class: "tlk-row" }, "smoothing of batches", slider), reset), update };
}

function legend(model, shared) {
  const box = h("div", { class: "tlk-row tlk-curves-legend" }), line = (kind, k) =>
    h("svg", { viewBox: "0 0 26 8", class: "tlk-curves-key", "aria-hidden": "true" }, h("path", { d: "M1 4H25", class: `tlk-stroke-${colorOf(k)} tlk-curves-${kind}` }));
  const key = h("span", { class: "tlk-row tlk-soft" }, h("span", {}, line("val", 7), " validation"), h("span", {}, line("train", 7), " training, mean of the epoch"),
    h("span", {}, line("batch", 7), " each batch by itself"), h("span", {}, "○ best epoch"));
  const update = () => box.replaceChildren(...model.get("runs").map(({ name }, k) => {
    const button = h("button", { type: "button", "aria-pressed": String(!shared.hidden.has(k)), title: "show or hide this run" }, line("val", k), ` ${name}`);
    button.addEventListener("click", () => { shared.hidden.has(k) ? shared.hidden.delete(k) : shared.hidden.add(k); update(); shared.ask(); });
    return button;
  }), key);
  return { box, update };
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-curves");
  keepKeys(el);
  const panels = new Map(), row = h("div", { class: "tlk-curves-row" }), readout = h("div", { class: "tlk-curves-values", "aria-live": "off" });
  let frame = 0;
  const shared = {
    zoom: null, cursor: null, drag: null, hidden: new Set(),
    ask: () => { frame ||= requestAnimationFrame(() => { frame = 0; draw(); }); },
    longest: () => Math.max(1, ...Object.values(model.get("data")).map((xy) => Math.ceil(xy.at(-2) ?? 0))),
    setZoom: (zoom) => { shared.zoom = zoom; shared.ask(); },
    point: (x, spoken = false) => {
      shared.cursor = x;
      readout.setAttribute("aria-live", spoken ? "polite" : "off");
      for (const panel of panels.values()) panel.cursor();
      showValues();
    },
  };
  const showValues = () => {
    const found = shared.cursor === null ? [] : [...panels.values()].flatMap((panel) => panel.values());
    readout.textContent = found.length ? `epoch ${Math.round(shared.cursor)}: ` + model.get("runs").map(({ name }, k) => {
      const own = found.filter(({ run }) => run === k).map(({ text }) => text);
      return own.length ? `${name}: ${own.join(", ")}` : null;
    }).filter(Boolean).join("; ") : "Point at a curve to read its values; drag across it to zoom.";
  };
  const resized = new ResizeObserver(shared.ask);
  const head = header(model), choice = options(model, () => shared.setZoom(null)), runs = legend(model, shared);
  const draw = () => {
    const wanted = panelsOf(model.get("data"), model.get("learning_rate"));
    for (const name of Object.keys(wanted)) if (!panels.has(name)) panels.set(name, makePanel(model, name, shared));
    for (const [name, panel] of panels) if (!(name in wanted)) { panel.svg.remove(); resized.unobserve(panel.svg); panels.delete(name); }
    const order = Object.keys(wanted).map((name) => panels.get(name));
    if (order.some(({ svg }, i) => row.children[i] !== svg)) { row.replaceChildren(...order.map(({ svg }) => svg)); for (const { svg } of order) resized.observe(svg); }
    for (const name of Object.keys(wanted)) panels.get(name).draw(wanted[name]); // all are in place: widths are final
    el.classList.toggle("tlk-curves-empty", !panels.size);
    el.classList.toggle("tlk-curves-idle", !panels.size && model.get("state") === "idle");
    choice.update(shared.zoom !== null);
    showValues();
  };
  for (const name of ["status", "state", "progress"]) model.on(`change:${name}`, head.update);
  for (const name of ["data", "state", "log_scale", "smoothing", "learning_rate"]) model.on(`change:${name}`, shared.ask);
  model.on("change:runs", () => { runs.update(); shared.ask(); });
  model.on("msg:custom", shared.ask);
  el.append(head.box, row, readout, runs.box, choice.box);
  head.update(); runs.update(); draw();
  return () => { cancelAnimationFrame(frame); resized.disconnect(); };
}
export default { initialize, render };
