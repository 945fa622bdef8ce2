import type { Checkpoints } from "../../ports/checkpoints.ts";
import { moment } from "../../time/dates.ts";
import { type Checkpoint, toEntry } from "../files/checkpoints.ts";
import { type CheckpointSource, findCheckpoint } from "../files/find-checkpoint.ts";
import { CheckpointWriter, type Writing } from "./checkpoint-writer.ts";

/** Where an agent's checkpoints are stored. */
export type CheckpointStore = CheckpointSource & {
  /** Removes automatic checkpoints that are no longer worth keeping, except the `newest` ones. */
  prune(now: string, newest: number): unknown;
};

/** The checkpoints of an open agent, in any store. `now`: ISO 8601 in UTC. */
export function openCheckpoints(means: Writing, store: CheckpointStore, now: () => string): Checkpoints {
  const writer = new CheckpointWriter(means);
  return {
    later: (state) => {
      writer.later(state, { time: now() });
    },
    settled: () => writer.settled(),
    get failure() {
      return writer.failure;
    },
    write: (state, options) => writer.now(state, { time: now(), ...options }),
    list: async () => {
      await writer.settled();
      return [...(await store.list())];
    },
    find: async (which, options) => {
      await writer.settled();
      const { state, ...checkpoint } = await findIn(store, which, now(), options);
      return { ...toEntry(checkpoint, await store.list()), op: checkpoint.op, state };
    },
    prune: async (newest) => {
      await writer.settled();
      await store.prune(now(), newest);
    },
  };
}

/** Finds a checkpoint by name, number, file or time. @throws MemGPTError `not_found`. */
export async function findIn(
  source: CheckpointSource,
  which: string,
  now: string,
  options: { readonly edited?: boolean } = {},
): Promise<Checkpoint> {
  return findCheckpoint(source, which, (text) => moment(text, now), options);
}
