// What can be done to the issue. Each is one change of the plan, named by what it is done to, and told when it could not be done.
import { many, short } from "./dom.js";
import { hush, say } from "./notice.js";
import * as issue from "./state.js";

/** Send a change; `words` name it ("drop “Pier reopens”") in case it must be told that it was not done. */
export async function doing(words, make, { done, undo = false } = {}) {
  const answer = await issue.change(make);
  if (answer.done) {
    if (undo) say(done, { ways: [["Undo", back]] });
    else if (done) say(done);
  } else if (answer.conflict) {
    say(`The plan was changed elsewhere just now, so this was not done: ${words}. What you see is the newest.`, {
      ways: [["Do it now", () => doing(words, make, { done, undo })]],
      stays: true,
      tone: "wrong",
    });
  } else if (answer.refused) {
    say(`Not done: ${words}. ${answer.refused}`, { stays: true, tone: "wrong" });
  } else {
    say(`It is no longer in the plan: ${words}.`);
  }
  return answer;
}

export async function back() {
  told(await issue.undo(), "There is nothing to undo.");
}

export async function again() {
  told(await issue.redo(), "There is nothing to do again.");
}

function told(answer, nothing) {
  if (answer.gone) say(nothing);
  if (answer.conflict) say(`${answer.conflict} What you see is the newest.`, { tone: "wrong" });
  if (answer.refused) say(answer.refused, { stays: true, tone: "wrong" });
}

const quoted = (text) => `“${short(text)}”`;
const at = (key, of, rest) => {
  const found = issue.find(key, of);
  return found && { place: found.item.place, ...rest };
};

/** Save one text of an item; the field itself tells what came of it. */
export const saveText = (key, what) => (value) => issue.change((of) => at(key, of, { do: "set", key: what, value }));

export const saveTop = (what) => (value) => issue.change(() => ({ do: "set", place: "", key: what, value }));

export function drop(key) {
  const found = issue.find(key);
  if (!found) return;
  const name = quoted(found.item.headline);
  return doing(`drop ${name}`, (of) => at(key, of, { do: "drop" }), { done: `Dropped ${name}.`, undo: true });
}

export function pin(key) {
  const found = issue.find(key);
  if (found?.kind !== "item") return;
  return doing(`pin ${quoted(found.item.headline)}`, (of) => at(key, of, { do: "pin", on: !found.item.pin }));
}

export function makeLead(key) {
  const found = issue.find(key);
  if (!found || found.kind === "lead") return;
  return doing(`lead with ${quoted(found.item.headline)}`, (of) => at(key, of, { do: "lead" }));
}

/** To position `position` of the section with the key `to`. */
export function move(key, to, position) {
  const found = issue.find(key);
  if (!found) return;
  return doing(`move ${quoted(found.item.headline)}`, (of) => {
    const number = of.sections.findIndex((section) => section.key === to);
    return number >= 0 && at(key, of, { do: "move", section: number, at: position });
  });
}

/** One place up (-1) or down (1), into the neighbouring section at an end. */
export function step(key, by) {
  const { sections } = issue.now();
  const found = issue.find(key);
  if (!found || found.kind === "offered" || !sections.length) return;
  if (found.kind === "lead") return by > 0 ? move(key, sections[0].key, 0) : undefined;
  const target = found.at + by;
  if (target >= 0 && target < found.section.items.length) return move(key, found.section.key, target);
  const next = sections[found.number + by];
  return next && move(key, next.key, by > 0 ? 0 : next.items.length);
}

export function stepSection(key, by) {
  const from = issue.now().sections.findIndex((section) => section.key === key);
  if (from + by >= 0 && from + by < issue.now().sections.length) return moveSection(key, from + by);
}

export function moveSection(key, position) {
  return onSection(key, "move", { do: "move", at: position });
}

export function dropSection(key) {
  const section = issue.sectionOf(key);
  const done = section && `Dropped “${section.title}” with its ${many(section.items.length, "item")}.`;
  return onSection(key, "drop", { do: "drop" }, { done, undo: true });
}

export function mergeSection(key, into) {
  return onSection(key, "merge", (of) => ({ do: "merge", into: of.sections.findIndex((section) => section.key === into) }), { undo: true, done: "Merged." });
}

export const setSection = (key, what) => (value) =>
  issue.change((of) => {
    const section = issue.sectionOf(key, of);
    return section && { do: "set", place: section.place, key: what, value };
  });

function onSection(key, verb, rest, words) {
  const title = issue.sectionOf(key)?.title;
  if (title === undefined) return;
  return doing(
    `${verb} the section ${quoted(title)}`,
    (of) => {
      const section = issue.sectionOf(key, of);
      return section && { place: section.place, ...(typeof rest === "function" ? rest(of) : rest) };
    },
    words,
  );
}

/** Take an offered item, or a story of the store, into a section at a position (default: at its end). */
export function takeIn(what, to, position) {
  return doing(
    `take in ${quoted(what.headline)}`,
    (of) => {
      const number = Math.max(0, of.sections.findIndex((section) => section.key === to));
      const place = position ?? of.sections[number]?.items.length ?? 0;
      if (what.key) return at(what.key, of, { do: "move", section: number, at: place });
      return { do: "add", brief: what.brief ?? { story: what.id }, section: number, at: place };
    },
    { done: `Taken in: ${quoted(what.headline)}.`, undo: true },
  );
}

export function offer(key) {
  const found = issue.find(key);
  if (!found || found.kind === "offered") return;
  const name = quoted(found.item.headline);
  return doing(`set aside ${name}`, (of) => at(key, of, { do: "offer" }), { done: `Set aside: ${name}.`, undo: true });
}

export { hush };
