import widget, {
  joinSamples,
  levelOf,
  sayCounts,
  sayTrouble,
  taker,
} from "../../widgets/tlkit_widgets/word_recorder.js";
import { bytes, equal, fakeModel, key, keysThatEscape, mount, test } from "./harness.js";

const open = (listed = []) => {
  const m = fakeModel({ _words: ["yes", "no"], word: "yes", _seconds: 0.5, _listed: listed, _error: "" });
  const { el, end } = mount(widget, m);
  const button = (text) => [...el.querySelectorAll("button")].find((one) => one.textContent.startsWith(text));
  return { m, el, end, button, said: () => el.querySelector(".tlk-recorder-state").textContent };
};
const later = () => new Promise((done) => setTimeout(done));
const until = async (holds) => {
  const end = performance.now() + 5_000;
  while (!holds() && performance.now() < end) {
    await later();
  }
};

// A page that may use a microphone of 1000 samples a second, or is refused one; returns what the test moves.
function pretend(error) {
  const moved = { closed: false, stopped: false };
  const track = {
    stop: () => {
      moved.stopped = true;
    },
    addEventListener: (_name, act) => {
      moved.lose = act;
    },
  };
  const stream = { getTracks: () => [track] };
  const getUserMedia = () => (error ? Promise.reject(new DOMException("why", error)) : Promise.resolve(stream));
  const worklet = { addModule: () => Promise.resolve() };
  class Context {
    sampleRate = 1000;
    audioWorklet = worklet;
    resume = () => Promise.resolve();
    createMediaStreamSource = () => ({ connect: () => {} });
    close = () => {
      moved.closed = true;
    };
  }
  class Node {
    port = {};
    constructor() {
      moved.hear = (values) => this.port.onmessage({ data: Float32Array.from(values) });
    }
  }
  const faked = { isSecureContext: true, AudioContext: Context, AudioWorkletNode: Node };
  for (const [name, value] of Object.entries(faked)) {
    Object.defineProperty(window, name, { value, configurable: true });
  }
  Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia }, configurable: true });
  return moved;
}

test("an unprotected page says how to get a microphone, and that files do without", async () => {
  const { button, said, end } = open();
  equal(button("Record").disabled, true);
  button("Turn").click();
  await later();
  equal(said().includes("Open the notebook by https"), true, said());
  equal(said().includes("Sound files can be added"), true);
  end();
});

test("each trouble has its own sentence, and an unknown one its name", () => {
  const names = ["Insecure", "NotAllowedError", "NotFoundError", "NotReadableError", "Ended"];
  equal(new Set(names.map((name) => sayTrouble(name))).size, 5);
  equal(sayTrouble("OddError", "why").startsWith("The microphone cannot be used (OddError: why)."), true);
});

test("samples are joined and cut, and counts told", () => {
  equal([...joinSamples([Float32Array.of(1, 2), Float32Array.of(3, 4)], 3)], [1, 2, 3]);
  equal(sayCounts(["yes", "no"], [[0, "no", 1, false]]), "yes 0, no 1");
  equal([levelOf(0), levelOf(0.001), levelOf(1), levelOf(2)], [0, 0, 1, 1]);
});

test("a recording skips the click, and ends by itself, once", () => {
  const got = [];
  const take = taker(10, 0.4, (samples) => got.push([...samples]));
  for (const value of [1, 2, 3, 4, 5, 6, 7]) {
    take(Float32Array.of(value, value));
  }
  equal(got, [[2, 2, 3, 3]]);
});

test("a word is chosen, recorded and sent with its rate; off closes the microphone", async () => {
  const moved = pretend();
  const { m, el, button, said, end } = open();
  button("Turn").click();
  await later();
  equal(said().startsWith("The microphone is on"), true, said());
  el.querySelector("input[value=no]").click();
  equal(m.state.word, "no");
  button("Record “no”").click();
  moved.hear(Array(200).fill(0.9));
  equal([said(), button("Recording").disabled], ["Say “no” now.", false]);
  button("Recording").click(); // it is under way already
  moved.hear(Array(300).fill(0.5));
  moved.hear(Array(300).fill(0.25));
  equal(m.sent, [{ kind: "recorded", word: "no", rate: 1000 }]);
  const samples = new Float32Array(m.buffers[0][0]);
  equal([samples.length, samples[0], samples.at(-1)], [500, 0.5, 0.25]);
  equal(said(), "“no” was recorded.");
  button("Turn the microphone off").click();
  equal([moved.closed, moved.stopped, button("Record").disabled], [true, true, true]);
  end();
});

test("the microphone closes with the view, and says so if it goes away", async () => {
  const moved = pretend();
  const { button, said, end } = open();
  button("Turn").click();
  await later();
  moved.lose();
  equal(said().startsWith("The microphone was disconnected"), true);
  button("Turn the microphone on").click();
  await later();
  [moved.closed, moved.stopped] = [false, false];
  end();
  equal([moved.closed, moved.stopped], [true, true]);
});

test("a refused microphone says how to allow it", async () => {
  pretend("NotAllowedError");
  const { el, button, said, end } = open();
  button("Turn").click();
  await later();
  equal(said().startsWith("The microphone was refused"), true, said());
  equal(el.querySelector(".tlk-recorder-bad") !== null, true);
  equal([button("Turn").disabled, button("Record").disabled], [false, true]);
  end();
});

test("clips are listed, played and deleted; no key reaches the page", () => {
  const { m, el, button, end } = open([
    [0, "yes", 1.5, false],
    [3, "no", 1.5, true],
  ]);
  const texts = [...el.querySelectorAll("li span")].map((one) => one.textContent);
  equal(texts, ["1. yes, 1.5 s", "2. no, 1.5 s, too loud"]);
  el.querySelector("[aria-label='Play clip 2, no']").click();
  el.querySelector("[aria-label='Delete clip 1, yes']").click();
  equal(m.sent, [
    { kind: "play", clip: 3 },
    { kind: "delete", clip: 0 },
  ]);
  equal(
    keysThatEscape(() => key(button("Play"), "d")),
    [],
  );
  m.set("_listed", []);
  equal(el.querySelector("ul").hidden, true);
  end();
});

test("a clip that comes back is played, and an error is told", () => {
  const { m, el, said, end } = open();
  el.querySelector("audio").play = () => {};
  m.emit("msg:custom", { kind: "sound", clip: 0 }, [bytes(new Uint8Array(44))]);
  equal(el.querySelector("audio").src.startsWith("blob:"), true);
  m.set("_error", "Nothing was heard.");
  equal(said(), "Nothing was heard.");
  end();
});

test("files are sent with the chosen word, and large ones are not", async () => {
  const { m, el, said, end } = open();
  const field = el.querySelector("input[type=file]");
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(4_000_001)], "song.mp3"));
  files.items.add(new File([new Uint8Array(10)], "a.wav"));
  field.files = files.files;
  field.dispatchEvent(new Event("change"));
  equal(said(), "Larger than 4 MB: song.mp3. One word takes less: cut it out first.");
  await until(() => m.sent.length); // a file is read as fast as the machine reads it
  equal(m.sent, [{ kind: "file", word: "yes" }]);
  equal(m.buffers[0][0].byteLength, 10);
  end();
});
