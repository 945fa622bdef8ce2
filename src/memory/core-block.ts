import type { BlockRecord } from "../schema/block-record.ts";
import type { Block } from "../schema/state.ts";

/** The core memory block of a record. */
export function coreBlock(record: BlockRecord & { readonly id?: string | undefined }): Block {
  const { id, label, value, limit, description, readOnly, private: isPrivate } = record;
  return {
    ...(id === undefined ? {} : { id }),
    ...{ label, value, limit },
    ...(description === null ? {} : { description }),
    ...(readOnly ? { readOnly } : {}),
    ...(isPrivate ? { private: true } : {}),
  };
}
