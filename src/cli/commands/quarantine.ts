import type { Agent, Held } from "../../index.ts";
import { renderHeld } from "../slash/quarantine.ts";
import { jsonText } from "../terminal/json-text.ts";
import { visible } from "../terminal/sanitize.ts";
import { counted } from "../terminal/one-line.ts";
import { withAgent } from "./with-agent.ts";

export type QuarantineOptions = {
  readonly release?: readonly string[];
  readonly discard?: readonly string[];
  readonly json?: boolean;
};

/** `memgpt quarantine NAME`. @throws MemGPTError `not_found` for an id that is not held. */
export async function quarantine(name: string, { release, discard, json = false }: QuarantineOptions): Promise<void> {
  const { text, left } = await withAgent(name, async (agent) => {
    const lines: string[] = [];
    if (release !== undefined)
      lines.push(`Released ${counted(await agent.release(await idsOf(agent, release)), "write")}.`);
    if (discard !== undefined)
      lines.push(`Discarded ${counted(await agent.discard(await idsOf(agent, discard)), "write")}.`);
    const left = await agent.quarantined();
    const isListed = release === undefined && discard === undefined;
    return { text: isListed ? renderHeld(left, name) : lines.join("\n"), left };
  });
  process.stdout.write(json ? `${jsonText(left, 2)}\n` : `${visible(text)}\n`);
}

async function idsOf(agent: Agent, ids: readonly string[]): Promise<string[]> {
  const all: readonly Held[] = await agent.quarantined();
  return ids.includes("all") ? all.map(({ id }) => id) : [...ids];
}
