// The keys, and the sheet that tells of them.
import { add, search } from "./adding.js";
import { explain, photo } from "./asking.js";
import * as cards from "./cards.js";
import { isOpen, open } from "./dialogs.js";
import * as doing from "./doing.js";
import { el } from "./dom.js";
import { approve, test } from "./leaving.js";
import { show, turn } from "./mail.js";
import * as issue from "./state.js";

const key = () => cards.current();
const story = () => issue.find(key())?.item.story ?? (key().startsWith("out ") ? key().slice(4) : "");
const step = (by) => (issue.sectionOf(key()) ? doing.stepSection(key(), by) : doing.step(key(), by));

const KEYS = [
  ["Move about", [
    [["j", "ArrowDown"], "the next", () => cards.go(1)],
    [["k", "ArrowUp"], "the one before", () => cards.go(-1)],
    [["/"], "search the store", search],
    [["Escape"], "close, leave a field", leave],
  ]],
  ["Change what is chosen", [
    [["e", "Enter"], "edit", () => cards.edit()],
    [["x", "Delete"], "drop", () => cards.drop()],
    [["p"], "pin, unpin", () => doing.pin(key())],
    [["l"], "make it the lead", () => doing.makeLead(key())],
    [["J"], "move down", () => step(1)],
    [["K"], "move up", () => step(-1)],
    [["o"], "its photo", () => photo(key())],
    [["i"], "where it came from", () => explain(story())],
    [["r"], "restore what is left out or offered", () => cards.take()],
    [["s"], "set aside, not printed", () => doing.offer(key())],
  ]],
  ["The issue", [
    [["a"], "add", add],
    [["u"], "undo", doing.back],
    [["U"], "redo", doing.again],
    [["t"], "send a test", test],
    [["A"], "approve", approve],
    [["?"], "this sheet", help],
  ]],
  ["The mail", [
    [["1", "2", "3", "4"], "320, 375, 600, full", (pressed) => show({ width: ["320", "375", "600", "full"][pressed - 1] })],
    [["d"], "light, dark, inverted", () => turn("colours", ["light", "dark", "inverted"])],
    [["v"], "HTML, text, source, headers, links", () => turn("part", ["html", "text", "source", "headers", "links"])],
    [["m"], "images on, off", () => turn("images", ["on", "off"])],
  ]],
];

const NAMES = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc", Enter: "⏎", Delete: "Del" };
const acts = new Map(KEYS.flatMap(([, rows]) => rows.flatMap(([keys, , act]) => keys.map((one) => [one, act]))));

export function help() {
  open(
    "Keys",
    el("div", { class: "keys" }, KEYS.map(([title, rows]) => el(
      "section", {}, el("h3", {}, title),
      el("dl", {}, rows.map(([keys, words]) => el("div", {}, el("dt", {}, keys.map((one) => el("kbd", {}, NAMES[one] ?? one))), el("dd", {}, words)))),
    ))),
    { wide: true },
  );
}

function leave() {
  document.activeElement?.blur();
}

/** Hear a key, be it pressed on the desk or within the mail. */
export async function press(event) {
  if (event.isComposing || isOpen()) return;
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    if (!(await cards.close()) && !field) doing.hush();
    return field?.closest(".editor") ? undefined : leave();
  }
  if (field) return;
  const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
  if (undoes) {
    event.preventDefault();
    return event.shiftKey ? doing.again() : doing.back();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.closest?.("button, a, summary")) return; // it presses what has the focus
  if (event.key.startsWith("Arrow") && !event.target.closest?.("#cards, body > *:focus")) return;
  const act = acts.get(event.key);
  if (!act) return;
  event.preventDefault();
  act(event.key);
}
