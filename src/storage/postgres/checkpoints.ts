import type { Checkpoints } from "../../ports/checkpoints.ts";
import { moment } from "../../time/dates.ts";
import { type Checkpoint, toEntry } from "../files/checkpoints.ts";
import { findCheckpoint } from "../files/find-checkpoint.ts";
import { CheckpointWriter } from "../repository/checkpoint-writer.ts";
import type { PgAgentStore } from "./agent-store.ts";
import type { CheckpointRows } from "./checkpoint-rows.ts";

/** The checkpoints of an open agent. `now`: ISO 8601 in UTC. */
export function checkpointsIn(store: PgAgentStore, rows: CheckpointRows, now: () => string): Checkpoints {
  const writer = new CheckpointWriter({
    store,
    present: async () => store.history.present(),
    write: async (checkpoint, newest) => rows.write(checkpoint, newest),
  });
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
      return rows.list();
    },
    find: async (which, options) => {
      await writer.settled();
      const { state, ...checkpoint } = await findIn(rows, which, now(), options);
      return { ...toEntry(checkpoint, await rows.list()), op: checkpoint.op, state };
    },
    prune: async (newest) => {
      await writer.settled();
      await rows.prune(now(), newest);
    },
  };
}

/** The checkpoint that a person means by a name, a number, a file or a time. @throws MemGPTError `not_found`. */
export async function findIn(
  rows: CheckpointRows,
  which: string,
  now: string,
  options: { readonly edited?: boolean } = {},
): Promise<Checkpoint> {
  const entries = await rows.list();
  const folder = {
    files: () => entries.map(({ file }) => file).reverse(),
    list: () => entries,
    read: async (file: string, how?: { readonly edited?: boolean }) => rows.read(file, how),
  };
  return findCheckpoint(folder, which, (text) => moment(text, now), options);
}
