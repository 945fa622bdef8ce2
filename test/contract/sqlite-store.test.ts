import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { AgentStore } from "../../src/ports/agent-store.ts";
import { noticesOf, openStore } from "../storage/support.ts";
import { temporaryFolder } from "../support/agents.ts";
import { archivalContract } from "./archival.ts";
import { historyContract } from "./history.ts";
import { journalContract } from "./journal.ts";
import { recallContract } from "./recall.ts";
import { revertContract } from "./revert.ts";
import { saidContract } from "./said.ts";

/** The folder of the running test. */
let folder: string | undefined;

async function open(place: string): Promise<AgentStore> {
  if (folder === undefined) {
    folder = temporaryFolder();
    onTestFinished(() => {
      folder = undefined;
    });
  }
  return openStore(join(folder, `${place}.db`));
}

historyContract("SQLite", open);
journalContract("SQLite", open);
revertContract("SQLite", open);
recallContract("SQLite", open);
archivalContract("SQLite", open, noticesOf);
saidContract("SQLite", open);
