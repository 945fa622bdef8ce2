import type { Message } from "../schema/message.ts";
import { originOf } from "../schema/origin.ts";
import { fencedOrigins } from "../schema/own-words.ts";

/** Whose message it is: in a step the role tells, in an import all are from there. */
export function messageOrigin(message: Message, origin: string | undefined): string | undefined {
  if (origin === undefined || !isOfStep(origin)) return origin;
  switch (message.role) {
    case "user":
      return message.event === "user_message" ? originOf("person") : undefined;
    case "assistant":
      return originOf("model");
    case "function":
      return originOf("tool", message.name);
  }
}

function isOfStep(origin: string): boolean {
  return !["client", "import"].includes(origin.split(":")[0] ?? "");
}

/**
 * What the model writes now is from: itself, or what it read of others since the person spoke last. Nobody can tell the two
 * apart.
 */
export function writtenFrom(queue: readonly Message[]): string {
  const asked = queue.findLastIndex((message) => message.role === "user" && message.event === "user_message");
  return queue.slice(Math.max(0, asked)).flatMap(foreignOrigin).at(-1) ?? originOf("model");
}

function foreignOrigin(message: Message): string[] {
  // Texts that came along with what the person said, of files and pipes.
  if (message.role === "user") {
    return fencedOrigins(message.content).map((from) => originOf("document", from.replace(/^file:/, "")));
  }
  if (message.role !== "function") return [];
  const source = message.hits?.find((hit) => hit.source !== undefined)?.source;
  if (source !== undefined) return [originOf("document", source)];
  return message.kind === "outside_effect" || FENCED.test(message.content) ? [originOf("tool", message.name)] : [];
}

/** The fence around what a tool returned. */
const FENCED = /\[data \S+ tool:/;
