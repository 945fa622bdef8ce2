import { randomUUID } from "node:crypto";
import { MemGPTError } from "../errors.ts";
import type {
  AgentEntry,
  AgentOverrides,
  BlockEdit,
  CheckpointEntry,
  ExportOptions,
  FindAllRequest,
  FindAllResult,
  FindRequest,
  FindResult,
  NewAgent,
  SessionOptions,
} from "../index.ts";
import type { AnswerTo } from "../server/wire/asking.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { RemoteAgent } from "./remote-agent.ts";

/** A server's address, and how to talk to it. */
export type RemoteOptions = ConnectionOptions;

type Listed = AnswerTo<"get /v1/roster">[number];

/**
 * A user's agents on a memgpt server, with the interface of `MemGPT`: a program can use this in its place.
 *
 * @example const memgpt = await RemoteMemGPT.open({ url: "http://127.0.0.1:8283" });
 */
export class RemoteMemGPT {
  readonly #connection: Connection;
  readonly #agents = new Set<RemoteAgent>();
  /** The server's version, and the default model of its new agents. */
  readonly server: { readonly version: string; readonly model: string; readonly user: string };

  /** @throws MemGPTError `server_unavailable` if no server answers, or if it does not know the key. */
  static async open(options: RemoteOptions): Promise<RemoteMemGPT> {
    // Fail at once if the address is wrong.
    const first = new Connection({ ...options, patienceMs: 0 });
    const session = await first.ask("get /v1/session", {}).catch((error: unknown) => {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    });
    return new RemoteMemGPT(new Connection(options), serverOf(session, options.url));
  }

  private constructor(connection: Connection, server: RemoteMemGPT["server"]) {
    this.#connection = connection;
    this.server = server;
  }

  /** The agents, most recently used first. */
  async listAgents(): Promise<AgentEntry[]> {
    return (await this.#roster()).map(({ name, usedAt }) => ({ name, lastUsedAt: usedAt }));
  }

  async hasAgent(name: string): Promise<boolean> {
    return (await this.#roster()).some(hasName(name));
  }

  /** @throws MemGPTError as `MemGPT.createAgent` does; `server_unavailable` for an endpoint that the key may not choose. */
  async createAgent(options: NewAgent = {}, { incognito = false }: SessionOptions = {}): Promise<RemoteAgent> {
    if (incognito) throw new MemGPTError("invalid_input", "A server stores what it hears. Nothing was created.");
    const { blocks, ...rest } = options;
    const body = { ...rest, ...(blocks === undefined ? {} : { blocks: [...blocks] }), key: randomUUID() };
    return this.#opened(await this.#connection.ask("post /v1/roster", { body }));
  }

  /** @param name Name or id. @throws MemGPTError `agent_not_found`; `invalid_input` if several agents have this name. */
  async openAgent(
    name: string,
    overrides: AgentOverrides = {},
    { incognito = false }: SessionOptions = {},
  ): Promise<RemoteAgent> {
    if (incognito) {
      throw new MemGPTError("invalid_input", `A server stores what it hears: ${name} was not opened incognito.`);
    }
    const agent = await this.#opened(await this.#named(name));
    const changes = Object.entries(overrides).filter(([, value]) => value !== undefined);
    if (changes.length > 0) await agent.configure(overrides);
    return agent;
  }

  /** @throws MemGPTError `agent_not_found`. */
  async deleteAgent(name: string): Promise<void> {
    await this.#on("delete /v1/agents/{agent_id}", name);
  }

  /** @throws MemGPTError `agent_not_found`; `agent_exists`. */
  async renameAgent(from: string, to: string): Promise<void> {
    await this.#assertFree(to);
    await this.#on("patch /v1/agents/{agent_id}", from, { name: to });
  }

  /** @throws MemGPTError `agent_not_found`; `agent_exists`; `not_found` for the checkpoint. */
  async copyAgent(from: string, to: string, options: { readonly at?: string | undefined } = {}): Promise<void> {
    await this.#assertFree(to);
    await this.#on("post /v1/agents/{agent_id}/copy", from, { name: to, ...options });
  }

  /** Searches an agent's memory as its own functions do. @throws MemGPTError as `MemGPT.find` does. */
  async find(name: string, request: FindRequest): Promise<FindResult> {
    return (await this.openAgent(name)).find(request);
  }

  /** Searches core memory, recall and archival storage of an agent. @throws MemGPTError as `MemGPT.findAll` does. */
  async findAll(name: string, request: FindAllRequest): Promise<FindAllResult> {
    return (await this.openAgent(name)).findAll(request);
  }

  /** The checkpoints of an agent, newest first. */
  async checkpoints(name: string): Promise<CheckpointEntry[]> {
    return (await this.openAgent(name)).checkpoints();
  }

  /** The edits that led to an agent's core memory, oldest first. */
  async history(name: string, label?: string): Promise<BlockEdit[]> {
    return (await this.openAgent(name)).history(label);
  }

  /** An agent as one text, in chunks. */
  async *exportAgent(name: string, { format, all }: ExportOptions): AsyncGenerator<string, void, void> {
    const params = { agent_id: (await this.#named(name)).id };
    const query = { format, all: all === true ? ("true" as const) : undefined };
    const { body } = await this.#connection.request("get /v1/agents/{agent_id}/text", { params, query });
    if (body !== null) yield* body.pipeThrough(new TextDecoderStream());
  }

  /** Names of the data sources that agents can attach. */
  async sourceNames(): Promise<string[]> {
    return this.#connection.ask("get /v1/source-names", {});
  }

  /** Ends the turns that this program runs. The agents stay with the server. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents].map((agent) => agent.close()));
  }

  async #roster(): Promise<Listed[]> {
    return this.#connection.ask("get /v1/roster", {});
  }

  async #named(name: string): Promise<Listed> {
    const agents = await this.#roster();
    const byId = agents.find(({ id }) => id === name);
    const [first, ...others] = byId === undefined ? agents.filter(hasName(name)) : [byId];
    if (first === undefined) {
      const names = agents.map((agent) => agent.name).join(", ");
      const existing = names === "" ? "You have no agents on the server." : `Your agents: ${names}.`;
      throw new MemGPTError("agent_not_found", `There is no agent ${name}. ${existing}`);
    }
    if (others.length === 0) return first;
    const ids = [first, ...others].map(({ id }) => id).join(", ");
    throw new MemGPTError("invalid_input", `Several agents are named ${name}. Use the id of one: ${ids}.`);
  }

  async #assertFree(name: string): Promise<void> {
    if (!(await this.hasAgent(name))) return;
    throw new MemGPTError("agent_exists", `An agent named ${name} already exists. Nothing was changed.`);
  }

  async #on(route: string, name: string, body?: object): Promise<void> {
    const { id } = await this.#named(name);
    await this.#connection.request(route, {
      params: { agent_id: id },
      ...(body === undefined ? {} : { body }),
      isSafe: true,
    });
  }

  async #opened(agent: { readonly id: string; readonly name: string }): Promise<RemoteAgent> {
    const opened = await RemoteAgent.open(this.#connection, agent);
    this.#agents.add(opened);
    return opened;
  }
}

function hasName(wanted: string): (agent: Listed) => boolean {
  return ({ id, name }) => name === wanted || id === wanted;
}

/** @throws MemGPTError `server_unavailable` if another program answers. */
function serverOf(session: unknown, url: string): RemoteMemGPT["server"] {
  const { version, model, user } = Object(session) as Readonly<Record<string, unknown>>;
  const { name } = Object(user) as Readonly<Record<string, unknown>>;
  if (typeof version === "string" && typeof model === "string" && typeof name === "string") {
    return { version, model, user: name };
  }
  throw new MemGPTError("server_unavailable", `The program at ${url} is not a memgpt server. Nothing was sent to it.`);
}
