// Hands one figure to the code that plotly_bundle.js loads. See plot.py.
const loaded = (globalThis.gncvizPlotly ??= {});
loaded.promise ??= new Promise((resolve, reject) => Object.assign(loaded, { resolve, reject }));

export default () => {
  const widget = loaded.promise.then((make) => (typeof make === "function" ? make() : make));
  return {
    initialize: async (context) => (await widget).initialize?.(context),
    render: async (context) => {
      const { render } = await widget;
      let cleanUp;
      // plotly measures its room when it first draws, and before the page is laid out, or in a tab
      // that is hidden, there is none yet. Later a responsive figure measures again when the window
      // says that it was resized.
      const room = new ResizeObserver(() => {
        if (cleanUp) {
          window.dispatchEvent(new Event("resize"));
        } else if (context.el.clientWidth > 0) {
          cleanUp = render(context) ?? (() => {});
        }
      });
      room.observe(context.el);
      // plotly's widget begins with a height of its own; the room may be another.
      const drawn = ({ detail }) => {
        if (context.el.contains(detail.element)) window.dispatchEvent(new Event("resize"));
      };
      document.addEventListener("plotlywidget-after-render", drawn);
      return async () => {
        room.disconnect();
        document.removeEventListener("plotlywidget-after-render", drawn);
        (await cleanUp)?.();
      };
    },
  };
};
