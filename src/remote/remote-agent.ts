import { randomUUID } from "node:crypto";
import { MemGPTError } from "../errors.ts";
import type {
  Agent,
  AgentEvent,
  AgentState,
  CallAnswer,
  ContextUse,
  FunctionPermission,
  InputEvent,
  SendOptions,
} from "../index.ts";
import type { RetryOptions, SummarizeOptions } from "../index.ts";
import type { AnswerTo } from "../server/wire/asking.ts";
import { AGENT_METHODS, type AgentMethod } from "../server/wire/agent-methods.ts";
import type { Standing, TurnAsk } from "../server/wire/library-contracts.ts";
import type { Connection } from "./connection.ts";
import { followTurn } from "./follow-turn.ts";
import { type AskAgent, remoteArchival, remoteJournal, remoteRecall } from "./remote-storage.ts";

/** Methods of the agent itself. */
type Called = Exclude<AgentMethod, `${string}.${string}`>;

/**
 * An agent on a server, with the interface of a local one. Synchronous reads (`state`, `context`, `permissions`) return the
 * state after this program's last turn or call. The server opens and closes agents as needed, and several programs may use
 * one: their turns wait for each other.
 */
export class RemoteAgent implements Agent {
  readonly name: string;
  /** The server's id for the agent, which survives renaming. */
  readonly id: string;
  readonly notices: readonly string[] = [];
  /** A server stores what it hears. */
  readonly isIncognito = false;
  readonly #ask: AskAgent = (...call) => this.#asked(...call);
  readonly recall = remoteRecall(this.#ask);
  readonly archival = remoteArchival(this.#ask);
  readonly journal = remoteJournal(this.#ask);
  readonly #connection: Connection;
  #standing: Standing;
  #isBusy = false;
  #isClosed = false;
  /** Ends the running turn. */
  #closing = new AbortController();

  private constructor(
    connection: Connection,
    { id, name }: { readonly id: string; readonly name: string },
    standing: Standing,
  ) {
    this.#connection = connection;
    this.id = id;
    this.name = name;
    this.#standing = standing;
  }

  /** @throws MemGPTError `agent_not_found`. */
  static async open(
    connection: Connection,
    agent: { readonly id: string; readonly name: string },
  ): Promise<RemoteAgent> {
    const asking = { params: { agent_id: agent.id }, body: { method: "journal.head" as const } };
    const { standing } = await connection.ask("post /v1/agents/{agent_id}/call", asking);
    if (standing === null) throw new MemGPTError("agent_not_found", `There is no agent ${agent.name}.`);
    return new RemoteAgent(connection, agent, standing);
  }

  get state(): AgentState {
    return this.#standing.state;
  }

  get availableFunctions(): readonly string[] {
    return this.#standing.availableFunctions;
  }

  context(): ContextUse {
    // Returned by the server's library.
    return this.#standing.context as ContextUse;
  }

  permissions(): FunctionPermission[] {
    return this.#standing.permissions as FunctionPermission[];
  }

  readonly quarantined = this.#method("quarantined");
  readonly spent = this.#method("spent");
  readonly lastUserMessage = this.#method("lastUserMessage");
  readonly actions = this.#method("actions");
  readonly checkpoints = this.#method("checkpoints");
  readonly stateAt = this.#method("stateAt");
  readonly why = this.#method("why");
  readonly history = this.#method("history");
  readonly find = this.#method("find");
  readonly findAll = this.#method("findAll");
  readonly forgettable = this.#method("forgettable");
  readonly save = this.#method("save");
  readonly pop = this.#method("pop");
  readonly undo = this.#method("undo");
  readonly redo = this.#method("redo");
  readonly checkpoint = this.#method("checkpoint");
  readonly loadCheckpoint = this.#method("loadCheckpoint");
  readonly keepCheckpoints = this.#method("keepCheckpoints");
  readonly wipe = this.#method("wipe");
  readonly embedSaid = this.#method("embedSaid");
  readonly rethink = this.#method("rethink");
  readonly rewrite = this.#method("rewrite");
  readonly editMessage = this.#method("editMessage");
  readonly editBlock = this.#method("editBlock");
  readonly addBlock = this.#method("addBlock");
  readonly changeBlock = this.#method("changeBlock");
  readonly removeBlock = this.#method("removeBlock");
  readonly receiveBlocks = this.#method("receiveBlocks");
  readonly release = this.#method("release");
  readonly discard = this.#method("discard");
  readonly forget = this.#method("forget");
  readonly removePassages = this.#method("removePassages");
  readonly clearMessages = this.#method("clearMessages");
  readonly addHistory = this.#method("addHistory");
  readonly importMessages = this.#method("importMessages");
  readonly importOnce = this.#method("importOnce");
  readonly addPassages = this.#method("addPassages");
  readonly replacePassage = this.#method("replacePassage");
  readonly attach = this.#method("attach");
  readonly detach = this.#method("detach");
  readonly configure = this.#method("configure");
  readonly setSystem = this.#method("setSystem");
  readonly addFunction = this.#method("addFunction");
  readonly refreshFunctions = this.#method("refreshFunctions");
  readonly setConsent = this.#method("setConsent");
  readonly removeFunction = this.#method("removeFunction");

  async *send(input: string | InputEvent, options: SendOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    const given: InputEvent = typeof input === "string" ? { type: "user_message", message: input } : input;
    // The id lets the server recognise a message that it receives twice.
    const event = given.type === "user_message" ? { ...given, id: given.id ?? randomUUID() } : given;
    const { signal, ...rest } = options;
    yield* this.#turn({ kind: "send", event, options: rest }, signal);
  }

  async ask(message: string, options: SendOptions = {}): Promise<string | null> {
    let reply: string | null = null;
    for await (const event of this.send(message, options)) if (event.type === "turn_end") reply = event.reply;
    return reply;
  }

  async *retry(options: RetryOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    const { message, id = randomUUID(), signal, ...rest } = options;
    yield* this.#turn({ kind: "retry", message, id, options: rest }, signal);
  }

  async *answerCalls(
    answers: readonly CallAnswer[],
    { signal, ...options }: SendOptions = {},
  ): AsyncGenerator<AgentEvent, void, void> {
    yield* this.#turn({ kind: "answerCalls", answers: [...answers], options }, signal);
  }

  async *summarize({ hint, signal }: SummarizeOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    yield* this.#turn({ kind: "summarize", hint }, signal);
  }

  /** Ends a running turn. The agent stays with the server. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort();
  }

  async *#turn(ask: TurnAsk, signal: AbortSignal | undefined): AsyncGenerator<AgentEvent, void, void> {
    this.#assertIdle();
    this.#isBusy = true;
    const closing = this.#closing.signal;
    try {
      yield* followTurn({
        connection: this.#connection,
        agentId: this.id,
        ask,
        signal: signal === undefined ? closing : AbortSignal.any([signal, closing]),
        onStanding: (standing) => {
          this.#standing = standing;
        },
      });
    } finally {
      this.#isBusy = false;
    }
  }

  /** Calls the method of the same name of the server's agent. */
  #method<M extends Called>(method: M): Agent[M] {
    const call = (...args: readonly unknown[]): Promise<unknown> => this.#ask(method, args);
    // The server's agent has the same interface, and its library checks the arguments.
    return call as unknown as Agent[M];
  }

  async #asked(method: AgentMethod, args: readonly unknown[], without?: readonly string[]): Promise<unknown> {
    const isSafe = AGENT_METHODS[method] === "reads";
    if (!isSafe) this.#assertIdle();
    if (this.#isClosed) throw this.#closed();
    const body = {
      method,
      arguments: withoutTail(args).map(onTheWire),
      known: this.#standing.op,
      ...(without === undefined ? {} : { without: [...without] }),
      ...(isSafe ? {} : { key: randomUUID() }),
    };
    const response = await this.#connection.request("post /v1/agents/{agent_id}/call", {
      params: { agent_id: this.id },
      body,
      isSafe,
    });
    const { result, standing } = (await response.json()) as Answered;
    if (standing !== null) this.#standing = standing;
    return result;
  }

  /** @throws MemGPTError `agent_busy`. */
  #assertIdle(): void {
    if (this.#isClosed) throw this.#closed();
    if (!this.#isBusy) return;
    throw new MemGPTError("agent_busy", `Agent ${this.name} is in the middle of a turn. Wait for it or interrupt it.`);
  }

  #closed(): MemGPTError {
    return new MemGPTError("agent_busy", `Agent ${this.name} is closed. Open it again to continue.`);
  }
}

type Answered = AnswerTo<"post /v1/agents/{agent_id}/call">;

/** Drops trailing undefined arguments, which JSON cannot express. */
function withoutTail(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((argument) => argument !== undefined) + 1);
}

/** An argument as JSON: drops signals and functions, and turns a set into a list. */
function onTheWire(argument: unknown): unknown {
  if (argument instanceof Set) return [...argument];
  if (typeof argument !== "object" || argument === null || Array.isArray(argument)) return argument;
  return Object.fromEntries(
    Object.entries(argument).filter(([, value]) => typeof value !== "function" && !(value instanceof AbortSignal)),
  );
}
