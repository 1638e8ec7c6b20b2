// Hands one figure to the code that plotly_bundle.js loads. See plot.py.
const loaded = (globalThis.gncvizPlotly ??= {});
loaded.promise ??= new Promise((resolve, reject) => Object.assign(loaded, { resolve, reject }));

export default () => {
  const widget = loaded.promise.then((make) => (typeof make === "function" ? make() : make));
  return {
    initialize: async (context) => (await widget).initialize?.(context),
    render: async (context) => (await widget).render?.(context),
  };
};
