import { type AgentEvent, MEMORY_ALERT } from "../../index.ts";
import { ASKED_HEARTBEAT } from "../terminal/idle.ts";
import { counted, excerpt } from "../terminal/one-line.ts";
import { type SlashCommand, type SlashCommands, type SlashTurn, print, refuse } from "./command.ts";
import { utterances } from "./dump.ts";

/** Characters of a summary that are shown. */
const EXCERPT = 300;

const heartbeat: SlashCommand = {
  usage: "/heartbeat",
  summary: "wake the agent without saying anything",
  details: ["`memgpt run --heartbeat-every 30m` does it by itself when nobody has written for so long."],
  example: "/heartbeat",
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
  example: "/memorywarning",
  run: (_, { agent }): SlashTurn => ({
    type: "turn",
    run: ({ signal }) => agent.send(MEMORY_ALERT, { signal }),
    after: silentEnd,
  }),
};

const summarize: SlashCommand = {
  usage: "/summarize [hint]",
  summary: "let a summary take the place of the oldest messages in context; all stay searchable",
  details: ["The hint says what the summary should not leave out. /undo brings the messages back into the context."],
  example: "/summarize names and dates",
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
  example: "/attach notes",
  run: () =>
    refuse(
      `${NO_SOURCES}\nUntil they can, tell it in the chat, and ask for it to be kept in archival memory: "Save this in archival memory: ..."`,
      "not_found",
    ),
};

const detach: SlashCommand = {
  usage: "/detach [source]",
  summary: "detach a data source (not possible yet)",
  example: "/detach notes",
  run: () =>
    refuse(`${NO_SOURCES}\nNone is attached. /undo and /pop take back what was told in the chat.`, "not_found"),
};

/** Messages among which the last reply is looked for. */
const LOOKED_AT = 40;

const copy: SlashCommand = {
  usage: "/copy",
  summary: "copy the last reply to the clipboard",
  details: ["By the escape sequence OSC 52, which some terminals refuse or must be allowed; over ssh, too."],
  example: "/copy",
  async run(_, { agent, terminal }) {
    const said = (await agent.recall.latest(LOOKED_AT)).flatMap(utterances);
    const reply = said.findLast(({ who }) => who === "assistant")?.text;
    if (reply === undefined) return refuse("There is no reply to copy yet.", "not_found");
    const size = counted(reply.length, "character");
    if (terminal.copy(reply)) return print(`Sent the last reply (${size}) to the clipboard of your terminal.`);
    return print(`No clipboard can be reached from here. The last reply (${size}):\n${reply}`);
  },
};

const clear: SlashCommand = {
  usage: "/clear",
  summary: "clear the screen; nothing is forgotten",
  details: ["/wipe empties memory, /summarize the context."],
  example: "/clear",
  run: (_, { terminal }) => print(terminal.clear() ? "" : "There is no screen to clear. Nothing was forgotten."),
};

export const CONVERSATION_COMMANDS: SlashCommands = {
  copy,
  clear,
  heartbeat,
  memorywarning,
  summarize,
  attach,
  detach,
};

/** An agent that was woken need not say anything; that it is done must be seen all the same. */
export function silentEnd(events: readonly AgentEvent[]): string | undefined {
  const end = events.findLast((event) => event.type === "turn_end");
  return end?.outcome === "done" && end.reply === null ? "The agent had nothing to say." : undefined;
}
