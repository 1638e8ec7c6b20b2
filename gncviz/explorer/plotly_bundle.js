// Loads plotly's widget code for all figures of the page. See plot.py.
const loaded = (globalThis.gncvizPlotly ??= {});
loaded.promise ??= new Promise((resolve, reject) => Object.assign(loaded, { resolve, reject }));

export default {
  initialize({ model }) {
    const code = new Blob([model.get("code")], { type: "text/javascript" });
    const address = URL.createObjectURL(code);
    import(address).then((module) => loaded.resolve(module.default), loaded.reject);
  },
};
