// Gives the page's widgets the names and keys that they lack. See access.py.

// [what lacks something, what it gets], looked at whenever the page has changed.
const MANNERS = [
  [".jupyter-widget-Collapse-header", openByKeys],
  [".noUi-handle", nameSlider],
  [".gv-run .progress", showProgress],
  [".gv-story-text", announce],
  [".gv-head", makeMain],
];

function set(element, attribute, value) {
  // Setting an attribute to what it is would count as a change, and be answered again.
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

function name(element, text) {
  if (text) set(element, "aria-label", text);
}

function nameSlider(handle) {
  const field = handle.closest(".gv-field, .gv-depth");
  const label = field?.querySelector("label")?.textContent;
  name(handle, label && `${label}, slider`);
  if (handle.closest(".gv-log")) sayNumber(handle, field?.querySelector("input")?.value ?? "");
}

// A logarithmic slider would say exponents. The box beside it has the number to all its digits, but
// follows a moment later.
function sayNumber(handle, box) {
  const said = handle.getAttribute("aria-valuetext");
  if (said === handle.dataset.gvSaid && said === box) return;
  if (said !== handle.dataset.gvSaid) handle.dataset.gvExponent = said;
  const exponent = Number(handle.dataset.gvExponent);
  const typed = Number(box.replaceAll(/\s/g, ""));
  const near = typed > 0 && Math.abs(Math.log10(typed) - exponent) < 0.02;
  const text = near ? box : String(Number((10 ** exponent).toPrecision(2)));
  handle.dataset.gvSaid = text;
  set(handle, "aria-valuetext", text);
}

// A step that is told anew, or answered, is read out, and reading goes on from there.
function announce(element) {
  set(element, "aria-live", "polite");
  set(element, "tabindex", "-1");
  const title = element.querySelector("h2")?.textContent;
  if (!title) return;
  const { gvTitle: before, gvAsked: asked } = element.dataset;
  element.dataset.gvTitle = title;
  element.dataset.gvAsked = element.querySelector(".gv-question") ? "yes" : "";
  const answered = asked && !element.dataset.gvAsked;
  if (!before || (title === before && !answered)) return;
  element.focus({ preventScroll: true });
  const page = element.closest(".gv-explorer");
  if (page && element.getBoundingClientRect().top < 0) page.scrollIntoView();
}

// The explorer is the main part of a page that has none, as Voila's; JupyterLab has one of its own.
function makeMain(head) {
  if (!document.querySelector("main, [role=main]")) {
    set(head.closest(".gv-explorer"), "role", "main");
  }
}

function openByKeys(header) {
  set(header, "role", "button");
  set(header, "tabindex", "0");
  // The triangle in front is no part of the name.
  name(header, header.textContent.trim());
  const open = header.parentElement.classList.contains("jupyter-widget-Collapse-open");
  set(header, "aria-expanded", String(open));
  if (header.dataset.gvKeys) return;
  header.dataset.gvKeys = "yes";
  header.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    header.click();
  });
}

function showProgress(bar) {
  set(bar, "role", "progressbar");
  name(bar, "How far the run is");
  const width = parseFloat(bar.firstElementChild?.style.width ?? "0");
  set(bar, "aria-valuenow", String(Math.round(width || 0)));
}

export default {
  render({ el }) {
    el.style.display = "none";
    const page = el.closest(".gv-explorer") ?? document.body;
    let waiting = false;
    const tidy = () => {
      waiting = false;
      for (const [what, manner] of MANNERS) page.querySelectorAll(what).forEach(manner);
    };
    const observer = new MutationObserver(() => {
      if (waiting) return;
      waiting = true;
      setTimeout(tidy, 100);
    });
    const attributeFilter = ["class", "style", "aria-valuetext"];
    observer.observe(page, { subtree: true, childList: true, attributeFilter });
    tidy();
    return () => observer.disconnect();
  },
};
