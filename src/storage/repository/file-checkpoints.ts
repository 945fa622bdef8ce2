import type { Checkpoints } from "../../ports/checkpoints.ts";
import { moment } from "../../time/dates.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import type { Checkpoint, CheckpointFolder } from "../files/checkpoints.ts";
import { isKept } from "../files/checkpoint-name.ts";
import { findCheckpoint } from "../files/find-checkpoint.ts";
import { CheckpointWriter, type Files } from "./checkpoint-writer.ts";

/** The checkpoints of an open agent. `now`: ISO 8601 in UTC. */
export function checkpointsOf(files: Files, now: () => string): Checkpoints {
  const { checkpoints: folder } = files;
  const writer = new CheckpointWriter(files);
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
      return { ...entryOf({ op, ...checkpoint }, folder), op, state };
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

function entryOf(
  { file, op, time, name, after }: Omit<Checkpoint, "state">,
  folder: CheckpointFolder,
): CheckpointEntry {
  const number = folder.list().find((entry) => entry.file === file)?.number ?? 1;
  return { number, file, op, time, name, kept: isKept(file), after, problem: null };
}
