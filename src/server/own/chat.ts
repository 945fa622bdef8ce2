import { setCookie, deleteCookie } from "hono/cookie";
import { eventStream, withPings, writeJson } from "../http/event-stream.ts";
import { SESSION_COOKIE, bearerIn } from "../http/guard.ts";
import type { Service } from "../http/service.ts";
import { Run } from "../house/runs.ts";
import type { TurnItem } from "../house/turn-item.ts";
import { goOn, replaceMessage, runTurn } from "../house/turns.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import type * as z from "zod";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";
import { transcriptOf } from "./transcript.ts";

/** How long the answer waits for the turn to begin: until then a failure has a status of its own. */
const BEGIN_WITHIN = 1000;

/** What a front end of memgpt's own needs to talk to agents: who is there, what happens, what was said, and turns. */
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
    const gone = new AbortController();
    return eventStream(
      c,
      async (stream) => {
        const telling = async (): Promise<void> => {
          for await (const event of owner.feed.follow(gone.signal)) await writeJson(stream, event);
        };
        await withPings(telling(), service.pingMs, async () => {
          await stream.write(": still here\n\n");
        });
      },
      () => {
        gone.abort();
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
    const run = new Run(agent, () => ({ shape: () => [], background: true }));
    runs.add(owner.id, run);
    void run.follow(turnOf(owner, agent, body, run.signal), service.metrics);
    await run.begun(BEGIN_WITHIN);
    if (run.status === "failed" && !run.hasBegun) throw run.error;
    return { run: run.id };
  });

  own(api, CONTRACTS.stop, async ({ owner, entry }) => {
    const { id } = await entry();
    const running = runs.all(owner.id).filter(({ agentId, status }) => agentId === id && status === "running");
    for (const run of running) run.cancel();
    return { stopped: running.length };
  });
}

function turnOf(
  owner: Owner,
  entry: AgentEntry,
  asked: z.output<(typeof CONTRACTS)["turn"]["body"]>,
  signal: AbortSignal,
): AsyncGenerator<TurnItem, void, void> {
  switch (asked.kind) {
    case "send":
      return runTurn(owner, entry, { text: asked.message, from: "user", isRepeat: false }, signal);
    case "edit":
      return owner.stream(
        entry,
        (agent) => replaceMessage(agent, asked.id, { text: asked.message, id: undefined, signal }),
        signal,
      );
    case "retry":
      return owner.stream(entry, (agent) => agent.retry({ signal }), signal);
    case "continue":
      return owner.stream(entry, (agent) => goOn(agent, { signal }), signal);
  }
}
