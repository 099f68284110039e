// The desk: the plan at the left, the mail in the middle, the checks at the right, and what brings them together.
import { add, note, search, sponsor } from "./adding.js";
import { explain, photo, section } from "./asking.js";
import * as cards from "./cards.js";
import * as checks from "./checks.js";
import { back, again, saveTop } from "./doing.js";
import * as drag from "./drag.js";
import { field, unsaved } from "./field.js";
import { help, press } from "./keys.js";
import { approve, bring, test } from "./leaving.js";
import * as mail from "./mail.js";
import { say } from "./notice.js";
import * as issue from "./state.js";
import { clock, el, word } from "./dom.js";

const get = (id) => document.getElementById(id);
const label = get("state");
let stopped = "";

const cut = (limits) => (value) => {
  const found = limits.find(([most]) => value.length <= most);
  return `${value.length} · ${found[1]}`;
};
const TOP = {
  subject: {
    label: "Subject",
    required: true,
    counts: cut([[0, "it needs one"], [40, "fits a phone"], [70, "phones cut it near 40"], [Infinity, "most inboxes cut it near 70"]]),
  },
  preheader: {
    label: "Preheader",
    lines: 2,
    look: "line",
    counts: cut([[0, "the inbox shows what stands first"], [90, "fits"], [140, "phones cut it near 90"], [Infinity, "inboxes cut it near 110"]]),
  },
};

function topFields() {
  const fields = Object.entries(TOP).map(([what, rest]) => [what, field({ ...rest, value: issue.now()?.[what] ?? "", save: saveTop(what) })]);
  for (const [what, one] of fields) get(what).append(one.node);
  issue.on("state", (state) => {
    for (const [what, one] of fields) one.update(state[what] ?? "");
  });
}

/** The subjects that the issue itself suggests: one press takes one. */
function choices() {
  const node = el("div", { class: "choices", role: "group", "aria-label": "To choose from" });
  get("subject").append(node);
  issue.on("state", (state) => {
    const others = (state.subjects ?? []).filter((text) => text !== state.subject);
    node.replaceChildren(...others.map((text) => word(text, () => saveTop("subject")(text), { title: `Take this subject, ${text.length} characters` })));
  });
}

function says(state) {
  const at = state.sealed_at ? ` · ${clock(new Date(state.sealed_at))}` : "";
  return { planned: "draft · saved", approved: `approved${at}`, sending: "sending", sent: "sent" }[state.state] ?? state.state;
}

function top() {
  issue.on("state", (state) => {
    document.title = `${state.issue} ${state.title}`;
    get("title").textContent = state.title;
    get("issue").textContent = [state.issue, state.dates].filter(Boolean).join(" · ");
    get("undo").disabled = !state.undo;
    get("redo").disabled = !state.redo;
    get("plan").inert = Boolean(state.fault);
    get("approve").disabled = Boolean(state.fault);
    get("approve").textContent = state.state === "approved" ? "Approved" : "Approve…";
    for (const tab of document.querySelectorAll("[data-pane=checks]")) tab.textContent = state.findings.length ? `Checks ${state.findings.length}` : "Checks";
    show();
  });
  const show = () => {
    const waits = unsaved();
    label.textContent = stopped || (waits ? "not saved yet" : says(issue.now()));
    label.className = stopped ? "stopped" : waits ? "" : issue.now().state;
  };
  document.addEventListener("input", () => issue.now() && show());
  let withdrawn = "";
  issue.on("state", (state) => {
    if (state.withdrawn && state.withdrawn !== withdrawn) say(`The approval no longer counts. ${state.withdrawn}`, { stays: true, tone: "warn" });
    withdrawn = state.withdrawn;
  });
  let slow = 0;
  issue.on("saving", (saving) => {
    clearTimeout(slow);
    if (saving) slow = setTimeout(() => (label.textContent = "saving…"), 250);
    else show();
  });
  issue.on("stopped", (why) => {
    if (why === stopped) return;
    stopped = why;
    show();
  });
  issue.on("elsewhere", (when) => issue.now().fault || say(`The plan was changed elsewhere at ${when}; this is the newest.`));
  issue.on("withdrawn", () => say("This change took the approval back: the issue is a draft again.", { stays: true, tone: "warn" }));
}

function buttons() {
  const acts = { undo: back, redo: again, test, approve, help, add, search };
  for (const [id, act] of Object.entries(acts)) get(id)?.addEventListener("click", () => act());
  for (const tab of document.querySelectorAll("[data-pane]")) {
    tab.addEventListener("click", () => pane(tab.dataset.pane));
  }
}

/** Where there is no room for three columns, show this one. */
function pane(which) {
  document.body.className = `shows-${which}`;
  for (const tab of document.querySelectorAll("[data-pane]")) tab.setAttribute("aria-pressed", String(tab.dataset.pane === which));
}

function begin() {
  const first = issue.items()[0];
  if (first) cards.choose(first.item.key, { focus: false, quiet: true });
  issue.follow();
}

topFields();
choices();
top();
buttons();
pane("plan");
checks.start((key, what) => {
  if (getComputedStyle(get("plan")).display === "none") pane("plan");
  bring(key, what);
});
cards.start({ section, photo, explain, note, sponsor });
drag.start();
mail.start({ press, choose: (key) => key && cards.choose(key, { focus: false, quiet: true }) });
cards.onChoice(mail.pointAt);
document.addEventListener("keydown", press);
issue.load().then(begin, (error) => {
  stopped = error.message;
  label.textContent = stopped;
  label.className = "stopped";
});
