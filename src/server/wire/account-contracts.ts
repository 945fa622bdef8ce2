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

/** Users and keys. Other callers than admins get a 404. */
export const ACCOUNT_CONTRACTS = {
  users: {
    method: "get",
    path: "/v1/admin/users",
    tag,
    summary: "The server's users.",
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
    summary: "Removes a user and their keys; their agents stay on disk.",
    answer: user,
    gives: "The removed user.",
  },
  keys: {
    method: "get",
    path: "/v1/admin/users/{user_id}/keys",
    tag,
    summary: "A user's keys, without their tokens.",
    answer: z.array(key),
    gives: "All of them.",
  },
  addKey: {
    method: "post",
    path: "/v1/admin/users/{user_id}/keys",
    tag,
    summary: "Creates a key. Only this response contains its token.",
    body: z.object({ name: z.string().max(100).optional(), admin: z.boolean().optional() }),
    isBare: true,
    answer: key.extend({ token: z.string() }),
    gives: "The key and its token.",
  },
  revokeKey: {
    method: "delete",
    path: "/v1/admin/keys/{key_id}",
    tag,
    summary: "Revokes a key, effective at once.",
    answer: z.object({ message: z.string() }),
    gives: "A confirmation.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
