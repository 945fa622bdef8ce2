import { MemGPTError } from "../../index.ts";
import { describePopped, describeRedone, describeUndone } from "../terminal/describe-change.ts";
import { excerpt } from "../terminal/one-line.ts";
import {
  type SlashCommand,
  type SlashCommands,
  type SlashResult,
  type SlashTurn,
  print,
  refuse,
  refuseUse,
} from "./command.ts";
import { COUNT, parseCount } from "./count.ts";

/** As the original counts: a message, the agent's answer and the return of its call. */
const POPPED_BY_DEFAULT = 3;

/** Characters of a thought or reply that are shown. */
const EXCERPT = 100;

const pop: SlashCommand = {
  usage: "/pop [n]",
  argument: COUNT,
  summary: `take back the last n messages (${POPPED_BY_DEFAULT} if you do not say), with the memory that they wrote`,
  details: [
    "/dump numbers the messages. A call goes together with its return, so it may be one or two more than n.",
    "What they wrote to core and archival memory is undone. /undo brings everything back.",
  ],
  example: "/pop 6",
  async run(argument, { agent }) {
    const count = argument === "" ? POPPED_BY_DEFAULT : parseCount(argument);
    if (count === undefined) return refuseUse(pop);
    const popped = await agent.pop(count);
    return orNothing(describePopped(popped), popped.messages);
  },
};

const undo: SlashCommand = {
  usage: "/undo [n]",
  argument: COUNT,
  summary: "undo the last turn or command that changed anything, or the last n; memory included",
  details: ["/redo takes it back."],
  example: "/undo 2",
  async run(argument, { agent }) {
    const count = argument === "" ? 1 : parseCount(argument);
    if (count === undefined) return refuseUse(undo);
    const undone = await agent.undo(count);
    return orNothing(describeUndone(undone, count), undone.actions);
  },
};

const redo: SlashCommand = {
  usage: "/redo",
  summary: "take back the last undo",
  example: "/redo",
  async run(_, { agent }) {
    const redone = await agent.redo();
    return orNothing(describeRedone(redone), redone.actions);
  },
};

const UNTOUCHED = "Everything is as it was.";

const retry: SlashCommand = {
  usage: "/retry",
  summary: "take back the reply to your last message, with the memory that it wrote, and send the message again",
  details: [
    "If the model cannot be reached, or you stop it, everything stays as it was. /undo brings the old reply back.",
  ],
  example: "/retry",
  async run(_, { agent }): Promise<SlashTurn> {
    if ((await agent.lastUserMessage()) === undefined) throw noMessage();
    return { type: "turn", run: ({ signal }) => agent.retry({ signal }), untouched: UNTOUCHED };
  },
};

const rethink: SlashCommand = {
  usage: "/rethink TEXT",
  summary: "replace the agent's last thought; nothing is run again",
  details: ["In the context and in recall memory."],
  example: "/rethink He is only joking.",
  async run(text, { agent }) {
    const { before, after } = await agent.rethink(text);
    const instead = before === null || before === "" ? "" : ` in place of "${excerpt(before, EXCERPT)}"`;
    return print(`The last thought is now "${excerpt(after, EXCERPT)}"${instead}.`);
  },
};

const rewrite: SlashCommand = {
  usage: "/rewrite TEXT",
  summary: "replace the agent's last reply; nothing is run again",
  details: ["In the context, in recall memory and in searches."],
  example: "/rewrite Good morning, Ada!",
  async run(text, { agent }) {
    const { before, after } = await agent.rewrite(text);
    return print(`The last reply is now "${excerpt(after, EXCERPT)}" in place of "${excerpt(before ?? "", EXCERPT)}".`);
  },
};

const edit: SlashCommand = {
  usage: "/edit [TEXT]",
  summary: "change your last message and run from there; without a text it is put in the prompt",
  details: ["As /retry, but with another message. Ctrl-C changes nothing."],
  example: "/edit My boyfriend is called Jim.",
  async run(text, { agent, terminal }) {
    const send = (message: string): SlashTurn => ({
      type: "turn",
      run: ({ signal }) => agent.retry({ message, signal }),
      untouched: UNTOUCHED,
      draft: `/edit ${message}`,
    });
    const last = await agent.lastUserMessage();
    if (last === undefined) throw noMessage();
    if (text !== "") return send(text);
    if (!terminal.interactive) return refuseUse({ usage: "/edit TEXT" });
    return { type: "edit", text: last, submit: send };
  },
};

export const TIME_TRAVEL_COMMANDS: SlashCommands = { pop, undo, redo, retry, rethink, rewrite, edit };

/** What was done; where there was nothing to do it to, that. */
function orNothing(text: string, done: readonly unknown[]): SlashResult {
  return done.length === 0 ? refuse(text, "not_found") : print(text);
}

function noMessage(): MemGPTError {
  return new MemGPTError("not_found", "There is no message of yours in context. Nothing was changed.");
}
