import * as z from "zod";
import type { Contract } from "./contract.ts";

const tag = "Users and keys";
const user = z.object({ id: z.string(), name: z.string(), created_at: z.string() });
const key = z.object({
  id: z.string(),
  user_id: z.string(),
  name: z.string(),
  admin: z.boolean(),
  created_at: z.string(),
});

/** Who may use the server. To all but admins these routes do not exist. */
export const ACCOUNT_CONTRACTS = {
  users: {
    method: "get",
    path: "/v1/admin/users",
    tag,
    summary: "The users there are.",
    answer: z.array(user),
    gives: "All of them.",
  },
  addUser: {
    method: "post",
    path: "/v1/admin/users",
    tag,
    summary: "Adds a user.",
    body: z.object({ name: z.string() }),
    answer: user,
    gives: "The user.",
  },
  removeUser: {
    method: "delete",
    path: "/v1/admin/users/{user_id}",
    tag,
    summary: "Removes a user and their keys; their agents stay on the disk.",
    answer: user,
    gives: "The user that was.",
  },
  keys: {
    method: "get",
    path: "/v1/admin/users/{user_id}/keys",
    tag,
    summary: "A user's keys, without what would let anybody use them.",
    answer: z.array(key),
    gives: "All of them.",
  },
  addKey: {
    method: "post",
    path: "/v1/admin/users/{user_id}/keys",
    tag,
    summary: "Makes a key. Its token is in this answer and in no other.",
    body: z.object({ name: z.string().max(100).optional(), admin: z.boolean().optional() }),
    isBare: true,
    answer: key.extend({ token: z.string() }),
    gives: "The key and its token.",
  },
  revokeKey: {
    method: "delete",
    path: "/v1/admin/keys/{key_id}",
    tag,
    summary: "Makes a key useless, at once.",
    answer: z.object({ message: z.string() }),
    gives: "It is revoked.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
