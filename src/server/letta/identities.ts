import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOf, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { IdentityRecord } from "../house/identity-book.ts";
import type { Owner } from "../house/owners.ts";
import { agentShape, anything } from "./schemas.ts";
import { agentJson, identityJson } from "./shapes.ts";

const tags = ["Identities"];
const params = idIn("identity_id");

const property = z.looseObject({ key: z.string() });

const fields = z
  .looseObject({
    identifier_key: z.string().nullish(),
    name: z.string().nullish(),
    identity_type: z.string().nullish(),
    properties: z.array(z.unknown()).nullish(),
    agent_ids: z.array(z.string()).nullish(),
  })
  .openapi("IdentityFields");

export function identityRoutes({ api, models }: Service): void {
  for (const method of ["post", "put"] as const) {
    on(
      api,
      createRoute({
        method,
        path: "/v1/identities",
        tags,
        summary: `Stores an identity, a person that agents serve${method === "put" ? "; replaces one with the same key" : ""}.`,
        request: { body: body(fields.extend({ identifier_key: z.string(), name: z.string() })) },
        responses: answers(anything, "The identity."),
      }),
      async (c) => {
        const owner = c.get("owner");
        const request = c.req.valid("json");
        const [known] = method === "put" ? owner.identities.keyed([request.identifier_key]) : [];
        const identity = await owner.identities.put(recordOf(request), known);
        await setAgents(owner, identity.id, request.agent_ids);
        return identityJson(owner, identity);
      },
    );
  }

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/identities/count",
      tags,
      summary: "The number of the caller's identities.",
      responses: answers(z.number(), "The number."),
    }),
    (c) => c.get("owner").identities.all().length,
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/identities",
      tags,
      summary: "The caller's identities.",
      request: {
        query: pageQuery({ limit: 50, order: "desc" }).extend({
          name: z.string().optional(),
          identifier_key: z.string().optional(),
          identity_type: z.string().optional(),
        }),
      },
      responses: answers(z.array(anything), "A page of them."),
    }),
    (c) => {
      const owner = c.get("owner");
      const { name, identifier_key, identity_type, ...page } = c.req.valid("query");
      const found = owner.identities
        .all()
        .filter(
          (one) =>
            (name === undefined || one.name === name) &&
            (identifier_key === undefined || one.identifierKey === identifier_key) &&
            (identity_type === undefined || one.identityType === identity_type),
        );
      return pageOf(found, page, (id) => owner.identities.place(id)).map((one) => identityJson(owner, one));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/identities/{identity_id}",
      tags,
      summary: "An identity.",
      request: { params },
      responses: answers(anything, "The identity."),
    }),
    (c) => identityJson(c.get("owner"), c.get("owner").identities.get(c.req.valid("param").identity_id)),
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/identities/{identity_id}",
      tags,
      summary: "Changes the given fields of an identity.",
      request: { params, body: body(fields) },
      responses: answers(anything, "The changed identity."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id, ...known } = owner.identities.get(c.req.valid("param").identity_id);
      const request = c.req.valid("json");
      const identity = await owner.identities.put({ ...known, ...recordOf(request) }, id);
      await setAgents(owner, id, request.agent_ids);
      return identityJson(owner, identity);
    },
  );

  on(
    api,
    createRoute({
      method: "put",
      path: "/v1/identities/{identity_id}/properties",
      tags,
      summary: "Sets properties of an identity by their keys; the others stay.",
      request: { params, body: body(z.array(property)) },
      responses: answers(anything, "The identity."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id, ...known } = owner.identities.get(c.req.valid("param").identity_id);
      const changes = c.req.valid("json");
      const keys = new Set<unknown>(changes.map(({ key }) => key));
      const others = known.properties.filter((one) => !keys.has(property.safeParse(one).data?.key));
      return identityJson(owner, await owner.identities.put({ ...known, properties: [...others, ...changes] }, id));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/identities/{identity_id}",
      tags,
      summary: "Deletes an identity; its agents stay.",
      request: { params },
      responses: answers(anything, "A confirmation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id } = owner.identities.get(c.req.valid("param").identity_id);
      await setAgents(owner, id, []);
      await owner.identities.remove(id);
      return { message: "The identity is deleted." };
    },
  );

  for (const word of ["attach", "detach"] as const) {
    on(
      api,
      createRoute({
        method: "patch",
        path: `/v1/agents/{agent_id}/identities/${word}/{identity_id}`,
        tags,
        summary: word === "attach" ? "Attaches an identity to an agent." : "Detaches an identity from an agent.",
        request: { params: idIn("agent_id").extend(params.shape) },
        responses: answers(agentShape, "The agent."),
      }),
      async (c) => {
        const owner = c.get("owner");
        const { agent_id, identity_id } = c.req.valid("param");
        await owner.agents.get(agent_id);
        const { id } = owner.identities.get(identity_id);
        const changed = await owner.agents.update(agent_id, ({ identities }) => {
          const others = identities.filter((other) => other !== id);
          return { identities: word === "attach" ? [...others, id] : others };
        });
        return agentJson(owner, changed, models);
      },
    );
  }
}

function recordOf({
  identifier_key,
  name,
  identity_type,
  properties,
}: z.output<typeof fields>): Partial<IdentityRecord> {
  return {
    ...(identifier_key == null ? {} : { identifierKey: identifier_key }),
    ...(name == null ? {} : { name }),
    ...(identity_type == null ? {} : { identityType: identity_type }),
    ...(properties == null ? {} : { properties }),
  };
}

/** Replaces the list of an identity's agents. Undefined or null leaves it unchanged. */
async function setAgents(owner: Owner, id: string, agents: readonly string[] | null | undefined): Promise<void> {
  if (agents == null) return;
  const ids = new Set(await Promise.all(agents.map(async (agent) => (await owner.agents.get(agent)).id)));
  for (const entry of await owner.agents.list()) {
    const others = entry.identities.filter((other) => other !== id);
    const identities = ids.has(entry.id) ? [...others, id] : others;
    if (identities.length !== entry.identities.length) await owner.agents.update(entry.id, { identities });
  }
}
