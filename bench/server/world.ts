import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { Accounts } from "../../src/server/house/accounts.ts";
import { FileRecords } from "../../src/storage/files/file-records.ts";

export type AgentOf = { readonly id: string; readonly token: string };
export type World = {
  readonly home: string;
  readonly users: readonly { readonly token: string; readonly agents: readonly AgentOf[] }[];
};

/**
 * A home of many users with equally many agents. Every agent is a copy, with its own id, of one that has talked a little:
 * creating each with synced files would take most of the benchmark's time.
 */
export async function build(home: string, { agents, users }: { agents: number; users: number }): Promise<World> {
  const template = join(home, "template");
  const memgpt = await MemGPT.open({ dir: template, env: {} });
  const agent = await memgpt.createAgent({ name: "sam" });
  for (const message of ["My boyfriend is called James.", "We live in Lisbon.", "Where do I live?"])
    await agent.ask(message);
  const { createdAt } = agent.state;
  await memgpt.close();
  const accounts = new Accounts(new FileRecords(join(home, "server", "accounts.jsonl")));
  const made: World["users"][number][] = [];
  for (let index = 0; index < users; index += 1) {
    const user = await accounts.addUser(`user ${index}`);
    const { token } = await accounts.createKey({ user: user.id });
    const folder = join(home, "users", user.id);
    mkdirSync(join(folder, "agents"), { recursive: true, mode: 0o700 });
    const its = Array.from({ length: Math.ceil(agents / users) }, (_, number) => `agent ${number}`);
    for (const name of its) cpSync(join(template, "agents", "sam"), join(folder, "agents", name), { recursive: true });
    const ids = its.map(() => `agent-${crypto.randomUUID()}`);
    await new FileRecords(join(folder, "server", "records.jsonl")).write(
      its.map((name, at) => ({ kind: "agent", id: ids[at] ?? "", value: { folder: name, name, createdAt } })),
    );
    made.push({ token, agents: ids.map((id) => ({ id, token })) });
  }
  return { home, users: made };
}
