import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { type Completion, type Llm, type LlmDelta, type LlmRequest, type MainContext, MemGPT } from "memgpt";
import { PracticeLlm } from "../src/llm/practice/practice-llm.ts";
import { toWire } from "../src/llm/openai/wire.ts";
import { seeded } from "../test/crash/random.ts";
import { type Figures, quantile, rounded } from "./figures.ts";
import { readOptions } from "./options.ts";
import { contentWord, prose } from "./vocabulary.ts";

const USAGE = "prefix [--turns 200] [--window 8192] [--seed 1]";

/**
 * The share of a conversation's prompt tokens that are an unchanged prefix of the previous request, which a provider's prompt
 * cache can reuse. Counts o200k tokens of the request as sent: functions, then messages.
 */
export async function prefix(args: readonly string[]): Promise<Figures> {
  const { turns, window, seed } = readOptions(args, USAGE, { turns: 200, window: 8192, seed: 1 });
  const dir = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  const recorder = new Recorder();
  const memgpt = await MemGPT.open({ dir, env: {}, llm: () => recorder });
  try {
    const agent = await memgpt.createAgent({ name: "sam", contextWindow: window });
    const random = seeded(seed);
    for (let turn = 0; turn < turns; turn += 1) {
      const said = prose(random, 8, 30);
      const kinds = [
        said,
        said,
        `My ${contentWord(random)} is called ${contentWord(random)}. ${said}`,
        `What did I say about the ${contentWord(random)}?`,
      ];
      await agent.ask(kinds[turn % kinds.length] ?? said);
    }
    return { turns, window, seed, ...recorder.report() };
  } finally {
    await memgpt.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The practice model, comparing each request with the previous one. */
class Recorder implements Llm {
  readonly model = "practice";
  readonly #inner = new PracticeLlm();
  readonly #shares: number[] = [];
  #before: readonly number[] = [];
  #tokens = 0;
  #unchanged = 0;

  complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    // Requests for a summary are not part of the conversation.
    if (request.context.functions.length > 0) this.#record(request.context);
    else this.#tokens += encode(JSON.stringify(toWire(request.context))).length;
    return this.#inner.complete(request);
  }

  report(): Figures {
    return {
      requests: this.#shares.length + 1,
      prompt_tokens: this.#tokens,
      unchanged_prefix_share: rounded(this.#unchanged / this.#tokens),
      share_per_request: {
        median: rounded(quantile(this.#shares, 0.5)),
        p5: rounded(quantile(this.#shares, 0.05)),
        min: rounded(Math.min(...this.#shares)),
      },
    };
  }

  #record(context: MainContext): void {
    const { messages, tools } = toWire(context);
    const tokens = encode([tools, ...messages].map((part) => JSON.stringify(part)).join("\n"));
    const same = tokens.findIndex((token, index) => token !== this.#before[index]);
    const unchanged = same < 0 ? tokens.length : same;
    if (this.#before.length > 0) this.#shares.push(unchanged / tokens.length);
    this.#unchanged += unchanged;
    this.#tokens += tokens.length;
    this.#before = tokens;
  }
}
