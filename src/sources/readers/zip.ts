import { Unreadable } from "../input.ts";

/** Most bytes that the files of one archive may take together, unpacked. */
const MOST_UNPACKED = 200 * 1024 * 1024;

export type Archive = ReadonlyMap<string, Uint8Array>;

/**
 * Unpacks the files of an archive that `wants` accepts. Each gets as much memory as the archive declares, and the sum is bounded,
 * so that a zip bomb cannot fill the memory.
 *
 * @throws Unreadable if the archive is damaged, encrypted or too large unpacked.
 */
export async function unzip(bytes: Uint8Array, wants: (name: string) => boolean): Promise<Archive> {
  const { unzipSync } = await import("fflate");
  let unpacked = 0;
  let last: string | undefined;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!wants(name)) return false;
        last = name;
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
    const what = last === undefined ? "the list of files at its end is missing" : `${last} cannot be unpacked`;
    throw new Unreadable(`the archive is damaged: ${what}`, { cause: error });
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
