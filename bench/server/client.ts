import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { seeded } from "../../test/crash/random.ts";
import type { AgentOf, World } from "./world.ts";

type Asked = { readonly token?: string | undefined; readonly body?: object | undefined };
type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly body: string };

/** Milliseconds of every message answered with 200, and counts by status. */
export type Load = {
  readonly times: number[];
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
};

type LoadOptions = {
  readonly world: World;
  readonly messages: number;
  readonly atOnce: number;
  readonly seed: number;
};

const FACTS = [
  "I like tea.",
  "My cat is called Mia.",
  "Where do I live?",
  "I bought a red car.",
  "What is my cat called?",
];

/** Sends requests over connections that stay open. */
export class Client {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });
  readonly #streams: { readonly request: ClientRequest; readonly response: IncomingMessage }[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const response = await this.open(method, path, asked);
    const body = await text(response);
    return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], body };
  }

  /** Resolves as soon as the response's headers arrive. */
  async open(
    method: string,
    path: string,
    asked: Asked = {},
    agent: Agent | false = this.#agent,
  ): Promise<IncomingMessage> {
    return (await this.#opened(method, path, asked, agent)).response;
  }

  async say(agent: AgentOf, message: string): Promise<Answer> {
    return this.ask("POST", `/v1/agents/${agent.id}/messages`, { token: agent.token, body: { input: message } });
  }

  /** The next message and its agent, Zipf-distributed: the n-th agent as often as 1/n. */
  messages(world: World, seed: number): () => { readonly agent: AgentOf; readonly message: string } {
    const random = seeded(seed);
    const all = world.users.flatMap(({ agents }) => agents);
    const choose = zipf(shuffled(all, random), random);
    return () => ({ agent: choose(), message: FACTS[Math.floor(random() * FACTS.length)] ?? "hi" });
  }

  /** Sends messages to Zipf-distributed agents of every user, so many at once. */
  async load({ world, messages, atOnce, seed }: LoadOptions): Promise<Load> {
    const next = this.messages(world, seed);
    const times: number[] = [];
    const statuses: Record<string, number> = {};
    let left = messages;
    const started = performance.now();
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const { agent, message } = next();
        const asked = performance.now();
        const { status } = await this.say(agent, message);
        if (status === 200) times.push(performance.now() - asked);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return { times, seconds: (performance.now() - started) / 1000, statuses };
  }

  /** Opens connections in advance: a busy server accepts new ones only one after another. */
  async connect(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.ask("GET", "/v1/health")));
  }

  /** Sends one agent more messages than may wait: each is answered, or refused with `Retry-After`. */
  async flood(
    agent: AgentOf,
    times: number,
  ): Promise<{ statuses: Record<string, number>; without_retry_after: number }> {
    await this.connect(times);
    const answers = await Promise.all(Array.from({ length: times }, (_, n) => this.say(agent, `I have ${n} books.`)));
    const statuses: Record<string, number> = {};
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    const refused = answers.filter(({ status }) => status === 429);
    return { statuses, without_retry_after: refused.filter(({ retryAfter }) => retryAfter === undefined).length };
  }

  /** Opens event streams of users' agents, each on its own connection. @returns how many are open. */
  async openStreams(world: World, count: number): Promise<number> {
    for (let n = 0; n < count; n += 1) {
      const token = world.users[n % world.users.length]?.token;
      const stream = await this.#opened("GET", "/v1/events", { token }, false);
      // Wait for the first event.
      await new Promise((resolve) => stream.response.once("data", resolve));
      this.#streams.push(stream);
    }
    return this.#streams.filter(({ response }) => response.statusCode === 200 && !response.destroyed).length;
  }

  /** Ends the streams. @returns how many were still open. */
  async endStreams(): Promise<number> {
    const open = this.#streams.filter(({ response }) => !response.destroyed && !response.complete).length;
    for (const { request: asked } of this.#streams.splice(0)) asked.destroy();
    return open;
  }

  close(): void {
    this.#agent.destroy();
  }

  #opened(
    method: string,
    path: string,
    { token, body }: Asked,
    agent: Agent | false,
  ): Promise<{ request: ClientRequest; response: IncomingMessage }> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      };
      const asked = request(this.#url + path, { method, agent, headers }, (response) => {
        // Ending a stream is not a failure.
        response.on("error", () => undefined);
        resolve({ request: asked, response });
      });
      asked.on("error", (error) => {
        // The server closed a connection just as it was reused, which any HTTP client must expect.
        if (asked.reusedSocket) resolve(this.#opened(method, path, { token, body }, agent));
        else reject(error);
      });
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function zipf<T>(items: readonly T[], random: () => number): () => T {
  const sums: number[] = [];
  for (const index of items.keys()) sums.push((sums.at(-1) ?? 0) + 1 / (index + 1));
  return () => {
    const wanted = random() * (sums.at(-1) ?? 0);
    const found = items[sums.findIndex((sum) => sum >= wanted)];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
