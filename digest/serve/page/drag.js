// Cards and sections follow the pointer; a line shows where they will stand.
import { el } from "./dom.js";
import { makeLead, move, moveSection, takeIn } from "./doing.js";
import * as issue from "./state.js";

const list = document.getElementById("cards");
const column = document.getElementById("plan");
const line = el("div", { class: "drop-line", "aria-hidden": "true" });
const START = 5; // pixels; less is a click

export function start() {
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest(".row");
    const byHandle = event.target.closest(".handle:not(.fixed)");
    const pressable = event.target.closest(".word, a, input, textarea, summary, .editor, .summary, .sources");
    const movable = row?.matches(".item, .lead, .offered, .section");
    if (!movable || event.button !== 0 || (event.pointerType !== "mouse" ? !byHandle : pressable && !byHandle)) return;
    follow(row, event);
  });
}

function follow(row, down) {
  const section = row.classList.contains("section");
  let going = false;
  let target = null;
  let rolling = 0;

  const moved = (event) => {
    if (event.pointerId !== down.pointerId) return;
    if (!going && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < START) return;
    if (!going) {
      going = true;
      row.classList.add("moving");
      document.body.classList.add("dragging");
      list.append(line);
      row.setPointerCapture(down.pointerId);
    }
    event.preventDefault();
    target = section ? sectionTarget(event.clientY) : itemTarget(row, event.clientY);
    line.style.top = `${target.y}px`;
    clearInterval(rolling);
    const { top, bottom } = column.getBoundingClientRect();
    const speed = event.clientY < top + 40 ? -12 : event.clientY > bottom - 40 ? 12 : 0;
    if (speed) rolling = setInterval(() => (column.scrollTop += speed), 16);
  };
  const end = () => {
    clearInterval(rolling);
    line.remove();
    row.classList.remove("moving");
    document.body.classList.remove("dragging");
    for (const [name, act] of heard) window.removeEventListener(name, act, true);
  };
  const up = (event) => {
    if (event.pointerId !== down.pointerId) return;
    end();
    if (!going) return;
    window.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", swallow, true), 0);
    drop(row, section, target);
  };
  const key = (event) => {
    if (event.key !== "Escape" || !going) return;
    event.stopPropagation();
    end();
  };
  const heard = [["pointermove", moved], ["pointerup", up], ["pointercancel", end], ["keydown", key]];
  for (const [name, act] of heard) window.addEventListener(name, act, true);
}

const swallow = (event) => event.stopPropagation();

function drop(row, section, target) {
  const key = row.dataset.key;
  if (!target) return;
  if (section) {
    const from = issue.now().sections.findIndex((one) => one.key === key);
    const at = target.at > from ? target.at - 1 : target.at;
    if (at !== from) moveSection(key, at);
    return;
  }
  const entry = issue.find(key);
  if (!entry || target.before === row) return;
  if (target.lead) {
    makeLead(key);
  } else if (entry.kind === "offered") {
    takeIn(entry.item, target.section, target.at);
  } else if (entry.section?.key !== target.section || entry.at !== target.at) {
    move(key, target.section, target.at);
  }
}

// Where an item would stand: {lead} or {section, at}, and the height of the line.
function itemTarget(row, y) {
  const rows = [...list.querySelectorAll(":scope > .row")];
  const zone = rows.filter((one) => one.matches(".section, .item, .lead") || one.dataset.key === "the lead");
  const found = zone.findIndex((one) => y < middle(one));
  const before = found < 0 ? zone.length : found;
  let target = { section: issue.now().sections[0]?.key, at: 0 };
  if (before <= 1 && zone[0]?.dataset.key === "the lead") return { lead: true, before: zone[1], y: edge(zone[1]) };
  for (const one of zone.slice(0, before)) {
    if (one.matches(".section")) target = { section: one.dataset.key, at: 0 };
    else if (one.matches(".item") && one !== row) target = { ...target, at: target.at + 1 };
  }
  const last = zone[before - 1];
  const height = zone[before] && !zone[before].matches(".section") ? edge(zone[before]) : edge(last, true);
  return { ...target, before: zone[before], y: height };
}

function sectionTarget(y) {
  const heads = [...list.querySelectorAll(":scope > .section")];
  const blocks = heads.map((head) => {
    let last = head;
    while (last.nextElementSibling?.matches(".item, .sponsor")) last = last.nextElementSibling;
    return { head, last };
  });
  const at = blocks.findIndex(({ head, last }) => y < (head.getBoundingClientRect().top + last.getBoundingClientRect().bottom) / 2);
  if (at < 0) return { at: heads.length, y: edge(blocks.at(-1).last, true) };
  return { at, y: edge(heads[at]) };
}

const middle = (node) => node.getBoundingClientRect().top + node.getBoundingClientRect().height / 2;
const edge = (node, below) => node.offsetTop + (below ? node.offsetHeight + 3 : -4);
