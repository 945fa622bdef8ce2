import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { type Figures, rounded } from "./figures.ts";
import { count } from "./options.ts";
import { build, nameOf } from "./history.ts";

const AGENT = fileURLToPath(new URL("forget-agent.ts", import.meta.url));
/** Most megabytes that forgetting may add to an open agent's memory, and more per forgotten message, for its id and words. */
const MOST_MORE = 150;
const MOST_EACH = 0.002;
/** A word in about every twelfth message. */
const WORD = "there";

const ranSchema = z.object({
  messages: z.number(),
  left: z.number(),
  seconds: z.number(),
  opened: z.number(),
  most: z.number(),
});

/** Forgets a word, and nearly everything, of an agent with `--messages` (default: 200,000), each in a new process. */
export async function forget(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({ args: [...args], options: { messages: { type: "string", default: "200000" } } });
  const size = count(values.messages, "messages");
  const dir = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    const whole = join(dir, "whole");
    await build(whole, size);
    const run = (request: object): z.infer<typeof ranSchema> => {
      const copy = join(dir, "copy");
      cpSync(whole, copy, { recursive: true });
      const child = [process.execPath, ...process.execArgv, AGENT, copy, nameOf(size), JSON.stringify(request)];
      const [file = "", ...rest] = child;
      const ran = ranSchema.parse(JSON.parse(execFileSync(file, rest, { encoding: "utf8" })));
      rmSync(copy, { recursive: true });
      return ran;
    };
    // Messages are minutes apart, up to now.
    const before = new Date(Date.now() - 0.1 * size * 60_000).toISOString().slice(0, 10);
    const [word, days] = [run({ match: WORD }), run({ to: before })];
    return {
      ok: [word, days].every(({ messages, opened, most }) => most - opened <= MOST_MORE + messages * MOST_EACH),
      messages: size,
      word: shown(word),
      days: shown(days),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function shown({ messages, left, seconds, opened, most }: z.infer<typeof ranSchema>): Figures {
  return {
    forgotten: messages,
    left,
    seconds: rounded(seconds, 1),
    opened_mb: rounded(opened),
    most_mb: rounded(most),
  };
}
