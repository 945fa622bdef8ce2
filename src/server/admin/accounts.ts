import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, body, idIn, on } from "../http/api.ts";
import { requireAdmin } from "../http/guard.ts";
import type { Service } from "../http/service.ts";
import type { Key, User } from "../house/accounts.ts";

const tags = ["Users and keys"];
const params = idIn("user_id");
const userShape = z.looseObject({ id: z.string(), name: z.string(), created_at: z.string() }).openapi("User");
const keyShape = z.looseObject({ id: z.string(), name: z.string(), user_id: z.string() }).openapi("Key");

/** Who may use the server: for the keys of admins. To all others nothing is here. */
export function adminRoutes({ api, accounts }: Service): void {
  api.use("/v1/admin/*", requireAdmin());

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/admin/users",
      tags,
      summary: "The users there are.",
      responses: answers(z.array(userShape), "All of them."),
    }),
    () => accounts.users().map(userJson),
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/admin/users",
      tags,
      summary: "Adds a user.",
      request: { body: body(z.looseObject({ name: z.string() })) },
      responses: answers(userShape, "The user."),
    }),
    (c) => userJson(accounts.addUser(c.req.valid("json").name)),
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/admin/users/{user_id}",
      tags,
      summary: "Removes a user and their keys; their agents stay on the disk.",
      request: { params },
      responses: answers(userShape, "The user that was."),
    }),
    (c) => userJson(accounts.removeUser(c.req.valid("param").user_id)),
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/admin/users/{user_id}/keys",
      tags,
      summary: "A user's keys, without what would let anybody use them.",
      request: { params },
      responses: answers(z.array(keyShape), "All of them."),
    }),
    (c) => {
      const user = accounts.user(c.req.valid("param").user_id);
      if (user === undefined) throw new MemGPTError("not_found", "There is no such user.");
      return accounts
        .keys()
        .filter((key) => key.user === user.id)
        .map(keyJson);
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/admin/users/{user_id}/keys",
      tags,
      summary: "Makes a key. Its token is in this answer and in no other.",
      request: {
        params,
        body: body(z.looseObject({ name: z.string().max(100).optional(), admin: z.boolean().optional() }), false),
      },
      responses: answers(keyShape.extend({ token: z.string() }), "The key and its token."),
    }),
    (c) => {
      const { name, admin = false } = c.req.valid("json");
      const { key, token } = accounts.createKey({ user: c.req.valid("param").user_id, name, admin });
      return { ...keyJson(key), token };
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/admin/keys/{key_id}",
      tags,
      summary: "Makes a key useless, at once.",
      request: { params: idIn("key_id") },
      responses: answers(z.looseObject({}), "It is revoked."),
    }),
    (c) => {
      accounts.revokeKey(c.req.valid("param").key_id);
      return { message: "The key is revoked." };
    },
  );
}

function userJson({ id, name, createdAt }: User): Record<string, unknown> {
  return { id, name, created_at: createdAt };
}

function keyJson({ id, user, name, admin, createdAt }: Key): Record<string, unknown> {
  return { id, user_id: user, name, admin, created_at: createdAt };
}
