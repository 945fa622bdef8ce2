import { MemGPTError } from "../../index.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";

/** Name of the agent that answers if a client names an unknown model. */
export const STANDARD_AGENT = "memgpt";

/** The agents by the model name that clients use: the agent's name, or its id if an older agent has the same name. */
export function modelNames(agents: readonly AgentEntry[]): ReadonlyMap<string, AgentEntry> {
  const names = new Map<string, AgentEntry>();
  for (const entry of agents) names.set(names.has(entry.name) ? entry.id : entry.name, entry);
  return names;
}

/**
 * The agent that a client names as the model. For an unknown name, the standard agent, with a warning; it is created on first use.
 *
 * @throws MemGPTError `not_found` for an unknown name if the server is strict.
 */
export async function agentNamed(owner: Owner, models: Models, model: string, warnings: string[]): Promise<AgentEntry> {
  const agents = await owner.agents.list();
  const names = modelNames(agents);
  const found = names.get(model) ?? agents.find(({ id }) => id === model);
  if (found !== undefined) return found;
  if (model !== STANDARD_AGENT) {
    const text = `There is no agent named ${model}`;
    if (models.isStrict) throw new MemGPTError("not_found", `${text}. GET /v1/models lists all agents.`);
    warnings.push(`${text}; ${STANDARD_AGENT} answers.`);
  }
  const standard = names.get(STANDARD_AGENT);
  if (standard !== undefined) return standard;
  const { name, endpoint, contextWindow } = models.standard;
  const options = { model: name, contextWindow, ...(endpoint === null ? {} : { endpoint }) };
  return owner.agents.create(options, { name: STANDARD_AGENT });
}
