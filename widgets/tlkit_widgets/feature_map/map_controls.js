import { h, marker, newId, put, say } from "../shared/common.js";

export function sourceSwitch(model, state) {
  const group = newId();
  const field = h("fieldset", { class: "tlk-segments" }, h("legend", { class: "tlk-hidden" }, say`Weights`));
  for (const source of state.sources) {
    const radio = h("input", { type: "radio", name: group, value: source });
    radio.addEventListener("change", () => put(model, { source }));
    field.append(h("label", {}, radio, source));
  }
  field.hidden = state.sources.length < 2;
  const update = () => {
    for (const radio of field.querySelectorAll("input")) {
      radio.checked = radio.value === model.get("source");
    }
  };
  return { field, update };
}

// Share of agreeing neighbours at each cut, one line for each source, aligned with the slider below it.
function depthChart(model, state) {
  const size = { viewBox: "0 0 300 64", preserveAspectRatio: "none" };
  const svg = h("svg", { ...size, class: "tlk-map-depth", "aria-hidden": "true" });
  const last = state.cuts.length - 1;
  const x = (cut) => (last ? 8 + (284 * cut) / last : 150);
  const y = (share) => 60 - 56 * share;
  const chance = y(model.get("_chance"));
  const here = h("line", { y1: 2, y2: 62, class: "tlk-map-here" });
  const lines = model.get("_agreement").map((shares) => {
    const places = shares.map((share, cut) => `${x(cut)} ${y(share)}`);
    return h("path", { d: `M${places.join("L")}`, class: "tlk-map-share" });
  });
  svg.append(h("line", { x1: 0, x2: 300, y1: chance, y2: chance, class: "tlk-map-chance" }), here, ...lines);
  const update = () => {
    const at = x(state.cuts.indexOf(model.get("cut")));
    here.setAttribute("x1", at);
    here.setAttribute("x2", at);
    for (const [i, line] of lines.entries()) {
      line.classList.toggle("tlk-map-on", state.sources[i] === model.get("source"));
    }
  };
  return { svg, update };
}

export function cutSlider(model, state) {
  const last = state.cuts.length - 1;
  const slider = h("input", { type: "range", min: 0, max: last, step: 1, "aria-label": say`Layer of the cut` });
  const name = h("output", { class: "tlk-map-cut" });
  const chart = depthChart(model, state);
  const title = say`Neighbours of the same class, 0 to 100 %, by layer of the cut; dashed: by chance`;
  const below = { class: "tlk-map-ends tlk-soft", "aria-hidden": "true" };
  const ends = h("div", below, h("span", {}, say`input`), name, h("span", {}, say`output`));
  const box = h("div", { class: "tlk-map-slider" }, h("div", { class: "tlk-soft" }, title), chart.svg, slider, ends);
  box.hidden = last < 1;
  slider.addEventListener("input", () => put(model, { cut: state.cuts[slider.value] }));
  const update = () => {
    const at = state.cuts.indexOf(model.get("cut"));
    slider.value = at;
    slider.setAttribute("aria-valuetext", say`${state.cuts[at]}, ${at + 1} of ${last + 1}`);
    name.textContent = say`cut: ${state.cuts[at]}`;
    chart.update();
  };
  return { box, update };
}

// The classes and their markers; `onHighlight` is given the class to bring out, or null.
export function classLegend(state, onHighlight) {
  const buttons = state.names.map((name, k) => {
    const button = h("button", { type: "button", "aria-pressed": "false", class: "tlk-map-class" }, marker(k), name);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      for (const other of buttons) {
        other.setAttribute("aria-pressed", String(on && other === button));
      }
      onHighlight(on ? k : null);
    });
    return button;
  });
  const about = { class: "tlk-map-legend", role: "group", "aria-label": say`Classes: press one to bring it out` };
  return h("div", about, ...buttons);
}
