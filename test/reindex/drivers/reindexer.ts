import { writeSync } from "node:fs";
import { MemGPT } from "memgpt";
import { TestEmbedder } from "../../support/embedder.ts";
import { OTHER, embedderOf } from "../agents.ts";

/**
 * Embeds an agent anew, and says how far it is, as it goes: what is printed when the process is killed has happened. After
 * `last` passages it never comes to an end, in the middle of a batch.
 */
const { home, name, last }: { home: string; name: string; last: number } = JSON.parse(process.argv[2] ?? "{}");

let done = 0;
const before = async (): Promise<void> => {
  if (done >= last) await forever();
};
const embedder = new TestEmbedder(OTHER.model, { before });
const memgpt = await MemGPT.open({
  dir: home,
  env: {},
  embedder: (settings) => (settings.model === OTHER.model ? embedder : embedderOf(settings)),
});
for await (const event of memgpt.reindex(name, { embedding: OTHER })) {
  if (event.type !== "progress") continue;
  ({ done } = event);
  writeSync(1, `${done}\n`);
}
await forever();

async function forever(): Promise<void> {
  await new Promise(() => setInterval(() => undefined, 1_000));
}
