// The stories behind the items, as digest understood them: fetched once each.
import { ask } from "./state.js";

const known = new Map();

/** The story, or null while it is on its way; `arrived` is called then. */
export function story(id, arrived) {
  if (!known.has(id)) {
    known.set(id, null);
    fetchStory(id).then(
      () => arrived?.(),
      () => known.delete(id),
    );
  }
  return known.get(id);
}

/** The story as it is this moment. Raises Error when it is not in the store. */
export async function fetchStory(id) {
  const answer = await ask(`/story/${encodeURIComponent(id)}`);
  if (answer.status !== 200) throw new Error(answer.body.error ?? "It is not in the store.");
  known.set(id, answer.body);
  return answer.body;
}

/** The sentences that the summary was made of: [{paragraph (from 1), text}]. */
export function sentences(told) {
  return (told.spans ?? [])
    .filter(({ paragraph }) => told.paragraphs[paragraph])
    .map(({ paragraph, start, end }) => ({ paragraph: paragraph + 1, text: told.paragraphs[paragraph].slice(start, end) }));
}
