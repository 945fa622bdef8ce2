import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, type AgentEvent, MemGPT, type NewAgent } from "memgpt";
import { type AgentFolder, agentFolder } from "../../src/storage/files/paths.ts";
import { type Answer, ObedientLlm } from "./obedient-llm.ts";

/**
 * How a turn ends: by itself; or after so many of its steps because the caller stops listening, the process is killed,
 * the model fails, or the person interrupts. A turn of fewer steps ends by itself.
 */
export type Ending = { readonly how: "whole" | "break" | "kill" | "fail" | "abort"; readonly after: number };

export type TurnRun = {
  readonly events: readonly AgentEvent[];
  /** What the model answered in the steps that are kept. */
  readonly answers: readonly Answer[];
  /** Code of the error that ended it. */
  readonly error: string | undefined;
};

/** The newest checkpoint before somebody moved files about, and after. */
type MovedByHand = { readonly last: string; readonly newest: string };

type Open = { readonly memgpt: MemGPT; readonly agent: Agent; readonly folder: AgentFolder };

/** A real agent in a temporary folder, through restarts and kills. Its clock and its ids are counters. */
export class Life {
  readonly llm = new ObedientLlm();
  /** Goes up with every opening of the agent. */
  session = 0;
  readonly #root = mkdtempSync(join(tmpdir(), "memgpt-life-"));
  readonly #now: () => string;
  readonly #newId: () => string;
  #homes = 0;
  #open: Open | undefined;

  static async begin(options: NewAgent): Promise<Life> {
    const life = new Life();
    const memgpt = await life.#home();
    const agent = await memgpt.createAgent({ name: "sam", ...options }, { verify: false });
    life.#opened(memgpt, agent);
    return life;
  }

  private constructor() {
    let time = Date.parse("2026-11-21T12:00:00.000Z");
    let ids = 0;
    this.#now = () => new Date((time += 1000)).toISOString();
    this.#newId = () => `id-${(ids += 1)}`;
  }

  get agent(): Agent {
    return this.#current().agent;
  }

  /** Closed in order, and opened again. */
  async restart(between: (folder: AgentFolder) => void = () => undefined): Promise<void> {
    const { memgpt, agent, folder } = this.#current();
    await agent.close();
    between(folder);
    this.#opened(memgpt, await memgpt.openAgent("sam", {}, { verify: false }));
  }

  /** Goes on with what a process leaves that ends without another word. */
  async kill(): Promise<void> {
    await this.#goOnIn(await this.#leftBehind());
  }

  /** Takes away the checkpoints newer than the one that is chosen, between two sessions. */
  async revertByHand(choose: (files: readonly string[]) => string): Promise<MovedByHand> {
    return this.#byHand((folder) => {
      const files = checkpointFiles(folder);
      const newest = choose(files);
      mkdirSync(this.#aside, { recursive: true });
      for (const file of files.filter((file) => file > newest)) renameSync(join(folder, file), join(this.#aside, file));
    });
  }

  /** Puts the checkpoints back that were taken away. `note` is told those that there are before. */
  async putBack(note: (files: readonly string[]) => void): Promise<MovedByHand> {
    return this.#byHand((folder) => {
      note(checkpointFiles(folder));
      for (const file of checkpointFiles(this.#aside)) renameSync(join(this.#aside, file), join(folder, file));
    });
  }

  async #byHand(change: (folder: string) => void): Promise<MovedByHand> {
    const newest: string[] = [];
    await this.restart(({ checkpoints }) => {
      newest.push(checkpointFiles(checkpoints).at(-1) ?? "");
      change(checkpoints);
      newest.push(checkpointFiles(checkpoints).at(-1) ?? "");
    });
    const [last = "", left = ""] = newest;
    return { last, newest: left };
  }

  /** Runs a turn as far as `ending` lets it. */
  async turn(start: (signal: AbortSignal) => AsyncGenerator<AgentEvent>, { how, after }: Ending): Promise<TurnRun> {
    const signal = this.llm.begin(how === "fail" || how === "abort" ? { how, after } : undefined);
    const stops = how === "break" || how === "kill";
    const events: AgentEvent[] = [];
    let steps = 0;
    let left: MemGPT | undefined;
    let error: string | undefined;
    try {
      for await (const event of start(signal)) {
        events.push(event);
        if (event.type === "step_end") steps += 1;
        if (!stops || steps < after || event.type !== (after > 0 ? "step_end" : "step_start")) continue;
        if (how === "kill") left = await this.#leftBehind();
        break;
      }
    } catch (thrown) {
      error = thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
      if (error === undefined) throw thrown;
    }
    if (left !== undefined) await this.#goOnIn(left);
    return { events, answers: this.llm.answers, error };
  }

  async end(): Promise<void> {
    await this.#open?.memgpt.close();
    rmSync(this.#root, { recursive: true, force: true });
  }

  get #aside(): string {
    return join(this.#root, "aside");
  }

  async #home(): Promise<MemGPT> {
    const dir = join(this.#root, `home-${(this.#homes += 1)}`);
    return MemGPT.open({ dir, env: {}, llm: () => this.llm, now: this.#now, newId: this.#newId });
  }

  #current(): Open {
    if (this.#open === undefined) throw new Error("No agent is open");
    return this.#open;
  }

  #opened(memgpt: MemGPT, agent: Agent): void {
    this.session += 1;
    this.#open = { memgpt, agent, folder: agentFolder(memgpt.home, agent.name) };
  }

  /** Another home with the agent's files as they are at this moment. Copied before anything is closed. */
  async #leftBehind(): Promise<MemGPT> {
    const { folder } = this.#current();
    const memgpt = await this.#home();
    const copy = agentFolder(memgpt.home, "sam");
    mkdirSync(copy.root, { recursive: true });
    // The lock goes with the process that held it.
    for (const name of readdirSync(folder.root).filter((name) => !name.startsWith("agent.lock"))) {
      cpSync(join(folder.root, name), join(copy.root, name), { recursive: true });
    }
    return memgpt;
  }

  async #goOnIn(memgpt: MemGPT): Promise<void> {
    await this.#current().memgpt.close();
    this.#opened(memgpt, await memgpt.openAgent("sam", {}, { verify: false }));
  }
}

/** Names of the checkpoints in a folder, oldest first. */
function checkpointFiles(folder: string): string[] {
  return (existsSync(folder) ? readdirSync(folder) : []).filter((file) => file.endsWith(".json")).sort();
}
