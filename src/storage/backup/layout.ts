import { createHash } from "node:crypto";
import { type BackupManifest, type BackupMember, parseManifest } from "../../schema/backup.ts";
import { TAR_END, tarHeader, tarLength, tarPadding } from "./tar.ts";

// A backup is a tar file: manifest.json, each agent's files (gzipped one by one), and SHA256, the checksum of all bytes before it.
// The manifest and the members determine every byte, so headers are compared with what they must be and never trusted.

export const MANIFEST = "manifest.json";
const SUM = "SHA256";
const HEX = 64;

/** The manifest as text, including a checksum of its content. */
export function manifestText(manifest: BackupManifest): string {
  return `${JSON.stringify({ sha256: sumOf(manifest), ...manifest }, null, 1)}\n`;
}

/** Parses a manifest; undefined if it is damaged. */
export function readManifestText(text: string): ReturnType<typeof parseManifest> {
  try {
    const { sha256, ...rest } = JSON.parse(text) as { readonly sha256?: unknown };
    return sha256 === sumOf(rest) ? parseManifest(rest) : undefined;
  } catch {
    return undefined;
  }
}

function sumOf(content: object): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

/** Each member with the offset of its header. */
export function placesOf(
  { agents }: BackupManifest,
  manifestSize: number,
): { readonly members: { readonly member: BackupMember; readonly at: number }[]; readonly end: number } {
  let end = tarLength(manifestSize);
  const members = agents
    .flatMap((agent) => agent.members)
    .map((member) => {
      const at = end;
      end += tarLength(member.size);
      return { member, at };
    });
  return { members, end };
}

/** The bytes after the last member. */
export function trailer(digest: string): Buffer {
  const size = HEX + 1;
  return Buffer.concat([tarHeader(SUM, size), Buffer.from(`${digest}\n`, "ascii"), tarPadding(size), TAR_END]);
}
