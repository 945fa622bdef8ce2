import { MemGPTError } from "../../index.ts";

/** Not found here, but another server on the same database may have it. */
export class ElsewhereError extends MemGPTError {
  /** The URL of that server, if known. */
  readonly holder: string | undefined;
  /** Whether it is certain that the server has it. */
  readonly isCertain: boolean;

  constructor(message: string, holder?: string, isCertain = false) {
    super("not_found", message);
    this.holder = holder;
    this.isCertain = isCertain;
  }
}
