import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { Accounts } from "../../src/server/house/accounts.ts";
import { Records } from "../../src/storage/files/records.ts";

export type AgentOf = { readonly id: string; readonly token: string };
export type World = {
  readonly home: string;
  readonly users: readonly { readonly token: string; readonly agents: readonly AgentOf[] }[];
};

/**
 * A home of many users with as many agents each. Every agent is a copy of one that has talked a little, under an id of its own:
 * making each with its synced files would take most of the benchmark's time.
 */
export async function build(home: string, { agents, users }: { agents: number; users: number }): Promise<World> {
  const template = join(home, "template");
  const memgpt = await MemGPT.open({ dir: template, env: {} });
  const agent = await memgpt.createAgent({ name: "sam" });
  for (const message of ["My boyfriend is called James.", "We live in Lisbon.", "Where do I live?"])
    await agent.ask(message);
  const { createdAt } = agent.state;
  await memgpt.close();
  const accounts = new Accounts(home);
  const made = Array.from({ length: users }, (_, index) => {
    const user = accounts.addUser(`user ${index}`);
    const { token } = accounts.createKey({ user: user.id });
    const folder = join(home, "users", user.id);
    mkdirSync(join(folder, "agents"), { recursive: true, mode: 0o700 });
    const its = Array.from({ length: Math.ceil(agents / users) }, (__, number) => `agent ${number}`);
    for (const name of its) cpSync(join(template, "agents", "sam"), join(folder, "agents", name), { recursive: true });
    const ids = its.map(() => `agent-${crypto.randomUUID()}`);
    new Records(join(folder, "server", "records.jsonl")).write(
      its.map((name, at) => ({ kind: "agent", id: ids[at] ?? "", value: { folder: name, name, createdAt } })),
    );
    return { token, agents: ids.map((id) => ({ id, token })) };
  });
  return { home, users: made };
}
