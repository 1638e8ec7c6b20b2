// Voila and JupyterLab both mark the body; anything else is judged by its background.
function isDark() {
  const mark = document.body.dataset.jpThemeLight;
  if (mark !== undefined) return mark === "false";
  const numbers = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? [];
  const [red, green, blue, opacity = 1] = numbers.map(Number);
  return opacity > 0 && 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}

export default {
  render({ model, el }) {
    el.style.display = "none";
    const tell = () => {
      model.set("dark", isDark());
      model.set("beats", model.get("beats") + 1);
      model.save_changes();
    };
    const observer = new MutationObserver(tell);
    observer.observe(document.body, { attributeFilter: ["data-jp-theme-light", "class"] });
    const pulse = setInterval(tell, 10_000);
    tell();
    return () => {
      observer.disconnect();
      clearInterval(pulse);
    };
  },
};
