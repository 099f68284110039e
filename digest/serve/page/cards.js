// The plan as cards, in the order it is printed. One is chosen; one may be open for editing.
import { mark as findingsAt } from "./checks.js";
import { arrange, day, el, many, marked, short, word } from "./dom.js";
import * as doing from "./doing.js";
import { countWords, editor, sourceWords } from "./editor.js";
import * as issue from "./state.js";

const list = document.getElementById("cards");
const nodes = new Map(); // key -> {node, look, editor}
const shown = { offered: true, out: false };
const listeners = [];
let chosen = "";
let editing = "";
let open = {}; // the dialogs that cards lead to, given by start()

/** `dialogs`: what opens the dialogs section, note, sponsor, photo and explain. */
export function start(dialogs) {
  open = dialogs;
  issue.on("state", render);
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-key]");
    if (row && !event.target.closest("button, a, input, textarea, summary, label")) choose(row.dataset.key);
  });
  list.addEventListener("click", twice, true);
}

// A first click lets the cards above shrink and moves the rest: the second of two means the same card, whatever has come under the pointer.
let last = null;
function twice(event) {
  const row = event.target.closest("[data-key]");
  const again = last && event.detail && event.timeStamp - last.at < 400 && Math.hypot(event.clientX - last.x, event.clientY - last.y) < 6;
  const elsewhere = row?.dataset.key !== last?.key;
  if (again && (elsewhere || !event.target.closest("button, a, .editor"))) {
    event.stopPropagation();
    event.preventDefault();
    edit(last.key);
  }
  last = again || !row ? null : { key: row.dataset.key, at: event.timeStamp, x: event.clientX, y: event.clientY };
}

export const current = () => chosen;
export const onChoice = (act) => listeners.push(act);

/** What stands in the list, in order: {key, kind, ...}. */
function rows(state) {
  const all = [];
  const sponsors = (after) =>
    state.sponsors.filter((sponsor) => (sponsor.after ?? "") === after).map((sponsor) => ({ key: sponsor.place, kind: "sponsor", sponsor }));
  const card = (kind) => (item) => ({ key: item.key, kind, item });
  if (state.note?.text) all.push({ key: "note", kind: "note", note: state.note });
  if (state.lead) all.push({ key: "the lead", kind: "heading", title: "Lead" }, card("lead")(state.lead));
  all.push(...sponsors(""));
  for (const section of state.sections) {
    all.push({ key: section.key, kind: "section", section }, ...section.items.map(card("item")), ...sponsors(section.title));
  }
  const placed = new Set(all.map((row) => row.key));
  for (const sponsor of state.sponsors) if (!placed.has(sponsor.place)) all.push({ key: sponsor.place, kind: "sponsor", sponsor });
  if (state.offered.length) {
    all.push({ key: "the offered", kind: "heading", title: `Offered: ${state.offered.length}`, folds: "offered" });
    if (shown.offered) all.push(...state.offered.map(card("offered")));
  }
  if (state.left_out.length) {
    all.push({ key: "the left out", kind: "heading", title: `Left out: ${state.left_out.length}`, folds: "out" });
    if (shown.out) all.push(...state.left_out.map((item) => ({ key: `out ${item.id}`, kind: "out", item })));
  }
  return all;
}

export function render(state = issue.now()) {
  const all = rows(state);
  const keys = new Set(all.map((row) => row.key));
  const lost = editing && !keys.has(editing) && nodes.get(editing);
  if (lost && lost.editor?.dirty()) {
    // what was typed is not lost with the item
    all.unshift({ key: editing, kind: "lost" });
    keys.add(editing);
  } else if (lost) {
    editing = "";
  }
  const focused = focus();
  if (!keys.has(chosen)) chosen = neighbour(keys);
  arrange(list, all.map(nodeOf));
  for (const key of nodes.keys()) if (!keys.has(key)) nodes.delete(key);
  restore(focused);
}

function nodeOf(row) {
  const before = nodes.get(row.key);
  const flags = { chosen: row.key === chosen, editing: row.key === editing };
  if (row.kind === "lost") return lostNode(before);
  if (flags.editing && before?.editor) {
    before.editor.update(row.item);
    before.look = "";
    return before.node;
  }
  const sources = flags.chosen && row.item ? sourceWords(row.item, () => arrived(row.key), true) : [];
  const found = row.item || row.sponsor ? findingsAt(row.key) : [];
  const several = row.kind === "section" && issue.now().sections.length > 1;
  const look = JSON.stringify([row.item ?? row, flags, sources.map((node) => node.textContent), found.length, row.folds && shown[row.folds], several], (name, value) => (name === "place" || name === "items" ? undefined : value));
  if (before?.look === look) return before.node;
  const made = before ?? { node: el(row.item ? "article" : "div", { "data-key": row.key }) };
  made.look = look;
  made.editor = null;
  made.node.className = `row ${row.kind}${flags.chosen ? " chosen" : ""}${flags.editing ? " editing" : ""}`;
  const build = { heading, section: sectionHead, note: noteCard, sponsor: sponsorCard, out: outCard }[row.kind] ?? itemCard;
  made.node.replaceChildren(...build(row, { ...flags, several, sources, found, made }));
  nodes.set(row.key, made);
  return made.node;
}

// A story came that a chosen card waited for: the card has grown.
function arrived(key) {
  render();
  if (key === chosen) nodes.get(key)?.node.scrollIntoView({ block: "nearest" });
}

// --- what a row looks like

function heading({ title, folds }) {
  const open = shown[folds];
  const fold = () => ((shown[folds] = !open), render());
  return [
    el("h2", {}, title),
    el("span", { class: "line" }),
    folds && word(open ? "hide" : "show", fold, { "aria-expanded": String(open), "aria-label": `${open ? "Hide" : "Show"}: ${title}`, "data-act": "fold" }),
  ].filter(Boolean);
}

function sectionHead({ key, section }, { chosen: here, several }) {
  return [
    el("span", { class: "handle", "aria-hidden": "true" }, "⋮⋮"),
    el("h2", {}, el("button", { type: "button", class: "headline", tabindex: here ? 0 : -1, onclick: () => press(key) }, section.title)),
    section.style === "headlines" && el("span", { class: "soft" }, "headlines only"),
    el("span", { class: "line" }),
    el(
      "span",
      { class: "words" },
      word("rename", () => open.section(key), { "data-act": "rename", "aria-label": `Rename ${section.title}` }),
      several && word("merge", () => open.section(key, "merge"), { "data-act": "merge", "aria-label": `Merge ${section.title}` }),
    ),
  ].filter(Boolean);
}

function itemCard({ key, kind, item }, { chosen: here, editing: opened, sources, found, made }) {
  if (opened) {
    made.editor = editor(item, { close: () => close(), photo: () => open.photo(key), arrived: () => render() });
    return [handle(), el("div", { class: "body" }, made.editor.node)];
  }
  const errors = found.filter((finding) => finding.severity === "error").length;
  const meta = [
    item.source,
    day(item.date),
    item.summary ? many(countWords(item.summary), "word") : "no summary",
    item.image && "photo",
    item.pin && "pinned",
    item.also?.length && `Also: ${[...new Set(item.also.map((other) => other.source))].join(", ")}`,
  ].filter(Boolean);
  return [
    handle(),
    el(
      "div",
      { class: "body" },
      item.kicker && el("p", { class: "kicker" }, item.kicker),
      el("h3", {}, headlineButton(key, item.headline, here)),
      here && el("p", { class: "summary" }, marked(item.summary, item.strange ?? [], "Not in the source")),
      here && sources.length > 0 && el("div", { class: "sources" }, sources),
      el(
        "p",
        { class: "meta" },
        meta.join(" · "),
        found.length > 0 && [" · ", el("b", { class: errors ? "error" : "warning" }, errors ? many(errors, "error") : many(found.length, "warning"))],
      ),
      here && el("div", { class: "words" }, actions(key, kind, item)),
    ),
  ];
}

function actions(key, kind, item) {
  const act = (label, does, name) => word(label, does, { "data-act": name });
  const explain = item.story && act("explain", () => open.explain(item.story), "explain");
  if (kind === "offered") {
    return [act("take in", () => take(key), "take"), act("lead", () => doing.makeLead(key), "lead"), explain, act("drop", () => drop(key), "drop")];
  }
  return [
    act("edit", () => edit(key), "edit"),
    kind !== "lead" && act("lead", () => doing.makeLead(key), "lead"),
    kind !== "lead" && act(item.pin ? "unpin" : "pin", () => doing.pin(key), "pin"),
    act("photo", () => open.photo(key), "photo"),
    explain,
    act("drop", () => drop(key), "drop"),
  ];
}

function noteCard({ key, note }, { chosen: here }) {
  return [
    handle(true),
    el(
      "div",
      { class: "body" },
      el("p", { class: "kicker" }, "Note"),
      el("h3", {}, headlineButton(key, short(note.text, 140), here)),
      note.by && el("p", { class: "meta" }, note.by),
      here && el("div", { class: "words" }, word("edit", () => open.note(), { "data-act": "edit" })),
    ),
  ];
}

function sponsorCard({ key, sponsor }, { chosen: here, found }) {
  const days = [sponsor.from && `from ${day(sponsor.from)}`, sponsor.until && `until ${day(sponsor.until)}`].filter(Boolean).join(" ");
  return [
    handle(true),
    el(
      "div",
      { class: "body" },
      el("p", { class: "kicker" }, "Sponsor"),
      el("h3", {}, headlineButton(key, sponsor.name, here)),
      here && el("p", { class: "summary" }, sponsor.text),
      (days || found.length > 0) && el("p", { class: "meta" }, days, found.length > 0 && el("b", { class: "warning" }, ` ${many(found.length, "warning")}`)),
      here && el("div", { class: "words" }, word("edit", () => open.sponsor(sponsor), { "data-act": "edit" }), word("drop", () => dropSponsor(sponsor), { "data-act": "drop" })),
    ),
  ];
}

function outCard({ key, item }, { chosen: here }) {
  return [
    handle(true),
    el(
      "div",
      { class: "body" },
      el("h3", {}, headlineButton(key, item.headline, here)),
      el("p", { class: "meta" }, [item.source, item.reason].filter(Boolean).join(" · ")),
      here &&
        el(
          "div",
          { class: "words" },
          word("restore", () => take(key), { "data-act": "take" }),
          word("explain", () => open.explain(item.id), { "data-act": "explain" }),
        ),
    ),
  ];
}

function lostNode(before) {
  if (!before.node.querySelector(".lost-words")) {
    const gone = () => ((editing = ""), render());
    before.node.prepend(
      el("div", { class: "lost-words" }, el("p", {}, "This item was taken out of the plan elsewhere. What you typed is here to be copied."), word("Close", gone)),
    );
  }
  return before.node;
}

function handle(fixed) {
  return el("span", { class: `handle${fixed ? " fixed" : ""}`, "aria-hidden": "true" }, fixed ? "" : "⋮⋮");
}

function headlineButton(key, words, here) {
  return el("button", { type: "button", class: "headline", tabindex: here ? 0 : -1, "aria-expanded": String(here), onclick: () => press(key) }, words);
}

/** A click on what is chosen already opens it; the first click only chooses. */
function press(key) {
  if (key === chosen) edit(key);
  else choose(key);
}

// --- choosing and editing

/** Make it the chosen one and bring it into view; its card gets the focus unless `focus` is false, the mail stays where it is if `quiet`. */
export function choose(key, { focus = true, quiet = false } = {}) {
  if (editing && editing !== key) close();
  const out = issue.now().left_out.some((item) => `out ${item.id}` === key);
  if (out) shown.out = true;
  chosen = key;
  render();
  const node = nodes.get(key)?.node;
  node?.scrollIntoView({ block: "nearest" });
  if (focus) node?.querySelector(".headline")?.focus({ preventScroll: true });
  for (const act of listeners) act(key, quiet);
}

/** The next (1) or the one before (-1). */
export function go(by) {
  const keys = rows(issue.now())
    .filter((row) => row.kind !== "heading")
    .map((row) => row.key);
  const at = keys.indexOf(chosen);
  const next = keys[Math.min(keys.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  if (next) choose(next);
}

/** Open it for editing, at the text `what` if it is named. */
export function edit(key = chosen, what) {
  const row = rows(issue.now()).find((one) => one.key === key);
  if (!row) return;
  if (row.kind === "section") return open.section(key);
  if (row.kind === "note") return open.note();
  if (row.kind === "sponsor") return open.sponsor(row.sponsor);
  if (row.kind === "out") return open.explain(row.item.id);
  if (row.kind === "offered" || row.kind === "heading") return;
  choose(key, { focus: false });
  editing = key;
  render();
  nodes.get(key).editor.focus(what);
  nodes.get(key).node.scrollIntoView({ block: "nearest" });
}

/** Close what is open for editing, once it is saved. */
export async function close() {
  const was = editing;
  const opened = nodes.get(was)?.editor;
  if (!opened) return false;
  await opened.settle();
  if (opened.dirty()) return opened.focus(); // there is a question to answer first
  if (editing !== was) return true;
  editing = "";
  render();
  if (was === chosen) nodes.get(was)?.node.querySelector(".headline")?.focus({ preventScroll: true });
  return true;
}

export function drop(key = chosen) {
  const row = rows(issue.now()).find((one) => one.key === key);
  if (row?.kind === "sponsor") return dropSponsor(row.sponsor);
  if (row?.kind === "section") return doing.dropSection(key);
  if (row?.kind === "note") return doing.doing("take away the note", () => ({ do: "note", text: "", by: "" }), { done: "The note is gone.", undo: true });
  if (row?.kind !== "out") return doing.drop(key);
}

function dropSponsor(sponsor) {
  const same = (of) => of.sponsors.find((one) => one.name === sponsor.name && one.text === sponsor.text);
  const name = `the sponsor “${short(sponsor.name)}”`;
  return doing.doing(`drop ${name}`, (of) => same(of) && { do: "drop", place: same(of).place }, { done: `Dropped ${name}.`, undo: true });
}

/** Take what is offered or left out into the issue, at the end of the last section; it can be moved from there. */
export async function take(key = chosen) {
  const row = rows(issue.now()).find((one) => one.key === key);
  if (row?.kind !== "offered" && row?.kind !== "out") return;
  const answer = await doing.takeIn(row.item, homeOf(row.item));
  const back = issue.items().find((entry) => entry.kind !== "offered" && entry.item.story === (row.item.story ?? row.item.id));
  if (answer.done && back) choose(back.item.key);
}

function homeOf(item) {
  const { sections } = issue.now();
  const home = sections.find((section) => section.title === item.section) ?? sections.at(-1);
  return home?.key;
}

// the nearest that is still there, when the chosen one is gone
function neighbour(keys) {
  const before = [...list.children].map((node) => node.dataset.key);
  const at = before.indexOf(chosen);
  const choosable = (key) => keys.has(key) && !key.startsWith("the ");
  return before.slice(at + 1).find(choosable) ?? before.slice(0, Math.max(0, at)).reverse().find(choosable) ?? "";
}

function focus() {
  const active = document.activeElement;
  const row = list.contains(active) && active.closest("[data-key]");
  return row ? { active, key: row.dataset.key, act: active.dataset.act, start: active.selectionStart, end: active.selectionEnd } : null;
}

function restore(focused) {
  if (!focused || document.activeElement === focused.active) return;
  if (focused.active.isConnected) {
    focused.active.focus({ preventScroll: true });
    return;
  }
  const node = (nodes.get(focused.key) ?? nodes.get(chosen))?.node;
  const same = focused.act && node?.querySelector(`[data-act="${focused.act}"]`);
  (same || node?.querySelector(".headline"))?.focus({ preventScroll: true });
}
