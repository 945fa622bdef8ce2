/** Memory with rows of bits, and the comparison of all of them with one. */
export type BitMemory = {
  /** The whole memory. Another object after `reserve`. */
  readonly bytes: () => Uint8Array;
  /** Makes room for `size` bytes; what is stored stays. */
  readonly reserve: (size: number) => void;
  /**
   * Counts the bits that differ. All arguments but `count` are numbers of bytes. Writes an integer of four bytes for each row.
   *
   * @param length Length of a row: a multiple of 16, at most `LONGEST_ROW`.
   */
  readonly compare: (rows: number, asked: number, counts: number, count: number, length: number) => void;
};

/** With longer rows, the counts of single bytes would overflow. */
export const LONGEST_ROW = 496;

/** Memory that is compared with instructions for 16 bytes at a time, or in JavaScript where the system refuses it. */
export function bitMemory(): BitMemory {
  try {
    return wasmMemory();
  } catch {
    return plainMemory();
  }
}

/** As far as it is used here; the types of Node have no values of it. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer; grow: (pages: number) => number };
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** A million rows of 64 bytes take 6 ms. It reserves 10 GB of addresses, which a limit on them may forbid. */
export function wasmMemory(): BitMemory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { own: { memory } });
  return {
    bytes: () => new Uint8Array(memory.buffer),
    reserve: (size) => {
      const missing = Math.ceil((size - memory.buffer.byteLength) / WASM_PAGE);
      if (missing > 0) memory.grow(missing);
    },
    compare: exports["compare"] as BitMemory["compare"],
  };
}

const WASM_PAGE = 65_536;

/** The same in JavaScript, which takes nine times as long. */
export function plainMemory(): BitMemory {
  let memory = new Uint8Array(WASM_PAGE);
  return {
    bytes: () => memory,
    reserve: (size) => {
      if (size <= memory.length) return;
      const larger = new Uint8Array(Math.ceil(size / WASM_PAGE) * WASM_PAGE);
      larger.set(memory);
      memory = larger;
    },
    compare: (rows, asked, counts, count, length) => {
      const words = new Int32Array(memory.buffer);
      for (let row = 0; row < count; row += 1) {
        const start = (rows + row * length) / 4;
        let sum = 0;
        for (let i = 0; i < length / 4; i += 1) sum += bitsIn((words[start + i] ?? 0) ^ (words[asked / 4 + i] ?? 0));
        words[counts / 4 + row] = sum;
      }
    },
  };
}

/** The number of bits set in an integer: pairs are added, then groups of four, then bytes. */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

// What follows assembles `compare`. The numbers are opcodes of WebAssembly; names in comments are those of its specification.

const [I32, V128] = [0x7f, 0x7b];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
/** i32.const, of a number up to 63. */
const constant = (value: number): number[] => [0x41, value];
const [ADD, SUBTRACT, IS_LESS] = [[0x6a], [0x6b], [0x49]]; // i32.add, i32.sub, i32.lt_u
const STORE = [0x36, 2, 0]; // i32.store
const LOAD_16 = [0xfd, 0x00, 0, 0]; // v128.load
const ZEROS = [0xfd, 0x0c, ...new Uint8Array(16)]; // v128.const
const XOR = [0xfd, 0x51]; // v128.xor
const COUNT_BITS = [0xfd, 0x62]; // i8x16.popcnt
const ADD_BYTES = [0xfd, 0x6e]; // i8x16.add
const SUM_BYTE_PAIRS = [0xfd, 0x7d]; // i16x8.extadd_pairwise_i8x16_u
const SUM_PAIRS = [0xfd, 0x7f]; // i32x4.extadd_pairwise_i16x8_u
const lane = (index: number): number[] => [0xfd, 0x1b, index]; // i32x4.extract_lane
/** Repeats `body` as long as it leaves something other than 0. */
const repeat = (...body: readonly number[][]): number[] => [0x03, 0x40, ...body.flat(), 0x0d, 0, 0x0b];

/** The parameters of `compare`, then its variables. */
const [ROW, ASKED, OUT, LEFT, LENGTH, SUM, AT] = [0, 1, 2, 3, 4, 5, 6] as const;

const CODE = repeat(
  [...ZEROS, ...set(SUM), ...constant(0), ...set(AT)],
  repeat(
    [...get(ROW), ...get(AT), ...ADD, ...LOAD_16, ...get(ASKED), ...get(AT), ...ADD, ...LOAD_16, ...XOR, ...COUNT_BITS],
    [...get(SUM), ...ADD_BYTES, ...set(SUM)],
    [...get(AT), ...constant(16), ...ADD, ...tee(AT), ...get(LENGTH), ...IS_LESS],
  ),
  [...get(SUM), ...SUM_BYTE_PAIRS, ...SUM_PAIRS, ...set(SUM), ...get(OUT)],
  [...get(SUM), ...lane(0), ...get(SUM), ...lane(1), ...ADD],
  [...get(SUM), ...lane(2), ...get(SUM), ...lane(3), ...ADD, ...ADD, ...STORE],
  [...get(OUT), ...constant(4), ...ADD, ...set(OUT), ...get(ROW), ...get(LENGTH), ...ADD, ...set(ROW)],
  [...get(LEFT), ...constant(1), ...SUBTRACT, ...tee(LEFT)],
);

/** A length up to 16,383 in one or two bytes. */
function sized(content: readonly number[]): number[] {
  const { length } = content;
  return [...(length < 128 ? [length] : [(length & 127) | 128, length >> 7]), ...content];
}

function named(name: string): number[] {
  return sized([...Buffer.from(name)]);
}

const MODULE = Uint8Array.from([
  ...[0, ...Buffer.from("asm"), 1, 0, 0, 0],
  // The type: five integers, no result.
  ...[1, ...sized([1, 0x60, ...sized([I32, I32, I32, I32, I32]), 0])],
  ...[2, ...sized([1, ...named("own"), ...named("memory"), 2, 0, 0])],
  ...[3, ...sized([1, 0])],
  ...[7, ...sized([1, ...named("compare"), 0, 0])],
  // One variable of 16 bytes, and one integer.
  ...[10, ...sized([1, ...sized([2, 1, V128, 1, I32, ...CODE, 0x0b])])],
]);
