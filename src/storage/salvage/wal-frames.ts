const HEADER = 32;
const FRAME_HEADER = 24;

/** Magic number of a log with little-endian checksums; big-endian is one more. */
const MAGIC = 0x377f0682;

/**
 * Offsets of each page's newest committed content in a write-ahead log. Like SQLite, ignores everything after the first frame
 * with a wrong checksum.
 *
 * @source https://www.sqlite.org/fileformat2.html, section 4
 */
export function committedFrames(log: Buffer, pageSize: number): Map<number, number> {
  const committed = new Map<number, number>();
  if (log.length < HEADER) return committed;
  const magic = log.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== MAGIC || log.readUInt32BE(8) !== pageSize) return committed;
  const isBigEndian = magic !== MAGIC;
  let sum = checksum(log.subarray(0, 24), [0, 0], isBigEndian);
  if (!isSum(log, 24, sum)) return committed;
  const salt = log.subarray(16, 24);
  const pending = new Map<number, number>();
  for (let at = HEADER; at + FRAME_HEADER + pageSize <= log.length; at += FRAME_HEADER + pageSize) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    const content = at + FRAME_HEADER;
    sum = checksum(log.subarray(at, at + 8), sum, isBigEndian);
    sum = checksum(log.subarray(content, content + pageSize), sum, isBigEndian);
    if (!isSum(log, at + 16, sum)) break;
    pending.set(log.readUInt32BE(at), content);
    if (log.readUInt32BE(at + 4) === 0) continue;
    for (const [page, position] of pending) committed.set(page, position);
    pending.clear();
  }
  return committed;
}

type Sum = readonly [number, number];

function checksum(bytes: Buffer, [first, second]: Sum, isBigEndian: boolean): Sum {
  let [s0, s1] = [first, second];
  const read = isBigEndian ? (at: number) => bytes.readUInt32BE(at) : (at: number) => bytes.readUInt32LE(at);
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + read(at) + s1) >>> 0;
    s1 = (s1 + read(at + 4) + s0) >>> 0;
  }
  return [s0, s1];
}

function isSum(log: Buffer, at: number, [s0, s1]: Sum): boolean {
  return log.readUInt32BE(at) === s0 && log.readUInt32BE(at + 4) === s1;
}
