import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import * as z from "zod";

/** The fake model's answer to one request. */
export type Reply =
  | { think?: string; call: string; args: object }
  | { text: string }
  | { error: number; message: string }
  /** Starts a message and never ends it. */
  | { begin: string }
  /** Repeats it as fast as it is read. */
  | { endless: string };

/** A complete reply, or one without its end. */
type Whole = Exclude<Reply, { error: number } | { endless: string }>;

const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
});

/** A request as received. */
export type Request = { path: string; authorization: string | undefined; body: z.infer<typeof Body> };

/** A request for something other than an answer. */
export type Lookup = { method: string; path: string; authorization: string | undefined };

export type ServerOptions = {
  /** Answers to requests without a conversation, by path: `/v1/models`, `/api/show`, … */
  routes?: Record<string, unknown>;
  /** Required key; other requests get 401. */
  key?: string;
  /** Port on loopback (default: a free one). */
  port?: number;
};

const PIECE = /[^]{1,7}/g;

/** A server on loopback that speaks the chat-completions protocol and returns scripted replies in order. */
export class FakeModel {
  readonly requests: Request[] = [];
  readonly lookups: Lookup[] = [];
  readonly #script: Reply[];
  readonly #options: ServerOptions;
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response);
  });
  #arrived: () => void = () => undefined;

  private constructor(script: readonly Reply[], options: ServerOptions) {
    this.#script = [...script];
    this.#options = options;
  }

  static async start(script: readonly Reply[], options: ServerOptions = {}): Promise<FakeModel> {
    const model = new FakeModel(script, options);
    await new Promise<void>((resolve) => {
      model.#server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      model.#server.closeAllConnections();
      model.#server.close();
    });
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The fake model is not listening.");
    return address.port;
  }

  /** Number of unused replies. */
  get remaining(): number {
    return this.#script.length;
  }

  /** The last request's prompt as one text. */
  get lastShown(): string {
    return JSON.stringify(this.requests.at(-1)?.body.messages ?? []);
  }

  /** Resolves once `count` requests have arrived. */
  async asked(count: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#arrived = () => {
        if (this.requests.length >= count) resolve();
      };
      this.#arrived();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
    const { authorization } = request.headers;
    if (this.#options.key !== undefined && authorization !== `Bearer ${this.#options.key}`) {
      refuse(response, { error: 401, message: "Incorrect API key provided" });
      return;
    }
    const route = this.#options.routes?.[(request.url ?? "").replace(/\?.*/, "")];
    if (!(request.url ?? "").endsWith("/chat/completions")) {
      this.lookups.push({ method: request.method ?? "", path: request.url ?? "", authorization });
    }
    if (route !== undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(route));
      return;
    }
    if (request.method !== "POST" || !(request.url ?? "").endsWith("/chat/completions")) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":{"message":"no such route"}}');
      return;
    }
    const body = Body.parse(JSON.parse(text));
    this.requests.push({ path: request.url ?? "", authorization, body });
    const reply = this.#script.shift() ?? { error: 400, message: "the script of the fake model is used up" };
    if ("error" in reply) refuse(response, reply);
    else if ("endless" in reply) void pour(response, body.model, reply.endless);
    else if (body.stream === true) stream(response, body.model, reply);
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(whole(body.model, reply)));
    this.#arrived();
  }
}

/** A reply that sends `message`. */
export function saying(message: string, think = "I answer."): Reply {
  return { think, call: "send_message", args: { message } };
}

/** The answer of a function-calling model to the test of `configure` and `doctor`. */
export const CALLED: Reply = { call: "repeat_word", args: { word: "lighthouse" } };

/** A list of models as servers return it. */
export function modelList(...models: (string | object)[]): object {
  const data = models.map((model) => (typeof model === "string" ? { id: model, object: "model" } : model));
  return { object: "list", data };
}

function refuse(response: ServerResponse, { error, message }: { error: number; message: string }): void {
  response.writeHead(error, { "content-type": "application/json" }).end(JSON.stringify({ error: { message } }));
}

async function pour(response: ServerResponse, model: string, text: string): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const choices = [{ index: 0, delta: { content: text }, finish_reason: null }];
  const piece = `data: ${JSON.stringify({ ...envelope(model, "chat.completion.chunk"), choices })}\n\n`.repeat(200);
  while (!response.destroyed) {
    if (response.write(piece)) await new Promise(setImmediate);
    else await once(response, "drain").catch(() => undefined);
  }
}

function stream(response: ServerResponse, model: string, reply: Whole): void {
  const send = (delta: object, finish: string | null = null): void => {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    response.write(`data: ${JSON.stringify({ ...envelope(model, "chat.completion.chunk"), choices })}\n\n`);
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  send({ role: "assistant", content: "" });
  if ("text" in reply) {
    for (const content of reply.text.match(PIECE) ?? []) send({ content });
    send({}, "stop");
  } else {
    const [name, args] = "begin" in reply ? ["send_message", { message: reply.begin }] : [reply.call, reply.args];
    if ("think" in reply) for (const content of (reply.think ?? "").match(PIECE) ?? []) send({ content });
    const toolCall = (part: object): object => ({ tool_calls: [{ index: 0, ...part }] });
    send(toolCall({ id: "call_fake", type: "function", function: { name, arguments: "" } }));
    const text = JSON.stringify(args);
    for (const piece of ("begin" in reply ? text.slice(0, -2) : text).match(PIECE) ?? []) {
      send(toolCall({ function: { arguments: piece } }));
    }
    if ("begin" in reply) return;
    send({}, "tool_calls");
  }
  response.end("data: [DONE]\n\n");
}

function whole(model: string, reply: Whole): object {
  const base = envelope(model, "chat.completion");
  const choice = (message: object, finish: string): object => ({
    ...base,
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish }],
  });
  if ("text" in reply) return choice({ content: reply.text }, "stop");
  const [name, args] = "begin" in reply ? ["send_message", { message: reply.begin }] : [reply.call, reply.args];
  const call = { id: "call_fake", type: "function", function: { name, arguments: JSON.stringify(args) } };
  return choice({ content: "think" in reply ? (reply.think ?? null) : null, tool_calls: [call] }, "tool_calls");
}

function envelope(model: string, object: string): object {
  return { id: "chatcmpl-fake", object, created: 1_700_000_000, model };
}

/** Flags of `memgpt run` for an agent that this server answers. */
export function modelFlags(model: FakeModel): string[] {
  return ["--model", "fake-1", "--model-endpoint", model.url, "--no-verify", "--first"];
}
