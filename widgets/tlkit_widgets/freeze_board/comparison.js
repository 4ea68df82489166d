import { cells, h, headings, marker, newId, number, say, sayMetric, scrollBox, word } from "../shared/common.js";
import { seconds } from "./amounts.js";
import { iconButton } from "./icons.js";

const sayBest = ({ metric, value, epoch }) =>
  say`${metric.replace("_", " ")} ${sayMetric(metric, value)} in epoch ${epoch}`;

// say`cut`, say`rate`, say`images per class`, say`learned`, say`epochs`, say`an epoch`, say`best`
const COLUMNS = [
  ["cut", (run) => run.cut],
  ["rate", (run) => String(run.learning_rate)],
  ["images per class", (run) => run.images_per_class ?? "–"],
  ["learned", (run) => number.format(run.num_learning)],
  ["epochs", (run) => `${run.epochs}, ${word(run.ended)}`],
  ["an epoch", (run) => (run.epoch_seconds === null ? "–" : seconds(run.epoch_seconds))],
  ["best", (run) => (run.best ? sayBest(run.best) : say`none`)],
];

// Name in the file, and value of a run.
const CSV_COLUMNS = [
  ["name", (run) => run.name],
  ["cut", (run) => run.cut],
  ["learning_rate", (run) => run.learning_rate],
  ["images_per_class", (run) => run.images_per_class],
  ["num_learning", (run) => run.num_learning],
  ["epochs", (run) => run.epochs],
  ["ended", (run) => run.ended],
  ["epoch_seconds", (run) => run.epoch_seconds],
  ["seconds", (run) => run.seconds],
  ["best_metric", (run) => run.best?.metric],
  ["best_value", (run) => run.best?.value],
  ["best_epoch", (run) => run.best?.epoch],
];
const quoted = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));

// Runs as comma-separated values, one line for each run.
export function csv(runs) {
  const rows = [CSV_COLUMNS.map(([name]) => name), ...runs.map((run) => CSV_COLUMNS.map(([, value]) => value(run)))];
  return rows.map((row) => row.map(quoted).join(",")).join("\n");
}

// The larger the better; a run without a best epoch comes last.
function rank({ best }) {
  if (!best) {
    return -Infinity;
  }
  return best.small_is_good ? -best.value : best.value;
}

// Index of the run whose best value is the highest, or for a loss the lowest; -1 where there is nothing to compare.
export function winner(runs) {
  const metrics = new Set(runs.filter(({ best }) => best).map(({ best }) => best.metric));
  const ranks = runs.map(rank);
  return runs.length < 2 || metrics.size > 1 ? -1 : ranks.indexOf(Math.max(...ranks));
}

function saveButton(model) {
  const button = iconButton(say`Save as CSV`, "copy");
  button.addEventListener("click", () => {
    const file = new Blob([csv(model.get("runs"))], { type: "text/csv" });
    const link = h("a", { href: URL.createObjectURL(file), download: `${model.get("_name")}_runs.csv` });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  return button;
}

function runRow(run, k, isBest) {
  const best = isBest ? [h("span", { class: "tlk-board-best" }, ` ${say`best`}`)] : [];
  const name = h("th", { scope: "row" }, marker(k), ` ${k + 1}`, ...best);
  const row = h("tr", {}, name, ...cells(COLUMNS.map(([, value]) => value(run))));
  row.title = run.name;
  return row;
}

// The runs side by side: shown by *Compare*, and by itself once there are two.
export function comparison(model) {
  const id = newId();
  const body = h("tbody");
  const names = headings([say`run`, ...COLUMNS.map(([name]) => word(name))]);
  const head = h("thead", {}, h("tr", {}, ...names));
  const table = h("table", { class: "tlk-board-runs" }, h("caption", {}, say`Runs`), head, body);
  const runs = scrollBox(say`Runs`, "tlk-board-scroll", table);
  const panel = h("div", { id, class: "tlk-board-compare", hidden: "" }, runs, saveButton(model));
  const toggle = iconButton(say`Compare`, "compare", { "aria-expanded": "false", "aria-controls": id });
  const open = (isOpen) => {
    panel.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  toggle.addEventListener("click", () => open(panel.hidden));
  let known = 0; // runs at the last update
  const update = () => {
    const all = model.get("runs");
    const first = winner(all);
    toggle.disabled = !all.length;
    if (!all.length || (all.length > known && all.length > 1)) {
      open(all.length > 1);
    }
    known = all.length;
    body.replaceChildren(...all.map((run, k) => runRow(run, k, k === first)));
  };
  return { panel, toggle, update };
}
