import { call } from "../client/call.ts";
import { inWords } from "../text/action.ts";
import { revision } from "./revision.ts";
import { agentId, tell } from "./view.ts";

export async function undo(count = 1): Promise<void> {
  const { actions } = await call("post /v1/agents/{agent_id}/undo", {
    params: { agent_id: agentId.value },
    body: { count },
  });
  tell(actions.length === 0 ? "Nothing is left to undo." : `Undone: ${labels(actions)}.`);
}

export async function redo(): Promise<void> {
  const { actions } = await call("post /v1/agents/{agent_id}/redo", { params: { agent_id: agentId.value } });
  tell(actions.length === 0 ? "Nothing was undone since." : `Redone: ${labels(actions)}.`);
}

function labels(actions: readonly { readonly label: string }[]): string {
  return actions.map(({ label }) => inWords(label)).join(", ");
}

/** Goes to a checkpoint, memory and searches included. */
export async function goTo(checkpoint: string): Promise<void> {
  const { checkpoint: reached } = await call("post /v1/agents/{agent_id}/checkpoints/load", {
    params: { agent_id: agentId.value },
    body: { checkpoint },
  });
  const where = reached.name ?? (reached.after === null ? null : inWords(reached.after));
  tell(`Memory is as it was ${where === null ? "at the beginning" : `after ${where}`}. One undo comes back.`);
}

/** Saves a checkpoint that is kept forever, with a name if given. */
export async function keepPoint(name = ""): Promise<void> {
  await call("post /v1/agents/{agent_id}/checkpoints", {
    params: { agent_id: agentId.value },
    body: name === "" ? {} : { name },
  });
  revision.value += 1;
  tell(name === "" ? "This point is kept forever." : `This point is kept forever, as ${name}.`);
}
