/** A tar file consists of blocks of this many bytes. */
const BLOCK = 512;

/** A POSIX tar header, of 512 bytes; all of it is fixed except name and size. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100, "ascii");
  header.write("0000600\0" + "0000000\0" + "0000000\0", 100, "ascii");
  // Eleven octal digits, or beyond 8 GiB the binary form that current tar programs read.
  if (size < 8 ** 11) header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "ascii");
  else {
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write("00000000000\0" + " ".repeat(8) + "0", 136, "ascii");
  header.write("ustar\0" + "00", 257, "ascii");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return header;
}

/** Zeros between the end of a file of this size and the next header. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** Two empty blocks. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** Bytes that a file takes, including header and padding. */
export function tarLength(size: number): number {
  return BLOCK + size + tarPadding(size).length;
}

/** The size in a header; undefined unless it is exactly our header for that name. */
export function tarSize(header: Buffer, name: string): number | undefined {
  const size = Number.parseInt(header.toString("ascii", 124, 135), 8);
  return Number.isSafeInteger(size) && tarHeader(name, size).equals(header) ? size : undefined;
}
