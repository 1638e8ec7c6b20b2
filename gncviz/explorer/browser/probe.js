// Milliseconds between two signs of life, and how many of them may go unanswered: a kernel that loads
// torch is silent for a few seconds.
const PULSE = 10_000;
const PATIENCE = 3;

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

// Says that nobody answers any more, and offers what helps. Voila's page belongs to one kernel, which
// does not come back; in JupyterLab a person can run the cell again.
function connection() {
  let lost;
  const show = (answered) => {
    if (answered || document.body.dataset.voila === undefined) {
      lost?.remove();
      lost = undefined;
    } else if (!lost) {
      lost = document.createElement("div");
      lost.className = "gv-lost";
      lost.setAttribute("role", "alert");
      lost.textContent =
        "The server does not answer any more. What is shown stays, but nothing can be changed. ";
      const button = document.createElement("button");
      button.textContent = "Load the page again";
      button.addEventListener("click", () => location.reload());
      lost.append(button);
      document.querySelector(".gv-explorer")?.prepend(lost);
    }
  };
  return show;
}

export default {
  render({ model, el }) {
    el.style.display = "none";
    let unanswered = 0;
    const show = connection();
    const answered = () => {
      unanswered = 0;
      show(true);
    };
    model.on("change:heard", answered);
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
    const pulse = setInterval(() => {
      tell();
      unanswered += 1;
      if (unanswered > PATIENCE) show(false);
    }, PULSE);
    tell();
    const idle = whenIdle(() => {
      model.set("idle", true);
      model.save_changes();
    });
    return () => {
      clearTimeout(idle);
      model.off("change:heard", answered);
      observer.disconnect();
      narrow.removeEventListener("change", tell);
      removeEventListener("pagehide", leave);
      clearInterval(pulse);
    };
  },
};
