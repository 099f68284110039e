// The mail itself, in a frame that runs no script, as this reader or that one sees it.
import { clock, el, link, many } from "./dom.js";
import * as issue from "./state.js";

const stage = document.getElementById("stage");
const paper = document.getElementById("paper");
const inbox = document.getElementById("inbox");
const sheet = document.getElementById("sheet");
const fault = document.getElementById("fault");
const bar = document.getElementById("bar");
const view = { width: "600", colours: "light", part: "html", images: "on" };
const PATIENCE = 120; // ms that a new mail's pictures may take before it is shown without them
const GIVEN_UP = 5000; // ms after which no mail is expected any more

let frame = null; // the one that is shown
let coming = null; // the next, until it can be shown without a flash
let shownAs = ""; // stamp and address of what the frames hold
let chosen = "";
let hears = { press: () => {}, choose: () => {} };

/** `press` gets each key pressed within the mail, `choose` the key of the item that is clicked there. */
export function start(listeners) {
  hears = listeners;
  issue.on("state", (state) => {
    inboxRow(state);
    fault.hidden = !state.fault;
    fault.querySelector(".words-as-they-are").textContent = state.fault ?? "";
    show({});
  });
  for (const button of document.querySelectorAll(".switches button")) {
    button.addEventListener("click", () => show(button.dataset.images ? { images: view.images === "on" ? "off" : "on" } : { ...button.dataset }));
  }
  new ResizeObserver(() => fit()).observe(stage);
}

/** Change the view: {width, colours, part, images}. */
export function show(change) {
  Object.assign(view, change);
  for (const button of document.querySelectorAll(".switches button")) {
    const [[what, value]] = Object.entries(button.dataset);
    button.setAttribute("aria-pressed", String(view[what] === value));
  }
  const state = issue.now();
  if (!state) return;
  const html = view.part === "html" && !state.fault;
  paper.hidden = !html;
  sheet.hidden = html || Boolean(state.fault);
  inbox.hidden = Boolean(state.fault);
  inbox.className = Number(view.width) <= 375 ? `inbox phone${view.width}` : "inbox";
  if (html) load(state);
  else if (!state.fault) fill(state);
  dress(frame);
  fit();
}

export const turn = (what, values) => show({ [what]: values[(values.indexOf(view[what]) + 1) % values.length] });

// --- the frame

function load(state) {
  const address = view.images === "off" ? "/mail?images=off" : "/mail";
  const as = `${state.stamp} ${address}`;
  if (as === shownAs) return;
  shownAs = as;
  coming?.remove();
  const next = el("iframe", {
    title: "The mail", src: address, referrerpolicy: "no-referrer", class: "next",
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
  });
  coming = next;
  dress(next);
  next.style.width = `${width()}px`;
  paper.append(next);
  const begun = performance.now();
  let ready = 0;
  const look = () => {
    if (coming !== next) return;
    const page = next.contentDocument;
    const there = page?.body && page.URL !== "about:blank" && page.readyState !== "loading";
    if (there && !ready) {
      ready = performance.now();
      fromDisk(page, state.pictures ?? {});
    }
    if (there && (picturesInView(page) || performance.now() - ready > PATIENCE)) return appear(next);
    if (performance.now() - begun > GIVEN_UP) return leave(next);
    setTimeout(look, 4);
  };
  look();
}

// Whether the pictures that will be in view are there, so that nothing flashes when the new mail takes the place of the one before.
function picturesInView(page) {
  const scale = width() > room() ? room() / width() : 1;
  const top = (stage.scrollTop - paper.offsetTop) / scale;
  const bottom = top + stage.clientHeight / scale;
  return [...page.images].every((image) => {
    const box = image.getBoundingClientRect();
    return image.complete || box.bottom < top || box.top > bottom;
  });
}

// The plan was broken in the very moment: the mail before it stays until there is another.
function leave(next) {
  next.remove();
  coming = null;
  shownAs = "";
}

// Pictures of the newsroom are shown from its disk, for they are not published yet.
function fromDisk(page, pictures) {
  for (const image of page.images) {
    const here = pictures[image.getAttribute("src")];
    if (here) image.src = here;
  }
}

function appear(next) {
  const at = stage.scrollTop;
  const before = frame;
  frame = next;
  coming = null;
  next.classList.remove("next");
  next.id = "mail";
  next.name = "mail";
  before?.remove();
  const page = next.contentDocument;
  page.addEventListener("keydown", hears.press);
  page.addEventListener("click", (event) => {
    const clicked = event.target.closest?.("a");
    if (!clicked) return hears.choose(itemAt(event.clientY));
    event.preventDefault(); // the frame goes on showing the mail
    if (/^https?:$/.test(clicked.protocol)) window.open(clicked.href, "_blank", "noopener,noreferrer");
  });
  new ResizeObserver(fit).observe(page.body); // a late picture makes it grow
  dress(next);
  fit();
  stage.scrollTop = at;
  paper.dispatchEvent(new CustomEvent("shown"));
}

const room = () => stage.clientWidth - 2 * parseFloat(getComputedStyle(stage).paddingLeft);
const width = () => (view.width === "full" ? room() : Number(view.width));

// As high as its content, so that the stage scrolls, and exactly as wide as it says; where there is less room it is made smaller as a whole.
function fit() {
  if (!frame || paper.hidden) return;
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  const at = stage.scrollTop;
  const scale = Math.min(1, room() / width());
  frame.style.width = `${width()}px`;
  const body = frame.contentDocument.body;
  const height = Math.max(body?.scrollHeight ?? 0, Math.ceil(body?.getBoundingClientRect().bottom ?? 0), 200);
  frame.style.height = `${height}px`;
  frame.style.transform = scale < 1 ? `scale(${scale})` : "";
  paper.style.width = `${width() * scale}px`;
  paper.style.height = `${height * scale}px`;
  stage.scrollTop = at;
  point();
}

function dress(which) {
  if (!which) return;
  which.classList.toggle("dark", view.colours === "dark");
  which.classList.toggle("inverted", view.colours === "inverted");
  for (const image of which.contentDocument?.images ?? []) {
    image.style.filter = view.colours === "inverted" ? "invert(1) hue-rotate(180deg)" : ""; // programs that invert leave photos alone
  }
}

// --- items in the mail

function places() {
  const page = frame?.contentDocument;
  if (!page?.body) return [];
  const words = new Map();
  for (const node of page.body.querySelectorAll("h1, h2, h3, h4, a, li, p, td")) {
    const text = node.textContent.trim();
    if (text && !words.has(text)) words.set(text, node);
  }
  return issue
    .items()
    .filter((entry) => entry.kind !== "offered" && words.has(entry.item.headline.trim()))
    .map((entry) => ({ key: entry.item.key, node: words.get(entry.item.headline.trim()) }));
}

// From where to where an item goes: the largest block around its headline that holds no other's, and what follows up to the next.
function span(node, others) {
  const holdsOther = (block) => others.some((other) => block.contains(other));
  let block = node;
  while (block.parentElement && block.parentElement !== node.ownerDocument.body && !holdsOther(block.parentElement)) block = block.parentElement;
  let { top, bottom } = block.getBoundingClientRect();
  for (let next = block.nextElementSibling; next && !holdsOther(next); next = next.nextElementSibling) bottom = Math.max(bottom, next.getBoundingClientRect().bottom);
  return { top: Math.min(top, node.getBoundingClientRect().top), bottom };
}

const spans = () => {
  const all = places();
  return all.map(({ key, node }) => ({ key, node, ...span(node, all.filter((one) => one.node !== node).map((one) => one.node)) }));
};

const itemAt = (y) => spans().find(({ top, bottom }) => y >= top && y < bottom)?.key;

/** Show where the item stands in the mail, scrolling there if it is out of sight and `still` does not forbid it. */
export function pointAt(key, still) {
  chosen = key;
  point(!still);
}

const pointer = document.getElementById("pointer");
function point(scroll = false) {
  const found = !paper.hidden && spans().find((one) => one.key === chosen);
  pointer.hidden = !found;
  if (!found) return;
  const scale = paper.offsetWidth / width() || 1;
  pointer.style.top = `${found.top * scale}px`;
  pointer.style.height = `${(found.bottom - found.top) * scale}px`;
  if (!scroll) return;
  const head = paper.offsetTop + found.node.getBoundingClientRect().top * scale;
  const seen = [stage.scrollTop + bar.offsetHeight + 20, stage.scrollTop + stage.clientHeight - 120];
  if (head < seen[0] || head > seen[1]) stage.scrollTop = Math.max(0, paper.offsetTop + found.top * scale - bar.offsetHeight - 20);
}

// --- the inbox row and the other parts

function inboxRow(state) {
  const { name, address } = state.sender ?? {};
  inbox.replaceChildren(
    el("p", { class: "from" }, el("b", {}, name || address || "No sender is set"), el("span", { class: "soft" }, clock())),
    el("p", { class: "line" }, el("span", { class: "subject" }, state.subject || "No subject"), el("span", { class: "soft preheader" }, state.preheader)),
  );
}

async function fill(state) {
  const part = view.part;
  const as = `${part} ${state.stamp}`;
  if (sheet.dataset.as === as) return;
  sheet.dataset.as = as;
  const address = { text: "/text", source: "/source" }[part];
  const words = address ? await fetch(address).then((response) => response.text(), (error) => error.message) : "";
  if (sheet.dataset.as !== as) return; // another part was asked for meanwhile
  sheet.className = part;
  if (part === "headers") sheet.replaceChildren(table(state.headers));
  else if (part === "links") sheet.replaceChildren(el("p", { class: "soft" }, many(state.links.length, "link")), links(state.links));
  else sheet.replaceChildren(el("pre", {}, words));
}

function table(headers) {
  return el("dl", {}, headers.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function links(all) {
  return el("ol", {}, all.map(({ text, url }) => el("li", {}, el("span", {}, text || "(a picture)"), el("br"), link(url, url))));
}
