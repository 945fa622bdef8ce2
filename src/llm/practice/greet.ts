import { reply, type Answer } from "./answer.ts";
import { slotOf, toSpeech, valueOf } from "./facts.ts";
import { pick } from "./text.ts";
import { linesOf, type View, type Wake } from "./view.ts";

export const SELF =
  "I'm memgpt's built-in practice model: a small set of rules, not a person and not a real language model. To connect a real one, start memgpt with --model and --model-endpoint.";

/** The name by which core memory knows the user. */
export function userName(view: View): string | undefined {
  const line = linesOf(view, "human").find((candidate) => slotOf(candidate) === "name");
  const name = line === undefined ? "" : valueOf(line).split(/[\s,;(]/)[0];
  return name === undefined || !/^[\p{L}'-]{1,30}$/u.test(name) ? undefined : name;
}

/** The first words to someone who has just come in. */
export function greet(wake: Extract<Wake, { type: "login" }>, view: View): Answer {
  const name = userName(view);
  const hello = `Hello${name === undefined ? "" : `, ${name}`}!`;
  if (/never|first/i.test(wake.lastLogin) || wake.lastLogin === "") {
    const message = `${hello} I'm memgpt's built-in practice model: a set of rules rather than a real language model, but I do remember. Tell me something about yourself, then ask me about it later; or say "save this: …" and search for it another day.`;
    return reply("This is the first time we meet, so I introduce myself.", message);
  }
  const since = longAgo(wake.lastLogin);
  const again =
    since === undefined ? "Good to see you again." : `Welcome back: it has been ${since} since we last met.`;
  const facts = linesOf(view, "human").filter((line) => slotOf(line) !== "name" && line.length < 100);
  const fact = facts.length === 0 ? undefined : toSpeech(pick(wake.lastLogin, [facts[0] ?? "", ...facts.slice(1)]));
  const remembered = fact === undefined || fact.startsWith("I have noted") ? "" : ` I still remember that ${fact}.`;
  return reply("Someone I know has come back, so I greet them.", `${hello} ${again}${remembered}`);
}

/** `7 days` from `2026-11-14 05:37:00 PM UTC+0000 (7 days ago)`. */
function longAgo(lastLogin: string): string | undefined {
  return /\(([^()]{1,40}) ago\)/.exec(lastLogin)?.[1];
}
