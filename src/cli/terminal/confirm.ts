import { MemGPTError } from "../../index.ts";
import { visible } from "./sanitize.ts";

/** Asks yes or no. @throws MemGPTError `invalid_input` with `refusal` if nobody can be asked. */
export async function isConfirmed(question: string, refusal: string, suggested = false): Promise<boolean> {
  if (!process.stdin.isTTY) throw new MemGPTError("invalid_input", refusal);
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: visible(question), default: suggested });
}
