import widget from "../../widgets/tlkit_widgets/augmentation_preview.js";
import { bytes, equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const open = () => {
  const m = fakeModel({
    rotation: 0.25,
    zoom: 0,
    shift: 0,
    brightness: 0,
    contrast: 0,
    flip: "none",
    index: 0,
    seed: 3,
    code: "a",
    captions: ["cat", "dog"],
    num_images: 2,
    _sprite: bytes(new Uint8Array(4)),
    _columns: 3,
    _thumb: 8,
  });
  return { m, ...mount(widget, m) };
};

test("values in the units of a person", () => {
  const { el, end } = open();
  equal([...el.querySelectorAll("output")].map((output) => output.textContent).slice(0, 3), ["cat", "± 90°", "± 0 %"]);
  end();
});

test("sliders, flip, image and draws are traits", () => {
  const { m, el, end } = open();
  const [index, rotation] = el.querySelectorAll("input");
  rotation.value = 0.1;
  rotation.dispatchEvent(new Event("input"));
  index.value = 1;
  index.dispatchEvent(new Event("input"));
  const flip = el.querySelector("select");
  flip.value = "horizontal";
  flip.dispatchEvent(new Event("change"));
  el.querySelector("button").click();
  equal([m.state.rotation, m.state.index, m.state.flip, m.state.seed, m.saves], [0.1, 1, "horizontal", 4, 4]);
  equal(el.querySelector("output").textContent, "dog");
  equal(
    keysThatEscape(() => key(rotation, "ArrowUp")),
    [],
  );
  end();
});

test("new pictures and code are shown", () => {
  const { m, el, end } = open();
  const before = el.querySelector(".tlk-tile").style.backgroundImage;
  m.set("_sprite", bytes(new Uint8Array(8)));
  m.set("code", "b");
  equal(el.querySelectorAll(".tlk-tile").length, 9);
  equal(el.querySelector(".tlk-tile").style.backgroundImage === before, false);
  equal(el.querySelector("pre").textContent, "b");
  end();
});
