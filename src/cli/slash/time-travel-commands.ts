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
  refuseUsage,
} from "./command.ts";
import { COUNT, parseCount } from "./count.ts";

/** As in the original MemGPT: a message, the agent's answer and the return of its call. */
const POPPED_BY_DEFAULT = 3;

/** Most characters shown of a thought or reply. */
const EXCERPT = 100;

const pop: SlashCommand = {
  usage: "/pop [n]",
  argument: COUNT,
  summary: `remove the last n messages (default: ${POPPED_BY_DEFAULT}) and the memory that they wrote`,
  details: [
    "/dump numbers the messages. A call and its return go together, so it may remove one or two more than n.",
    "Edits that they made to core and archival memory are reverted. /undo brings everything back.",
  ],
  example: "/pop 6",
  async run(argument, { agent }) {
    const count = argument === "" ? POPPED_BY_DEFAULT : parseCount(argument);
    if (count === undefined) return refuseUsage(pop);
    const popped = await agent.pop(count);
    return printOrRefuse(describePopped(popped), popped.messages);
  },
};

const undo: SlashCommand = {
  usage: "/undo [n]",
  argument: COUNT,
  summary: "undo the last turn or command that changed something, or the last n; memory included",
  details: ["/redo reverses it."],
  example: "/undo 2",
  async run(argument, { agent }) {
    const count = argument === "" ? 1 : parseCount(argument);
    if (count === undefined) return refuseUsage(undo);
    const undone = await agent.undo(count);
    return printOrRefuse(describeUndone(undone, count), undone.actions);
  },
};

const redo: SlashCommand = {
  usage: "/redo",
  summary: "reverse the last undo",
  example: "/redo",
  async run(_, { agent }) {
    const redone = await agent.redo();
    return printOrRefuse(describeRedone(redone), redone.actions);
  },
};

const UNTOUCHED = "Nothing was changed.";

const retry: SlashCommand = {
  usage: "/retry",
  summary: "remove the reply to your last message, and the memory that it wrote, and send the message again",
  details: ["If the model fails, or you stop it, nothing changes. /undo brings the old reply back."],
  example: "/retry",
  async run(_, { agent }): Promise<SlashTurn> {
    if ((await agent.lastUserMessage()) === undefined) throw noMessage();
    return { type: "turn", run: ({ signal }) => agent.retry({ signal }), untouched: UNTOUCHED };
  },
};

const rethink: SlashCommand = {
  usage: "/rethink TEXT",
  summary: "replace the agent's last thought without running anything again",
  details: ["Changes it in context and in recall memory."],
  example: "/rethink He is only joking.",
  async run(text, { agent }) {
    const { before, after } = await agent.rethink(text);
    const instead = before === null || before === "" ? "" : ` instead of "${excerpt(before, EXCERPT)}"`;
    return print(`The last thought is now "${excerpt(after, EXCERPT)}"${instead}.`);
  },
};

const rewrite: SlashCommand = {
  usage: "/rewrite TEXT",
  summary: "replace the agent's last reply without running anything again",
  details: ["Changes it in context, in recall memory and in searches."],
  example: "/rewrite Good morning, Ada!",
  async run(text, { agent }) {
    const { before, after } = await agent.rewrite(text);
    return print(`The last reply is now "${excerpt(after, EXCERPT)}" instead of "${excerpt(before ?? "", EXCERPT)}".`);
  },
};

const edit: SlashCommand = {
  usage: "/edit [TEXT]",
  summary: "change your last message and run from there; without TEXT, edit it at the prompt",
  details: ["Like /retry, but with another message. Ctrl-C cancels."],
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
    if (!terminal.interactive) return refuseUsage({ usage: "/edit TEXT" });
    return { type: "edit", text: last, submit: send };
  },
};

export const TIME_TRAVEL_COMMANDS: SlashCommands = { pop, undo, redo, retry, rethink, rewrite, edit };

/** Prints `text`, as a refusal if nothing was done. */
function printOrRefuse(text: string, done: readonly unknown[]): SlashResult {
  return done.length === 0 ? refuse(text, "not_found") : print(text);
}

function noMessage(): MemGPTError {
  return new MemGPTError("not_found", "None of your messages is in context. Nothing was changed.");
}
