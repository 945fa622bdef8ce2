import { Refusal } from "../house/refusal.ts";
import type { Service } from "../http/service.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { type Asked, own } from "./route.ts";

/** The functions that a model may call, and the MCP servers that offer more. */
export function functionRoutes({ api }: Service): void {
  own(api, CONTRACTS.functions, async ({ owner, entry }) =>
    owner.use(await entry(), async (agent) => {
      const problems = [...(await agent.refreshFunctions())];
      const schemas = await owner.memgpt.listFunctions();
      const description = new Map(schemas.map((it) => [it.name, it.description]));
      const { functions: has, consents } = agent.state;
      const functions = agent.permissions().map(({ name, kind = null, may, why }) => {
        const consent = kind === "outside_effect" ? (consents?.[name] ?? ("ask" as const)) : null;
        return { name, description: description.get(name) ?? "", kind, may, why, consent };
      });
      const available = agent.availableFunctions
        .filter((name) => !has.includes(name))
        .map((name) => ({ name, description: description.get(name) ?? "" }));
      return { functions, available, problems };
    }),
  );

  own(api, CONTRACTS.putFunction, async ({ owner, entry, params, body: { consent } }) => {
    const { function: name } = params;
    await owner.use(await entry(), async (agent) => {
      // Without `consent`, adding a function that the agent has already fails with an error that says so.
      if (consent === undefined || !agent.state.functions.includes(name)) await agent.addFunction(name);
      if (consent !== undefined) await agent.setConsent(name, consent);
    });
    return {};
  });

  own(api, CONTRACTS.removeFunction, async ({ owner, entry, params }) => {
    await owner.use(await entry(), (agent) => agent.removeFunction(params.function));
    return {};
  });

  own(api, CONTRACTS.toolServers, async ({ owner }) =>
    owner.memgpt.mcp.list().map(({ name, url, command, tools }) => {
      // The arguments of a command may contain a key.
      return { name, address: url ?? command?.[0] ?? "", tools: tools.map((tool) => tool.as) };
    }),
  );

  own(api, CONTRACTS.putToolServer, async ({ c, owner, params, body }) => {
    checkAdmin(c);
    const { server, problems } = await owner.memgpt.mcp.add(params.server, body);
    return { tools: server.tools.map((tool) => tool.as), problems: [...problems] };
  });

  own(api, CONTRACTS.testToolServer, async ({ c, owner, params }) => {
    checkAdmin(c);
    const { tools, added, changed, removed } = await owner.memgpt.mcp.test(params.server);
    return { tools: [...tools], added: [...added], changed: [...changed], removed: [...removed] };
  });

  own(api, CONTRACTS.removeToolServer, async ({ c, owner, params }) => {
    checkAdmin(c);
    owner.memgpt.mcp.remove(params.server);
    return {};
  });
}

/** An MCP server may be a command, which runs with this program's rights, or a machine in its network. */
function checkAdmin(c: Asked<(typeof CONTRACTS)["toolServers"]>["c"]): void {
  if (c.get("caller").isAdmin) return;
  throw new Refusal(403, "forbidden", "Only an admin may change MCP servers. Nothing was changed.");
}
