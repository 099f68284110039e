// A text that is saved by itself shortly after the last key, and never lost: not to a change made elsewhere, not to a refusal.
import { el, marked, short, word } from "./dom.js";

const PAUSE = 600; // ms after the last key
let serial = 0;
const fields = new Set(); // what can tell whether its field holds words that are not saved

/** Whether something was typed that is not in the plan yet. */
export function unsaved() {
  return [...fields].some(({ node, dirty }) => node.isConnected && dirty());
}

window.addEventListener("beforeunload", (event) => {
  if (!unsaved()) return;
  for (const { commit } of fields) commit();
  event.preventDefault(); // the browser asks; meanwhile it is saved
});

/**
 * A field with its label. `save(value)` answers what change() of state.js does; `counts(value)` gives the words at the right of the label;
 * `marks` makes it show spans that update() brings. Enter saves at once in a field of one line.
 */
export function field({ label, value, save, counts, lines = 0, marks = false, look = "", kind = "text", required = false }) {
  const id = `field-${++serial}`;
  const input = lines
    ? el("textarea", { id, rows: lines, value, "aria-describedby": `${id}-said`, required })
    : el("input", { id, type: kind, value, "aria-describedby": `${id}-said`, required, autocomplete: "off" });
  input.spellcheck = kind === "text";
  const count = el("span", { class: "count" });
  const said = el("div", { class: "said", id: `${id}-said`, role: "status" });
  const ghost = marks ? el("div", { class: "ghost", "aria-hidden": "true" }) : null;
  const node = el(
    "div",
    { class: `field ${look}` },
    el("div", { class: "label" }, el("label", { for: id }, label), count),
    el("div", { class: "box" }, ghost, input),
    said,
  );

  let base = value; // as the plan has it, as far as this field was told
  let sent = null;
  let spans = [];
  let marksOf = value;
  let halted = false; // a question is open: nothing is saved unasked
  let timer = 0;

  const dirty = () => input.value !== base;

  function shown() {
    count.textContent = counts ? counts(input.value) : "";
    if (!ghost) return;
    let same = 0; // up to the first letter that was changed since the spans were found they are right
    while (same < marksOf.length && marksOf[same] === input.value[same]) same++;
    const right = input.value === marksOf ? spans : spans.filter(([, to]) => to < same);
    ghost.replaceChildren(...marked(input.value, right), "\n");
  }

  let going = null; // the saving that is under way

  function commit() {
    clearTimeout(timer);
    if (!dirty() || halted) return going;
    if (sent !== input.value) going = put(input.value);
    return going;
  }

  async function put(mine) {
    if (required && !mine.trim()) return tell("It cannot be empty.");
    sent = mine;
    const answer = await save(mine);
    sent = null;
    if (answer.done) {
      base = mine;
      tell("");
      if (dirty()) timer = setTimeout(commit, PAUSE);
    } else if (answer.conflict) {
      if (!halted) question("Not saved yet: the plan was changed elsewhere just now.", base);
    } else {
      tell(answer.refused ?? "It is no longer in the plan. Your words are still here, to be copied.");
    }
  }

  function tell(words) {
    node.classList.toggle("wrong", Boolean(words));
    said.replaceChildren(...(words ? [el("p", {}, words)] : []));
  }

  function question(words, theirs) {
    halted = true;
    const settle = (act) => () => ((halted = false), tell(""), act(), input.focus());
    tell(words);
    said.append(
      el(
        "div",
        { class: "words" },
        word("Save mine", settle(() => ((base = theirs), commit()))),
        word("Take theirs", settle(() => ((base = theirs), (input.value = theirs), shown(), grow()))),
      ),
    );
  }

  /** The plan has this value now. What was typed and not saved stays. */
  function update(newest, newSpans = []) {
    [spans, marksOf] = [newSpans, newest];
    if (newest === input.value) {
      base = newest;
      if (halted) (halted = false), tell("");
    } else if (!dirty()) {
      base = input.value = newest;
      grow();
    } else if (newest !== base && newest !== sent) {
      base = newest;
      question(`Changed elsewhere meanwhile, to “${short(newest, 90)}”. Yours is not saved.`, newest);
    }
    shown();
  }

  function grow() {
    if (!lines || !input.isConnected) return;
    input.style.height = "0";
    input.style.height = `${input.scrollHeight + 2}px`;
  }

  input.addEventListener("input", () => {
    shown();
    grow();
    clearTimeout(timer);
    timer = setTimeout(commit, PAUSE);
  });
  input.addEventListener("blur", commit);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (!lines || look.includes("line") || event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      commit();
    }
  });
  if (ghost) input.addEventListener("scroll", () => (ghost.scrollTop = input.scrollTop));
  new ResizeObserver(grow).observe(node);
  shown();
  for (const one of fields) if (!one.node.isConnected && !one.dirty()) fields.delete(one);
  fields.add({ node, dirty, commit });
  return { node, input, update, commit, dirty, value: () => input.value };
}
