import * as z from "zod";
import { chunk } from "../memory/chunk.ts";
import { fence, markFrom } from "../trust/fence.ts";
import { calledByModel } from "../schema/hidden-name.ts";
import { localTime } from "../time/format.ts";
import { estimateTokens } from "../memory/tokens.ts";
import { defineFunction } from "./define.ts";
import { insertPassages } from "./effects.ts";
import { embedPassages } from "./embed.ts";
import { PAGE_SIZE, pageParameter, renderPage } from "./pages.ts";
import { searchCollections } from "./search-collections.ts";

export const archivalMemoryInsert = defineFunction({
  name: "archival_memory_insert",
  kind: "memory_write",
  description: "Keeps a text in archival memory, which is unlimited but must be searched to be seen.",
  parameters: z.object({ content: z.string().min(1).describe("What to keep, understandable on its own.") }),
  async run({ content }, context) {
    const { now, newId } = context;
    const texts = chunk(content);
    if (texts.length === 0) throw new Error("the content is empty");
    const { archival, embedder } = context.collections.own;
    const embeddings = await embedPassages(texts, {
      archival,
      embedder,
      notify: context.notify,
      signal: context.signal,
    });
    const passages = texts.map((text, i) => ({
      id: newId(),
      text,
      createdAt: now,
      embedding: embeddings[i] ?? null,
    }));
    return { output: null, effects: [insertPassages(content, passages)] };
  },
});

const NOT_FOUND_YET = " (What you inserted in this same response can be found from your next step on.)";

export const archivalMemorySearch = defineFunction({
  name: "archival_memory_search",
  kind: "search",
  description: "Searches archival memory. Text in double quotes must match exactly.",
  parameters: z.object({ query: z.string().min(1).describe("What to look for."), page: pageParameter }),
  async run({ query, page = 0 }, context) {
    const { collections, inserted, now, pageTokens } = context;
    const found = await searchCollections(collections, { text: query, now }, { page, size: PAGE_SIZE }, context);
    const note = inserted === 0 ? "" : NOT_FOUND_YET;
    // A new mark for each page.
    const { open, close } = fence(markFrom(context.newId()));
    const shown = renderPage(
      found,
      page,
      pageTokens - estimateTokens(note),
      ({ createdAt, source, citation, text }) => {
        const head = `timestamp: ${localTime(createdAt)}, `;
        return source === null
          ? { head: `${head}memory: `, text }
          : // Inside the fence, because names and headings are the document's words, too.
            {
              head: `${head}source ${calledByModel(source)}: ${open}${citation === undefined ? "" : `(${citation}) `}`,
              text,
              tail: close,
            };
      },
    );
    return { output: shown + note, hits: found.items, model: found.model };
  },
});
