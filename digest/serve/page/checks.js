// What the check found, each finding a click away from its item; how heavy the mail is.
import { el, many, short } from "./dom.js";
import * as issue from "./state.js";

const size = document.getElementById("size");
const findings = document.getElementById("findings");

/** `go(key, what)` brings the person to an item, or to "subject" and "preheader". */
export function start(go) {
  issue.on("state", (state) => {
    size.replaceChildren(...weight(state));
    findings.replaceChildren(...found(state, go));
  });
}

/** The findings about a thing. */
export function mark(key) {
  return issue.now().findings.filter((finding) => keyOf(finding) === key);
}

/** The key of what a finding is about, "" when it is about no single thing. */
export function keyOf({ place }, state = issue.now()) {
  const story = /\((\w+)\)$/.exec(place)?.[1];
  const path = place.split(" ")[0];
  const entry = issue.items(state).find(({ item }) => (story ? item.story === story : item.place === path));
  if (entry) return entry.item.key;
  if (/^sponsor\[\d+\]$/.test(path) || ["subject", "preheader", "note"].includes(path)) return path;
  return state.sections.find((section) => section.place === path)?.key ?? "";
}

function weight({ size: { bytes, limit }, minutes, stories }) {
  const kb = (number) => Math.round(number / 1024);
  const share = Math.min(1, bytes / limit);
  const fullness = bytes > limit ? "over" : share > 0.85 ? "near" : "fits";
  const fill = el("span", { class: "fill" });
  fill.style.width = `${(share * 100).toFixed(1)}%`;
  return [
    el("p", {}, `${kb(bytes)} KB of ${kb(limit)} KB`),
    el("div", { class: `meter ${fullness}`, role: "meter", "aria-label": "Size of the mail", "aria-valuenow": kb(bytes), "aria-valuemin": 0, "aria-valuemax": kb(limit) }, fill),
    el("p", { class: "soft" }, [many(stories, "story", "stories"), minutes ? `${minutes} min read` : ""].filter(Boolean).join(" · ")),
    fullness === "over" && el("p", { class: "error" }, `Gmail hides what is beyond ${kb(limit)} KB.`),
  ].filter(Boolean);
}

function found(state, go) {
  if (!state.findings.length) return [el("p", { class: "soft" }, "Nothing was found.")];
  return ["error", "warning"].flatMap((severity) => {
    const those = state.findings.filter((finding) => finding.severity === severity);
    if (!those.length) return [];
    return [el("h3", { class: severity }, many(those.length, severity)), el("ul", {}, those.map((finding) => el("li", {}, line(finding, state, go))))];
  });
}

const TOP = { subject: "Subject", preheader: "Preheader", note: "Note", "digest.toml": "The newsroom’s settings", "email.html": "The mail", "email.txt": "The text part" };

/** One finding in words: what it is about, what is wrong, what to do. */
export function line(finding, state = issue.now(), go = null) {
  const key = keyOf(finding, state);
  const entry = issue.find(key, state);
  const section = issue.sectionOf(key, state);
  const about = entry ? short(entry.item.headline, 60) : (section?.title ?? TOP[finding.place.split(" ")[0]] ?? finding.place);
  const plain = entry ? finding.message.replace(` of “${entry.item.headline}”`, "") : finding.message; // it stands above
  const message = plain.charAt(0).toUpperCase() + plain.slice(1);
  const told = [about && el("span", { class: "about" }, about), el("span", { class: "message" }, message)].filter(Boolean);
  return [
    key && go ? el("button", { type: "button", class: "finding", onclick: () => go(key, whatOf(finding)) }, told) : el("p", { class: "finding" }, told),
    finding.hint && el("p", { class: "soft" }, finding.hint),
  ].filter(Boolean);
}

// the text of an item that mends it
function whatOf({ rule, message }) {
  if (rule.includes("picture") && message.includes("alt")) return "alt";
  if (rule.includes("summary")) return "summary";
  if (rule.includes("link")) return "link";
  if (rule.includes("headline")) return "headline";
  return undefined;
}
