import { MemGPT, type MemGPTOptions } from "../../index.ts";
import { warn } from "./print.ts";

/** Opens the home directory and reports problems with its configuration on standard error. */
export async function openHome(options: Pick<MemGPTOptions, "useOpenAiKey"> = {}): Promise<MemGPT> {
  const memgpt = await MemGPT.open(options);
  for (const notice of memgpt.notices) warn(notice);
  return memgpt;
}
