import { effect, untracked } from "@preact/signals";
import type { FeedEvent } from "../../wire/feed.ts";
import { follow } from "../client/follow.ts";
import { beginFeed, openConversation, readNewest, takeTurnEvent, transcript } from "./conversation.ts";
import { readMemory } from "./memory.ts";
import { readRoster } from "./roster.ts";
import { connection, findCaller } from "./session.ts";
import { revision } from "./revision.ts";
import { agentId, attempt } from "./view.ts";

let following = new AbortController();

/** Shows what the server has, and keeps it up to date for as long as the page is open. */
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
      void attempt(readAgain);
      return;
    case "turn":
      takeTurnEvent(event);
      return;
    case "turn_over":
      takeTurnEvent(event);
      void attempt(readRoster);
      if (event.agent === agentId.value) changed();
      return;
    case "changed":
      if (event.agent !== agentId.value) return;
      if (transcript.value?.newer == null) void attempt(readNewest);
      changed();
      return;
    case "roster":
      void attempt(readRoster);
      return;
  }
}

function changed(): void {
  revision.value += 1;
  void attempt(readMemory);
}

async function readAgain(): Promise<void> {
  await findCaller();
  await readRoster();
  if (transcript.value?.newer == null) await readNewest();
  changed();
}

effect(() => {
  if (agentId.value === "") return;
  untracked(() => {
    void attempt(openConversation);
    void attempt(readMemory);
  });
});
