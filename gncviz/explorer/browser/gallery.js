// Small pictures to choose from. See gallery.py.
export default {
  render({ model, el }) {
    el.classList.add("gv-gallery");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", "The paper's panels");
    const buttons = new Map();
    for (const { key, title, about, picture, verdict, whole } of model.get("cards")) {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", about);
      button.title = about;
      const name = document.createElement("span");
      name.textContent = title;
      const held = document.createElement("small");
      held.textContent = `${whole ? "✓" : "!"} ${verdict}`;
      held.classList.toggle("gv-not-whole", !whole);
      button.append(name);
      // Made by gncviz, of numbers only.
      button.insertAdjacentHTML("beforeend", picture);
      button.append(held);
      button.addEventListener("click", () => {
        model.set("chosen", key);
        model.save_changes();
      });
      buttons.set(key, button);
      el.append(button);
    }
    const show = () => {
      for (const [key, button] of buttons) {
        button.setAttribute("aria-pressed", String(key === model.get("chosen")));
      }
    };
    model.on("change:chosen", show);
    show();
    return () => model.off("change:chosen", show);
  },
};
