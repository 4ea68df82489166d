import widget, { boxBetween, withBoxes } from "../../widgets/tlkit_widgets/box_drawing.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const PIXEL = new DataView(new Uint8Array([0xff, 0xd8, 0xff, 0xd9]).buffer);
const open = () => {
  const m = fakeModel({
    boxes: [[[10, 10, 40, 40, "cup"]], []],
    shown: 0,
    files: ["a.jpg", "b.jpg"],
    class_names: ["cup", "key"],
    _photo: PIXEL,
    _sizes: [
      [200, 100],
      [100, 100],
    ],
  });
  const { el, end } = mount(widget, m);
  const press = (text) => [...el.querySelectorAll("button")].find((button) => button.textContent === text).click();
  return { m, el, end, press, drawn: () => [...el.querySelectorAll(".tlk-box")] };
};

test("a box lies between two corners, inside the photo, and is not too small", () => {
  equal(boxBetween([50, 60], [20, -9], [200, 100]), [20, 0, 50, 60]);
  equal(boxBetween([50, 60], [51, 90], [200, 100]), null);
  equal(withBoxes([[1], [2]], 1, [3]), [[1], [3]]);
});

test("keys move, resize and delete a box, and the page sees none of them", () => {
  const { m, drawn, end } = open();
  equal(
    keysThatEscape(() => {
      drawn()[0].focus();
      key(drawn()[0], "ArrowRight");
    }),
    [],
  );
  equal(m.state.boxes[0], [[12, 10, 42, 40, "cup"]]);
  drawn()[0].dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", shiftKey: true, bubbles: true }));
  equal(m.state.boxes[0], [[12, 10, 42, 42, "cup"]]);
  key(drawn()[0], "Delete");
  equal(m.state.boxes, [[], []]);
  equal(drawn().length, 0);
  end();
});

test("a box is added by a button and renamed by the choice of a name", () => {
  const { m, el, press, drawn, end } = open();
  press("Add a box");
  equal(m.state.boxes[0][1], [80, 40, 120, 60, "cup"]);
  equal(document.activeElement === drawn()[1], true);
  const name = el.querySelector("select");
  name.value = "key";
  name.dispatchEvent(new Event("change"));
  equal(m.state.boxes[0][1][4], "key");
  equal(m.state.boxes[0][0][4], "cup");
  end();
});

test("the next photo has its own boxes", () => {
  const { m, el, press, drawn, end } = open();
  press("Next photo");
  equal(m.state.shown, 1);
  equal(drawn().length, 0);
  equal(el.querySelector('[role="status"]').textContent, "Photo 2 of 2, b.jpg. Boxes here: 0, in all: 1.");
  press("Photo before");
  equal(drawn().length, 1);
  end();
});
