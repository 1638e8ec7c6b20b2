// A slider over a few values, the browser's own. See steps_slider.py.
export default {
  render({ model, el }) {
    el.classList.add("gv-steps-slider");
    const label = document.createElement("label");
    const name = document.createElement("span");
    const shown = document.createElement("output");
    const input = document.createElement("input");
    input.type = "range";
    input.min = 0;
    label.append(name, shown, input);
    el.append(label);
    input.addEventListener("input", () => {
      model.set("index", Number(input.value));
      model.save_changes();
      show();
    });
    const show = () => {
      const values = model.get("values");
      const index = Math.min(model.get("index"), values.length - 1);
      name.textContent = model.get("label");
      input.setAttribute("aria-label", model.get("label"));
      input.max = values.length - 1;
      input.value = index;
      shown.textContent = values[index] ?? "";
      input.setAttribute("aria-valuetext", values[index] ?? "");
      el.classList.toggle("gv-asked", model.get("asked"));
    };
    model.on("change", show);
    show();
    return () => model.off("change", show);
  },
};
