import { setTimeout } from "node:timers/promises";
import { Running } from "./program.ts";

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

/** A server process of a database, and what it answers. */
export class Server {
  readonly running: Running;

  /** @param url Of its database; absent for one whose agents are files. */
  constructor(home: string, url?: string, env: Record<string, string> = {}) {
    const database = url === undefined ? [] : ["--database", url];
    this.running = new Running(home, ["server", "--port", "0", "--quiet", ...database], env);
  }

  async start(): Promise<this> {
    await this.running.until("stdout", /serves at/);
    return this;
  }

  get address(): string {
    return /http:[^ ]+/.exec(this.running.stdout)?.[0] ?? "";
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return answerOf(await fetch(`${this.address}${path}`, { headers }));
  }

  async send(method: string, path: string, body?: object): Promise<Answer> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return answerOf(
      await fetch(`${this.address}${path}`, { method, headers: { "content-type": "application/json" }, ...sent }),
    );
  }

  async say(agent: string, text: string, more: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const body = JSON.stringify({ messages: [{ role: "user", content: text }], ...more });
    const path = `${this.address}/v1/agents/${agent}/messages`;
    return answerOf(
      await fetch(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body }),
    );
  }
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** As a client does: again after the time that the server asks for, as long as it asks. */
export async function patiently(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send();
    const pause = answer.headers.get("retry-after");
    if (answer.status < 400 || pause === null) return answer;
    await setTimeout(Number(pause) * 1000);
  }
}
