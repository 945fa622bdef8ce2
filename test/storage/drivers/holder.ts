import { MemGPT } from "memgpt";

/** Holds an agent open until it is killed. */
const { home, name }: { home: string; name: string } = JSON.parse(process.argv[2] ?? "{}");

const memgpt = await MemGPT.open({ dir: home, env: {} });
await memgpt.openAgent(name);
process.stdout.write("held\n");
setInterval(() => undefined, 60_000);
