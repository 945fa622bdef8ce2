import type { Checkpoints } from "../../ports/checkpoints.ts";
import { moment } from "../../time/dates.ts";
import { type Checkpoint, type CheckpointFolder, toEntry } from "../files/checkpoints.ts";
import { findCheckpoint } from "../files/find-checkpoint.ts";
import { CheckpointWriter, type Files, writing } from "./checkpoint-writer.ts";

/** The checkpoints of an open agent. `now`: ISO 8601 in UTC. */
export function checkpointsOf(files: Files, now: () => string): Checkpoints {
  const { checkpoints: folder } = files;
  const writer = new CheckpointWriter(writing(files));
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
      return folder.list();
    },
    find: async (which, options) => {
      await writer.settled();
      const { state, op, ...checkpoint } = await findIn(folder, which, now(), options);
      return { ...toEntry({ op, ...checkpoint }, folder.list()), op, state };
    },
    prune: async (newest) => {
      await writer.settled();
      folder.prune(now(), newest);
    },
  };
}

/** The checkpoint that a person means by a name, a number, a file or a time. @throws MemGPTError `not_found`. */
export async function findIn(
  folder: CheckpointFolder,
  which: string,
  now: string,
  options: { readonly edited?: boolean } = {},
): Promise<Checkpoint> {
  return findCheckpoint(folder, which, (text) => moment(text, now), options);
}
