import { execFileSync } from "node:child_process";
import { built } from "./built.ts";
import { type Figures, summarize } from "./figures.ts";

/** Opens an agent and prints how many milliseconds that took. */
const OPEN = `
  const { MemGPT } = await import(process.argv[1]);
  const started = performance.now();
  const memgpt = await MemGPT.open({ dir: process.argv[2], env: {} });
  const agent = await memgpt.openAgent(process.argv[3]);
  process.stdout.write(String(performance.now() - started));
  await agent.close();
`;

/** Times opening each of `agents` in a new process, in turn, with the built library. */
export function opening(dir: string, agents: readonly string[], runs: number): Figures {
  const library = built("index.js");
  const opened = new Map(agents.map((name): [string, number[]] => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const [name, samples] of opened) {
      const args = ["--input-type=module", "-e", OPEN, library, dir, name];
      const printed = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
      samples.push(Number(printed));
    }
  }
  return Object.fromEntries([...opened].map(([name, samples]) => [name, summarize(samples)]));
}
