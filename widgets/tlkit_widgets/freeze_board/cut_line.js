import { h, put, say } from "../shared/common.js";
import { cutOf, prefix } from "./states.js";

function makeLine(num) {
  const arrows = h("path", { d: "M6 4L2 8L6 12M10 4L14 8L10 12" });
  const range = { "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": num };
  const about = {
    class: "tlk-board-line",
    role: "slider",
    tabindex: 0,
    "aria-label": say`Frozen up to here`,
    ...range,
  };
  return h("div", about, h("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, arrows));
}

// The line that divides frozen from learning: a slider by name and keys, dragged over the tiles.
export function cutLine(model, strip, buttons) {
  const num = buttons.length;
  const line = makeLine(num);
  // Pixels from the left of the strip
  const edge = (cut) => {
    const { offsetLeft, offsetWidth } = buttons[Math.min(cut, num - 1)];
    return cut < num ? offsetLeft - 1.5 : offsetLeft + offsetWidth + 1.5;
  };
  const set = (cut) => {
    if (!model.get("busy") && cut !== cutOf(model.get("states"))) {
      put(model, { states: prefix(num, cut) });
    }
  };
  // Without a cut, the line stands behind the last block that is frozen.
  const shown = () => {
    const cut = cutOf(model.get("states"));
    return cut < 0 ? model.get("states").lastIndexOf("frozen") + 1 : cut;
  };
  const sayPlace = (cut) => {
    const [at, last] = [shown(), model.get("blocks")[shown() - 1]];
    if (cut < 0) {
      return say`own pattern`;
    }
    return at ? say`${last.name}, ${at} of ${num} blocks` : say`nothing frozen`;
  };
  line.addEventListener("keydown", (event) => {
    const [less, more] = [shown() - 1, shown() + 1];
    const keys = { ArrowRight: more, ArrowUp: more, ArrowLeft: less, ArrowDown: less, Home: 0, End: num };
    const to = keys[event.key];
    if (to !== undefined) {
      event.preventDefault();
      set(Math.min(num, Math.max(0, to)));
    }
  });
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
    line.focus();
  });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) {
      return;
    }
    const x = event.clientX - strip.getBoundingClientRect().left + strip.scrollLeft;
    const distances = Array.from({ length: num + 1 }, (_, cut) => Math.abs(edge(cut) - x));
    set(distances.indexOf(Math.min(...distances)));
  });
  const update = () => {
    const cut = cutOf(model.get("states"));
    line.style.left = `${edge(shown())}px`;
    line.dataset.own = String(cut < 0);
    line.setAttribute("aria-valuenow", shown());
    line.setAttribute("aria-valuetext", sayPlace(cut));
    line.setAttribute("aria-disabled", String(model.get("busy")));
  };
  strip.append(line);
  return { line, update };
}
