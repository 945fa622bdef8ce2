import { setCookie, deleteCookie } from "hono/cookie";
import type { Agent, CallAnswer, SendOptions } from "../../index.ts";
import { eventStream, withPings, writeJson } from "../http/event-stream.ts";
import { fromOthers } from "../http/others.ts";
import { SESSION_COOKIE, bearerIn } from "../http/guard.ts";
import type { Service } from "../http/service.ts";
import { Run } from "../house/run.ts";
import type { TurnItem } from "../house/turn-item.ts";
import { goOn, replaceMessage } from "../house/turns.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import type * as z from "zod";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";
import { transcriptOf } from "./transcript.ts";

/** What memgpt's own front ends need: session, events, agents, transcripts and turns. */
export function chatRoutes(service: Service, version: string): void {
  const { api, accounts, models, runs } = service;

  own(api, CONTRACTS.whoami, async ({ c }) => {
    const { user, isAdmin } = c.get("caller");
    const { id, name } = user;
    return { user: { id, name }, isAdmin, needsKey: accounts.hasKeys, version, model: models.standard.handle };
  });

  own(api, CONTRACTS.signIn, async ({ c }) => {
    const token = bearerIn(c);
    if (token !== undefined) {
      const secure = new URL(c.req.url).protocol === "https:";
      setCookie(c, SESSION_COOKIE, token, { httpOnly: true, sameSite: "Strict", path: "/", secure });
    }
    return {};
  });

  own(api, CONTRACTS.signOut, async ({ c }) => {
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
    return {};
  });

  own(api, CONTRACTS.events, async ({ c, owner }) => {
    const disconnected = new AbortController();
    return eventStream(
      c,
      async (stream) => {
        const sending = async (): Promise<void> => {
          for await (const event of owner.feed.follow(disconnected.signal)) await writeJson(stream, event);
        };
        await withPings(sending(), service.pingMs, async () => {
          await stream.write(": still here\n\n");
        });
      },
      () => {
        disconnected.abort();
      },
    );
  });

  own(api, CONTRACTS.roster, async ({ owner }) => {
    const used = new Map((await owner.memgpt.listAgents()).map(({ name, lastUsedAt }) => [name, lastUsedAt]));
    const agents = (await owner.agents.list()).map(({ id, name, folder, createdAt }) => {
      return { id, name, createdAt, usedAt: used.get(folder) ?? "", isBusy: owner.feed.isBusy(id) };
    });
    return agents.sort((a, b) => (a.usedAt < b.usedAt ? 1 : -1));
  });

  own(api, CONTRACTS.transcript, async ({ owner, entry, query }) =>
    owner.read(await entry(), (memory) => transcriptOf(memory, query)),
  );

  own(api, CONTRACTS.turn, async ({ owner, entry, body }) => {
    const agent = await entry();
    const run = new Run(agent, () => ({ shape: () => [], background: true }), { id: runs.newId() });
    runs.add(owner, run);
    void run.follow(turnOf(owner, agent, body, run.signal), service.metrics);
    await run.begun();
    if (run.status === "failed" && !run.hasBegun) throw run.error;
    return { run: run.id };
  });

  own(api, CONTRACTS.stop, async ({ c, owner, entry }) => {
    const { id } = await entry();
    const running = runs.all(owner.id).filter(({ agentId, status }) => agentId === id && status === "running");
    for (const run of running) run.cancel();
    const elsewhere = (await fromOthers(c)).map(({ body }) => (body as { readonly stopped: number }).stopped);
    return { stopped: elsewhere.reduce((sum, stopped) => sum + stopped, running.length) };
  });
}

function turnOf(
  owner: Owner,
  entry: AgentEntry,
  asked: z.output<(typeof CONTRACTS)["turn"]["body"]>,
  signal: AbortSignal,
): AsyncGenerator<TurnItem, void, void> {
  // Functions that need consent wait for it; the page asks.
  const turn = (
    work: (agent: Agent, options: SendOptions) => AsyncIterable<TurnItem>,
  ): AsyncGenerator<TurnItem, void, void> =>
    owner.stream(
      entry,
      (agent) => {
        const approve = agent.permissions().flatMap(({ name, may }) => (may === "ask" ? [name] : []));
        return work(agent, { signal, approve });
      },
      signal,
    );
  switch (asked.kind) {
    case "send":
      return turn((agent, options) => agent.send(asked.message, options));
    case "edit":
      return turn((agent, options) => replaceMessage(agent, asked.id, { text: asked.message, ...options }));
    case "answer":
      return turn((agent, options) => agent.answerCalls(asked.answers.map(answerTo), options));
    case "retry":
      return turn((agent, options) => agent.retry(options));
    case "continue":
      return turn((agent, options) => goOn(agent, options));
  }
}

function answerTo({ callId, allow }: { readonly callId: string; readonly allow: boolean }): CallAnswer {
  if (allow) return { callId, approved: true };
  const output = "Not permitted: the person said no. Nothing was done. Do not repeat the call; tell the person.";
  return { callId, status: "Failed", output };
}
