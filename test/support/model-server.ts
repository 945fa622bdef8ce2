import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** One request as it came. `body` is what its JSON says. */
export type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
};

/** How a server behaves towards one request. */
export type Behaviour = (response: ServerResponse, request: Seen) => void;

export type ModelServer = {
  /** Base URL of its chat completions. */
  readonly endpoint: string;
  readonly port: number;
  /** Requests for completions, oldest first. */
  readonly seen: readonly Seen[];
  /** Behaviours not yet called for. */
  readonly remaining: number;
};

export type ModelServerOptions = {
  /** Answered by `GET /api/version`, as Ollama does; others have no such route. */
  readonly version?: string;
};

/**
 * A server on loopback that plays a model server: every request for a completion meets the next behaviour of the script, and the
 * last one again and again.
 */
export async function modelServer(
  script: readonly Behaviour[],
  { version }: ModelServerOptions = {},
): Promise<ModelServer> {
  const seen: Seen[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    const sent = await text(request);
    if (method === "GET") {
      if (version === undefined || !url.endsWith("/api/version")) refuse(404, { error: "not found" })(response, NOBODY);
      else json({ version })(response, NOBODY);
      return;
    }
    const one: Seen = { method, url, headers, body: JSON.parse(sent) as Seen["body"] };
    seen.push(one);
    const behaviour = script[Math.min(seen.length, script.length) - 1];
    behaviour?.(response, one);
  };
  const server = createServer((request, response) => {
    // A request that the client has given up on.
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    endpoint: `http://127.0.0.1:${port}/v1`,
    port,
    seen,
    get remaining() {
      return Math.max(0, script.length - seen.length);
    },
  };
}

const NOBODY: Seen = { method: "", url: "", headers: {}, body: {} };

/** Answers with JSON. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

export function refuse(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return json(body, status, headers);
}

/** Sends `pieces` as they are, one write each, and ends. */
export function raw(pieces: readonly string[], contentType = "text/event-stream"): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-type": contentType });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
}

/** Sends `pieces` and then breaks the connection. */
export function cut(pieces: readonly string[]): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of pieces) response.write(piece);
    response.write("\n", () => response.destroy());
  };
}

/** Sends `pieces` and then nothing, forever. Without pieces not even the head of an answer is sent. */
export function stall(pieces: readonly string[] = []): Behaviour {
  return (response) => {
    if (pieces.length === 0) return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of pieces) response.write(piece);
  };
}

/** Server-sent events. */
export function sse(chunks: readonly unknown[], end = "\n\n"): string[] {
  return chunks.map((chunk) => `data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}${end}`);
}

/** A chunk with one delta, in the form of the chat-completions reference. */
export function chunk(delta: unknown, finish: string | null = null): Readonly<Record<string, unknown>> {
  return { ...COMMON, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] };
}

const COMMON = { id: "chatcmpl-1", created: 1_700_000_000, model: "m" };

export type AnswerOptions = { readonly usage?: unknown; readonly finish?: string };

/** The deltas, a last chunk with the reason, the usage if there is any, and `[DONE]`. */
export function streamed(deltas: readonly unknown[], { usage, finish = "stop" }: AnswerOptions = {}): Behaviour {
  const last = usage === undefined ? [] : [{ ...COMMON, choices: [], usage }];
  return raw(sse([...deltas.map((delta) => chunk(delta)), chunk({}, finish), ...last, "[DONE]"]));
}

/** The message in one piece. */
export function whole(message: unknown, { usage, finish = "stop" }: AnswerOptions = {}): Behaviour {
  const choices = [{ index: 0, message, finish_reason: finish }];
  return json({ ...COMMON, object: "chat.completion", choices, ...(usage === undefined ? {} : { usage }) });
}

/** The vectors of an answer to `/embeddings`, in the order and form of the reference. */
export function embeddings(vectors: readonly (readonly number[])[]): Behaviour {
  const data = vectors.map((embedding, index) => ({ object: "embedding", index, embedding }));
  return json({ object: "list", data, model: "m", usage: { prompt_tokens: 1, total_tokens: 1 } });
}
