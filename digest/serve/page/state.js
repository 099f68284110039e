// The issue as the server has it. One change at a time goes out; what changes elsewhere comes in by itself.
import { clock } from "./dom.js";

let state = null;
let turn = Promise.resolve();
let serial = 0;
const listeners = { state: [], saving: [], stopped: [], elsewhere: [], withdrawn: [] };

export const now = () => state;

/** `act` is called at each "state", "saving" (true or false), "stopped" (why, or ""), "elsewhere" (when) and "withdrawn". */
export function on(event, act) {
  listeners[event].push(act);
}

function tell(event, value) {
  for (const act of listeners[event]) act(value);
}

/** Ask for something; answers {status, body}, the body read as JSON where it is. */
export async function ask(address, body) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(address, body === undefined ? {} : post);
  } catch {
    throw new Error("digest preview has stopped: start it again, what you changed is in plan.toml");
  }
  const text = await response.text();
  const plain = !(response.headers.get("content-type") ?? "").includes("json");
  return { status: response.status, body: plain ? { error: text } : JSON.parse(text) };
}

function inTurn(work) {
  const done = turn.then(work);
  turn = done.catch(() => {});
  return done;
}

/**
 * Send what `make` makes of the newest state, after all that was sent before.
 * Answers {done}, {conflict: why} when the plan was changed elsewhere, {refused: why}, or {gone: true} when `make` found nothing to change.
 */
export function change(make) {
  return send("/change", (newest) => {
    const wanted = make(newest);
    return wanted && { stamp: newest.stamp, change: wanted };
  });
}

export const undo = () => send("/undo", (newest) => newest.undo && { stamp: newest.stamp });
export const redo = () => send("/redo", (newest) => newest.redo && { stamp: newest.stamp });
export const approve = (sure) => send("/approve", (newest) => ({ stamp: newest.stamp, sure }));

function send(address, make) {
  return inTurn(async () => {
    const body = make(state);
    if (!body) return { gone: true };
    tell("saving", true);
    try {
      const answer = await ask(address, body);
      if (answer.status === 409) {
        if (answer.body.state) take(answer.body.state);
        return { conflict: answer.body.error ?? "The plan was changed elsewhere." };
      }
      if (answer.status !== 200) {
        const reasons = answer.body.errors ?? [answer.body.error ?? "The desk failed: see the terminal."];
        return { refused: reasons.map(words).join("\n"), errors: reasons };
      }
      if (answer.body.ask) {
        take(answer.body.state);
        return { ask: answer.body.ask };
      }
      const was = state.state;
      take(answer.body.sections ? answer.body : answer.body.state);
      if (was === "approved" && state.state === "planned") tell("withdrawn");
      return { done: true };
    } catch (error) {
      return { refused: error.message };
    } finally {
      tell("saving", false);
    }
  });
}

const words = (reason) => (typeof reason === "string" ? reason : [reason.message, reason.hint].filter(Boolean).join(" "));

function take(newest) {
  if (newest.fault && state) {
    // the plan cannot be read: what it was before stays on the desk, and in the fields what was typed
    state = { ...state, stamp: newest.stamp, fault: newest.fault };
  } else {
    name(newest, state);
    state = newest;
  }
  tell("state", state);
}

/** Everything that can be chosen, in the order shown: {kind, item} with the kinds lead, item, offered. */
export function items(of = state) {
  return [
    ...(of.lead ? [{ kind: "lead", item: of.lead }] : []),
    ...of.sections.flatMap((section, number) => section.items.map((item, at) => ({ kind: "item", item, section, number, at }))),
    ...of.offered.map((item) => ({ kind: "offered", item })),
  ];
}

export const find = (key, of = state) => items(of).find((entry) => entry.item.key === key);
export const sectionOf = (key, of = state) => of.sections.find((section) => section.key === key);

// A place is where a thing stands now; a key stays with it wherever it goes.
function name(newest, before) {
  const taken = new Set();
  const claim = (wanted) => {
    let key = wanted;
    for (let count = 2; taken.has(key); count++) key = `${wanted}, ${count}`;
    taken.add(key);
    return key;
  };
  const old = before ? items(before).filter(({ item }) => !item.story) : [];
  const byHand = items(newest).filter(({ item }) => !item.story);
  const alike = (item) => old.find(({ item: was }) => was.headline === item.headline && was.summary === item.summary && !taken.has(was.key));
  const there = (item) => old.find(({ item: was }) => was.place === item.place && !taken.has(was.key));
  for (const { item } of items(newest)) if (item.story) item.key = claim(item.story);
  for (const look of [alike, there]) {
    for (const { item } of byHand) {
      const found = !item.key && look(item);
      if (found) item.key = claim(found.item.key);
    }
  }
  for (const { item } of byHand) item.key ??= claim(`by hand ${++serial}`);

  const sections = before ? [...before.sections] : [];
  const same = (section) => sections.findIndex((was) => was.title === section.title || sharesItems(was, section));
  for (const section of newest.sections) {
    const [found] = sections.splice(same(section), same(section) < 0 ? 0 : 1);
    section.key = claim(found ? found.key : `section ${++serial}`);
  }
}

function sharesItems(one, other) {
  const keys = new Set(one.items.map((item) => item.key));
  return other.items.length > 0 && other.items.filter((item) => keys.has(item.key)).length * 2 > other.items.length;
}

export async function load() {
  const answer = await ask("/state");
  if (answer.status !== 200) throw new Error(answer.body.error ?? "The desk failed: see the terminal");
  take(answer.body);
}

/** Look every second whether the plan was changed by somebody else: a text editor, another tab, a build. */
export function follow() {
  const look = async () => {
    try {
      const answer = await ask("/stamp");
      if (answer.status !== 200) throw new Error(answer.body.error);
      tell("stopped", "");
      if (answer.body.stamp !== state.stamp) await inTurn(() => answer.body.stamp !== state.stamp && loadAnew());
    } catch (error) {
      tell("stopped", error.message);
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}

async function loadAnew() {
  const was = state.stamp;
  await load();
  if (state.stamp !== was) tell("elsewhere", clock());
}
