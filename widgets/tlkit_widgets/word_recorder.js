import { h, newId, onChange, plural, put, startView } from "./shared/common.js";

const DELAY = 0.2; // seconds from the press to the recording, so that the click is not heard in it
const MAX_BYTES = 4_000_000; // of a file
// Nothing between the voice and the numbers: filters for calls bend words.
const RAW = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const PLACE = "The sounds go to this notebook's Python and nowhere else; no file is written.";
const OTHER_WAY = "Sound files can be added below in any case.";

// It runs beside the page and passes on samples as the sound card measured them.
const PROCESSOR = `registerProcessor("tlk-samples", class extends AudioWorkletProcessor {
  process([[samples]]) {
    if (samples) this.port.postMessage(samples.slice());
    return true;
  }
});`;

// Why the microphone cannot be used, and what to do: for the name of the browser's error.
export function sayTrouble(name, message = "") {
  const reasons = {
    Insecure:
      "This page came over an unprotected connection (http) from another computer, or this program has no microphone " +
      "for pages. Open the notebook by https, or in a browser on the computer where Python runs.",
    NotAllowedError:
      "The microphone was refused. If you want to use it, press the sign to the left of the page's address, allow the " +
      "microphone, and turn it on again.",
    NotFoundError: "No microphone was found. Connect one, and turn it on again.",
    NotReadableError:
      "The microphone is there, but it cannot be opened. Does another program use it, or does the system keep it from " +
      "the browser?",
    Ended: "The microphone was disconnected, or its permission was withdrawn.",
  };
  const said = reasons[name] ?? `The microphone cannot be used (${[name, message].filter(Boolean).join(": ")}).`;
  return `${said} ${OTHER_WAY}`;
}

// One array of the first `length` samples of many.
export function joinSamples(parts, length) {
  const joined = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    const kept = part.subarray(0, length - at);
    joined.set(kept, at);
    at += kept.length;
  }
  return joined;
}

// The length of the meter's bar: 0 at 60 dB below the loudest that can be measured, 1 at it.
export const levelOf = (peak) => Math.min(1, Math.max(0, 1 + Math.log10(Math.max(peak, 1e-9)) / 3));

// An open microphone: `hear` gets its samples, `lost` is called if it goes away by itself.
async function openMicrophone(hear, lost) {
  if (!(window.isSecureContext && navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode)) {
    throw new DOMException("", "Insecure");
  }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: RAW });
  const context = new AudioContext();
  const close = () => {
    for (const track of stream.getTracks()) {
      track.stop();
    }
    return context.close();
  };
  const url = URL.createObjectURL(new Blob([PROCESSOR], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
    await context.resume();
  } catch (error) {
    close();
    throw error;
  } finally {
    URL.revokeObjectURL(url);
  }
  const node = new AudioWorkletNode(context, "tlk-samples", { numberOfOutputs: 0 });
  node.port.onmessage = ({ data }) => hear(data);
  context.createMediaStreamSource(stream).connect(node);
  stream.getTracks()[0].addEventListener("ended", lost);
  return { rate: context.sampleRate, close };
}

// What is told about clips: how many there are of each word.
export const sayCounts = (words, listed) =>
  words.map((word) => `${word} ${listed.filter((clip) => clip[1] === word).length}`).join(", ");

function wordChoice(model) {
  const name = newId();
  const inputs = model.get("_words").map((word) => {
    const input = h("input", { type: "radio", name, value: word });
    input.addEventListener("change", () => put(model, { word }));
    return input;
  });
  const labels = inputs.map((input) => h("label", {}, input, input.value));
  const group = h("fieldset", { class: "tlk-segments" }, h("legend", { class: "tlk-hidden" }, "Word"), ...labels);
  const update = () => {
    for (const input of inputs) {
      input.checked = input.value === model.get("word");
    }
  };
  return { group, update };
}

// The list of clips, each with a button that plays and one that deletes it.
function clipList(model) {
  const list = h("ul", { class: "tlk-recorder-clips", "aria-label": "Recorded clips", tabindex: 0 });
  const ask = (kind, clip, text, label) => {
    const button = h("button", { type: "button", "aria-label": label }, text);
    button.addEventListener("click", () => model.send({ kind, clip }));
    return button;
  };
  const item = ([clip, word, seconds, loud], k) => {
    const text = `${k + 1}. ${word}, ${seconds.toFixed(1)} s${loud ? ", too loud" : ""}`;
    const which = `clip ${k + 1}, ${word}`;
    const buttons = [ask("play", clip, "Play", `Play ${which}`), ask("delete", clip, "Delete", `Delete ${which}`)];
    return h("li", {}, h("span", {}, text), ...buttons);
  };
  const update = () => {
    const hadFocus = list.contains(document.activeElement);
    list.replaceChildren(...model.get("_listed").map(item));
    list.hidden = !list.children.length;
    if (hadFocus && !list.hidden) {
      list.focus(); // the pressed button is gone
    }
    list.scrollTop = list.scrollHeight;
  };
  return { list, update };
}

// A field for sound files, which get the chosen word as their label.
function fileField(model, tell) {
  const field = h("input", { type: "file", accept: "audio/*,.wav,.flac,.ogg,.mp3", multiple: "" });
  field.addEventListener("change", async () => {
    const [word, files] = [model.get("word"), [...field.files]];
    field.value = ""; // the same file may come again
    const large = files.filter((file) => file.size > MAX_BYTES).map((file) => file.name);
    if (large.length) {
      tell(`Larger than 4 MB: ${large.join(", ")}. One word takes less: cut it out first.`, true);
    } else {
      tell(`${plural(files.length, "file")} for “${word}”.`);
    }
    for (const file of files.filter(({ size }) => size <= MAX_BYTES)) {
      model.send({ kind: "file", word }, undefined, [await file.arrayBuffer()]);
    }
  });
  return h("label", {}, "Or add sound files of this word: ", field);
}

// A recording under way: it takes samples, skips the first, and calls `done` with the rest when they are enough.
export function taker(rate, seconds, done, begun = () => {}) {
  const length = Math.round(rate * seconds);
  let skip = Math.round(rate * DELAY);
  let missing = length;
  const parts = [];
  return (samples) => {
    if (missing <= 0) {
      return;
    }
    if (skip > 0) {
      skip -= samples.length;
      if (skip <= 0) {
        begun();
      }
      return;
    }
    parts.push(samples);
    missing -= samples.length;
    if (missing <= 0) {
      done(joinSamples(parts, length));
    }
  };
}

// The microphone and its two buttons: on and off, and record.
function microphone(model, tell) {
  const power = h("button", { type: "button" });
  const record = h("button", { type: "button", class: "tlk-first" });
  const level = h("div", { class: "tlk-recorder-level", "aria-hidden": "true" }, h("div"));
  let [open, opening, take, shown, ended] = [null, false, null, 0, false];

  const show = () => {
    power.textContent = open ? "Turn the microphone off" : "Turn the microphone on";
    power.disabled = opening;
    record.textContent = take ? "Recording …" : `Record “${model.get("word")}”`;
    record.disabled = !open;
    if (!open) {
      level.style.setProperty("--tlk-level", 0);
    }
  };
  const hear = (samples) => {
    take?.(samples);
    const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    shown = Math.max(levelOf(peak), shown - 0.004); // it falls slowly enough to be seen
    level.style.setProperty("--tlk-level", shown.toFixed(3));
    level.classList.toggle("tlk-recorder-loud", peak > 0.99);
  };
  const turnOff = () => {
    open?.close();
    [open, take] = [null, null];
    show();
  };
  const lost = () => {
    turnOff();
    tell(sayTrouble("Ended"), true);
  };
  const turnOn = async () => {
    opening = true;
    show();
    tell("The browser asks whether this page may use the microphone.");
    try {
      const found = await openMicrophone(hear, lost);
      if (ended) {
        found.close();
        return;
      }
      open = found;
      tell("The microphone is on. Choose a word, press Record, and say it once.");
    } catch (error) {
      tell(sayTrouble(error.name, error.message), true);
    } finally {
      opening = false;
      show();
    }
  };
  power.addEventListener("click", () => {
    if (open) {
      turnOff();
      tell("The microphone is off.");
    } else {
      turnOn();
    }
  });
  record.addEventListener("click", () => {
    if (take) {
      return;
    }
    const [word, { rate }] = [model.get("word"), open];
    const done = (samples) => {
      take = null;
      show();
      tell(`“${word}” was recorded.`);
      model.send({ kind: "recorded", word, rate }, undefined, [samples.buffer]);
    };
    take = taker(rate, model.get("_seconds"), done, () => tell(`Say “${word}” now.`));
    tell("Get ready.");
    show();
  });
  const end = () => {
    ended = true;
    turnOff();
  };
  return { power, record, level, show, end };
}

function render({ model, el }) {
  startView(el, "tlk-recorder");
  const state = h("output", { class: "tlk-recorder-state", role: "status" });
  const tell = (text, bad = false) => {
    state.textContent = text;
    state.classList.toggle("tlk-recorder-bad", bad);
  };
  const [choice, clips, mic] = [wordChoice(model), clipList(model), microphone(model, tell)];
  const counts = h("div", { class: "tlk-soft" });
  const sound = h("audio", {});
  const update = () => {
    choice.update();
    clips.update();
    mic.show();
    const listed = model.get("_listed");
    counts.textContent = `${plural(listed.length, "clip")}: ${sayCounts(model.get("_words"), listed)}. ${PLACE}`;
  };
  onChange(model, ["word", "_listed"], update);
  model.on("change:_error", () => {
    if (model.get("_error")) {
      tell(model.get("_error"), true);
    }
  });
  model.on("msg:custom", ({ kind }, [wave]) => {
    if (kind === "sound") {
      URL.revokeObjectURL(sound.src);
      sound.src = URL.createObjectURL(new Blob([wave], { type: "audio/wav" }));
      sound.play();
    }
  });
  el.append(
    h("div", { class: "tlk-row" }, mic.power, mic.level),
    h("div", { class: "tlk-row tlk-recorder-words" }, choice.group, mic.record),
    state,
    clips.list,
    fileField(model, tell),
    counts,
    sound,
  );
  update();
  return () => {
    mic.end();
    URL.revokeObjectURL(sound.src);
  };
}
export default { render };
