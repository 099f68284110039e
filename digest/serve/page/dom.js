// Build the page out of words. Nothing here reads a text as HTML, so no story can bring markup or script along.

export function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

/** A button that is a word, or a few. */
export function word(label, act, properties) {
  return el("button", { type: "button", class: "word", onclick: act, ...properties }, label);
}

/** A link if the address is of the web, else its words alone. */
export function link(address, words) {
  if (!/^https?:\/\//i.test(address ?? "")) return el("span", {}, words);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words);
}

/** `parent` holds exactly `wanted` then, in order. What stands right is not touched, for a moved node loses the focus. */
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, at) => {
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  });
}

/** A text with these [from, to] spans of it marked, as nodes. */
export function marked(text, spans, title) {
  const nodes = [];
  let at = 0;
  for (const [from, to] of [...spans].sort((one, other) => one[0] - other[0])) {
    if (from < at || to > text.length) continue;
    nodes.push(text.slice(at, from), el("mark", { title }, text.slice(from, to)));
    at = to;
  }
  nodes.push(text.slice(at));
  return nodes;
}

export function many(number, one, more = `${one}s`) {
  return `${number} ${number === 1 ? one : more}`;
}

export function short(text, length = 44) {
  return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "2025-08-12" as "Aug 12". */
export function day(date) {
  const found = /^\d{4}-(\d\d)-(\d\d)/.exec(date ?? "");
  return found ? `${MONTHS[found[1] - 1]} ${Number(found[2])}` : "";
}

export function clock(moment = new Date()) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
