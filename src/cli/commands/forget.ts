import { type ForgetRequest, MemGPTError } from "../../index.ts";
import { NOTHING_TO_FORGET, askAndForget, renderForgettable } from "../slash/forgetting.ts";
import { visible } from "../terminal/sanitize.ts";
import { withAgent } from "./with-agent.ts";
import { print } from "../terminal/print.ts";

export type ForgetFlags = ForgetRequest & { readonly dryRun?: boolean; readonly yes?: boolean };

/** `memgpt forget NAME`. @throws MemGPTError `invalid_input` without a terminal, unless `--yes` or `--dry-run` is given. */
export async function forget(name: string, { dryRun = false, yes = false, ...request }: ForgetFlags): Promise<void> {
  const text = await withAgent(name, async (agent) => {
    if (dryRun) return `${renderForgettable(await agent.forgettable(request))}\nNothing was forgotten (--dry-run).`;
    if (!yes && !process.stdin.isTTY) {
      const message = "Forgetting cannot be undone. Nothing was forgotten; pass --yes to forget without confirmation.";
      throw new MemGPTError("invalid_input", message);
    }
    return askAndForget(agent, request, "memgpt forget", {
      show: print,
      confirm: async (question) => yes || confirmed(question),
    });
  });
  if (text === undefined) throw new MemGPTError("not_found", NOTHING_TO_FORGET);
  print(text);
}

async function confirmed(question: string): Promise<boolean> {
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: visible(question), default: false });
}
