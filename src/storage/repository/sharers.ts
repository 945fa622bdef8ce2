import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseJson } from "../../memory/envelope.ts";
import { type ForgetOrder, forgetOrderSchema } from "../../schema/forgetting.ts";
import { writeFileAtomic } from "../files/atomic.ts";
import { CheckpointFolder } from "../files/checkpoints.ts";
import { makeFolder, namesIn } from "../files/folders.ts";
import { forgetInCheckpoints } from "../files/forget-in-checkpoints.ts";
import { type AgentFolder, agentFolderAt } from "../files/paths.ts";
import { recordedVersions } from "../files/forget-in-home.ts";
import { ordersOfSharers } from "../records/sharer-orders.ts";
import { agentOverview } from "../sqlite/agent-overview.ts";
import { saysInBlocks } from "../sqlite/says-in-blocks.ts";

// Agents that share a block forget together: the forgetting agent puts an order into each other agent's folder. It is carried
// out at once if nobody has that agent open, and otherwise before that agent next does anything.

/** Another agent of the home, and what it must forget. */
export type Sharer = { readonly folder: AgentFolder; readonly order: ForgetOrder };

/** An order stored in a file until it is completely carried out. */
export type WaitingOrder = { readonly file: string; readonly order: ForgetOrder };

/** The agents with forgotten text in a block that they share with the agent in `folder`. */
export async function sharersOf(
  folder: AgentFolder,
  blocksFile: string | undefined,
  order: ForgetOrder,
): Promise<Sharer[]> {
  const found: Sharer[] = [];
  if (order.only !== undefined) return found;
  const orders = ordersOfSharers(recordedVersions(blocksFile), order);
  if (orders.size === 0) return found;
  for (const other of neighboursOf(folder)) {
    // Skip an unreadable agent: what it contains is unknown until opening it repairs it.
    const id = await agentOverview(other.database).then(
      (overview) => overview.id,
      () => undefined,
    );
    const theirs = id === undefined ? undefined : orders.get(id);
    if (theirs !== undefined && (await containsForgotten(other, theirs))) found.push({ folder: other, order: theirs });
  }
  return found;
}

/** Writes each order to its agent's folder, where it outlives this process. */
export function deliverOrders(sharers: readonly Sharer[]): void {
  for (const { folder, order } of sharers) {
    makeFolder(folder.sharedForgetting);
    const name = `${order.at.replaceAll(":", "-")}-${crypto.randomUUID()}.json`;
    writeFileAtomic(join(folder.sharedForgetting, name), JSON.stringify(order));
  }
}

/** The orders that other agents left for this one, oldest first. */
export function sharedOrders({ sharedForgetting }: AgentFolder): WaitingOrder[] {
  if (!existsSync(sharedForgetting)) return [];
  return readdirSync(sharedForgetting)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => {
      const file = join(sharedForgetting, name);
      const { data } = forgetOrderSchema().safeParse(parseJson(readFileSync(file, "utf8")));
      return data === undefined ? [] : [{ file, order: data }];
    });
}

/** Removes the file of a completed order. */
export function removeOrder(folder: AgentFolder, file: string): void {
  rmSync(file, { force: true });
  if (file === folder.forgetOrder) noteFinished(folder);
  if (dirname(file) === folder.sharedForgetting) removeEmpty(folder.sharedForgetting);
}

/** Marks an agent as about to forget, for the whole home: a process may be killed before it writes the sharers' orders. */
export function noteUnfinished({ unfinished }: AgentFolder): void {
  makeFolder(dirname(unfinished));
  writeFileAtomic(unfinished, "");
}

export function noteFinished({ unfinished }: AgentFolder): void {
  if (!existsSync(unfinished)) return;
  rmSync(unfinished, { force: true });
  removeEmpty(dirname(unfinished));
}

/** The other agents of the home with an unfinished forgetting. */
export function unfinishedNeighbours({ root, unfinished }: AgentFolder): AgentFolder[] {
  return namesIn(dirname(unfinished))
    .map((name) => agentFolderAt(join(dirname(root), name), name))
    .filter((other) => {
      if (other.root === root) return false;
      // It was never begun, or the agent was deleted.
      if (!existsSync(other.forgetOrder)) noteFinished(other);
      return existsSync(other.forgetOrder);
    });
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another process added something meanwhile.
  }
}

/** The other agents of the home with waiting orders. */
export function waitingNeighbours(folder: AgentFolder): AgentFolder[] {
  return neighboursOf(folder).filter(({ sharedForgetting }) => existsSync(sharedForgetting));
}

function neighboursOf({ root }: AgentFolder): AgentFolder[] {
  return readdirSync(dirname(root))
    .filter((name) => name !== basename(root) && !name.startsWith("."))
    .map((name) => agentFolderAt(join(dirname(root), name), name))
    .filter(({ database }) => existsSync(database));
}

async function containsForgotten({ database, checkpoints }: AgentFolder, order: ForgetOrder): Promise<boolean> {
  const files = new CheckpointFolder(checkpoints).files();
  return forgetInCheckpoints(checkpoints, files, order, { isDry: true }) > 0 || (await saysInBlocks(database, order));
}
