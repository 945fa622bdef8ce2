import { MemGPTError, describe } from "../../errors.ts";
import { UnconfirmedError } from "../files/atomic.ts";

/** A checkpoint could not be written, or not confirmed. The database has everything. */
export class CheckpointFailure extends MemGPTError {
  /** What went wrong on the disk. */
  readonly reason: unknown;

  constructor(cause: unknown) {
    const isThere = cause instanceof UnconfirmedError;
    const what = isThere ? "The checkpoint was written, but" : "The checkpoint could not be written:";
    const message = `${what} ${describe(cause).replace(/\.$/, "")}. The agent is kept whole in its database.`;
    super("storage_failed", message, { cause, kept: isThere ? "all" : "nothing" });
    this.reason = isThere ? cause.cause : cause;
  }
}
