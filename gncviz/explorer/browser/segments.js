// One of a few, chosen by click or by arrow keys. See segments.py.
export default {
  render({ model, el }) {
    el.classList.add("gv-segments");
    el.setAttribute("role", "tablist");
    el.setAttribute("aria-label", model.get("label"));
    const choose = (value) => {
      model.set("value", value);
      model.save_changes();
    };
    // What somebody reaches for may be chosen in a moment.
    const reach = (option) => {
      model.set("near", option);
      model.save_changes();
    };
    const buttons = model.get("options").map((option) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = option;
      button.setAttribute("role", "tab");
      button.addEventListener("click", () => choose(option));
      button.addEventListener("pointerenter", () => reach(option));
      button.addEventListener("focus", () => reach(option));
      return button;
    });
    el.append(...buttons);
    el.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const options = model.get("options");
      const next = (options.indexOf(model.get("value")) + step + options.length) % options.length;
      choose(options[next]);
      buttons[next].focus();
    });
    const show = () => {
      for (const button of buttons) {
        const chosen = button.textContent === model.get("value");
        button.setAttribute("aria-selected", String(chosen));
        button.tabIndex = chosen ? 0 : -1;
      }
    };
    model.on("change:value", show);
    show();
    return () => model.off("change:value", show);
  },
};
