// How an issue leaves the desk: approved, or as a test to one address.
import { choose, edit } from "./cards.js";
import { line } from "./checks.js";
import { form, open } from "./dialogs.js";
import { el, many } from "./dom.js";
import { say } from "./notice.js";
import * as issue from "./state.js";

/** Show what is open, and approve: errors block, warnings ask. */
export function approve() {
  const state = issue.now();
  if (state.state === "sending" || state.state === "sent") return say("It has its recipients; it can no longer be changed. A correction is an issue of its own.");
  ask(state.findings.filter(({ severity }) => severity === "error"), state.findings.filter(({ severity }) => severity === "warning"));
}

function ask(errors, warnings, reasons = []) {
  const state = issue.now();
  const go = (key, what) => (dialog.close(), bring(key, what));
  const list = (title, look, found) => found.length > 0 && [el("h3", { class: look }, title), el("ul", {}, found.map((one) => el("li", {}, typeof one === "string" ? one : line(one, state, go))))];
  const said = el("p", { class: "said error", role: "alert" });
  const blocked = errors.length > 0 || reasons.length > 0;
  const to = state.recipients?.count ? `${many(state.recipients.count, "reader")} of “${state.recipients.list}”` : state.recipients?.list ? `nobody yet: the list “${state.recipients.list}” is empty` : "";
  const label = warnings.length ? `Approve with ${many(warnings.length, "warning")}` : "Approve";
  const button = el("button", { type: "button", class: "button strong", autofocus: true, onclick: () => send(false) }, label);
  const dialog = open(`Approve ${state.issue}`, [
    el("p", { class: "subject-line" }, state.subject),
    el("p", { class: "soft" }, [many(state.stories, "story", "stories"), `${Math.round(state.size.bytes / 1024)} KB`, to && `to ${to}`].filter(Boolean).join(" · ")),
    list(many(errors.length + reasons.length, "error"), "error", [...errors, ...reasons]),
    list(many(warnings.length, "warning"), "warning", warnings),
    blocked && el("p", {}, "Errors block. Mend them, then approve."),
    !blocked && !warnings.length && el("p", {}, "Nothing is open."),
    !blocked && el("p", { class: "soft" }, "These very bytes will be sent. Any later change takes the approval back."),
    said,
    !blocked && el("div", { class: "foot" }, button),
  ].filter(Boolean).flat());

  async function send(sure) {
    button.disabled = true;
    const answer = await issue.approve(sure);
    button.disabled = false;
    if (answer.done) {
      dialog.close();
      return say(`${state.issue} is approved: what you see is what will be sent.`);
    }
    if (answer.ask) {
      const known = new Set(warnings.map(words));
      if (!sure && answer.ask.every((one) => known.has(words(one)))) return send(true);
      return ask([], answer.ask);
    }
    if (answer.errors) return ask([], [], answer.errors);
    said.textContent = answer.conflict ? `${answer.conflict} Nothing was approved. What you see behind this is the newest; close this and look at it.` : answer.refused;
  }
}

const words = (one) => (typeof one === "string" ? one : `${one.place} ${one.message}`);

/** Bring a person to what a finding is about. */
export function bring(key, what) {
  if (key === "subject" || key === "preheader") return document.querySelector(`#${key} input, #${key} textarea`).focus();
  if (what && issue.find(key)) return edit(key, what);
  choose(key);
}

let lastAddress = "";

/** Send the issue as it stands to one address. */
export function test() {
  const made = form([{ name: "address", label: "To", kind: "email", required: true, value: lastAddress }], {
    does: "Send the test",
    act: async ({ address }) => {
      const answer = await issue.ask("/test", { address }).catch((error) => ({ status: 0, body: { error: error.message } }));
      if (answer.status !== 200) return [answer.body.error, answer.body.hint].filter(Boolean).join(" ");
      lastAddress = address;
      say(answer.body.said ?? `A test is on its way to ${address}.`);
    },
  });
  open("Send a test", [el("p", { class: "soft" }, "The issue as it stands now, with [Test] before its subject. Its links to leave or to look work for nobody."), made.node]);
}
