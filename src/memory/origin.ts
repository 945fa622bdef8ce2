import type { Message } from "../schema/message.ts";
import { originOf } from "../schema/origin.ts";
import { fencedOrigins } from "../schema/own-words.ts";

/** The origin of a message: by its role in a step; `origin` itself for an import or client. */
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
 * The origin of what the model writes now: itself, or the last foreign text it read since the person's last message, because
 * the two cannot be told apart.
 */
export function writtenFrom(queue: readonly Message[]): string {
  const asked = queue.findLastIndex((message) => message.role === "user" && message.event === "user_message");
  return queue.slice(Math.max(0, asked)).flatMap(foreignOrigin).at(-1) ?? originOf("model");
}

function foreignOrigin(message: Message): string[] {
  // Texts of files and pipes that came with the person's message.
  if (message.role === "user") {
    return fencedOrigins(message.content).map((from) => originOf("document", from.replace(/^file:/, "")));
  }
  if (message.role !== "function") return [];
  const source = message.hits?.find((hit) => hit.source !== undefined)?.source;
  if (source !== undefined) return [originOf("document", source)];
  return message.kind === "outside_effect" || FENCED.test(message.content) ? [originOf("tool", message.name)] : [];
}

/** The opening fence around a tool's output. */
const FENCED = /\[data \S+ tool:/;
