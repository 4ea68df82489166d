import { colorOf, h, number, percent, put } from "./common.js";

const RATES = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5], FACTORS = [1, 0.3, 0.1, 0.03, 0.01];
const ICONS = { train: "M5 3L13 8L5 13Z", stop: "M4 4H12V12H4Z", reset: "M4 8a4.5 4.5 0 1 0 2-3.8M6 1V4.6H9.6", compare: "M2 12L6 7L9 10L14 4M2 8L5 10L9 4L14 9", copy: "M6 5V2H14V11H11M2 5H11V14H2Z" };

export function bytes(count) {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  return `${+(count / 1000 ** power).toPrecision(3)} ${["B", "kB", "MB", "GB"][power]}`;
}
export const seconds = (value) => (value < 0.001 ? "< 1 ms" : value < 1 ? `${+(1000 * value).toPrecision(2)} ms` : value < 100 ? `${+value.toPrecision(2)} s` : `${+(value / 60).toPrecision(2)} min`);

function button(label, icon, extra = {}) {
  const filled = ["train", "stop"].includes(icon) ? " tlk-icon-full" : "";
  return h("button", { type: "button", ...extra }, h("svg", { viewBox: "0 0 16 16", class: `tlk-icon${filled}`, "aria-hidden": "true" }, h("path", { d: ICONS[icon] })), h("span", {}, label));
}

// The layers of the block that has the focus, and its factor of the learning rate.
export function inspector(model) {
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

// Four cards: what learns, what is computed once, what that takes, and how long an epoch is.
export function factsPanel(model) {
  const list = h("dl", { class: "tlk-board-facts" }), items = h("ul"), warnings = h("div", { class: "tlk-board-warnings", role: "status" }, items);
  const measure = h("button", { type: "button", class: "tlk-board-measure" }, "Measure");
  measure.addEventListener("click", () => model.send({ kind: "measure" }));
  const card = (name, value, about, share) => {
    const meter = h("span", { class: "tlk-board-meter", "aria-hidden": "true" }, h("span"));
    meter.firstChild.style.width = `${100 * (share ?? 0)}%`;
    return h("div", { class: "tlk-board-card" }, h("dt", {}, name), h("dd", {}, h("strong", {}, value), ...(share === undefined ? [] : [meter]), h("span", { class: "tlk-board-about" }, ...about)));
  };
  const update = () => {
    const f = model.get("_facts"), total = f.num_learning + f.num_frozen || 1, n = f.num_images, cost = f.cost;
    measure.disabled = model.get("busy");
    const once = cost?.pass_seconds > 0 ? `, and once ${seconds(cost.pass_seconds)} for the frozen part` : "";
    const faster = cost && f.whole_seconds > 1.05 * cost.seconds ? `; ${+(f.whole_seconds / cost.seconds).toPrecision(2)} times as fast as when all learn` : "";
    list.replaceChildren(
      card("parameters that learn", number.format(f.num_learning), [`${percent(f.num_learning / total)}; ${number.format(f.num_frozen)} are frozen`], f.num_learning / total),
      card("forward pass computed once", f.kept_after ? percent(f.share) : "nothing", [f.kept_after ? `of the multiply-adds; kept after ${f.kept_after}` : "no frozen part to keep"], f.share),
      card("memory for what is kept", f.kept_after ? bytes(f.bytes) : "none", [f.kept_after ? (n ? `features of ${number.format(n)} images` : "features of one image") + (cost && !cost.pass_seconds ? ", ready" : "") : "every step starts from the pixels"]),
      card("an epoch on this machine", cost ? seconds(cost.seconds) : "not measured", cost ? [`measured${once}${faster}`] : model.get("_can_train") ? [measure, " on a few batches; the model stays as it is"] : ["give the board images to measure"]));
    items.replaceChildren(...f.warnings.map((text) => h("li", {}, text)));
  };
  return { list, warnings, update };
}

export function trainer(model, compare) {
  const rate = h("select", {}), epochs = h("input", { type: "number", min: 1, max: 1000, step: 1 }), fresh = h("input", { type: "checkbox" });
  const train = button("Train", "train", { class: "tlk-first" }), stop = button("Stop", "stop"), reset = button("Reset", "reset", { title: "Give the model its first weights back" });
  const error = h("p", { class: "tlk-board-error", role: "alert" });
  rate.addEventListener("change", () => put(model, { learning_rate: +rate.value }));
  epochs.addEventListener("change", () => { if (+epochs.value >= 1) put(model, { epochs: Math.round(+epochs.value) }); });
  fresh.addEventListener("change", () => put(model, { fresh: fresh.checked }));
  train.addEventListener("click", () => model.send({ kind: "train" }));
  stop.addEventListener("click", () => { stop.disabled = true; model.send({ kind: "stop" }); });
  reset.addEventListener("click", () => model.send({ kind: "reset" }));
  const box = h("div", { class: "tlk-row tlk-board-train" }, h("div", { class: "tlk-row tlk-board-buttons" }, train, stop, reset, compare), h("label", {}, "rate ", rate), h("label", {}, "epochs ", epochs), h("label", {}, fresh, " from the first weights"));
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

const COLUMNS = [
  ["cut", (run) => run.cut], ["rate", (run) => String(run.learning_rate)], ["images a class", (run) => run.images_per_class ?? "–"], ["learned", (run) => number.format(run.num_learning)],
  ["epochs", (run) => `${run.epochs}, ${run.ended}`], ["an epoch", (run) => (run.epoch_seconds === null ? "–" : seconds(run.epoch_seconds))],
  ["best", (run) => (run.best ? `${run.best.metric.replace("_", " ")} ${(100 * run.best.value).toFixed(1)} % in epoch ${run.best.epoch}` : "none")],
];
const quoted = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));

// Runs as comma-separated values, one line a run.
export function csv(runs) {
  const names = ["name", "cut", "learning_rate", "images_per_class", "num_learning", "epochs", "ended", "epoch_seconds", "seconds"];
  const rows = runs.map((run) => [...names.map((name) => run[name]), run.best?.metric, run.best?.value, run.best?.epoch]);
  return [[...names, "best_metric", "best_value", "best_epoch"], ...rows].map((row) => row.map(quoted).join(",")).join("\n");
}

// Index of the run whose best value is the highest, where there is something to compare.
export const winner = (runs) => (runs.length < 2 ? -1 : runs.reduce((top, run, i) => ((run.best?.value ?? -1) > (runs[top].best?.value ?? -1) ? i : top), 0));

// The runs side by side: shown by *Compare*, and by itself once there are two.
export function comparison(model) {
  const id = `tlk-${Math.random().toString(36).slice(2)}`, body = h("tbody");
  const table = h("table", { class: "tlk-board-runs" }, h("caption", {}, "Runs"), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "run"), ...COLUMNS.map(([name]) => h("th", { scope: "col" }, name)))), body);
  const save = button("Save as CSV", "copy"), panel = h("div", { id, class: "tlk-board-compare", hidden: "" }, h("div", { class: "tlk-board-scroll", tabindex: 0, role: "region", "aria-label": "Runs" }, table), save);
  const toggle = button("Compare", "compare", { "aria-expanded": "false", "aria-controls": id });
  const open = (is) => { panel.hidden = !is; toggle.setAttribute("aria-expanded", String(is)); };
  toggle.addEventListener("click", () => open(panel.hidden));
  save.addEventListener("click", () => {
    const link = h("a", { href: URL.createObjectURL(new Blob([csv(model.get("runs"))], { type: "text/csv" })), download: `${model.get("_name")}_runs.csv` });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  let known = 0;
  const update = () => {
    const runs = model.get("runs"), first = winner(runs);
    toggle.disabled = !runs.length;
    if (runs.length > known && runs.length > 1) open(true);
    if (!runs.length) open(false);
    known = runs.length;
    body.replaceChildren(...runs.map((run, k) => {
      const line = h("svg", { viewBox: "0 0 18 8", class: "tlk-board-swatch", "aria-hidden": "true" }, h("path", { d: "M1 4H17", class: `tlk-stroke-${colorOf(k)}` }));
      const row = h("tr", {}, h("th", { scope: "row" }, line, ` ${k + 1}`, ...(k === first ? [h("span", { class: "tlk-board-best" }, " best")] : [])), ...COLUMNS.map(([, say]) => h("td", {}, say(run))));
      row.title = run.name;
      return row;
    }));
  };
  return { panel, toggle, update };
}

export function codePanel(model) {
  const code = h("pre", { tabindex: 0, role: "region", "aria-label": "The same in plain Keras" }), copy = button("Copy", "copy"), details = h("details", {}, h("summary", {}, "Show the code"), copy, code);
  copy.addEventListener("click", () => navigator.clipboard?.writeText(code.textContent));
  return { details, update: () => { code.textContent = model.get("_code"); } };
}
