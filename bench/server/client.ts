import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { seeded } from "../../test/crash/random.ts";
import type { AgentOf, World } from "./world.ts";

type Asked = { readonly token?: string | undefined; readonly body?: object | undefined };
type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly body: string };

/** Milliseconds of every message that was answered with 200, and how many were answered with each status. */
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

/** Asks a server over connections that stay open. */
export class Client {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  readonly #streams: { readonly request: ClientRequest; readonly response: IncomingMessage }[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const response = await this.open(method, path, asked);
    const body = await text(response);
    return { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"], body };
  }

  /** The response as soon as its headers are there. */
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

  /** Messages to agents of every user, the n-th agent as often as 1/n, so many at once. */
  async load({ world, messages, atOnce, seed }: LoadOptions): Promise<Load> {
    const random = seeded(seed);
    const choose = zipf(
      shuffled(
        world.users.flatMap(({ agents }) => agents),
        random,
      ),
      random,
    );
    const times: number[] = [];
    const statuses: Record<string, number> = {};
    let left = messages;
    const started = performance.now();
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const [agent, message] = [choose(), FACTS[Math.floor(random() * FACTS.length)] ?? "hi"];
        const asked = performance.now();
        const { status } = await this.say(agent, message);
        if (status === 200) times.push(performance.now() - asked);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return { times, seconds: (performance.now() - started) / 1000, statuses };
  }

  /** More messages for one agent than may wait for it: each is answered, or refused with a time to come back after. */
  async flood(
    agent: AgentOf,
    times: number,
  ): Promise<{ statuses: Record<string, number>; without_retry_after: number }> {
    // Over connections that are open: new ones would wait for the server one after another.
    await Promise.all(Array.from({ length: times }, () => this.ask("GET", "/v1/health")));
    const answers = await Promise.all(Array.from({ length: times }, (_, n) => this.say(agent, `I have ${n} books.`)));
    const statuses: Record<string, number> = {};
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    const refused = answers.filter(({ status }) => status === 429);
    return { statuses, without_retry_after: refused.filter(({ retryAfter }) => retryAfter === undefined).length };
  }

  /** Opens streams of what users' agents do, each on a connection of its own. @returns how many are open. */
  async openStreams(world: World, count: number): Promise<number> {
    for (let n = 0; n < count; n += 1) {
      const token = world.users[n % world.users.length]?.token;
      const stream = await this.#opened("GET", "/v1/events", { token }, false);
      // The first event is there.
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
        // Ending a stream is no failure.
        response.on("error", () => undefined);
        resolve({ request: asked, response });
      });
      asked.on("error", (error) => {
        // The server closed a connection just when it was used again, as any HTTP client must expect.
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
