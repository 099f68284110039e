// The dialogs about what is there: a section's name, an item's photo, why a story is where it is.
import { choose } from "./cards.js";
import { form, open } from "./dialogs.js";
import { doing, dropSection, mergeSection, setSection } from "./doing.js";
import { thumbnail } from "./editor.js";
import { day, el, link, many, word } from "./dom.js";
import * as issue from "./state.js";
import { fetchStory } from "./stories.js";

/** Rename a section, choose how it is printed, merge it into another or drop it. */
export function section(key, at = "title") {
  const there = issue.sectionOf(key);
  if (!there) return;
  const others = issue.now().sections.filter((one) => one.key !== key);
  const made = form(
    [
      { name: "title", label: "Name", value: there.title, required: true },
      { name: "style", label: "Printed as", value: there.style, options: [["full", "headlines, summaries and photos"], ["headlines", "headlines only"]] },
    ],
    {
      does: "Save",
      act: async (values) => {
        for (const what of ["title", "style"]) {
          if (values[what] === there[what]) continue;
          const answer = await setSection(key, what)(values[what]);
          if (!answer.done) return answer.conflict ?? answer.refused ?? "The section is no longer in the plan.";
        }
      },
    },
  );
  const title = made.inputs.get("title");
  const names = there.names?.length
    ? el("div", { class: "names" }, el("p", { class: "soft" }, "Names considered"), there.names.map((name) => word(name, () => ((title.value = name), title.focus()))))
    : null;
  title.closest(".field").after(...(names ? [names] : []));
  const into = el("select", { "aria-label": "Merge into" }, others.map((one) => el("option", { value: one.key }, one.title)));
  const merge = word("Merge", async () => {
    dialog.close();
    const answer = await mergeSection(key, into.value);
    if (answer?.done) choose(into.value);
  });
  const drop = word(`Drop it with ${many(there.items.length, "item")}`, () => (dialog.close(), dropSection(key)), { class: "word error" });
  const dialog = open("The section", [
    made.node,
    el("div", { class: "aside" }, others.length > 0 && el("p", {}, el("span", { class: "soft" }, "Merge into "), into, " ", merge), el("p", {}, drop)),
  ]);
  if (at === "merge") into.focus();
  else title.select();
}

/** Pick another photo of the story, or none. */
export async function photo(key) {
  const found = issue.find(key);
  if (!found) return;
  const now = found.item.image;
  let images = [];
  let why = "This item has no story behind it.";
  if (found.item.story) {
    try {
      images = (await fetchStory(found.item.story)).images ?? [];
      why = "The story has no photo.";
    } catch (error) {
      why = error.message;
    }
  }
  const known = now && !images.some((image) => image.url === now.url) ? [now, ...images] : images;
  const set = async (image) => {
    const plain = image && Object.fromEntries(["url", "alt", "caption", "credit", "width", "height"].map((what) => [what, image[what] ?? (/th$|ht$/.test(what) ? 0 : "")]));
    const answer = await doing(`change the photo of “${found.item.headline}”`, (of) => {
      const there = issue.find(key, of);
      return there && { do: "image", place: there.item.place, image: plain };
    });
    if (answer.done) dialog.close();
  };
  const choice = (image) => {
    const here = image.url === now?.url;
    return el(
      "button",
      { type: "button", class: "picture", "aria-pressed": String(here), onclick: () => (here ? dialog.close() : set(image)) },
      thumbnail(image),
      el("span", {}, image.caption || image.alt || image.url),
      el("span", { class: "soft" }, [image.credit, image.width ? `${image.width} × ${image.height}` : "", image.alt ? "" : "no alt text"].filter(Boolean).join(" · ")),
    );
  };
  const dialog = open("The photo", [
    known.length ? el("div", { class: "pictures" }, known.map(choice)) : el("p", { class: "soft" }, why),
    now && el("div", { class: "foot" }, word("No photo", () => set(null))),
  ], { wide: true });
}

/** Where each sentence came from, why the story is here, and what was cut from its page. */
export async function explain(id) {
  if (!id) return;
  let told;
  try {
    told = await fetchStory(id);
  } catch (error) {
    return void open("Why it is here", el("p", {}, error.message));
  }
  const inside = issue.items().find((entry) => entry.item.story === id);
  const why = [
    ["Decision", { in: "In the issue", out: "Left out" }[told.decision] ?? told.decision],
    ["Why", told.reason],
    ["Section", told.section],
    ["Grouped", told.grouped],
    ["Names considered", (told.names ?? []).join(" · ")],
    ["Also told by", (inside?.item.also ?? []).map((also) => also.source).join(", ")],
  ].filter(([, value]) => value);
  open(
    "Where it came from",
    [
      el("h3", { class: "story-head" }, told.headline),
      el("p", { class: "soft" }, [told.source, day(told.published)].filter(Boolean).join(" · "), told.url ? [" · ", link(told.url, "read it there")] : ""),
      el("dl", { class: "why" }, why.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value)))),
      el("div", { class: "columns" }, [
        el("section", { "aria-label": "The story" }, el("h4", {}, told.spans?.length ? "The story; the summary’s sentences are marked" : "The story"), told.paragraphs.map((text, at) => paragraph(text, at, told.spans ?? []))),
        el(
          "section",
          { "aria-label": "Cut from its page" },
          el("h4", {}, told.furniture?.length ? `Cut from its page: ${told.furniture.length}` : "Nothing was cut from its page"),
          (told.furniture ?? []).map(({ text, rule }) => el("p", { class: "cut" }, el("span", {}, text), el("span", { class: "soft" }, rule))),
        ),
      ]),
    ],
    { wide: true },
  );
}

function paragraph(text, number, spans) {
  const nodes = [];
  let at = 0;
  for (const { start, end } of spans.filter((span) => span.paragraph === number).sort((one, other) => one.start - other.start)) {
    if (start < at) continue;
    nodes.push(text.slice(at, start), el("mark", { class: "used" }, text.slice(start, end)));
    at = end;
  }
  return el("p", {}, el("span", { class: "pilcrow", "aria-hidden": "true" }, `¶${number + 1}`), " ", nodes, text.slice(at));
}
