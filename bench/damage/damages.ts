import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join, relative } from "node:path";

/** Damage to one file. */
export type Damage =
  | { readonly kind: "flip"; readonly file: string; readonly at: number }
  | { readonly kind: "zero"; readonly file: string; readonly at: number; readonly length: number }
  | { readonly kind: "truncate"; readonly file: string; readonly length: number }
  | { readonly kind: "remove"; readonly file: string };

const PAGE = 4096;
const BLOCK = 512;

/**
 * All damage to try on the files below `folder`: zero each page of the database, or change a byte in it; change some bytes and
 * zero some blocks in every other file; truncate and remove each file.
 *
 * @param flips number of bytes to change in each page and in each other file.
 */
export function damagesOf(
  folder: string,
  { flips, every }: { readonly flips: number; readonly every: number },
): Damage[] {
  const all = filesIn(folder).flatMap((file): Damage[] => {
    const { size } = statSync(join(folder, file));
    if (size === 0) return [];
    const lengths = [0, 100, Math.floor(size / 3), Math.floor(size / 2), size - PAGE, size - 1];
    const cuts = [...new Set(lengths)].filter((length) => length >= 0 && length < size);
    const step = file.endsWith(".db") ? PAGE : Math.max(BLOCK, Math.floor(size / 4));
    return [
      { kind: "remove", file },
      ...cuts.map((length): Damage => ({ kind: "truncate", file, length })),
      ...Array.from({ length: Math.ceil(size / step) }, (_, n) => n * step).flatMap((at): Damage[] => [
        { kind: "zero", file, at, length: Math.min(step === PAGE ? PAGE : BLOCK, size - at) },
        ...Array.from({ length: flips }, (_, n): Damage => {
          // Spread over the page, the same in each run.
          const within = (at * 7919 + n * 104_729 + 17) % Math.min(step, size - at);
          return { kind: "flip", file, at: at + within };
        }),
      ]),
    ];
  });
  return all.filter((_, index) => index % every === 0);
}

export function doDamage(folder: string, damage: Damage): void {
  const path = join(folder, damage.file);
  if (damage.kind === "remove") rmSync(path);
  else if (damage.kind === "truncate") truncateSync(path, damage.length);
  else overwrite(path, damage);
}

function overwrite(path: string, damage: Extract<Damage, { readonly at: number }>): void {
  const length = damage.kind === "zero" ? damage.length : 1;
  const bytes = Buffer.alloc(length);
  const fd = openSync(path, "r+");
  try {
    if (damage.kind === "flip") {
      readSync(fd, bytes, 0, 1, damage.at);
      bytes.writeUInt8(bytes.readUInt8(0) ^ (1 << (damage.at % 8)), 0);
    }
    writeSync(fd, bytes, 0, length, damage.at);
  } finally {
    closeSync(fd);
  }
}

/** Whether the block was zero already, so that zeroing it is no damage. */
export function changesNothing(folder: string, damage: Damage): boolean {
  if (damage.kind !== "zero") return false;
  return readFileSync(join(folder, damage.file))
    .subarray(damage.at, damage.at + damage.length)
    .every((byte) => byte === 0);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
