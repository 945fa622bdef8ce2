import { MemGPTError } from "../../index.ts";
import { requireAdmin } from "../http/guard.ts";
import type { Service } from "../http/service.ts";
import type { Key, User } from "../house/accounts.ts";
import { own } from "../own/route.ts";
import type { AnswerOf } from "../wire/contract.ts";
import { CONTRACTS, type Contracts } from "../wire/contracts.ts";

/** Users and keys, for admins only. Others get a 404. */
export function adminRoutes({ api, accounts }: Service): void {
  api.use("/v1/admin/*", requireAdmin());

  own(api, CONTRACTS.users, async () => accounts.users().map(userJson));
  own(api, CONTRACTS.addUser, async ({ body }) => userJson(await accounts.addUser(body.name)));
  own(api, CONTRACTS.removeUser, async ({ params }) => userJson(await accounts.removeUser(params.user_id)));

  own(api, CONTRACTS.keys, async ({ params }) => {
    const user = accounts.user(params.user_id);
    if (user === undefined) throw new MemGPTError("not_found", "There is no such user.");
    const keys = accounts.keys().filter((key) => key.user === user.id);
    return keys.map(keyJson);
  });

  own(api, CONTRACTS.addKey, async ({ params, body: { name, admin = false } }) => {
    const { key, token } = await accounts.createKey({ user: params.user_id, name, admin });
    return { ...keyJson(key), token };
  });

  own(api, CONTRACTS.revokeKey, async ({ params }) => {
    await accounts.revokeKey(params.key_id);
    return { message: "The key is revoked." };
  });
}

function userJson({ id, name, createdAt }: User): AnswerOf<Contracts["addUser"]> {
  return { id, name, created_at: createdAt };
}

function keyJson({ id, user, name, admin, createdAt }: Key): AnswerOf<Contracts["keys"]>[number] {
  return { id, user_id: user, name, admin, created_at: createdAt };
}
