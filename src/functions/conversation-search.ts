import * as z from "zod";
import { peopleIn } from "../memory/people.ts";
import { localTime } from "../time/format.ts";
import type { Utterance } from "../ports/recall.ts";
import { dateRange } from "../time/dates.ts";
import { defineFunction } from "./define.ts";
import { recallVector } from "./embed.ts";
import { rerankOf } from "./rerank.ts";
import { type Line, PAGE_SIZE, pageParameter, renderPage } from "./pages.ts";

export const conversationSearch = defineFunction({
  name: "conversation_search",
  kind: "search",
  description: "Searches all that you and the person ever said. Text in double quotes must match exactly.",
  parameters: z.object({ query: z.string().min(1).describe("What to look for."), page: pageParameter }),
  async run({ query, page = 0 }, context) {
    const { recall, pageTokens, now, state } = context;
    const found = await recall.search(
      {
        text: query,
        ...(await recallVector(query, { ...context, embedder: context.collections.own.embedder })),
        ...rerankOf(query, context.collections.reranking, context),
        now,
        people: peopleIn(state.blocks),
        orRelated: true,
      },
      { page, size: PAGE_SIZE },
    );
    return { output: renderPage(found, page, pageTokens, line), hits: found.items, model: found.model };
  },
});

export const conversationSearchDate = defineFunction({
  name: "conversation_search_date",
  kind: "search",
  description: "Lists what you and the person said between two dates, both included.",
  parameters: z.object({
    start_date: z.string().describe("YYYY-MM-DD, or words such as last week."),
    end_date: z.string().describe("YYYY-MM-DD."),
    page: pageParameter,
  }),
  async run({ start_date, end_date, page = 0 }, { recall, pageTokens, now }) {
    const range = await dateRange(start_date, end_date, now);
    const found = await recall.searchDate(range, { page, size: PAGE_SIZE });
    const hits = found.items.map(({ id }) => ({ id, signals: {} }));
    return { output: renderPage(found, page, pageTokens, line), hits };
  },
});

function line({ createdAt, role, speaker, text }: Utterance): Line {
  return { head: `timestamp: ${localTime(createdAt)}, ${speaker ?? role} - `, text };
}
