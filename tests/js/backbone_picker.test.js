import widget, { sorted } from "../../widgets/tlkit_widgets/backbone_picker.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const row = (name, parameters, accuracy, embedded = []) => ({
  name,
  parameters,
  accuracy,
  embedded,
  MB: parameters / 1e6,
  features: 8,
  image: 224,
});
const ROWS = [row("big", 3e6, 0.8), row("new", null, null), row("small", 1e6, 0.7, ["photos"])];
const open = (values) => {
  const m = fakeModel({
    rows: ROWS,
    selected: "small",
    milliseconds: {},
    input_size: 64,
    busy: "",
    _error: "",
    ...values,
  });
  return { m, ...mount(widget, m) };
};
const names = (el) => [...el.querySelectorAll("tbody input")].map((input) => input.value);

test("what is not known comes last, whichever way", () => {
  equal(
    sorted(ROWS, "accuracy", false).map((r) => r.name),
    ["small", "big", "new"],
  );
  equal(
    sorted(ROWS, "accuracy", true).map((r) => r.name),
    ["big", "small", "new"],
  );
});

test("a heading sorts, and again the other way", () => {
  const { el } = open();
  const head = [...el.querySelectorAll("thead button")].find((b) => b.textContent === "ImageNet top 1");
  head.click();
  equal([names(el), head.parentElement.getAttribute("aria-sort")], [["small", "big", "new"], "ascending"]);
  head.click();
  equal([names(el), head.parentElement.getAttribute("aria-sort")], [["big", "small", "new"], "descending"]);
});

test("filters by name and by what is embedded", () => {
  const { el } = open();
  const search = el.querySelector("input[type=search]");
  search.value = "Ig";
  search.dispatchEvent(new Event("input"));
  equal(names(el), ["big"]);
  search.value = "";
  el.querySelector("input[type=checkbox]").click();
  equal(names(el), ["small"]);
});

test("picks by radio, keeps the focus, and tells the number", () => {
  const { m, el } = open();
  const big = el.querySelector("input[value=big]");
  big.focus();
  big.click();
  equal([m.state.selected, m.saves, document.activeElement.value], ["big", 1, "big"]);
  equal(el.querySelector("[role=status]").textContent, "3 of 3; picked: big");
  equal(
    keysThatEscape(() => key(big, "x")),
    [],
  );
});

test("measures, and shows it", () => {
  const { m, el } = open();
  const button = [...el.querySelectorAll("button")].find((b) => b.textContent.startsWith("Measure"));
  button.click();
  equal(m.sent, [{ kind: "measure" }]);
  m.set("busy", "small");
  equal([button.disabled, button.textContent], [true, "Measuring small…"]);
  m.set("busy", "");
  m.set("milliseconds", { small: 3.14159 });
  equal(
    [...el.querySelectorAll("tbody tr")].map((tr) => tr.lastChild.textContent),
    ["3.1", "–", "–"],
  );
});
