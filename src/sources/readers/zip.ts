import { Unreadable } from "../input.ts";

/** What the files of one archive may take unpacked, together. */
const MOST_UNPACKED = 200 * 1024 * 1024;

export type Archive = ReadonlyMap<string, Uint8Array>;

/**
 * The files of an archive that `wants` names. Each is unpacked into as much room as the archive says it takes, and that is
 * bounded, so that a few bytes cannot fill the memory.
 *
 * @throws Unreadable if the archive is damaged, encrypted or unpacks to too much.
 */
export async function unzip(bytes: Uint8Array, wants: (name: string) => boolean): Promise<Archive> {
  const { unzipSync } = await import("fflate");
  let unpacked = 0;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!wants(name)) return false;
        unpacked += originalSize;
        if (unpacked > MOST_UNPACKED) {
          throw new Unreadable(`it unpacks to more than ${MOST_UNPACKED / 1024 / 1024} MB`);
        }
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`the archive is damaged (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** The names of the files in an archive. */
export async function namesIn(bytes: Uint8Array): Promise<readonly string[]> {
  const names: string[] = [];
  await unzip(bytes, (name) => {
    names.push(name);
    return false;
  });
  return names;
}
