// Short words at the foot of the desk: what was done, what was not and why, and what can be done about it.
import { el, word } from "./dom.js";

const place = document.getElementById("notices");

/** Say it. `ways`: [words, act] pairs. It goes by itself after a while, but for what `stays` until it is read. */
export function say(words, { ways = [], stays = false, tone = "" } = {}) {
  const notice = el("div", { class: `notice ${tone}` }, el("p", {}, words));
  const go = () => notice.remove();
  const buttons = ways.map(([label, act]) => word(label, () => (go(), act())));
  if (stays) buttons.push(word("Close", go, { "data-close": true }));
  if (buttons.length) notice.append(el("div", { class: "words" }, buttons));
  for (const other of [...place.children].slice(0, -2)) other.remove();
  if (!stays) for (const other of place.querySelectorAll(".notice:not([data-stays])")) other.remove();
  if (stays) notice.dataset.stays = "";
  place.append(notice);
  if (!stays) setTimeout(go, 7000);
  return go;
}

/** Take away the last that stays; answers whether there was one. */
export function hush() {
  const last = place.lastElementChild;
  last?.remove();
  return Boolean(last);
}
