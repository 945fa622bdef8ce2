/** Bytes that everything in a tar file is a multiple of. */
const BLOCK = 512;

/** The form that `tar` of POSIX reads: a header of 512 bytes before each file, all of it fixed but for name and size. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100, "ascii");
  header.write("0000600\0" + "0000000\0" + "0000000\0", 100, "ascii");
  // Eleven octal digits, or beyond 8 GiB the binary form that every tar of today reads.
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

/** Bytes that a file takes, header and padding included. */
export function tarLength(size: number): number {
  return BLOCK + size + tarPadding(size).length;
}

/** The size that a header states; undefined if it is not one of ours for a file of that name. */
export function tarSize(header: Buffer, name: string): number | undefined {
  const size = Number.parseInt(header.toString("ascii", 124, 135), 8);
  return Number.isSafeInteger(size) && tarHeader(name, size).equals(header) ? size : undefined;
}
