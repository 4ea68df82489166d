import widget, { arrowTo, pacesOf, sayPace, sayWhoPays } from "../../widgets/tlkit_widgets/gradient_dial.js";
import { equal, fakeModel, frame, mount, test } from "./harness.js";

const start = { angle: 60, length: 1, weight: 1 };
const open = () => {
  const measured = { loop: { angle: 93, length: 0.8, gain: 3.1 }, noise: { angle: 98, length: 1.1, gain: -4.2 } };
  const m = fakeModel({ ...start, _start: start, first: "digit", measured });
  const { el, end } = mount(widget, m);
  const slide = (k, value) => {
    const range = el.querySelectorAll("input")[k];
    range.value = value;
    range.dispatchEvent(new Event("input"));
  };
  return { m, el, end, slide, said: () => el.querySelector(".tlk-dial-readings").textContent };
};
const rounded = (values) => values.map((value) => Math.round(1000 * value) / 1000 + 0);

test("a step is as fast as both gradients allow", () => {
  equal(rounded(pacesOf(90, 2, 3)), [1, 1]);
  equal(rounded(pacesOf(0, 1, 1)), [2, 2]);
  equal(rounded(pacesOf(120, 1, 1)), [0.5, 0.5]);
  equal(rounded(pacesOf(120, 3, 1)), [-0.5, 0.833]);
  equal(rounded(pacesOf(120, 3, 0.1)), [0.85, -0.667]);
});

test("the paces are said in words, and who pays", () => {
  equal(sayPace(0.5), "falls at 50 % of its pace alone");
  equal(sayPace(-0.25), "rises at 25 % of that pace");
  equal(sayPace(-0.001), "stays as it is");
  equal(sayWhoPays([0.5, 0.5], "digit"), "Both losses fall.");
  equal(sayWhoPays([-0.5, 0.8], "digit"), "digit pays for the step.");
  equal(sayWhoPays([0.8, -0.7], "digit"), "The second task pays for the step.");
  equal(sayWhoPays([0, 0], "digit"), "Neither loss falls.");
});

test("a place on the stage is an angle and a length", () => {
  equal(arrowTo(300 + 136, 294), { angle: 0, length: 2 });
  equal(arrowTo(300, 294 - 68), { angle: 90, length: 1 });
  equal(arrowTo(300 - 68, 320), { angle: 180, length: 1 });
  equal(arrowTo(300, 294), { angle: 0, length: 0.05 });
});

test("sliders set the traits, and the readings follow", async () => {
  const { m, el, end, slide, said } = open();
  slide(0, 120);
  slide(1, 3);
  equal([m.state.angle, m.state.length], [120, 3]);
  equal(said().includes("digit pays for the step."), true);
  equal(said().includes("rises at 50 % of that pace"), true);
  slide(2, 0.25);
  equal(said().includes("Both losses fall."), true);
  equal(el.querySelectorAll("input")[0].getAttribute("aria-valuetext"), "120°");
  await frame();
  equal(el.querySelectorAll(".tlk-dial-stage .tlk-dial-step").length, 1);
  end();
});

test("a measured task sets the dial, and the dial is put back", () => {
  const { m, el, end } = open();
  const [loop, noise] = el.querySelectorAll(".tlk-dial-measured button");
  equal(loop.textContent.trim(), "loop: 93°, +3.1 points");
  equal(noise.textContent.trim(), "noise: 98°, −4.2 points");
  m.state.weight = 3;
  noise.click();
  equal([m.state.angle, m.state.length, m.state.weight], [98, 1.1, 1]);
  const back = [...el.querySelectorAll("button")].find((button) => button.textContent === "Put the dial back");
  back.click();
  equal([m.state.angle, m.state.length, m.state.weight], [60, 1, 1]);
  end();
});
