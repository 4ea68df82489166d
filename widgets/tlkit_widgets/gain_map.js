import { h, keepKeys, put } from "./common.js";

const SIGNS = { positive: "▲", negative: "▼", undecided: "·" };
const signed = (points) => `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;

function grid(model) {
  const sources = model.get("sources"), budgets = model.get("budgets"), cells = [];
  const corner = h("th", { scope: "col", class: "tlk-soft" }, "source ↓ labels a class →");
  const focus = (i, j) => { cells.flat().forEach((cell) => { cell.tabIndex = -1; }); cells[i][j].tabIndex = 0; cells[i][j].focus(); };
  const inside = (k, n) => Math.min(n - 1, Math.max(0, k));
  const body = sources.map((source, i) => {
    cells.push(budgets.map((_, j) => {
      const cell = h("button", { type: "button", class: "tlk-gain-cell", tabindex: i || j ? -1 : 0 });
      cell.addEventListener("click", () => { focus(i, j); put(model, { selected: [i, j] }); });
      cell.addEventListener("keydown", (event) => {
        const to = { ArrowRight: [i, j + 1], ArrowLeft: [i, j - 1], ArrowDown: [i + 1, j], ArrowUp: [i - 1, j] }[event.key];
        if (event.key === "Escape") put(model, { selected: [] });
        if (!to) return;
        event.preventDefault();
        focus(inside(to[0], sources.length), inside(to[1], budgets.length));
      });
      return cell;
    }));
    return h("tr", {}, h("th", { scope: "row" }, source), ...cells[i].map((cell) => h("td", {}, cell)));
  });
  const head = h("tr", {}, corner, ...budgets.map((budget) => h("th", { scope: "col" }, String(budget))));
  const table = h("table", { class: "tlk-gain-table" }, h("caption", {}, "Points gained over the baseline"), h("thead", {}, head), h("tbody", {}, ...body));
  const update = () => {
    const verdicts = model.get("verdicts"), means = model.get("_means"), [si, sj] = model.get("selected");
    cells.forEach((row, i) => row.forEach((cell, j) => {
      cell.textContent = `${SIGNS[verdicts[i][j]]} ${signed(means[i][j])}`;
      cell.dataset.verdict = verdicts[i][j];
      cell.setAttribute("aria-label", `${sources[i]}, ${budgets[j]} a class: ${signed(means[i][j])} points, ${verdicts[i][j]}`);
      cell.setAttribute("aria-pressed", String(i === si && j === sj));
    }));
  };
  return { table, update };
}

function details(model) {
  const panel = h("div", { class: "tlk-gain-details", role: "status" });
  const update = () => {
    const [i, j] = model.get("selected");
    if (i === undefined) { panel.replaceChildren(h("p", { class: "tlk-soft" }, "Press a cell to see its runs.")); return; }
    const drawn = new Set(model.get("_drawn")), runs = model.get("_runs")[i][j];
    const chip = (points, seed) => h("span", { class: `tlk-gain-run${drawn.has(seed) ? " tlk-gain-drawn" : ""}` }, signed(points));
    const name = `${model.get("sources")[i]}, ${model.get("budgets")[j]} a class`;
    panel.replaceChildren(h("p", {}, h("strong", {}, name), `: ${model.get("_texts")[i][j]}`),
      h("p", { class: "tlk-row" }, "each seed, those that count framed: ", ...runs.map(chip)));
  };
  return { panel, update };
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-gain");
  keepKeys(el);
  const map = grid(model), cell = details(model), every = model.get("_runs")[0][0].length;
  const range = h("input", { type: "range", min: 1, max: every, step: 1, "aria-label": "Number of seeds" }), count = h("output", {});
  range.addEventListener("input", () => put(model, { num_seeds: Number(range.value) }));
  const again = h("button", { type: "button", class: "tlk-first" }, "Draw other seeds");
  again.addEventListener("click", () => put(model, { draw: model.get("draw") + 1 }));
  const changes = h("span", { class: "tlk-soft", role: "status" });
  let before = null, drawn = model.get("draw");
  const update = () => {
    const verdicts = model.get("verdicts").flat();
    if (before && model.get("draw") !== drawn) {
      const turned = verdicts.filter((verdict, k) => verdict !== before[k]).length;
      changes.textContent = `${turned} of ${verdicts.length} cells changed their verdict`;
    }
    before = verdicts;
    drawn = model.get("draw");
    range.value = model.get("num_seeds");
    count.textContent = `${model.get("num_seeds")} of ${every} seeds`;
    again.disabled = model.get("num_seeds") === every;
    map.update();
    cell.update();
  };
  for (const name of ["selected", "verdicts", "_means", "_drawn", "num_seeds"]) model.on(`change:${name}`, update);
  el.append(h("div", { class: "tlk-row" }, h("label", {}, "Seeds ", range), count, again, changes),
    h("div", { class: "tlk-gain-scroll" }, map.table), cell.panel);
  update();
}
export default { render };
