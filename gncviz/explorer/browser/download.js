// Saves what Python sends, and pictures of the figure that is seen. See download.py.

function save({ name, mime }, content) {
  const address = URL.createObjectURL(new Blob([content], { type: mime }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  // Inside a dialog or a menu a click may mean something else; on the page itself it does not.
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers begin to read a moment after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// plotly.js is nowhere to be called from here, but every figure carries the camera of its toolbar,
// which exports in the format that the figure's options name.
function photograph(figure, { format, name, ground }) {
  const camera = figure._fullLayout?._modeBar?.buttons
    ?.flat()
    .find((button) => button.name === "toImage");
  if (!camera) return "The figure has no camera to take a picture with.";
  // The camera copies options and layout before it returns: nobody sees that they were changed.
  const options = figure._context.toImageButtonOptions;
  const paper = figure.layout.paper_bgcolor;
  try {
    figure._context.toImageButtonOptions = { format, filename: name, scale: 2 };
    figure.layout.paper_bgcolor = ground;
    camera.click(figure);
  } finally {
    figure._context.toImageButtonOptions = options;
    figure.layout.paper_bgcolor = paper;
  }
  return "";
}

// What a figure stands on: the first opaque ground, from inside out.
function groundUnder(element) {
  for (let place = element; place; place = place.parentElement) {
    const { backgroundColor } = getComputedStyle(place);
    if (!/^rgba|^transparent|\//.test(backgroundColor)) return backgroundColor;
  }
  return "white";
}

export default () => {
  // A widget may be seen in several places, or in none; what it is told to do is done once.
  const places = new Set();

  function picture(request) {
    const [place] = places;
    // In JupyterLab other notebooks may have figures too.
    const page = place?.closest(".gv-explorer") ?? document;
    const figure = [...page.querySelectorAll(".js-plotly-plot")].find(
      (one) => one.offsetParent !== null,
    );
    if (!figure) return "There is no figure to be seen here that a picture could be taken of.";
    return photograph(figure, { ...request, ground: groundUnder(figure) });
  }

  return {
    initialize({ model }) {
      model.on("msg:custom", (request, buffers) => {
        if (request.kind === "file") {
          save(request, buffers[0]);
        } else if (request.kind === "picture") {
          model.set("trouble", picture(request));
          model.save_changes();
        }
      });
    },
    render({ el }) {
      el.style.display = "none";
      places.add(el);
      return () => places.delete(el);
    },
  };
};
