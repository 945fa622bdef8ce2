import { existsSync } from "node:fs";
import { isIn } from "../../memory/phrases.ts";
import { blockRecordSchema } from "../../schema/block-record.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import { blocksWithout, withoutForgotten } from "../records/forget-blocks.ts";
import type { RecordedBlock } from "../records/sharer-orders.ts";
import { FileRecords } from "./file-records.ts";
import { forgetTyped } from "./typed-lines.ts";

/** Files that the agents of a home share: lines typed in the chat, the block records, and the server's records. */
export type CommonFiles = {
  readonly typed?: string | undefined;
  readonly blocks?: string | undefined;
  readonly server?: string | undefined;
};

/** How many lines of each file contain forgotten text. */
export type CommonForgotten = { readonly typed: number; readonly blockLines: number };

/** `isDry` only counts. */
type HomeOptions = { readonly isDry?: boolean };

/** Removes forgotten text from the common files. */
export function forgetInHome(
  { typed, blocks, server }: CommonFiles,
  order: ForgetOrder,
  options: HomeOptions = {},
): CommonForgotten {
  if (options.isDry !== true) forgetNotes(server, order);
  return { typed: forgetTyped(typed, order, options), blockLines: forgetInBlockRecord(blocks, order, options) };
}

/** Removes the tags and metadata that a server's clients stored with forgotten passages. */
function forgetNotes(file: string | undefined, { passages }: ForgetOrder): void {
  if (file === undefined || passages.length === 0 || !existsSync(file)) return;
  const records = new FileRecords(file);
  const ids = records.lines().flatMap(({ kind, id }) => (kind === "passage" && isIn(passages, id) ? [id] : []));
  if (ids.length === 0) return;
  records.rewrite(() => [...new Set(ids)].map((id) => ({ kind: "passage", id, value: undefined })));
}

/** Removes forgotten text from the agent's block records, and all outdated lines from the file. */
function forgetInBlockRecord(file: string | undefined, order: ForgetOrder, { isDry = false }: HomeOptions): number {
  if (file === undefined || !existsSync(file)) return 0;
  const records = new FileRecords(file);
  const lines = records.lines().filter(({ value }) => {
    const record = blockRecordSchema().safeParse(value).data;
    return record !== undefined && withoutForgotten(record, order) !== record;
  });
  if (lines.length === 0 || isDry) return lines.length;
  records.rewrite(() => blocksWithout(records, order));
  return lines.length;
}

/** Every version of every block in the block records, including outdated ones. */
export function recordedVersions(file: string | undefined): RecordedBlock[] {
  if (file === undefined || !existsSync(file)) return [];
  return new FileRecords(file).lines().flatMap(({ id, value }) => {
    const record = blockRecordSchema().safeParse(value).data;
    return record === undefined ? [] : [{ id, value: record }];
  });
}
