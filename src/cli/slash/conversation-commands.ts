import { type AgentEvent, MEMORY_PRESSURE } from "../../index.ts";
import { ASKED_HEARTBEAT } from "../chat/idle.ts";
import { excerpt } from "../terminal/one-line.ts";
import { type SlashCommand, type SlashCommands, type SlashTurn, refuse } from "./command.ts";

/** Characters of a summary that are shown. */
const EXCERPT = 300;

const heartbeat: SlashCommand = {
  usage: "/heartbeat",
  summary: "wake the agent without saying anything",
  details: ["`memgpt run --heartbeat-every 30m` does it by itself when nobody has written for so long."],
  run: (_, { agent }): SlashTurn => ({
    type: "turn",
    run: ({ signal }) => agent.send({ type: "heartbeat", reason: ASKED_HEARTBEAT }, { signal }),
    after: silentEnd,
  }),
};

const memorywarning: SlashCommand = {
  usage: "/memorywarning",
  summary: "tell the agent that its context is nearly full, so that it saves what matters",
  details: ["It is told so by itself when that is the case."],
  run: (_, { agent }): SlashTurn => ({
    type: "turn",
    run: ({ signal }) => agent.send({ type: "system_alert", message: MEMORY_PRESSURE }, { signal }),
    after: silentEnd,
  }),
};

const summarize: SlashCommand = {
  usage: "/summarize [hint]",
  summary: "let a summary take the place of the oldest messages in context; all stay searchable",
  details: ["The hint says what the summary should not leave out. /undo brings the messages back into the context."],
  run: (hint, { agent }): SlashTurn => ({
    type: "turn",
    waiting: "Summarizing",
    run: ({ signal }) => agent.summarize({ signal, hint: hint === "" ? undefined : hint }),
    after(events) {
      const flush = events.findLast((event) => event.type === "queue_flush");
      if (flush === undefined) return undefined;
      return `In their place there is now: "${excerpt(flush.summary, EXCERPT)}" /undo brings them back.`;
    },
  }),
};

const NO_SOURCES = "Data sources cannot be attached yet. Nothing was changed.";

const attach: SlashCommand = {
  usage: "/attach [source]",
  summary: "attach a data source (not possible yet: says what to do meanwhile)",
  run: () =>
    refuse(
      `${NO_SOURCES}\nUntil they can, tell it in the chat, and ask for it to be kept in archival memory: "Save this in archival memory: ..."`,
      "not_found",
    ),
};

const detach: SlashCommand = {
  usage: "/detach [source]",
  summary: "detach a data source (not possible yet)",
  run: () =>
    refuse(`${NO_SOURCES}\nNone is attached. /undo and /pop take back what was told in the chat.`, "not_found"),
};

export const CONVERSATION_COMMANDS: SlashCommands = { heartbeat, memorywarning, summarize, attach, detach };

/** An agent that was woken need not say anything; that it is done must be seen all the same. */
export function silentEnd(events: readonly AgentEvent[]): string | undefined {
  const end = events.findLast((event) => event.type === "turn_end");
  return end?.outcome === "done" && end.reply === null ? "The agent had nothing to say." : undefined;
}
