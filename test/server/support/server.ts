import Letta from "@letta-ai/letta-client";
import { type RunningServer, type ServeOptions, serve } from "memgpt/server";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";

/** A server on loopback with the practice model, closed when the test is over. */
export async function testServer(options: ServeOptions = {}): Promise<RunningServer> {
  const server = await serve({ dir: temporaryFolder(), env: {}, port: 0, ...options });
  onTestFinished(() => server.close(0));
  return server;
}

/** Letta's client of today on a server of its own. */
export async function testLetta(options: ServeOptions = {}): Promise<Letta> {
  return lettaAt(await testServer(options));
}

export function lettaAt({ url }: Pick<RunningServer, "url">, apiKey = "any"): Letta {
  return new Letta({ baseURL: url, apiKey });
}

/** What an agent said. */
export function said(messages: readonly { readonly message_type?: string | null | undefined }[]): string[] {
  return messages.flatMap((message) =>
    message.message_type === "assistant_message" && "content" in message ? [String(message.content)] : [],
  );
}

/** Everything that is listed, asked for page by page. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
