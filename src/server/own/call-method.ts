import { type Agent, MemGPTError } from "../../index.ts";
import type { AgentMethod } from "../wire/agent-methods.ts";
import type { Standing } from "../wire/library-contracts.ts";

type Call = {
  readonly method: AgentMethod;
  readonly arguments: readonly unknown[];
  readonly without?: readonly string[] | undefined;
};

/** The agent, or the part of it that has a method. */
type Receiver = Readonly<Record<string, unknown>>;

/**
 * Calls a method of an agent or of its storage. The library itself checks the arguments.
 *
 * @throws MemGPTError as the method does.
 */
export async function callMethod(agent: Agent, { method, arguments: args, without }: Call): Promise<unknown> {
  const [part, name = part] = method.split(".") as [string, string?];
  const receiver = receiverOf(agent, part === name ? "" : part, without) as Receiver;
  const prepared = method === "addHistory" ? [args[0], new Set(args[1] as readonly string[])] : args;
  const call = receiver[name] as (...values: unknown[]) => Promise<unknown>;
  try {
    return await Reflect.apply(call, receiver, [...prepared]);
  } catch (error) {
    // Arguments that the types rule out and the library does not check.
    if (error instanceof TypeError)
      throw new MemGPTError("invalid_input", `${method}: ${error.message}.`, { cause: error });
    throw error;
  }
}

/** The agent as it is now; null if its newest operation is `known`. */
export async function standingOf(agent: Agent, known: number | undefined): Promise<Standing | null> {
  const op = await agent.journal.head();
  if (op === known) return null;
  return {
    op,
    state: agent.state,
    context: agent.context(),
    permissions: agent.permissions(),
    availableFunctions: agent.availableFunctions,
  };
}

function receiverOf(agent: Agent, part: string, without: readonly string[] = []): object {
  switch (part) {
    case "recall":
      return without.length === 0 ? agent.recall : agent.recall.without(without);
    case "archival":
      return without.length === 0 ? agent.archival : agent.archival.without(without);
    case "journal":
      return agent.journal;
    default:
      return agent;
  }
}
