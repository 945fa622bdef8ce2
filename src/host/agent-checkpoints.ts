import type { Checkpoints } from "../agent/deps.ts";
import { moment } from "../time/dates.ts";
import type { CheckpointEntry } from "../schema/timeline.ts";
import type { Checkpoint, CheckpointFolder } from "../storage/files/checkpoints.ts";
import { isKept } from "../storage/files/checkpoint-name.ts";
import { findCheckpoint } from "../storage/files/find-checkpoint.ts";
import { type OpenedAgent, writeCheckpoint } from "../storage/repository/open-agent.ts";

/** The checkpoints of an open agent. `now`: ISO 8601 in UTC. */
export function checkpointsOf(files: OpenedAgent, now: () => string): Checkpoints {
  const { checkpoints: folder } = files;
  return {
    write: (state, options) => writeCheckpoint(files, state, { time: now(), ...options }),
    list: async () => folder.list(),
    find: async (which) => {
      const { state, ...checkpoint } = await findIn(folder, which, now());
      return { ...entryOf(checkpoint, folder), state };
    },
    prune: async (newest) => {
      folder.prune(now(), newest);
    },
  };
}

/** The checkpoint that a person means by a name, a number, a file or a time. @throws MemGPTError `not_found`. */
export async function findIn(folder: CheckpointFolder, which: string, now: string): Promise<Checkpoint> {
  return findCheckpoint(folder, which, (text) => moment(text, now));
}

function entryOf(
  { file, op, time, name, after }: Omit<Checkpoint, "state">,
  folder: CheckpointFolder,
): CheckpointEntry {
  const number = folder.list().find((entry) => entry.file === file)?.number ?? 1;
  return { number, file, op, time, name, kept: isKept(file), after };
}
