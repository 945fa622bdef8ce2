import { FUNCTION_VERBS, type FunctionVerb, renderFunctions } from "../slash/function-commands.ts";
import { openHome } from "../terminal/open-home.ts";
import { jsonText } from "../terminal/json-text.ts";
import { print } from "../terminal/print.ts";
import { visible } from "../terminal/sanitize.ts";
import { withAgent } from "./with-agent.ts";

/** `memgpt functions list [AGENT]`. */
export async function listFunctions(name: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  if (name === undefined) return listAll(json);
  await withAgent(name, async (agent) => {
    process.stdout.write(json ? `${jsonText(agent.permissions(), 2)}\n` : `${visible(await renderFunctions(agent))}\n`);
  });
}

/** Lists every function that an agent can be given. */
async function listAll(json: boolean): Promise<void> {
  const memgpt = await openHome();
  const problems: string[] = [];
  const listed = await memgpt.listFunctions({ withOwn: true, onProblem: (problem) => problems.push(problem) });
  const found = listed.map(({ name, description }) => ({ name, description }));
  const width = Math.max(...found.map(({ name }) => name.length));
  const lines = found.map(({ name, description }) => `${name.padEnd(width)}  ${firstSentence(description)}`);
  process.stdout.write(json ? `${jsonText(found, 2)}\n` : `${visible(lines.join("\n"))}\n`);
  for (const problem of problems) process.stderr.write(`${visible(problem)}\n`);
  await memgpt.close();
}

function firstSentence(text: string): string {
  return /^[^]*?[.!?](?=\s|$)/.exec(text)?.[0].replace(/\s+/g, " ") ?? text;
}

/** `memgpt functions add|remove|allow|deny|ask AGENT NAME…`. */
export async function changeFunctions(verb: FunctionVerb, agentName: string, names: readonly string[]): Promise<void> {
  await withAgent(agentName, async (agent) => {
    for (const name of names) print(await FUNCTION_VERBS[verb](agent, name));
  });
}
