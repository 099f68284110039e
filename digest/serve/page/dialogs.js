// The dialogs' frame: one is open at a time, Escape closes it, and the focus goes back to where it was.
import { el, word } from "./dom.js";

const dialog = document.getElementById("dialog");
let back = null; // what had the focus before

/** Open a dialog with this title and content; answers {node, close}. `wide` gives it room for a story. */
export function open(title, content, { wide = false } = {}) {
  if (!dialog.open) back = document.activeElement;
  dialog.className = wide ? "wide" : "";
  dialog.setAttribute("aria-label", title);
  dialog.replaceChildren(el("div", { class: "dialog-head" }, el("h2", {}, title), word("Close", shut)), el("div", { class: "dialog-body" }, content));
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector(".dialog-body :is(input, textarea, button)") ?? dialog).focus();
  return { node: dialog, close: shut };
}

// All at once: a field that is gone but still has the focus would swallow the next key.
function shut() {
  if (!dialog.open) return;
  dialog.close();
  dialog.replaceChildren();
  // what had the focus may have been drawn anew meanwhile
  (back?.isConnected ? back : document.querySelector("#cards .chosen .headline"))?.focus({ preventScroll: true });
}

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  shut();
});
dialog.addEventListener("close", () => dialog.open || dialog.replaceChildren()); // when the browser did not ask

export const isOpen = () => dialog.open;

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) shut(); // on the ground around it
});

/**
 * A form: `fields` of {name, label, value, lines, kind, required, options: [[value, words]]}; `act(values)` answers why it was not done, or nothing.
 * When it is done the dialog closes.
 */
export function form(fields, { does, act, more = [] }) {
  const inputs = fields.map((one) => [one.name, input(one)]);
  const said = el("p", { class: "said error", role: "alert" });
  const button = el("button", { type: "submit", class: "button strong" }, does);
  const node = el(
    "form",
    {
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        const values = Object.fromEntries(inputs.map(([name, one]) => [name, one.value.trim()]));
        const empty = fields.find((one) => one.required && !values[one.name]);
        if (empty) return (said.textContent = `${empty.label} is missing.`), inputs.find(([name]) => name === empty.name)[1].focus();
        button.disabled = true;
        said.textContent = (await act(values)) ?? "";
        button.disabled = false;
        if (!said.textContent && node.isConnected) shut();
      },
      onkeydown: (event) => {
        if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) node.requestSubmit();
      },
    },
    fields.map((one, at) => labelled(one, inputs[at][1])),
    said,
    el("div", { class: "foot" }, button, more),
  );
  return { node, inputs: new Map(inputs), said };
}

let serial = 0;
function labelled(one, node) {
  node.id = `form-${++serial}`;
  return el("div", { class: "field" }, el("div", { class: "label" }, el("label", { for: node.id }, one.label), one.hint && el("span", { class: "count" }, one.hint)), node);
}

function input(one) {
  if (one.options) {
    return el("select", {}, one.options.map(([value, words]) => el("option", { value, selected: value === one.value }, words)));
  }
  if (one.lines) return el("textarea", { rows: one.lines, value: one.value ?? "", required: one.required });
  return el("input", { type: one.kind ?? "text", value: one.value ?? "", required: one.required, autocomplete: "off" });
}
