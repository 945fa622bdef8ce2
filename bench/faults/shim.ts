import { execFile } from "node:child_process";
import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Fault, KINDS, type Kind } from "./fault.ts";

const SOURCE = fileURLToPath(new URL("shim.c", import.meta.url));

/** Why faults cannot be injected here; undefined if they can. */
export async function missingForFaults(): Promise<string | undefined> {
  if (process.platform !== "linux") return "Fault injection preloads a library, which works on Linux only.";
  return run("cc", ["--version"]).then(
    () => undefined,
    () => "Fault injection needs a C compiler (cc) to build a small library.",
  );
}

/** Builds the library in `folder`. @returns its path. */
export async function buildShim(folder: string): Promise<string> {
  const library = join(folder, "shim.so");
  await run("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]);
  return library;
}

const run = promisify(execFile);

/** The environment of a process in which `library` makes calls fail, as the control file directs. */
export function faultyEnvironment(library: string, controlFile: string): NodeJS.ProcessEnv {
  // With io_uring there would be no calls to count.
  return { ...process.env, LD_PRELOAD: library, FAULT_CONTROL: controlFile, UV_USE_IO_URING: "0" };
}

/** Layout of the control file, the one of `struct control` in shim.c. */
const ON = 0;
const COUNT = 20;
const FAILED = 24;
const SEEN = 28;
const ROOT = { at: 64, size: 448 };
const FIRST = { at: 512, size: 512 };

/** Creates an empty control file, which must exist when the process starts. */
export function makeControlFile(file: string): void {
  writeFileSync(file, Buffer.alloc(FIRST.at + FIRST.size));
}

/** Controls the preloaded library and reads its counts, from inside the faulty process. */
export class FaultControl {
  readonly #fd: number;

  constructor(file: string) {
    this.#fd = openSync(file, "r+");
  }

  /** Starts counting calls below `root`, and makes them fail according to `fault`. */
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

  /** Runs `work` without counting calls or making them fail. */
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

  /** Number of calls that failed. */
  get failed(): number {
    return this.#read().readUInt32LE(FAILED);
  }

  /** Number of calls of the fault's kinds. */
  get count(): number {
    return this.#read().readUInt32LE(COUNT);
  }

  /** Number of calls of each kind. */
  get seen(): Record<Kind, number> {
    const block = this.#read();
    const counts = KINDS.map((kind, index): [Kind, number] => [kind, block.readUInt32LE(SEEN + 4 * index)]);
    return Object.fromEntries(counts) as Record<Kind, number>;
  }

  /** The first call that failed, and its file. */
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
