// Hands one figure to the code that plotly_bundle.js loads. See plot.py.
const loaded = (globalThis.gncvizPlotly ??= {});
loaded.promise ??= new Promise((resolve, reject) => Object.assign(loaded, { resolve, reject }));

export default () => {
  const widget = loaded.promise.then((make) => (typeof make === "function" ? make() : make));
  return {
    initialize: async (context) => (await widget).initialize?.(context),
    render: async (context) => {
      // plotly measures its room once, which may be before the page is laid out or while a tab is
      // hidden; a responsive figure measures again when the window says that it was resized.
      const room = new ResizeObserver(() => window.dispatchEvent(new Event("resize")));
      const cleanUp = await (await widget).render?.(context);
      room.observe(context.el);
      return () => {
        room.disconnect();
        cleanUp?.();
      };
    },
  };
};
