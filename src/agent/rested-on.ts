import type { Journal } from "../ports/journal.ts";
import { type Block, blockSchema } from "../schema/state.ts";
import type { SeenFact } from "../schema/timeline.ts";
import { weighedLines } from "../search/blocks.ts";
import { parseQuery } from "../search/query.ts";

/** Most facts that one reply is said to rest on, and the share of the best one's weight that each must have. */
const MOST = 5;
const LEAST_OF_BEST = 0.5;
/** The share of a line's own words that must be said: a long line has some word of anything. */
const LEAST_OF_LINE = 0.25;

/** Operations that are read at a time, and most of them, to find a message in the journal. */
const AT_A_TIME = 200;
const MOST_READ = 4000;

type Said = { readonly asked: string; readonly reply: string };

/** The lines of core memory that a reply has words of, those that speak of what was asked and answered first. */
export function restedOn({ asked, reply }: Said, blocks: readonly Block[]): SeenFact[] {
  const inQuestion = new Map(weighedLines(plain(asked), blocks).map((it) => [placeOf(it), it]));
  const facts = weighedLines(plain(reply), blocks)
    .map(({ label, line, text, words, weight }) => {
      const other = inQuestion.get(placeOf({ label, line }));
      const said = new Set([...words, ...(other?.words ?? [])]);
      return { label, text, said, weight: weight + (other?.weight ?? 0) };
    })
    .filter(({ text, said }) => said.size >= parseQuery(plain(text)).terms.length * LEAST_OF_LINE)
    .sort((a, b) => b.weight - a.weight);
  const least = (facts[0]?.weight ?? 0) * LEAST_OF_BEST;
  return facts
    .filter(({ weight }) => weight >= least)
    .slice(0, MOST)
    .map(({ label, text }) => ({ label, text }));
}

/** Blocks as the model saw them when it wrote the message of that id: without what that message wrote, and what came after it. */
export async function blocksSeen(blocks: readonly Block[], journal: Journal, id: string): Promise<Block[]> {
  const written = await opOf(journal, id);
  const edits = await journal.blockEntries();
  const since = edits.filter(({ cause, op }) => cause === id || op > written).reverse();
  let seen = [...blocks];
  for (const { ref, before } of since) {
    const { data: earlier } = blockSchema().safeParse(JSON.parse(before ?? "null"));
    seen = seen.map((block) => (block.label === ref && earlier !== undefined ? earlier : block));
  }
  return seen;
}

/** The operation that stored a message of late; infinite for one that is not found, so that nothing came after it. */
async function opOf(journal: Journal, id: string): Promise<number> {
  const head = await journal.head();
  for (let to = head; to > Math.max(0, head - MOST_READ); to -= AT_A_TIME) {
    const entries = await journal.entries(Math.max(0, to - AT_A_TIME), to);
    const found = entries.findLast(({ kind, ref }) => kind === "message" && ref === id);
    if (found !== undefined) return found.op;
  }
  return Number.POSITIVE_INFINITY;
}

function placeOf({ label, line }: { readonly label: string; readonly line: number }): string {
  return `${line} ${label}`;
}

/** Quotation marks ask for the very words; here they only say that the agent quotes. */
function plain(text: string): string {
  return text.replace(/["“”„«»]/g, " ");
}
