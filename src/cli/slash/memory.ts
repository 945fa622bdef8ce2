import { type Agent, type Message, shownTime } from "../../index.ts";
import { counted, excerpt } from "../terminal/one-line.ts";
import { utterances } from "./dump.ts";

const SAMPLES = 5;
const SAMPLE_CHARACTERS = 100;
/** How many messages back to look for samples. Most turns have three messages, of which two say something. */
const LOOKED_AT = 40;

/** All of core memory, and the size and newest entries of recall and archival memory. */
export async function renderMemory({ name, state, recall, archival }: Agent): Promise<string> {
  const blocks = state.blocks.map(
    ({ label, value, limit }) => `${label} (${value.length}/${limit} characters)\n${indent(value)}`,
  );
  const passages = await archival.latest(SAMPLES);
  const archived = passages.map(({ createdAt, text }) => sample(createdAt, text));
  const said = (await recall.latest(LOOKED_AT)).flatMap(utterances).slice(-SAMPLES).reverse();
  const spoken = said.map(({ at, who, text }) => sample(at, `${who === "user" ? "you" : name}: ${text}`));
  // Recall storage has neither summaries nor the sample messages that show a new agent the format.
  const stored = await Promise.all(state.queue.map(({ id }) => recall.get(id)));
  const seen = stored.filter((message) => message !== undefined);
  return [
    "Core memory",
    ...blocks.map(indent),
    `Recall memory: ${counted(await recall.size(), "message")}, ${inContext(seen)}`,
    ...spoken,
    `Archival memory: ${counted(await archival.size(), "passage")}${passages.length === 0 ? "" : ", newest first"}`,
    ...archived,
  ].join("\n");
}

/** Counts the messages in context by kind. */
function inContext(messages: readonly Message[]): string {
  const kinds = messages.map((message) => {
    if (message.role !== "user") return message.role;
    return message.event === "user_message" ? "user" : "event";
  });
  const count = (kind: (typeof kinds)[number]): number => kinds.filter((other) => other === kind).length;
  const parts = [
    `${count("user")} of yours`,
    `${count("assistant")} of the agent`,
    counted(count("function"), "function return"),
    counted(count("event"), "event"),
  ];
  return `${messages.length} in context (${parts.join(", ")}); newest first`;
}

function sample(at: string, text: string): string {
  return `  ${shownTime(at)} ${excerpt(text, SAMPLE_CHARACTERS)}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
