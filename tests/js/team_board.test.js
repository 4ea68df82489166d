import widget from "../../widgets/tlkit_widgets/team_board.js";
import { equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const PIXEL = new DataView(new Uint8Array([0xff, 0xd8, 0xff, 0xd9]).buffer);
const open = () => {
  const m = fakeModel({
    on: [true, true],
    alone: [0.9, 0.25],
    names: ["photos", "pixels"],
    accuracy: 0.5,
    milliseconds: 2.6,
    right: [true, false, true],
    _prices: [2.5, 0.1],
    _cells: [
      [true, true, false],
      [false, false, true],
    ],
    _sprite: PIXEL,
    _columns: 2,
    _thumb: 56,
  });
  const { el, end } = mount(widget, m);
  return { m, el, end, switches: [...el.querySelectorAll('[role="switch"]')] };
};
const text = (row) => [...row.cells].map((cell) => cell.textContent);

test("a member shows its share, its price and its answers", () => {
  const { el, end } = open();
  const rows = [...el.querySelectorAll("tbody tr")];
  equal(rows.length, 3);
  equal(text(rows[0]), ["on photos", "90 %", "2.50 ms", "✓right", "✓right", "×wrong"]);
  equal(text(rows[2]), ["vote", "50 %", "2.60 ms", "✓right", "×wrong", "✓right"]);
  equal(el.querySelector(".tlk-team-share").textContent, "2 members: 50 % right for 2.60 ms");
  end();
});

test("a switch takes a member out, and says so", () => {
  const { m, el, switches, end } = open();
  switches[1].click();
  equal(m.state.on, [true, false]);
  equal(m.saves, 1);
  equal(switches[1].getAttribute("aria-checked"), "false");
  equal(switches[1].getAttribute("aria-label"), "pixels votes");
  equal(el.querySelectorAll("tbody tr")[1].classList.contains("tlk-team-off"), true);
  equal(el.querySelector(".tlk-team-share").textContent, "1 member: 50 % right for 2.60 ms");
  switches[0].click();
  equal(el.querySelector(".tlk-team-share").textContent, "nobody votes");
  end();
});

test("the row of the vote follows the kernel", () => {
  const { m, el, end } = open();
  m.set("right", [false, false, false]);
  m.set("accuracy", 0.1);
  const vote = el.querySelector(".tlk-team-vote");
  equal(text(vote), ["vote", "10 %", "2.60 ms", "×wrong", "×wrong", "×wrong"]);
  end();
});

test("all are switched on again, and keys stay in the widget", () => {
  const { m, el, switches, end } = open();
  switches[0].click();
  const all = [...el.querySelectorAll("button")].find((button) => button.textContent === "Switch all on");
  all.click();
  equal(m.state.on, [true, true]);
  equal(
    keysThatEscape(() => key(switches[0], "x")),
    [],
  );
  end();
});
