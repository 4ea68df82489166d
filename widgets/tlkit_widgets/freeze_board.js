import { h, keepKeys, percent, put } from "./common.js";

const number = new Intl.NumberFormat("en");
const RATES = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5], FACTORS = [1, 0.3, 0.1, 0.03, 0.01];

// Number of frozen blocks if these come first and all others learn, else -1.
export function cutOf(states) {
  const found = states.findIndex((state) => state !== "frozen"), cut = found < 0 ? states.length : found;
  return states.slice(cut).every((state) => state === "learning") ? cut : -1;
}
export const prefix = (length, cut) => Array.from({ length }, (_, i) => (i < cut ? "frozen" : "learning"));

// Blocks from `from` to `to`, both included, set to `state`.
export const ranged = (states, from, to, state) => states.map((old, i) => (i >= Math.min(from, to) && i <= Math.max(from, to) ? state : old));

export function describe(block, state, bnLearning) {
  const merges = Object.entries(block.merges).map(([kind, count]) => `${count} ${kind}`).join(", ");
  return [`${block.name}: ${state === "partly" ? "partly frozen" : state}`, `${block.num_layers} layers`, `${number.format(block.num_parameters)} parameters`,
    block.num_bn ? `${bnLearning} of ${block.num_bn} BatchNorm learn` : "", merges && `merges by ${merges}`, `output ${block.shape}`,
    block.cut ? "" : "several tensors go on from here"].filter(Boolean).join(", ");
}

export function bytes(count) {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  return `${+(count / 1000 ** power).toPrecision(3)} ${["B", "kB", "MB", "GB"][power]}`;
}

const merge = ({ merges }) => (merges.concat ? "∥" : merges.add ? "⊕" : "");

function tiles(model, focusOn) {
  const blocks = model.get("blocks"), logs = blocks.map((b) => Math.log10(b.num_parameters + 10)), least = Math.min(...logs), most = Math.max(...logs);
  const strip = h("div", { class: "tlk-board-strip", role: "toolbar", "aria-label": `Blocks of ${model.get("_name")}, from the input to the output. Space freezes or lets learn, F freezes up to here, shift selects a range.` });
  strip.style.setProperty("--tlk-blocks", blocks.length);
  let last = 0;
  const toggle = (i, range) => {
    if (model.get("busy")) return;
    const states = model.get("states");
    if (range) return put(model, { states: ranged(states, last, i, states[last]) });
    last = i;
    return put(model, { states: ranged(states, i, i, states[i] === "frozen" ? "learning" : "frozen") });
  };
  const buttons = blocks.map((block, i) => {
    const bar = h("span", { class: "tlk-board-bar" }), change = h("span", { class: "tlk-board-moved" });
    bar.style.height = `${14 + (58 * (logs[i] - least)) / (most - least || 1)}px`;
    const tile = h("button", { type: "button", class: "tlk-board-tile", tabindex: i ? -1 : 0, "data-block": block.name },
      h("span", { class: "tlk-board-column" }, bar), h("span", { class: "tlk-board-merge", "aria-hidden": "true" }, merge(block)),
      h("span", { class: "tlk-board-label" }, block.label), h("span", { class: "tlk-board-track", "aria-hidden": "true" }, change));
    tile.classList.toggle("tlk-board-open", !block.cut);
    tile.addEventListener("click", (event) => { focus(i); toggle(i, event.shiftKey); });
    tile.addEventListener("focus", () => focusOn(i));
    tile.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: blocks.length - 1 }[event.key];
      if (event.key === "f" || event.key === "F") put(model, model.get("busy") ? {} : { states: prefix(blocks.length, i + 1) });
      else if (to === undefined) return;
      else if (event.shiftKey && blocks[to]) { toggle(to, true); focus(to); } else focus(Math.min(blocks.length - 1, Math.max(0, to)));
      event.preventDefault();
    });
    strip.append(tile);
    return tile;
  });
  const focus = (i) => { buttons.forEach((tile, j) => { tile.tabIndex = i === j ? 0 : -1; }); buttons[i].focus(); focusOn(i); };
  const update = () => {
    const states = model.get("states"), moved = model.get("moved"), facts = model.get("_facts"), far = Math.max(...moved, 1e-12);
    buttons.forEach((tile, i) => {
      const state = states[i], text = describe(blocks[i], state, facts.bn_learning?.[i] ?? 0), factor = model.get("factors")[blocks[i].name];
      const change = !moved.length ? "" : moved[i] === null ? ", diverged: its weights are no numbers" : `, moved by ${(100 * moved[i]).toPrecision(2)} %`;
      tile.dataset.state = state;
      tile.setAttribute("aria-pressed", state === "partly" ? "mixed" : String(state === "frozen"));
      tile.setAttribute("aria-label", text + change + (factor ? `, rate × ${factor}` : ""));
      tile.title = text.replaceAll(", ", "\n") + change.replace(", ", "\n");
      tile.setAttribute("aria-disabled", String(model.get("busy")));
      const bar = tile.querySelector(".tlk-board-moved");
      bar.style.height = moved.length ? `${moved[i] === null ? 30 : Math.max(moved[i] ? 2 : 0, 30 * Math.sqrt(moved[i] / far))}px` : "0";
    });
    strip.classList.toggle("tlk-board-has-moved", moved.length > 0);
  };
  return { strip, buttons, update };
}

// The line that divides frozen from learning: a slider by name and keys, dragged over the tiles.
function cutLine(model, strip, buttons) {
  const n = buttons.length, blocks = model.get("blocks");
  const line = h("div", { class: "tlk-board-line", role: "slider", tabindex: 0, "aria-label": "Frozen up to here", "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": n });
  const edge = (cut) => { const tile = buttons[Math.min(cut, n - 1)]; return cut < n ? tile.offsetLeft - 1.5 : tile.offsetLeft + tile.offsetWidth + 1.5; };
  const set = (cut) => { if (!model.get("busy") && cut !== cutOf(model.get("states"))) put(model, { states: prefix(n, cut) }); };
  const shown = () => { const cut = cutOf(model.get("states")); return cut < 0 ? model.get("states").lastIndexOf("frozen") + 1 : cut; };
  line.addEventListener("keydown", (event) => {
    const to = { ArrowRight: shown() + 1, ArrowUp: shown() + 1, ArrowLeft: shown() - 1, ArrowDown: shown() - 1, Home: 0, End: n }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(Math.min(n, Math.max(0, to)));
  });
  line.addEventListener("pointerdown", (event) => { line.setPointerCapture(event.pointerId); event.preventDefault(); line.focus(); });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const x = event.clientX - strip.getBoundingClientRect().left + strip.scrollLeft;
    const all = Array.from({ length: n + 1 }, (_, cut) => Math.abs(edge(cut) - x));
    set(all.indexOf(Math.min(...all)));
  });
  const update = () => {
    const cut = cutOf(model.get("states")), at = shown();
    line.style.left = `${edge(at)}px`;
    line.dataset.own = String(cut < 0);
    line.setAttribute("aria-valuenow", at);
    line.setAttribute("aria-valuetext", cut < 0 ? "own pattern" : at ? `${blocks[at - 1].name}, ${at} of ${n} blocks` : "nothing frozen");
    line.setAttribute("aria-disabled", String(model.get("busy")));
  };
  strip.append(line);
  return { line, update };
}

function presets(model) {
  const n = model.get("blocks").length, make = (label, cut) => {
    const button = h("button", { type: "button" }, label);
    button.addEventListener("click", () => put(model, { states: prefix(n, cut) }));
    return button;
  };
  const buttons = [make("All frozen", n), make(model.get("blocks")[n - 1].name === "head" ? "Head only" : "Last 1", n - 1), make("Last 3", Math.max(0, n - 3)), make("Last half", Math.floor(n / 2)), make("All learn", 0)];
  const bn = h("input", { type: "checkbox" });
  bn.addEventListener("change", () => put(model, { bn: bn.checked ? "learning" : "frozen" }));
  const box = h("div", { class: "tlk-row", role: "group", "aria-label": "Presets" }, ...buttons, h("label", {}, bn, " BatchNorm learns where its block learns"));
  const update = () => { for (const control of [...buttons, bn]) control.disabled = model.get("busy"); bn.checked = model.get("bn") === "learning"; };
  return { box, update };
}

// The layers of the block that has the focus, and its factor of the learning rate.
function inspector(model) {
  const summary = h("summary"), body = h("tbody"), table = h("table", { class: "tlk-board-layers" },
    h("thead", {}, h("tr", {}, ...["layer", "kind", "parameters", "state"].map((name) => h("th", { scope: "col" }, name)))), body);
  const factor = h("select", { "aria-label": "Learning rate of this block" }, ...FACTORS.map((f) => h("option", { value: f }, `× ${f}`)));
  const details = h("details", {}, summary, h("label", {}, "learning rate of this block ", factor), h("div", { class: "tlk-board-scroll", tabindex: 0, role: "region", "aria-label": "Layers of the block" }, table));
  let shown = 0;
  factor.addEventListener("change", () => put(model, { factors: { ...model.get("factors"), [model.get("blocks")[shown].name]: +factor.value } }));
  const update = () => {
    const block = model.get("blocks")[shown], flags = model.get("_facts").flags?.[shown] ?? "", text = { 1: "learns", 0: "frozen", "-": "no weights" };
    summary.textContent = `Layers of ${block.name} (${block.num_layers})`;
    factor.value = model.get("factors")[block.name] ?? 1;
    factor.disabled = model.get("busy");
    if (details.open) body.replaceChildren(...block.layers.map(([name, kind, parameters], i) => h("tr", {}, h("td", {}, name), h("td", {}, kind), h("td", {}, number.format(parameters)), h("td", {}, text[flags[i]] ?? ""))));
  };
  details.addEventListener("toggle", update);
  return { details, update, show: (i) => { shown = i; update(); } };
}

function factsPanel(model) {
  const list = h("dl", { class: "tlk-board-facts" }), items = h("ul"), warnings = h("div", { class: "tlk-board-warnings", role: "status" }, items);
  const update = () => {
    const f = model.get("_facts"), total = f.num_learning + f.num_frozen || 1, n = f.num_images;
    const rows = [
      ["learn", `${number.format(f.num_learning)} parameters (${percent(f.num_learning / total)})`],
      ["frozen", `${number.format(f.num_frozen)} parameters`],
      ["computed once", f.share ? `${percent(f.share)} of the multiply-adds; ${bytes(f.bytes)} of features ${n ? `for ${number.format(n)} images` : "an image"}` : "nothing: no frozen part to keep"],
      ["an epoch", f.seconds ? `${f.seconds.toPrecision(2)} s here (measured)` : "not measured yet: Train measures it"],
    ];
    list.replaceChildren(...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    items.replaceChildren(...f.warnings.map((text) => h("li", {}, text)));
  };
  return { list, warnings, update };
}

function trainer(model) {
  const rate = h("select", {}), epochs = h("input", { type: "number", min: 1, max: 1000, step: 1 }), fresh = h("input", { type: "checkbox" });
  const train = h("button", { type: "button", class: "tlk-first" }, "Train"), stop = h("button", { type: "button" }, "Stop"), reset = h("button", { type: "button" }, "Reset weights");
  const error = h("p", { class: "tlk-board-error", role: "alert" });
  rate.addEventListener("change", () => put(model, { learning_rate: +rate.value }));
  epochs.addEventListener("change", () => { if (+epochs.value >= 1) put(model, { epochs: Math.round(+epochs.value) }); });
  fresh.addEventListener("change", () => put(model, { fresh: fresh.checked }));
  train.addEventListener("click", () => model.send({ kind: "train" }));
  stop.addEventListener("click", () => { stop.disabled = true; model.send({ kind: "stop" }); });
  reset.addEventListener("click", () => model.send({ kind: "reset" }));
  const box = h("div", { class: "tlk-row tlk-board-train" }, train, stop, reset, h("label", {}, "learning rate ", rate), h("label", {}, "epochs ", epochs), h("label", {}, fresh, " start from the first weights"));
  box.hidden = !model.get("_can_train");
  const update = () => {
    const busy = model.get("busy"), value = model.get("learning_rate");
    const values = [...new Set([...RATES, value])].sort((a, b) => b - a);
    if (rate.options.length !== values.length) rate.replaceChildren(...values.map((v) => h("option", { value: v }, String(v))));
    rate.value = value;
    epochs.value = model.get("epochs");
    fresh.checked = model.get("fresh");
    for (const control of [rate, epochs, fresh, reset]) control.disabled = busy;
    train.disabled = busy || !model.get("_facts").num_learning;
    stop.disabled = !busy;
    error.textContent = model.get("_error");
  };
  return { box, error, update };
}

function comparison(model) {
  const body = h("tbody"), head = ["run", "parameters that learned", "epochs", "seconds", "best"];
  const table = h("table", { class: "tlk-board-runs" }, h("caption", {}, "Compare the runs"), h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name)))), body);
  const code = h("pre", { tabindex: 0, role: "region", "aria-label": "The same in plain Keras" }), details = h("details", {}, h("summary", {}, "Show the code"), code);
  const update = () => {
    const runs = model.get("runs");
    table.hidden = !runs.length;
    body.replaceChildren(...runs.map((run) => h("tr", {}, h("th", { scope: "row" }, run.name), h("td", {}, number.format(run.num_learning)),
      h("td", {}, `${run.epochs}, ${run.ended}`), h("td", {}, run.seconds.toFixed(1)),
      h("td", {}, run.best ? `${run.best.metric.replace("_", " ")} ${percent(run.best.value)} in epoch ${run.best.epoch}` : "none"))));
    code.textContent = model.get("_code");
  };
  return { table, details, update };
}

async function render({ model, el, host }) {
  el.classList.add("tlk", "tlk-board");
  keepKeys(el);
  const title = h("div", { class: "tlk-board-title" }), layers = inspector(model), row = tiles(model, (i) => layers.show(i));
  const wrap = h("div", { class: "tlk-board-wrap" }, row.strip), line = cutLine(model, row.strip, row.buttons);
  const preset = presets(model), facts = factsPanel(model), train = trainer(model), compare = comparison(model), curves = h("div", { class: "tlk-board-curves" });
  const key = h("div", { class: "tlk-row tlk-soft tlk-board-key" }, ...[["frozen", "frozen"], ["learning", "learns"], ["partly", "partly"]].map(([state, text]) =>
    h("span", { "data-state": state }, h("span", { class: "tlk-board-bar" }), ` ${text}`)), h("span", {}, "height: parameters (log)"), h("span", {}, "⊕ adds, ∥ concatenates branches"),
    ...(model.get("blocks").every(({ cut }) => cut) ? [] : [h("span", {}, "┊ no single tensor to keep here")]),
    h("span", { class: "tlk-board-moved-key" }, "below: how far the weights moved"));
  const update = () => {
    const cut = cutOf(model.get("states")), n = row.buttons.length;
    const mode = cut < 0 ? "own pattern" : cut === n ? "all frozen" : cut === n - 1 ? "feature extraction: only the last block learns" : cut ? `fine-tuning the last ${n - cut} of ${n} blocks` : "everything learns";
    title.textContent = `${model.get("_name")}: ${mode}`;
    for (const part of [row, line, preset, layers, facts, train, compare]) part.update();
  };
  for (const name of ["states", "bn", "factors", "moved", "runs", "busy", "learning_rate", "epochs", "fresh", "_facts", "_code", "_error"]) model.on(`change:${name}`, update);
  el.append(title, preset.box, wrap, key, facts.list, facts.warnings, train.box, train.error, curves, compare.table, layers.details, compare.details);
  update();
  const resized = new ResizeObserver(line.update);
  resized.observe(row.strip);
  if (host && model.get("curves")) (await host.getWidget(model.get("curves"))).render({ el: curves });
  return () => resized.disconnect();
}
export default { render };
