import widget, { heatColor, topClasses } from "../../widgets/tlkit_widgets/grad_cam/widget.js";
import { bytes, equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const open = () => {
  const m = fakeModel({
    index: 0,
    class_index: null,
    block: "late",
    strength: 1,
    blocks: ["early", "late"],
    class_names: ["cat", "dog", "owl"],
    num_images: 2,
    _labels: [1, 0],
    _shares: [0.2, 0.7, 0.1],
    _heat: bytes(Float32Array.of(0, 0, 0, 1)),
    _rows: 2,
    _sprite: bytes(new Uint8Array(4)),
    _columns: 2,
    _thumb: 8,
  });
  return { m, ...mount(widget, m) };
};
const names = (el) => [...el.querySelectorAll(".tlk-cam-classes button")].map((b) => b.firstChild.textContent);

test("colours grow lighter", () => {
  const light = [0, 0.25, 0.5, 0.75, 1].map((v) => heatColor(v).reduce((a, b) => a + b));
  equal(
    light,
    [...light].sort((a, b) => a - b),
  );
  equal(
    [heatColor(-1), heatColor(2)],
    [
      [0, 0, 4],
      [252, 255, 164],
    ],
  );
});

test("the explained class is always listed", () => {
  equal(topClasses([0.1, 0.5, 0.4], 1, 2), [1, 2]);
  equal(topClasses([0.1, 0.5, 0.4], 0, 2), [1, 0]);
});

test("classes by share, with the true one marked; a press explains another", () => {
  const { m, el, end } = open();
  equal(names(el), ["dog (true)", "cat", "owl"]);
  equal(el.querySelector("[role=status]").textContent, "Image 0: bright places speak for dog.");
  el.querySelectorAll(".tlk-cam-classes button")[1].click();
  equal(m.state.class_index, 0);
  equal(el.querySelector("[aria-pressed=true]").firstChild.textContent, "cat");
  end();
});

test("another image is explained by its own prediction", () => {
  const { m, el, end } = open();
  const slider = el.querySelector("input");
  m.set("class_index", 0);
  slider.value = 1;
  slider.dispatchEvent(new Event("input"));
  equal([m.state.index, m.state.class_index, m.saves], [1, null, 1]);
  equal(
    keysThatEscape(() => key(slider, "ArrowRight")),
    [],
  );
  end();
});

test("the heat is drawn where it is, and follows the strength", () => {
  const { m, el, end } = open();
  const g = el.querySelector("canvas").getContext("2d");
  const light = (x, y) =>
    g
      .getImageData(x, y, 1, 1)
      .data.slice(0, 3)
      .reduce((a, b) => a + b);
  equal(light(250, 250) > 400, true, "bottom right");
  equal(light(30, 30) < 30, true, "top left");
  m.set("strength", 0);
  equal(g.getImageData(250, 250, 1, 1).data[3], 0);
  end();
});
