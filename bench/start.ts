import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Figures, rounded, summarize } from "./figures.ts";

const built = (file: string): string => fileURLToPath(new URL(`../dist/${file}`, import.meta.url));

/** What opens an agent in a process of its own and prints how many milliseconds that took. */
const OPEN = `
  const { MemGPT } = await import(process.argv[1]);
  const started = performance.now();
  const memgpt = await MemGPT.open({ dir: process.argv[2], env: {} });
  const agent = await memgpt.openAgent(process.argv[3]);
  process.stdout.write(String(performance.now() - started));
  await agent.close();
`;

/** Opening each of `agents` in a new process, and `memgpt --version` beside bare Node. All of the built program. */
export function start(dir: string, agents: readonly string[], runs: number): { open: Figures; version: Figures } {
  if (!existsSync(built("cli/main.js"))) throw new Error("There is no dist/. Run npm run build first.");
  const opened = new Map(agents.map((name): [string, number[]] => [name, []]));
  const bare: number[] = [];
  const version: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    for (const [name, samples] of opened)
      samples.push(Number(node(["--input-type=module", "-e", OPEN, built("index.js"), dir, name])));
    bare.push(elapsed(() => node(["-e", "0"])));
    version.push(elapsed(() => node([built("cli/main.js"), "--version"])));
  }
  const [node0, memgpt] = [summarize(bare), summarize(version)];
  return {
    open: Object.fromEntries([...opened].map(([name, samples]) => [name, summarize(samples)])),
    version: {
      times: { "node -e 0": node0, "memgpt --version": memgpt },
      ratio: rounded(memgpt.median / node0.median),
    },
  };
}

function node(args: readonly string[]): string {
  return execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function elapsed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
