import type { BlockRecord } from "../schema/block-record.ts";
import type { Block } from "../schema/state.ts";

/** A block of the record as core memory has it. */
export function coreBlock({ label, value, limit, description, readOnly, private: isPrivate }: BlockRecord): Block {
  return {
    ...{ label, value, limit },
    ...(description === null ? {} : { description }),
    ...(readOnly ? { readOnly } : {}),
    ...(isPrivate ? { private: true } : {}),
  };
}
