import { MemGPTError } from "../../index.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";

/** The agent that answers when a client names an unknown model. */
export const STANDARD_AGENT = "memgpt";

/** What an agent is called as a model: its name, or its id where another is called the same. */
export function modelNames(agents: readonly AgentEntry[]): ReadonlyMap<string, AgentEntry> {
  const names = new Map<string, AgentEntry>();
  for (const entry of agents) names.set(names.has(entry.name) ? entry.id : entry.name, entry);
  return names;
}

/**
 * The agent that a client means by a model. An unknown one is the standard agent, made when it is first needed, with a warning.
 *
 * @throws MemGPTError `not_found` where the server is strict.
 */
export async function agentNamed(owner: Owner, models: Models, model: string, warnings: string[]): Promise<AgentEntry> {
  const agents = await owner.agents.list();
  const names = modelNames(agents);
  const found = names.get(model) ?? agents.find(({ id }) => id === model);
  if (found !== undefined) return found;
  if (model !== STANDARD_AGENT) {
    const text = `There is no agent named ${model}`;
    if (models.isStrict) throw new MemGPTError("not_found", `${text}. GET /v1/models lists those there are.`);
    warnings.push(`${text}; ${STANDARD_AGENT} answers.`);
  }
  const standard = names.get(STANDARD_AGENT);
  if (standard !== undefined) return standard;
  const { name, endpoint, contextWindow } = models.standard;
  const options = { model: name, contextWindow, ...(endpoint === null ? {} : { endpoint }) };
  return owner.agents.create(options, { name: STANDARD_AGENT });
}
