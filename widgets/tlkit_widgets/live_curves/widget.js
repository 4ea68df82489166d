import { drawLater, h, onChange, say, startView } from "../shared/common.js";
import { makePanel } from "./panel.js";
import { drawingOptions, runLegend, trainingHeader } from "./run_controls.js";
import { lastX, panelsOf } from "./series.js";

// Once for each model, so that every view, a later one too, finds all points in `data`, which is changed in place.
function initialize({ model }) {
  model.on("msg:custom", ({ kind, points, starts }) => {
    if (kind !== "points") {
      return;
    }
    const data = model.get("data");
    for (const [name, xy] of Object.entries(points)) {
      data[name] ??= [];
      if (data[name].length < starts[name]) {
        model.send({ kind: "all" }); // a message was missed while the page was loading
      } else {
        data[name].splice(starts[name], Infinity, ...xy);
      }
    }
  });
}

// The panels side by side, one for each metric. They are kept while their metric is there.
function panelRow(model, shared) {
  const row = h("div", { class: "tlk-curves-row" });
  const panels = new Map();
  const resized = new ResizeObserver(shared.ask);
  const removeOthers = (wanted) => {
    for (const [name, panel] of panels) {
      if (!(name in wanted)) {
        panel.svg.remove();
        resized.unobserve(panel.svg);
        panels.delete(name);
      }
    }
  };
  const arrange = (svgs) => {
    if (svgs.some((svg, i) => row.children[i] !== svg)) {
      row.replaceChildren(...svgs);
      for (const svg of svgs) {
        resized.observe(svg);
      }
    }
  };
  const draw = () => {
    const wanted = panelsOf(model.get("data"), model.get("learning_rate"));
    removeOthers(wanted);
    for (const name of Object.keys(wanted)) {
      if (!panels.has(name)) {
        panels.set(name, makePanel(model, name, shared));
      }
    }
    arrange(Object.keys(wanted).map((name) => panels.get(name).svg));
    for (const [name, series] of Object.entries(wanted)) {
      panels.get(name).draw(series); // all are in place: widths are final
    }
  };
  return { row, panels, draw, end: () => resized.disconnect() };
}

// The values of all panels at the cursor, run by run.
function valuesLine(model, shared, panels) {
  const line = h("div", { class: "tlk-curves-values", "aria-live": "off" });
  const sayRun = ({ name }, k, found) => {
    const own = found.filter(({ run }) => run === k).map(({ text }) => text);
    return own.length ? `${name}: ${own.join(", ")}` : "";
  };
  const update = () => {
    const found = shared.cursor === null ? [] : [...panels.values()].flatMap((panel) => panel.values());
    const texts = model.get("runs").map((run, k) => sayRun(run, k, found));
    const values = texts.filter(Boolean).join("; ");
    const said = say`epoch ${Math.round(shared.cursor)}: ${values}`;
    line.textContent = found.length ? said : say`Point at a curve to read its values; drag across it to zoom.`;
  };
  return { line, update };
}

function render({ model, el }) {
  startView(el, "tlk-curves", model);
  const frame = drawLater(() => draw());
  // What the panels have in common: the epochs that are shown, and where the reader points.
  const shared = {
    zoom: null,
    cursor: null,
    drag: null,
    hidden: new Set(), // runs
    ask: frame.ask,
    longest: () => Math.max(1, ...Object.values(model.get("data")).map((xy) => Math.ceil(lastX(xy)))),
    setZoom: (zoom) => {
      shared.zoom = zoom;
      frame.ask();
    },
    point: (epoch, spoken = false) => {
      shared.cursor = epoch;
      values.line.setAttribute("aria-live", spoken ? "polite" : "off");
      for (const panel of panels.values()) {
        panel.cursor();
      }
      values.update();
    },
  };
  const { row, panels, draw: drawPanels, end } = panelRow(model, shared);
  const values = valuesLine(model, shared, panels);
  const head = trainingHeader(model);
  const options = drawingOptions(model, () => shared.setZoom(null));
  const runs = runLegend(model, shared);
  const draw = () => {
    drawPanels();
    el.classList.toggle("tlk-curves-empty", !panels.size);
    el.classList.toggle("tlk-curves-idle", !panels.size && model.get("state") === "idle");
    options.update(shared.zoom !== null);
    values.update();
  };
  onChange(model, ["status", "state", "progress"], head.update);
  onChange(model, ["data", "state", "log_scale", "smoothing", "learning_rate"], frame.ask);
  model.on("change:runs", () => {
    runs.update();
    frame.ask();
  });
  model.on("msg:custom", frame.ask);
  el.append(head.box, row, values.line, runs.box, options.box);
  head.update();
  runs.update();
  draw();
  return () => {
    frame.cancel();
    end();
  };
}
export default { initialize, render };
