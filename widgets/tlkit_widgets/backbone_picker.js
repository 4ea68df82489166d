import { cells, h, newId, number, onChange, put, scrollBox, startView } from "./shared/common.js";

// Key, heading, and how a value that is known is written.
const COLUMNS = [
  ["name", "name", (row) => row.name],
  ["parameters", "parameters", (row) => number.format(row.parameters)],
  ["MB", "MB", (row) => number.format(Math.round(row.MB * 10) / 10)],
  ["accuracy", "ImageNet top 1", (row) => `${(100 * row.accuracy).toFixed(1)} %`],
  ["features", "features", (row) => number.format(row.features)],
  ["image", "made for", (row) => `${row.image} px`],
  ["embedded", "weights", (row) => (row.embedded.length ? `embedded: ${row.embedded.join(", ")}` : "network")],
  ["ms", "ms here", (row) => row.ms.toPrecision(2)],
];
const isKnown = (value) => value !== null && value !== undefined;

// Rows ordered by a column; what is not known comes last, whatever the direction.
export function sorted(rows, column, down) {
  const value = (row) => (column === "embedded" ? row.embedded.length : row[column]);
  const sign = down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    return isKnown(y) - isKnown(x) || sign * ((x > y) - (x < y));
  });
}

// Headings that sort: a press on the one in use reverses the order.
function sortableHead(onSort) {
  const order = { column: "parameters", down: false };
  const heads = COLUMNS.map(([key, title]) => {
    const button = h("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      order.down = key === order.column && !order.down;
      order.column = key;
      onSort();
    });
    return { key, cell: h("th", { scope: "col" }, button) };
  });
  const update = () => {
    const direction = order.down ? "descending" : "ascending";
    for (const { key, cell } of heads) {
      cell.setAttribute("aria-sort", key === order.column ? direction : "none");
    }
  };
  return { order, row: h("tr", {}, ...heads.map(({ cell }) => cell)), update };
}

// The rows of the backbones, each with a radio button. When they are rewritten, the button that had the focus keeps it.
function backboneRows(model) {
  const body = h("tbody");
  const group = newId();
  const radio = (name) => {
    const input = h("input", { type: "radio", name: group, value: name });
    input.checked = name === model.get("selected");
    input.addEventListener("change", () => put(model, { selected: name }));
    return h("th", { scope: "row" }, h("label", {}, input, ` ${name}`));
  };
  const makeRow = (row) => {
    const texts = COLUMNS.slice(1).map(([key, , say]) => (isKnown(row[key]) ? say(row) : "–"));
    const line = h("tr", {}, radio(row.name), ...cells(texts));
    line.classList.toggle("tlk-picker-on", row.name === model.get("selected"));
    return line;
  };
  const show = (rows) => {
    const focused = body.contains(document.activeElement) ? document.activeElement.value : null;
    body.replaceChildren(...rows.map(makeRow));
    if (focused) {
      [...body.querySelectorAll("input")].find((input) => input.value === focused)?.focus();
    }
  };
  return { body, show };
}

function measureButton(model) {
  const button = h("button", { type: "button" }, "Measure the picked one");
  const error = h("p", { role: "alert", class: "tlk-picker-error" });
  button.addEventListener("click", () => model.send({ kind: "measure" }));
  const update = () => {
    const busy = model.get("busy");
    button.disabled = Boolean(busy);
    button.textContent = busy
      ? `Measuring ${busy}…`
      : `Measure ${model.get("selected")} at ${model.get("input_size")} px`;
    error.textContent = model.get("_error");
  };
  return { button, error, update };
}

function render({ model, el }) {
  startView(el, "tlk-picker");
  const search = h("input", { type: "search", placeholder: "part of a name", "aria-label": "Part of a name" });
  const embedded = h("input", { type: "checkbox" });
  const count = h("span", { class: "tlk-soft", role: "status" });
  const measure = measureButton(model);
  const rows = backboneRows(model);
  const isShown = (row) =>
    row.name.includes(search.value.trim().toLowerCase()) && (!embedded.checked || row.embedded.length);
  const update = () => {
    const all = model.get("rows").map((row) => ({ ...row, ms: model.get("milliseconds")[row.name] }));
    const shown = sorted(all.filter(isShown), head.order.column, head.order.down);
    rows.show(shown);
    head.update();
    count.textContent = `${shown.length} of ${all.length}; picked: ${model.get("selected")}`;
    measure.update();
  };
  const head = sortableHead(update);
  const caption = h("caption", { class: "tlk-hidden" }, "Backbones; press a heading to sort by it");
  const table = h("table", {}, caption, h("thead", {}, head.row), rows.body);
  search.addEventListener("input", update);
  embedded.addEventListener("change", update);
  onChange(model, ["rows", "selected", "milliseconds", "busy", "_error"], update);
  const offline = h("label", {}, embedded, " works without a network");
  el.append(
    h("div", { class: "tlk-row" }, search, offline, measure.button, count),
    measure.error,
    scrollBox("Backbones", "tlk-picker-scroll", table),
  );
  update();
}
export default { render };
