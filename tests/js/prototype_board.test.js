import widget, { meansOf, nearerPart, regionOf } from "../../widgets/tlkit_widgets/prototype_board.js";
import { equal, fakeModel, frame, key, keysThatEscape, mount, test } from "./harness.js";

const PIXEL = new DataView(new Uint8Array([0xff, 0xd8, 0xff, 0xd9]).buffer);
const open = () => {
  const points = [
    [0, 0],
    [2, 0],
    [9, 0],
  ];
  const m = fakeModel({
    points,
    _start: points,
    rule: "prototype",
    accuracy: 0.5,
    class_names: ["a", "b"],
    _labels: [0, 0, 1],
    _queries: [
      [1, 1],
      [8, 1],
    ],
    _query_labels: [0, 1],
    _box: [-1, 11, -4, 4],
    _sprite: PIXEL,
    _columns: 2,
    _thumb: 56,
  });
  const { el, end } = mount(widget, m);
  return { m, el, end, tiles: [...el.querySelectorAll(".tlk-proto-tile")] };
};

test("a border lies half way between two centers", () => {
  const square = [
    [0, 0],
    [4, 0],
    [4, 4],
    [0, 4],
  ];
  equal(nearerPart(square, [1, 2], [3, 2]), [
    [0, 0],
    [2, 0],
    [2, 4],
    [0, 4],
  ]);
  equal(regionOf([[150, 200]], 0).length, 4);
  equal(
    regionOf(
      [
        [150, 200],
        [450, 200],
      ],
      1,
    ).map(([x]) => x),
    [300, 600, 600, 300],
  );
});

test("a prototype is the mean of its images", () => {
  const places = [
    [0, 0],
    [2, 4],
    [9, 1],
  ];
  equal(meansOf(places, [0, 0, 1], 2), [
    [1, 2],
    [9, 1],
  ]);
});

test("arrow keys move an image, stay inside, and leave the page alone", () => {
  const { m, tiles, end } = open();
  equal(
    keysThatEscape(() => {
      tiles[0].focus();
      key(tiles[0], "ArrowRight");
      key(tiles[0], "ArrowUp");
    }),
    [],
  );
  equal(m.state.points[0], [0.2, 0.2]);
  equal(m.state.points[1], [2, 0]);
  for (let i = 0; i < 100; i++) {
    key(tiles[2], "ArrowDown");
  }
  equal(m.state.points[2], [9, -4]);
  end();
});

test("the other rule has a region for each image and no prototypes", async () => {
  const { m, el, end } = open();
  await frame();
  equal(el.querySelectorAll(".tlk-proto-region").length, 2);
  equal(el.querySelectorAll(".tlk-proto-mean").length, 2);
  const select = el.querySelector("select");
  select.value = "neighbour";
  select.dispatchEvent(new Event("change"));
  equal(m.state.rule, "neighbour");
  await frame();
  equal(el.querySelectorAll(".tlk-proto-region").length, 3);
  equal(el.querySelectorAll(".tlk-proto-mean").length, 0);
  end();
});

test("the share is said, and all images are put back", () => {
  const { m, el, tiles, end } = open();
  equal(el.querySelector(".tlk-proto-share").textContent, "50 % of 2 queries right");
  key(tiles[1], "ArrowLeft");
  const back = [...el.querySelectorAll("button")].find((button) => button.textContent === "Put all back");
  back.click();
  equal(m.state.points, m.state._start);
  equal(tiles[1].getAttribute("aria-label"), "image 2, a: 25 from the left, 50 from the top; arrow keys move it");
  end();
});
