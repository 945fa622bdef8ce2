import { FUNCTION_VERBS, type FunctionVerb, renderFunctions } from "../slash/function-commands.ts";
import { jsonText } from "../terminal/json-text.ts";
import { visible } from "../terminal/sanitize.ts";
import { withAgent } from "./with-agent.ts";

/** `memgpt functions list AGENT`. */
export async function listFunctions(name: string, { json = false }: { json?: boolean }): Promise<void> {
  await withAgent(name, async (agent) => {
    process.stdout.write(json ? `${jsonText(agent.permissions(), 2)}\n` : `${visible(await renderFunctions(agent))}\n`);
  });
}

/** `memgpt functions add|remove|allow|deny|ask AGENT NAME…`. */
export async function changeFunctions(verb: FunctionVerb, agentName: string, names: readonly string[]): Promise<void> {
  await withAgent(agentName, async (agent) => {
    for (const name of names) process.stdout.write(`${visible(await FUNCTION_VERBS[verb](agent, name))}\n`);
  });
}
