// Shows the story from one file: scenes that were described beforehand, and what leads from one to
// the other. Figures, sliders and what screen readers need are the page's own scripts. See page.py.
const bytes = (id) =>
  Uint8Array.from(atob(document.getElementById(id).textContent), (one) => one.charCodeAt(0));

const unpacked = (id) => new Blob([bytes(id)]).stream();

async function script(name) {
  const address = URL.createObjectURL(new Blob([bytes(`gv-${name}`)], { type: "text/javascript" }));
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}

// What the page's scripts take for a model: here, nobody is behind it.
class Model {
  #traits;
  #heard = new Map();
  constructor(traits, saved = () => {}) {
    this.#traits = traits;
    this.save_changes = saved;
  }
  get(name) {
    return this.#traits[name];
  }
  set(name, value) {
    this.#traits[name] = value;
  }
  on(event, call) {
    this.#heard.set(event, call);
  }
  off(event) {
    this.#heard.delete(event);
  }
  put(traits) {
    Object.assign(this.#traits, traits);
    for (const name of ["change", ...Object.keys(traits).map((trait) => `change:${trait}`)]) {
      this.#heard.get(name)?.();
    }
  }
}

function make(parent, name, kind = "div") {
  const element = document.createElement(kind);
  element.className = name;
  parent.append(element);
  return element;
}

function button(parent, text, press) {
  const element = make(parent, "jupyter-button widget-button", "button");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", press);
  return element;
}

const packed = new DecompressionStream("gzip");
const { scenes, figures } = await new Response(unpacked("gv-scenes").pipeThrough(packed)).json();
const [access, figureView, stepsSlider] = await Promise.all(
  ["access", "figure_view", "steps_slider"].map(script),
);

const told = make(document.querySelector(".gv-story"), "gv-told");
const seen = make(document.querySelector(".gv-story"), "gv-seen");
const text = make(told, "gv-story-text");
const steps = make(told, "gv-steps");
const acts = make(told, "gv-acts");
const controls = make(told, "gv-set");
const numbers = make(seen, "gv-numbers");
const plot = make(seen, "gv-plot");
const source = make(make(seen, "gv-source"), "widget-html-content");

let present = 0;
const back = button(steps, "Back", () => show(scenes[present].back));
const place = make(steps, "gv-place");
const next = button(steps, "Next", () => show(scenes[present].next));
next.classList.add("mod-primary");

const figure = new Model({ figure: { version: 0 } });
const sliders = [];

function slider(number) {
  const model = new Model({ label: "", values: [], index: 0, asked: false }, () => {
    show(scenes[present].sliders[number].leads[model.get("index")]);
  });
  const el = make(controls, "");
  stepsSlider.render({ model, el });
  return { model, el };
}

const activation = make(controls, "widget-dropdown");
const choice = document.createElement("select");
const label = document.createElement("label");
label.textContent = "Activation";
label.append(choice);
activation.append(label);
choice.addEventListener("change", () => show(Number(choice.value)));

function showControls(scene) {
  scene.sliders.forEach((one, number) => {
    sliders[number] ??= slider(number);
    sliders[number].model.put(one);
  });
  sliders.forEach(({ el }, number) => (el.hidden = number >= scene.sliders.length));
  activation.hidden = !Object.keys(scene.activations).length;
  choice.replaceChildren(
    ...Object.entries(scene.activations).map(([name, number]) => {
      return new Option(name, number, false, number === present);
    }),
  );
}

const narrow = matchMedia("(max-width: 600px)");

function show(number) {
  const scene = scenes[number];
  present = number;
  text.innerHTML = scene.text;
  numbers.innerHTML = scene.numbers;
  source.textContent = scene.source;
  place.textContent = scene.step;
  back.disabled = scene.back === null;
  next.disabled = scene.next === null;
  acts.classList.toggle("gv-answers", text.querySelector(".gv-question") !== null);
  acts.replaceChildren();
  for (const [name, leads] of Object.entries(scene.acts)) button(acts, name, () => show(leads));
  showControls(scene);
  const { version } = figure.get("figure");
  const drawn = figures[narrow.matches ? scene.narrow : scene.figure];
  figure.put({ figure: { ...drawn, version: version + 1, alt: scene.alt, state: "stored" } });
}

narrow.addEventListener("change", () => show(present));
figureView.render({ model: figure, el: plot });
access.render({ el: make(document.querySelector(".gv-explorer"), "") });
show(0);
await gncvizPlotly.use(unpacked("gv-plotly"));
