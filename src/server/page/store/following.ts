import { effect, untracked } from "@preact/signals";
import type { FeedEvent } from "../../wire/feed.ts";
import { CallError, denials } from "../client/call.ts";
import { follow } from "../client/follow.ts";
import { beginFeed, openConversation, readNewest, readOver, takeTurnEvent, transcript } from "./conversation.ts";
import { memory, readMemory } from "./memory.ts";
import { readRoster } from "./roster.ts";
import { connection, findCaller } from "./session.ts";
import { revision } from "./revision.ts";
import { agentId, dismissAll, tellFailure } from "./view.ts";

let following = new AbortController();

denials.addEventListener("denied", () => {
  following.abort();
  connection.value = "denied";
});

/** Loads the page's data, and keeps it up to date. */
export async function start(): Promise<void> {
  following.abort();
  following = new AbortController();
  if (!(await findCaller()) && connection.value === "denied") return;
  void follow(following.signal, {
    onEvent: take,
    onConnection: (state) => {
      connection.value = state;
    },
  });
}

function take(event: FeedEvent): void {
  switch (event.type) {
    case "hello":
      beginFeed();
      dismissAll();
      void quietly(readAgain);
      return;
    case "turn":
      if (event.agent === agentId.value && event.event.type === "turn_start") dismissAll();
      takeTurnEvent(event);
      return;
    case "turn_over":
      takeTurnEvent(event);
      void quietly(readRoster);
      if (event.agent === agentId.value) changed();
      return;
    case "changed":
      if (event.agent !== agentId.value) return;
      if (transcript.value?.newer == null) void quietly(readNewest);
      changed();
      return;
    case "forgot":
      if (event.agent !== agentId.value) return;
      void quietly(readOver);
      changed();
      return;
    case "roster":
      void quietly(readRoster);
      return;
  }
}

/** Reads something again. A lost connection is not reported: the banner shows it, and the next connection reads everything. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => {
    if (!(error instanceof CallError) || error.status !== 0) tellFailure(error);
  });
}

function changed(): void {
  revision.value += 1;
  void quietly(readMemory);
}

async function readAgain(): Promise<void> {
  await Promise.all([findCaller(), readRoster()]);
  if (transcript.value?.newer === null) await readNewest();
  changed();
}

effect(() => {
  if (agentId.value === "") return;
  untracked(() => {
    memory.value = null;
    void quietly(openConversation);
    void quietly(readMemory);
  });
});
