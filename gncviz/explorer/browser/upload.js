// Sends a file that a visitor chose, unless it is too large. See upload.py.
export default {
  render({ model, el }) {
    el.classList.add("gv-upload");
    const label = document.createElement("label");
    const button = document.createElement("span");
    button.textContent = model.get("label");
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".csv,text/csv";
    const name = document.createElement("output");
    label.append(button, input);
    el.append(label, name);
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      const small = file.size <= model.get("most");
      const content = small ? [await file.arrayBuffer()] : [];
      model.send({ kind: "file", name: file.name, size: file.size }, undefined, content);
      // The same file again, once it has been mended, is a change as well.
      input.value = "";
    });
    const show = () => {
      name.textContent = model.get("name");
    };
    model.on("change:name", show);
    show();
    return () => model.off("change:name", show);
  },
};
