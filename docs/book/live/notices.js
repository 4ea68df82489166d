const NOTICES = {
  none: "This needs a kernel",
  nearest: "This is the nearest answer that the book keeps. Any other needs a kernel",
  controls: "The controls of this figure need a kernel",
  recorded:
    "This training was recorded, and its times are those of the machine that did it. Another one needs a kernel",
};

// A line below a widget that says what the book cannot do, and how to do it. The function that is returned sets it:
// `why` is one of the names above, or nothing, and `known` are texts that need no kernel.
export function notice(place) {
  const line = Object.assign(document.createElement("p"), { className: "book-notice", hidden: true });
  const [command, notebook] = ["tlkit lab", place.dataset.lesson].map((text) =>
    Object.assign(document.createElement("code"), { textContent: text }),
  );
  line.setAttribute("role", "status");
  place.append(line);
  return (why, known = []) => {
    line.hidden = !why;
    const kept = known.length ? ` Without one: ${known.map((text) => `“${text}”`).join(", ")}.` : "";
    line.replaceChildren(...(why ? [`${NOTICES[why]}: run `, command, ", and open ", notebook, `.${kept}`] : []));
  };
}
