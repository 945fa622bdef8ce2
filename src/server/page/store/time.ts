import { call } from "../client/call.ts";
import { agentId, tell } from "./view.ts";

export async function undo(): Promise<void> {
  const { actions } = await call("post /v1/agents/{agent_id}/undo", { params: { agent_id: agentId.value }, body: {} });
  tell(actions.length === 0 ? "Nothing is left to undo." : `Undone: ${labels(actions)}.`);
}

export async function redo(): Promise<void> {
  const { actions } = await call("post /v1/agents/{agent_id}/redo", { params: { agent_id: agentId.value } });
  tell(actions.length === 0 ? "Nothing was undone since." : `Redone: ${labels(actions)}.`);
}

function labels(actions: readonly { readonly label: string }[]): string {
  return actions.map(({ label }) => label).join(", ");
}
