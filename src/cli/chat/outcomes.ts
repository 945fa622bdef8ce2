import { EXIT_CODES } from "../terminal/report-error.ts";

/** One way for a message or slash command to end without a terminal. `npm run docs` prints the table. */
type Outcome = {
  readonly outcome: string;
  readonly exit: number;
  /** Standard output in each format. Errors go to standard error as well. */
  readonly text: string;
  readonly json: string;
  readonly stream: string;
};

const REPLY = '`{"agent", "reply", "messages", "steps", "events", "usage", …}`';
const COMMAND = '`{"type":"command","command","text"}`';

function failure(code: string): Pick<Outcome, "text" | "json" | "stream"> {
  const object = `\`{"type":"error","code":"${code}","message","kept"}\``;
  return { text: "nothing", json: object, stream: `${object}, after the events so far` };
}

/** What `memgpt run` guarantees without a terminal. */
export const OUTCOMES = {
  reply: { outcome: "a reply", exit: 0, text: "the reply", json: REPLY, stream: "every event, `turn_end` last" },
  command: { outcome: "a slash command", exit: 0, text: "its text", json: COMMAND, stream: COMMAND },
  commandTurn: {
    outcome: "a slash command that runs the agent, such as `/retry`",
    exit: 0,
    text: "the reply",
    json: REPLY,
    stream: "every event, then `turn_end` or the command",
  },
  refused: {
    outcome: "a slash command that does nothing or fails",
    exit: EXIT_CODES.not_found,
    ...failure("not_found"),
  },
  failed: {
    outcome: "a model or agent that cannot be used",
    exit: EXIT_CODES.llm_unavailable,
    ...failure("llm_unavailable"),
  },
  wrongUse: {
    outcome: "wrong usage of a flag or slash command",
    exit: EXIT_CODES.invalid_input,
    ...failure("invalid_input"),
  },
  interrupted: { outcome: "Ctrl-C", exit: EXIT_CODES.interrupted, ...failure("interrupted") },
  terminated: { outcome: "SIGTERM (SIGHUP: 129)", exit: 143, ...failure("interrupted") },
} as const satisfies Record<string, Outcome>;
