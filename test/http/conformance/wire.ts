import { expect } from "vitest";
import type { Seen } from "../../support/model-server.ts";

/** A message as it is sent, in the form of OpenAI's chat completions or of Ollama's own. */
export type WireMessage = {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id?: string;
    readonly function: { readonly name: string; readonly arguments: unknown };
  }[];
};

export function messagesOf({ body }: Seen): readonly WireMessage[] {
  return (body["messages"] ?? []) as readonly WireMessage[];
}

/** All members that a message may have: what a model thought is in none of them. */
const MEMBERS = new Set(["role", "content", "tool_calls", "tool_call_id", "tool_name"]);

/** What must hold for every request, whatever the server did before. */
export function checkWire(seen: readonly Seen[], key: string): void {
  for (const request of seen) {
    const { method, url, headers, body } = request;
    expect(method).toBe("POST");
    const { authorization = "", "api-key": azure = "", ...others } = headers;
    expect([`Bearer ${key}`, key]).toContain(authorization === "" ? azure : authorization);
    expect(`${url} ${JSON.stringify(others)} ${JSON.stringify(body)}`).not.toContain(key);
    if (!/\/(chat\/completions|api\/chat)/.test(url)) continue;
    expect(["max_tokens", "max_completion_tokens", "options"].filter((name) => name in body)).toHaveLength(1);
    const [system, ...messages] = messagesOf(request);
    expect(system?.role).toBe("system");
    checkMessages(messages, url.endsWith("/api/chat"));
  }
}

/** Each call is followed by its return, and no id is there twice. Ollama knows no ids. */
function checkMessages(messages: readonly WireMessage[], isOllama: boolean): void {
  const ids = new Set<string>();
  for (const [at, message] of messages.entries()) {
    expect(Object.keys(message).filter((name) => !MEMBERS.has(name))).toEqual([]);
    const calls = message.tool_calls ?? [];
    if (message.role !== "tool") {
      const next = messages.slice(at + 1);
      const end = next.findIndex(({ role }) => role !== "tool");
      const returns = end === -1 ? next : next.slice(0, end);
      expect(returns).toHaveLength(calls.length);
      if (!isOllama) expect(returns.map((one) => one.tool_call_id)).toEqual(calls.map(({ id }) => id));
    }
    if (isOllama) continue;
    for (const { id = "" } of calls) {
      expect(id).not.toBe("");
      expect(ids, `the id ${id} is there twice`).not.toContain(id);
      ids.add(id);
    }
  }
}
