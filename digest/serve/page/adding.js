// The dialogs that bring something in: a story of the store, an item by hand, a section, a note, a sponsor.
import { choose, current } from "./cards.js";
import { form, open } from "./dialogs.js";
import { doing, takeIn } from "./doing.js";
import { day, el, word } from "./dom.js";
import * as issue from "./state.js";

/** Ask what to add. */
export function add() {
  open(
    "Add",
    el(
      "div",
      { class: "choices" },
      [
        ["A story of the store", "Search all stories that were gathered.", search],
        ["An item by hand", "A headline and whatever else you have.", byHand],
        ["A section", "An empty one, to move items into.", section],
        [issue.now().note?.text ? "The editor’s note" : "An editor’s note", "Your own words at the top.", note],
        ["A sponsor", "A paid block, marked as such.", () => sponsor()],
      ].map(([label, words, act]) => el("button", { type: "button", class: "choice", onclick: act }, el("b", {}, label), el("span", { class: "soft" }, words))),
    ),
  );
}

const sections = () => issue.now().sections.map((one) => [one.key, one.title]);

/** After the chosen item, or at the top of the chosen section, or at the end of the last. */
function here() {
  const found = issue.find(current());
  if (found?.kind === "item") return { section: found.section.key, at: found.at + 1 };
  const chosen = issue.sectionOf(current()) ?? (found?.kind === "lead" ? issue.now().sections[0] : undefined);
  return { section: chosen?.key ?? issue.now().sections.at(-1)?.key, at: chosen ? 0 : undefined };
}

/** Look for stories in the store and take one in. */
export function search() {
  if (!issue.now().sections.length) return section();
  const spot = here();
  const results = el("div", { class: "results", "aria-live": "polite" });
  const into = el("select", { "aria-label": "Into which section" }, sections().map(([key, title]) => el("option", { value: key, selected: key === spot.section }, title)));
  const words = el("input", { type: "text", inputmode: "search", "aria-label": "Words of the story", placeholder: "Words of the story", autofocus: true, autocomplete: "off" });
  const dialog = open("A further story", [el("div", { class: "search" }, words, el("label", { class: "soft" }, "into ", into)), results], { wide: true });

  let asked = "";
  async function look() {
    const wanted = words.value.trim();
    if (wanted === asked) return;
    asked = wanted;
    if (!wanted) return results.replaceChildren();
    const answer = await issue.ask(`/search?q=${encodeURIComponent(wanted)}`).catch((error) => ({ status: 0, body: { error: error.message } }));
    if (wanted !== asked) return;
    if (answer.status !== 200) return results.replaceChildren(el("p", { class: "error" }, answer.body.error ?? "The search failed."));
    results.replaceChildren(...(answer.body.length ? answer.body.map(result) : [el("p", { class: "soft" }, "No story holds all of these words.")]));
  }

  function result(story) {
    const inside = story.in && issue.items().find((entry) => entry.item.story === story.id);
    const take = async () => {
      const answer = await takeIn(story, into.value, into.value === spot.section ? spot.at : undefined);
      if (!answer.done) return;
      dialog.close();
      chooseStory(story.id);
    };
    const go = () => (dialog.close(), choose(inside.item.key));
    return el(
      "article",
      { class: "result" },
      el("h3", {}, story.headline),
      el("p", { class: "soft" }, [story.source, day(story.date)].filter(Boolean).join(" · "), inside ? " · in the issue" : story.in ? " · under another in the issue" : ""),
      inside && inside.kind !== "offered"
        ? word("go there", go, { "aria-label": `go there: ${story.headline}` })
        : word("take in", inside ? async () => ((await takeIn(inside.item, into.value)), go()) : take, { "aria-label": `take in: ${story.headline}` }),
    );
  }

  let pause = 0;
  words.addEventListener("input", () => (clearTimeout(pause), (pause = setTimeout(look, 150))));
  words.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      results.querySelector("button")?.focus();
    }
  });
  results.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const all = [...results.querySelectorAll("button")];
    (all[all.indexOf(document.activeElement) + by] ?? (by < 0 ? words : null))?.focus();
  });
}

function chooseStory(id) {
  const found = issue.items().find((entry) => entry.item.story === id);
  if (found) choose(found.item.key);
}

/** Write an item that has no story behind it. */
export function byHand() {
  if (!issue.now().sections.length) return section();
  const spot = here();
  const made = form(
    [
      { name: "headline", label: "Headline", required: true },
      { name: "summary", label: "Summary", lines: 4 },
      { name: "link", label: "Link", kind: "url", hint: "https://…" },
      { name: "source", label: "Source" },
      { name: "section", label: "Section", options: sections(), value: spot.section },
    ],
    {
      does: "Add the item",
      act: async ({ section: to, ...texts }) => {
        const brief = Object.fromEntries(Object.entries(texts).filter(([, value]) => value));
        const answer = await takeIn({ headline: texts.headline, brief }, to, to === spot.section ? spot.at : undefined);
        if (!answer.done) return answer.conflict ?? answer.refused;
        const found = issue.items().filter((entry) => !entry.item.story && entry.item.headline === texts.headline);
        setTimeout(() => found.length && choose(found.at(-1).item.key));
      },
    },
  );
  open("An item by hand", made.node);
}

export function section() {
  const { sections: all } = issue.now();
  const found = issue.find(current());
  const at = found?.kind === "item" ? found.number + 1 : all.length;
  const made = form([{ name: "title", label: "Title", required: true }], {
    does: "Add the section",
    act: async ({ title }) => {
      const answer = await doing(`add the section “${title}”`, () => ({ do: "section", title, at }));
      if (!answer.done) return answer.conflict ?? answer.refused;
      setTimeout(() => choose(issue.now().sections.find((one) => one.title === title)?.key));
    },
  });
  open("A section", made.node);
}

export function note() {
  const old = issue.now().note;
  const save = async (text, by) => {
    const answer = await doing("change the note", () => ({ do: "note", text, by }), { done: text ? "" : "The note is gone.", undo: !text });
    return answer.done ? undefined : (answer.conflict ?? answer.refused);
  };
  const made = form(
    [
      { name: "text", label: "Note", lines: 5, value: old?.text, required: true, hint: "*emphasis*, **more**, [link](https://…)" },
      { name: "by", label: "Signed", value: old?.by },
    ],
    { does: "Save the note", act: ({ text, by }) => save(text, by), more: old?.text ? [word("Take it away", async () => (await save("", "")) ?? dialog.close())] : [] },
  );
  const dialog = open("The editor’s note", made.node);
}

const SPONSOR = { name: "name", text: "text", link: "link", after: "after", from: "from", until: "until" };

/** A new sponsor, or one to change. */
export function sponsor(old) {
  const made = form(
    [
      { name: "name", label: "Name", value: old?.name, required: true },
      { name: "text", label: "Text", lines: 3, value: old?.text, required: true, hint: "*emphasis*, [link](https://…)" },
      { name: "link", label: "Link", kind: "url", value: old?.link, hint: "https://…" },
      { name: "after", label: "Stands after", value: old?.after ?? "", options: [["", "the lead"], ...issue.now().sections.map((one) => [one.title, one.title])] },
      { name: "from", label: "From", kind: "date", value: old?.from ?? "" },
      { name: "until", label: "Until", kind: "date", value: old?.until ?? "" },
    ],
    { does: old ? "Save the sponsor" : "Add the sponsor", act: (values) => (old ? changeSponsor(old, values) : addSponsor(values)) },
  );
  open(old ? "The sponsor" : "A sponsor", made.node);
}

async function addSponsor({ from, until, ...texts }) {
  const answer = await doing(`add the sponsor “${texts.name}”`, () => ({ do: "sponsor", ...texts }));
  if (!answer.done) return answer.conflict ?? answer.refused;
  return setSponsor(texts, { from, until });
}

async function changeSponsor(old, values) {
  const changed = Object.fromEntries(Object.keys(SPONSOR).filter((what) => (old[what] ?? "") !== values[what]).map((what) => [what, values[what]]));
  return setSponsor(old, changed);
}

async function setSponsor(known, values) {
  const is = { name: known.name, text: known.text };
  for (const [what, value] of Object.entries(values)) {
    if (!value && !known[what]) continue;
    const answer = await issue.change((of) => {
      const found = of.sponsors.find((one) => one.name === is.name && one.text === is.text);
      return found && { do: "set", place: found.place, key: what, value };
    });
    if (!answer.done) return answer.conflict ?? answer.refused ?? "It is no longer in the plan.";
    if (what in is) is[what] = value;
  }
}
