// Voila and JupyterLab both mark the body; anything else is judged by its background.
function isDark() {
  const mark = document.body.dataset.jpThemeLight;
  if (mark !== undefined) return mark === "false";
  const numbers = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? [];
  const [red, green, blue, opacity = 1] = numbers.map(Number);
  return opacity > 0 && 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}

// Calls when the page has been built and has a moment to spare.
function whenIdle(call) {
  const soon = globalThis.requestIdleCallback ?? ((later) => setTimeout(later, 500));
  return setTimeout(() => soon(call, { timeout: 5000 }), 300);
}

export default {
  render({ model, el }) {
    el.style.display = "none";
    const narrow = matchMedia("(max-width: 600px)");
    const tell = () => {
      model.set("dark", isDark());
      model.set("narrow", narrow.matches);
      model.set("left", false);
      model.set("beats", model.get("beats") + 1);
      model.save_changes();
    };
    // The last word of a page that is closed or reloaded: what it computes is for nobody then.
    const leave = () => {
      model.set("left", true);
      model.save_changes();
    };
    addEventListener("pagehide", leave);
    narrow.addEventListener("change", tell);
    const observer = new MutationObserver(tell);
    observer.observe(document.body, { attributeFilter: ["data-jp-theme-light", "class"] });
    const pulse = setInterval(tell, 10_000);
    tell();
    const idle = whenIdle(() => {
      model.set("idle", true);
      model.save_changes();
    });
    return () => {
      clearTimeout(idle);
      observer.disconnect();
      narrow.removeEventListener("change", tell);
      removeEventListener("pagehide", leave);
      clearInterval(pulse);
    };
  },
};
