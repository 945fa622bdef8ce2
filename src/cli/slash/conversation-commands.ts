import { type AgentEvent, MEMORY_ALERT } from "../../index.ts";
import { ASKED_HEARTBEAT } from "../terminal/idle.ts";
import { counted, excerpt } from "../terminal/one-line.ts";
import { type SlashCommand, type SlashCommands, type SlashTurn, print, refuse } from "./command.ts";
import { utterances } from "./dump.ts";

/** Most characters shown of a summary. */
const EXCERPT = 300;

const heartbeat: SlashCommand = {
  usage: "/heartbeat",
  summary: "wake the agent without saying anything",
  details: ["`memgpt run --heartbeat-every 30m` does it whenever you have not written for that long."],
  example: "/heartbeat",
  run: (_, { agent }): SlashTurn => ({
    type: "turn",
    run: ({ signal }) => agent.send({ type: "heartbeat", reason: ASKED_HEARTBEAT }, { signal }),
    after: silentEnd,
  }),
};

const memorywarning: SlashCommand = {
  usage: "/memorywarning",
  summary: "warn the agent that its context is nearly full, so that it saves what matters",
  details: ["The agent gets this warning anyway when its context fills."],
  example: "/memorywarning",
  run: (_, { agent }): SlashTurn => ({
    type: "turn",
    run: ({ signal }) => agent.send(MEMORY_ALERT, { signal }),
    after: silentEnd,
  }),
};

const summarize: SlashCommand = {
  usage: "/summarize [hint]",
  summary: "replace the oldest messages in context with a summary; all stay searchable",
  details: ["The hint says what the summary must include. /undo brings the messages back into context."],
  example: "/summarize names and dates",
  run: (hint, { agent }): SlashTurn => ({
    type: "turn",
    waiting: "Summarizing",
    run: ({ signal }) => agent.summarize({ signal, hint: hint === "" ? undefined : hint }),
    after(events) {
      const flush = events.findLast((event) => event.type === "queue_flush");
      if (flush === undefined) return undefined;
      return `The summary: "${excerpt(flush.summary, EXCERPT)}" /undo brings the messages back.`;
    },
  }),
};

/** How many messages back to look for the last reply. */
const LOOKED_AT = 40;

const copy: SlashCommand = {
  usage: "/copy",
  summary: "copy the last reply to the clipboard",
  details: ["Uses the escape sequence OSC 52, also over ssh. Some terminals refuse it or need a setting."],
  example: "/copy",
  async run(_, { agent, terminal }) {
    const said = (await agent.recall.latest(LOOKED_AT)).flatMap(utterances);
    const reply = said.findLast(({ who }) => who === "assistant")?.text;
    if (reply === undefined) return refuse("No reply to copy yet.", "not_found");
    const size = counted(reply.length, "character");
    if (terminal.copy(reply)) return print(`Sent the last reply (${size}) to your terminal's clipboard.`);
    return print(`No clipboard is available here. The last reply (${size}):\n${reply}`);
  },
};

const clear: SlashCommand = {
  usage: "/clear",
  summary: "clear the screen; nothing is forgotten",
  details: ["/wipe empties memory, /summarize the context."],
  example: "/clear",
  run: (_, { terminal }) => print(terminal.clear() ? "" : "No screen to clear. Nothing was forgotten."),
};

export const CONVERSATION_COMMANDS: SlashCommands = {
  copy,
  clear,
  heartbeat,
  memorywarning,
  summarize,
};

/** Reports the end of a turn without a reply: an agent that was woken need not say anything. */
export function silentEnd(events: readonly AgentEvent[]): string | undefined {
  const end = events.findLast((event) => event.type === "turn_end");
  return end?.outcome === "done" && end.reply === null ? "The agent had nothing to say." : undefined;
}
