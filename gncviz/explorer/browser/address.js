// Reads the page's address, and writes what Python wants there. See address_bar.py.
const PAUSE = 200;

// Voila's templates, ours among them, mark the body. JupyterLab, Notebook and whatever else shows
// widgets do not: their addresses say which file is open, and are not ours to change. Asking for
// Voila, and not for the absence of JupyterLab, leaves alone what nobody here has heard of.
const isOurs = () => document.body.dataset.voila !== undefined;

export default {
  render({ model, el }) {
    el.style.display = "none";
    let last = -PAUSE;
    let waiting;
    const write = () => {
      waiting = undefined;
      last = performance.now();
      const address = new URL(location.href);
      address.search = model.get("wanted");
      if (address.href !== location.href) history.replaceState(history.state, "", address);
    };
    const follow = () => {
      // Browsers refuse to change the address too often: what comes faster is written in one.
      if (isOurs()) waiting ??= setTimeout(write, Math.max(0, last + PAUSE - performance.now()));
    };
    model.on("change:wanted", follow);
    const linked = isOurs() && new URLSearchParams(location.search).has("gv");
    const arrive = () => {
      document.body.classList.toggle("gv-arriving", linked && !model.get("followed"));
    };
    model.on("change:followed", arrive);
    arrive();
    if (!model.get("ready")) {
      model.set("query", isOurs() ? location.search : "");
      model.set("ready", true);
      model.save_changes();
    }
    return () => {
      clearTimeout(waiting);
      model.off("change:wanted", follow);
      model.off("change:followed", arrive);
    };
  },
};
