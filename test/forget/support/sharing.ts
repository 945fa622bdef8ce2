import type { Agent, Llm } from "memgpt";
import type { Blocks } from "../../../src/host/block-desk.ts";
import { SECRET } from "./told.ts";

export const WORD = "Zanzibar";

/** Gives two agents a block that both have in several versions, one with checkpoints of it. @returns its id. */
export async function share(blocks: Blocks, sam: Agent, bob: Agent): Promise<string> {
  const { id } = await blocks.create({ label: "home", value: "Near the sea.", limit: 500 });
  await blocks.attach(sam, id);
  await blocks.attach(bob, id);
  await sam.editBlock("home", `Near the sea. Once in ${SECRET}.`);
  await bob.receiveBlocks();
  await bob.checkpoint("with it");
  await bob.editBlock("home", `Near the sea. Once in ${SECRET}. Has a dog.`);
  await bob.addPassages([{ text: "A dog called Zeno." }]);
  await sam.receiveBlocks();
  await sam.save();
  await bob.save();
  return id;
}

export const homeOf = ({ state }: Agent): string | undefined =>
  state.blocks.find(({ label }) => label === "home")?.value;

/** A model that does something before each of its answers. */
export function whileThinking(llm: Llm, work: () => Promise<unknown>): Llm {
  return {
    model: llm.model,
    async *complete(request) {
      await work();
      return yield* llm.complete(request);
    },
  };
}

/** What bob says while sam forgets. */
export const A_CAT = [
  { call: "core_memory_append", args: { name: "home", content: "Has a cat.", request_heartbeat: true } },
  { call: "send_message", args: { message: "A cat." } },
];

/** `work`, which does nothing from the second time on. */
export function once(work: () => Promise<unknown>): () => Promise<unknown> {
  let first: Promise<unknown> | undefined;
  return () => (first ??= work());
}
