// Draws the whole figure that Python sends, whenever it sends another. See plot.py.
const loaded = (globalThis.gncvizPlotly ??= {});
loaded.promise ??= new Promise((resolve) => Object.assign(loaded, { resolve }));

// A finger scrolls the page over a figure and taps at points; it has no use for a toolbar that
// comes and goes.
const TOUCHED = globalThis.matchMedia?.("(hover: none)").matches;
const CONFIG = {
  displayModeBar: TOUCHED ? false : "hover",
  displaylogo: false,
  showSendToCloud: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
};

function describe(element, { version, alt, state }) {
  // Not an image: plotly's toolbar is inside, and can be reached.
  element.setAttribute("role", "figure");
  element.setAttribute("aria-label", alt);
  element.dataset.state = state;
  element.dataset.version = version;
}

function fills({ width, height }, room) {
  return Math.abs(width - room.width) < 1 && Math.abs(height - room.height) < 1;
}

// Who does not want motion sees the next figure at once.
const STILL = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

// Whether one figure can move into another: its curves and axes are the same ones, elsewhere.
function alike(before, now) {
  const make = ({ data, layout }) => [
    ...data.map(({ type, mode, name, x }) => `${type} ${mode} ${name} ${x?.length}`),
    ...Object.keys(layout).filter((name) => /^[xy]axis/.test(name)),
  ];
  return before !== undefined && `${make(before)}` === `${make(now)}`;
}

export default {
  render({ model, el }) {
    el.classList.add("gv-figure");
    const plot = document.createElement("div");
    el.append(plot);
    let plotly;
    let drawn = 0;
    let shown;
    let asked = 0;

    const draw = () => {
      asked = 0;
      // Without room, in a tab that is hidden say, there is nothing to measure: it is drawn when
      // there is some.
      if (el.clientWidth === 0) return;
      const figure = model.get("figure");
      // One without a height of its own is as high as the page has room for (style/).
      el.classList.toggle("gv-fluid", figure.layout?.height === undefined);
      if (!plotly) return;
      if (figure.version > drawn) {
        drawn = figure.version;
        // plotly writes into what it is given, which is the model's and of other views as well.
        const { data, layout } = structuredClone(figure);
        if (TOUCHED) layout.dragmode = false;
        if (STILL?.matches || !alike(shown, figure)) delete layout.transition;
        shown = figure;
        plotly.react(plot, data, layout, CONFIG);
      } else if (drawn && !fills(plot._fullLayout, plot.getBoundingClientRect())) {
        plotly.Plots.resize(plot);
      }
    };
    const ask = () => {
      // At once: words beside the figure that came with it are there already.
      if (model.get("figure").version) describe(el, model.get("figure"));
      asked ||= requestAnimationFrame(draw);
    };
    model.on("change:figure", ask);
    const room = new ResizeObserver(ask);
    room.observe(el);
    loaded.promise.then((found) => {
      plotly = found;
      ask();
    });
    return () => {
      cancelAnimationFrame(asked);
      room.disconnect();
      model.off("change:figure", ask);
      plotly?.purge(plot);
      plotly = undefined;
    };
  },
};
