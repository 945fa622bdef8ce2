import { readFileSync } from "node:fs";
import * as z from "zod";
import { type Random, integer, seeded } from "../test/crash/random.ts";
import { contentWord, prose } from "./vocabulary.ts";

const passageSchema = z.object({ title: z.string(), text: z.string() });
type Passage = z.infer<typeof passageSchema>;

const INVENTED = 2000;
/** Share of words replaced in each repetition. */
const VARIED = 0.15;

/** Any number of texts in paragraphs, and queries for them. */
export type Texts = {
  /** Their origin. */
  readonly source: "given" | "invented";
  readonly at: (index: number) => string;
  readonly queries: (count: number) => string[];
};

/**
 * The passages of a file of lines `{"title": …, "text": …}`, repeated with some words replaced until there are enough.
 * Without a file, texts are generated from a vocabulary.
 */
export function passagesOf(path: string | undefined): Texts {
  const passages = path === undefined ? invented() : fromFile(path);
  return {
    source: path === undefined ? "invented" : "given",
    at: (index) => textAt(passages, index),
    queries: (count) => {
      const every = Math.max(1, Math.floor(passages.length / count));
      return passages
        .filter((_, i) => i % every === 0)
        .slice(0, count)
        .map(queryOf);
    },
  };
}

function fromFile(path: string): Passage[] {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => passageSchema.parse(JSON.parse(line)));
}

function invented(): Passage[] {
  const random = seeded(11);
  return Array.from({ length: INVENTED }, () => {
    const title = `${contentWord(random)} ${contentWord(random)}`;
    // The topic recurs throughout a text, as in real ones.
    const own = Array.from({ length: 6 }, () => contentWord(random));
    const words = prose(random, 50, 40).split(" ");
    return { title, text: words.map((word) => (random() < 0.3 ? (own[integer(random, 6)] ?? word) : word)).join(" ") };
  });
}

/** The same text for the same index. */
function textAt(passages: readonly Passage[], index: number): string {
  const { title, text } = passages[index % passages.length] ?? { title: "", text: "" };
  if (index < passages.length) return `${title}: ${text}`;
  const random: Random = seeded(index);
  const varied = text.split(" ").map((word) => (random() < VARIED ? contentWord(random) : word));
  return `${title} ${contentWord(random)} ${contentWord(random)}: ${varied.join(" ")}`;
}

/** The title, or a few consecutive words. */
function queryOf({ title, text }: Passage, index: number): string {
  const words = text.split(/\s+/);
  const start = (index * 7) % Math.max(1, words.length - 6);
  return index % 4 === 0 ? title : words.slice(start, start + 3 + (index % 4)).join(" ");
}
