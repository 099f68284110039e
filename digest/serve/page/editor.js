// An item opened for editing: its texts, its source sentences beside its summary, its picture.
import { el, many, word } from "./dom.js";
import { saveText } from "./doing.js";
import { field } from "./field.js";
import { sentences, story } from "./stories.js";

const FIELDS = [
  { what: "headline", label: "Headline", lines: 1, look: "line serif", required: true },
  { what: "summary", label: "Summary", lines: 4, marks: true, counts: (value) => many(countWords(value), "word") },
];
const MORE = [
  { what: "kicker", label: "Kicker, a word or two above the headline" },
  { what: "link", label: "Link", kind: "url" },
  { what: "source", label: "Source" },
  { what: "credit", label: "Credit" },
];
const PHOTO = [
  { what: "alt", label: "What the photo shows (alt text)", lines: 2, look: "line" },
  { what: "caption", label: "Caption", lines: 2, look: "line" },
  { what: "photo_credit", label: "Photo credit" },
];
const INSIDE = { alt: "alt", caption: "caption", photo_credit: "credit" }; // a photo's texts stand in item.image

export const countWords = (text) => (text.match(/[^\s–—-]\S*/g) ?? []).length;

/** {node, update(item), dirty(), focus(what)} for an item; `close` is called by Done, `photo` picks another picture. */
export function editor(item, { close, photo, arrived }) {
  const value = (of, what) => (what in INSIDE ? (of.image?.[INSIDE[what]] ?? "") : of[what]) ?? "";
  const made = (list) => list.map((one) => [one.what, field({ ...one, value: value(item, one.what), save: saveText(item.key, one.what) })]);
  const [texts, more, pictured] = [made(FIELDS), made(MORE), made(PHOTO)];
  const all = new Map([...texts, ...more, ...pictured]);
  const sources = el("div", { class: "sources" });
  const small = el("div", { class: "photo" });
  const photoTexts = el("details", {}, el("summary", {}, "Photo: alt text, caption, credit"), small, pictured.map(([, one]) => one.node));
  const node = el(
    "div",
    { class: "editor" },
    texts.map(([, one]) => one.node),
    sources,
    photoTexts,
    el("details", {}, el("summary", {}, "Kicker, link, source, credit"), more.map(([, one]) => one.node)),
    el("div", { class: "words" }, word("Done", close, { class: "word strong" }), word(item.image ? "Another photo" : "Add a photo", photo)),
  );

  function update(newest) {
    for (const [what, one] of all) one.update(value(newest, what), what === "summary" ? newest.strange : []);
    photoTexts.hidden = !newest.image;
    const image = newest.image && (newest.image.shown ?? newest.image.url);
    if (small.dataset.image !== image) small.replaceChildren(...(image ? [thumbnail(newest.image)] : []));
    small.dataset.image = image;
    sources.replaceChildren(...sourceWords(newest, arrived));
  }

  update(item);
  return {
    node,
    update,
    dirty: () => [...all.values()].some((one) => one.dirty()),
    settle: () => Promise.all([...all.values()].map((one) => one.commit())),
    focus: (what = "headline") => {
      const place = what in INSIDE && !item.image ? "headline" : what;
      const one = all.get(place) ?? all.get("headline");
      const folded = one.node.closest("details");
      if (folded) folded.open = true;
      one.input.focus();
      if (place === "headline") one.input.setSelectionRange(one.input.value.length, one.input.value.length);
    },
  };
}

/** The sentences of the story that the summary was made of, as nodes; `briefly`: only where they stand, if it is nothing but them. */
export function sourceWords(item, arrived, briefly = false) {
  const told = item.story ? story(item.story, arrived) : null;
  if (!told) return [];
  const from = sentences(told);
  if (briefly && from.length && from.map(({ text }) => text).join(" ") === item.summary) {
    const places = [...new Set(from.map(({ paragraph }) => `¶${paragraph}`))];
    return [el("p", {}, `Word for word from ${places.join(" and ")}.`)];
  }
  return from.map(({ paragraph, text }) =>
    el("p", {}, el("span", { class: "pilcrow" }, `¶${paragraph}`), ` “${text}”`),
  );
}

/** A picture small, or its name where the desk may not load it. */
export function thumbnail(image) {
  const address = image.shown ?? image.url;
  const broken = (event) => event.target.replaceWith(el("span", { class: "soft" }, image.url));
  if (!/^(https?:\/\/|\/picture\/)/i.test(address)) return el("span", { class: "soft" }, image.url);
  return el("img", { src: address, alt: image.alt || "The photo, without alt text", loading: "lazy", onerror: broken });
}
