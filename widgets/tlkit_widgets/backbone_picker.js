import { h, keepKeys, number, put } from "./common.js";

const COLUMNS = [
  ["name", "name", (row) => row.name], ["parameters", "parameters", (row) => number.format(row.parameters)], ["MB", "MB", (row) => number.format(Math.round(row.MB * 10) / 10)],
  ["accuracy", "ImageNet top 1", (row) => `${(100 * row.accuracy).toFixed(1)} %`], ["features", "features", (row) => number.format(row.features)], ["image", "made for", (row) => `${row.image} px`],
  ["embedded", "weights", (row) => (row.embedded.length ? `embedded: ${row.embedded.join(", ")}` : "network")], ["ms", "ms here", (row) => row.ms.toPrecision(2)],
];

// Rows ordered by a column; what is not known comes last, whichever way.
export function sorted(rows, column, down) {
  const value = (row) => (column === "embedded" ? row.embedded.length : row[column]);
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)], missing = (x == null) - (y == null);
    return missing || (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
  });
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-picker");
  keepKeys(el);
  let column = "parameters", down = false;
  const search = h("input", { type: "search", placeholder: "part of a name", "aria-label": "Part of a name" }), embedded = h("input", { type: "checkbox" });
  const measure = h("button", { type: "button" }, "Measure the picked one"), count = h("span", { class: "tlk-soft", role: "status" }), error = h("p", { role: "alert", class: "tlk-picker-error" });
  const group = `tlk-${Math.random().toString(36).slice(2)}`, body = h("tbody");
  const heads = COLUMNS.map(([key, title]) => {
    const button = h("button", { type: "button" }, title), th = h("th", { scope: "col" }, button);
    button.addEventListener("click", () => { down = key === column ? !down : false; column = key; update(); });
    return { key, th };
  });
  const table = h("table", {}, h("caption", { class: "tlk-hidden" }, "Backbones; press a heading to sort by it"), h("thead", {}, h("tr", {}, ...heads.map(({ th }) => th))), body);
  const radio = (row) => {
    const input = h("input", { type: "radio", name: group, value: row.name });
    input.checked = row.name === model.get("selected");
    input.addEventListener("change", () => put(model, { selected: row.name }));
    return h("th", { scope: "row" }, h("label", {}, input, ` ${row.name}`));
  };
  const update = () => {
    const focused = body.contains(document.activeElement) ? document.activeElement.value : null;
    const rows = model.get("rows").map((row) => ({ ...row, ms: model.get("milliseconds")[row.name] ?? null }));
    const shown = sorted(rows.filter((row) => row.name.includes(search.value.trim().toLowerCase()) && (!embedded.checked || row.embedded.length)), column, down);
    body.replaceChildren(...shown.map((row) => {
      const line = h("tr", {}, radio(row), ...COLUMNS.slice(1).map(([key, , say]) => h("td", {}, row[key] == null ? "–" : say(row))));
      line.classList.toggle("tlk-picker-on", row.name === model.get("selected"));
      return line;
    }));
    for (const { key, th } of heads) th.setAttribute("aria-sort", key !== column ? "none" : down ? "descending" : "ascending");
    if (focused) [...body.querySelectorAll("input")].find((input) => input.value === focused)?.focus();
    count.textContent = `${shown.length} of ${rows.length}; picked: ${model.get("selected")}`;
    measure.disabled = Boolean(model.get("busy"));
    measure.textContent = model.get("busy") ? `Measuring ${model.get("busy")}…` : `Measure ${model.get("selected")} at ${model.get("input_size")} px`;
    error.textContent = model.get("_error");
  };
  measure.addEventListener("click", () => model.send({ kind: "measure" }));
  search.addEventListener("input", update);
  embedded.addEventListener("change", update);
  for (const name of ["rows", "selected", "milliseconds", "busy", "_error"]) model.on(`change:${name}`, update);
  el.append(h("div", { class: "tlk-row" }, search, h("label", {}, embedded, " works without a network"), measure, count), error, h("div", { class: "tlk-picker-scroll", tabindex: 0, role: "region", "aria-label": "Backbones" }, table));
  update();
}
export default { render };
