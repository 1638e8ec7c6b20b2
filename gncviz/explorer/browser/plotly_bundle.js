// Brings plotly.js to all figures of the page: from the browser's own store where it has been here
// before, and from Python otherwise. See plot.py.
const loaded = (globalThis.gncvizPlotly ??= {});
loaded.promise ??= new Promise((resolve) => Object.assign(loaded, { resolve }));

const STORES = "gncviz-plotly-";
const PLACE = "/gncviz/plotly.js.gz";

// Browsers keep nothing for a page that is not served safely, or where they are told not to.
async function storeFor(version) {
  try {
    const others = (await caches.keys()).filter(
      (name) => name.startsWith(STORES) && name !== STORES + version,
    );
    await Promise.all(others.map((name) => caches.delete(name)));
    return await caches.open(STORES + version);
  } catch {
    return undefined;
  }
}

async function unpack(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// plotly.js hands itself to a `module` where there is one, but calls itself `Plotly` all the same:
// another notebook in JupyterLab may have one of its own.
async function run(code) {
  const parts = ["const module = { exports: {} };\n", code, "\nexport default module.exports;"];
  const address = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  const before = globalThis.Plotly;
  try {
    return (await import(address)).default;
  } finally {
    globalThis.Plotly = before;
    URL.revokeObjectURL(address);
  }
}

export default {
  async initialize({ model }) {
    const store = await storeFor(model.get("version"));
    const use = async (packed) => loaded.resolve(await run(await unpack(packed)));
    model.on("msg:custom", async (_, [packed]) => {
      await use(packed);
      await store?.put(PLACE, new Response(packed)).catch(() => {});
    });
    const kept = await store?.match(PLACE);
    try {
      if (kept) return await use(await kept.arrayBuffer());
    } catch {
      // What was kept is damaged.
    }
    model.send({ kind: "wanted" });
  },
};
