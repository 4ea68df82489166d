import { cells, h, headings, onChange, put, startView } from "./shared/common.js";
import { keyGrid } from "./shared/key_grid.js";

const SIGNS = { positive: "▲", negative: "▼", undecided: "·" };
const signed = (points) => `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;

function gainTable(model) {
  const sources = model.get("sources");
  const budgets = model.get("budgets");
  const show = (cell, i, j) => {
    const verdict = model.get("verdicts")[i][j];
    const points = signed(model.get("_means")[i][j]);
    cell.textContent = `${SIGNS[verdict]} ${points}`;
    cell.dataset.verdict = verdict;
    cell.setAttribute("aria-label", `${sources[i]}, ${budgets[j]} per class: ${points} points, ${verdict}`);
  };
  const size = [sources.length, budgets.length];
  const { rows, update } = keyGrid(model, size, () => ({ class: "tlk-gain-cell" }), show);
  const corner = h("th", { scope: "col", class: "tlk-soft" }, "source ↓ labels per class →");
  const head = h("tr", {}, corner, ...headings(budgets.map(String)));
  const body = sources.map((source, i) => h("tr", {}, h("th", { scope: "row" }, source), ...cells(rows[i])));
  const table = h(
    "table",
    { class: "tlk-gain-table" },
    h("caption", {}, "Points gained over the baseline"),
    h("thead", {}, head),
    h("tbody", {}, ...body),
  );
  return { table, update };
}

// What is known of the selected cell: its interval, and the gain of each of its seeds.
function cellDetails(model) {
  const panel = h("div", { class: "tlk-gain-details", role: "status" });
  const update = () => {
    const [i, j] = model.get("selected");
    if (i === undefined) {
      panel.replaceChildren(h("p", { class: "tlk-soft" }, "Press a cell to see its runs."));
      return;
    }
    const drawn = new Set(model.get("_drawn"));
    const typeOf = (seed) => (drawn.has(seed) ? "tlk-gain-run tlk-gain-drawn" : "tlk-gain-run");
    const runs = model.get("_runs")[i][j].map((points, seed) => h("span", { class: typeOf(seed) }, signed(points)));
    const name = `${model.get("sources")[i]}, ${model.get("budgets")[j]} per class`;
    panel.replaceChildren(
      h("p", {}, h("strong", {}, name), `: ${model.get("_texts")[i][j]}`),
      h("p", { class: "tlk-row" }, "each seed (those that count are framed): ", ...runs),
    );
  };
  return { panel, update };
}

// How many seeds count, and the button that draws other seeds.
function seedControls(model) {
  const numRun = model.get("_runs")[0][0].length;
  const range = h("input", { type: "range", min: 1, max: numRun, step: 1, "aria-label": "Number of seeds" });
  const count = h("output", {});
  const again = h("button", { type: "button", class: "tlk-first" }, "Draw other seeds");
  range.addEventListener("input", () => put(model, { num_seeds: Number(range.value) }));
  again.addEventListener("click", () => put(model, { draw: model.get("draw") + 1 }));
  const update = () => {
    range.value = model.get("num_seeds");
    count.textContent = `${model.get("num_seeds")} of ${numRun} seeds`;
    again.disabled = model.get("num_seeds") === numRun;
  };
  return { parts: [h("label", {}, "Seeds ", range), count, again], update };
}

// Says how many cells change their verdict when other seeds are drawn.
function changeCounter(model) {
  const text = h("span", { class: "tlk-soft", role: "status" });
  let before = null;
  let draw = model.get("draw");
  const update = () => {
    const verdicts = model.get("verdicts").flat();
    if (before && model.get("draw") !== draw) {
      const turned = verdicts.filter((verdict, k) => verdict !== before[k]).length;
      text.textContent = `${turned} of ${verdicts.length} cells changed their verdict`;
    }
    before = verdicts;
    draw = model.get("draw");
  };
  return { text, update };
}

function render({ model, el }) {
  startView(el, "tlk-gain");
  const gains = gainTable(model);
  const details = cellDetails(model);
  const seeds = seedControls(model);
  const changes = changeCounter(model);
  const update = () => {
    for (const part of [changes, seeds, gains, details]) {
      part.update();
    }
  };
  onChange(model, ["selected", "verdicts", "_means", "_drawn", "num_seeds"], update);
  el.append(
    h("div", { class: "tlk-row" }, ...seeds.parts, changes.text),
    h("div", { class: "tlk-gain-scroll" }, gains.table),
    details.panel,
  );
  update();
}
export default { render };
