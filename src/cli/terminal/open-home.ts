import { MemGPT, type MemGPTOptions } from "../../index.ts";
import { visible } from "./sanitize.ts";

/** Opens the home directory and reports problems with its configuration on standard error. */
export async function openHome(options: Pick<MemGPTOptions, "useOpenAiKey"> = {}): Promise<MemGPT> {
  const memgpt = await MemGPT.open(options);
  for (const notice of memgpt.notices) process.stderr.write(`${visible(notice)}\n`);
  return memgpt;
}
