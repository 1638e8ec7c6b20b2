// Brings plotly.js to all figures of the page: the page may fetch it by itself (plotly_loader.js); if
// not, it comes from the browser's own store where it has been here before, and from Python
// otherwise. See plot.py.
const loaded = globalThis.gncvizPlotly;

const STORES = "gncviz-plotly-";
const PLACE = "/gncviz/plotly.mjs.gz";

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

// The first that succeeds.
async function fromAnywhere(model) {
  const version = model.get("version");
  // One of another version than Python's would draw its figures wrongly.
  if (loaded.version === version && (await works(() => loaded.coming))) return;
  const store = await storeFor(version);
  const kept = await store?.match(PLACE);
  if (kept && (await works(() => loaded.use(kept.body)))) return;
  model.on("msg:custom", async (_, [packed]) => {
    await loaded.use(new Blob([packed]).stream());
    await store?.put(PLACE, new Response(packed)).catch(() => {});
  });
  model.send({ kind: "wanted" });
}

async function works(attempt) {
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}

export default { initialize: ({ model }) => fromAnywhere(model) };
