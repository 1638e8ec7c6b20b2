// Unpacks and runs plotly.js for all figures of a page. Stands in the page's head where the server
// has plotly.js as a file (see served.py), and in front of plotly_bundle.js, which brings it where
// there is none; so what is here already is left alone.
(() => {
  const loaded = (globalThis.gncvizPlotly ??= {});
  loaded.promise ??= new Promise((resolve) => Object.assign(loaded, { resolve }));

  function unpack(packed) {
    return new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // It calls itself `Plotly`, but another notebook in JupyterLab may have one of its own.
  async function run(code) {
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const before = globalThis.Plotly;
    try {
      return (await import(address)).default;
    } finally {
      globalThis.Plotly = before;
      URL.revokeObjectURL(address);
    }
  }

  loaded.use ??= async (packed) => loaded.resolve(await run(await unpack(packed)));

  // From the server's file, while the kernel still starts.
  loaded.fetch ??= (address, version) => {
    loaded.version = version;
    loaded.coming = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return loaded.use(answer.body);
    });
    // Whoever waits for it hears of a failure; without a figure on the page, nobody has to.
    loaded.coming.catch(() => {});
  };
})();
