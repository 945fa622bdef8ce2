import { execFile } from "node:child_process";
import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Fault, KINDS, type Kind } from "./fault.ts";

const SOURCE = fileURLToPath(new URL("shim.c", import.meta.url));

/** Why faults cannot be injected here; undefined where they can. */
export async function missingForFaults(): Promise<string | undefined> {
  if (process.platform !== "linux") return "Faults are injected by preloading a library, which works on Linux only.";
  return run("cc", ["--version"]).then(
    () => undefined,
    () => "Faults are injected by a small C library, and there is no C compiler (cc) to build it.",
  );
}

/** Builds the library in `folder`. @returns its path. */
export async function buildShim(folder: string): Promise<string> {
  const library = join(folder, "shim.so");
  await run("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]);
  return library;
}

const run = promisify(execFile);

/** The environment of a process in which `library` makes calls fail, as the control file says. */
export function faultyEnvironment(library: string, controlFile: string): NodeJS.ProcessEnv {
  // Where Node hands its work to the kernel in a ring there are no calls to count.
  return { ...process.env, LD_PRELOAD: library, FAULT_CONTROL: controlFile, UV_USE_IO_URING: "0" };
}

/** Layout of the control file, the one of `struct control` in shim.c. */
const ON = 0;
const COUNT = 20;
const FAILED = 24;
const SEEN = 28;
const ROOT = { at: 64, size: 448 };
const FIRST = { at: 512, size: 512 };

/** Makes an empty control file, which a process must find when it starts. */
export function makeControlFile(file: string): void {
  writeFileSync(file, Buffer.alloc(FIRST.at + FIRST.size));
}

/** What the preloaded library is told, and what it has counted. For use inside the faulty process. */
export class FaultControl {
  readonly #fd: number;

  constructor(file: string) {
    this.#fd = openSync(file, "r+");
  }

  /** Calls below `root` are counted from now on, and fail as `fault` says. */
  arm(root: string, fault: Fault | undefined): void {
    const block = Buffer.alloc(FIRST.at + FIRST.size);
    const every = 2 ** KINDS.length - 1;
    const kinds = fault === undefined || fault.kind === "any" ? every : 2 ** KINDS.indexOf(fault.kind);
    const error = fault === undefined ? 0 : constants.errno[fault.errno];
    const fields = [0, kinds, fault?.k ?? 0, fault?.lasting === true ? 1 : 0, error];
    for (const [index, value] of fields.entries()) block.writeUInt32LE(value, 4 * index);
    if (Buffer.byteLength(root) >= ROOT.size) throw new Error(`The path ${root} is too long.`);
    block.write(root, ROOT.at);
    writeSync(this.#fd, block, 0, block.length, 0);
    this.#set(1);
  }

  /** Runs `work` without counting or failing anything. */
  async paused<T>(work: () => Promise<T>): Promise<T> {
    this.#set(0);
    try {
      return await work();
    } finally {
      this.#set(1);
    }
  }

  disarm(): void {
    this.#set(0);
  }

  /** How many calls have been made to fail. */
  get failed(): number {
    return this.#read().readUInt32LE(FAILED);
  }

  /** How many calls were counted, of the kinds of the fault. */
  get count(): number {
    return this.#read().readUInt32LE(COUNT);
  }

  /** How many calls there were of each kind. */
  get seen(): Record<Kind, number> {
    const block = this.#read();
    const counts = KINDS.map((kind, index): [Kind, number] => [kind, block.readUInt32LE(SEEN + 4 * index)]);
    return Object.fromEntries(counts) as Record<Kind, number>;
  }

  /** The call that failed first, and its file. */
  get first(): string {
    const text = this.#read().toString("utf8", FIRST.at);
    return text.slice(0, Math.max(0, text.indexOf("\0")));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #set(on: 0 | 1): void {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(on);
    writeSync(this.#fd, word, 0, 4, ON);
  }

  #read(): Buffer {
    const block = Buffer.alloc(FIRST.at + FIRST.size);
    readSync(this.#fd, block, 0, block.length, 0);
    return block;
  }
}
