import { shownTime } from "../../index.ts";
import { Accounts } from "../../server/house/accounts.ts";
import { openHome } from "../terminal/open-home.ts";
import { jsonText } from "../terminal/json-text.ts";
import { visible } from "../terminal/sanitize.ts";

type Json = { readonly json?: boolean };

export async function addUser(name: string, { json = false }: Json): Promise<void> {
  const user = await (await accounts()).addUser(name);
  print(
    json
      ? jsonText(user)
      : `Added ${user.name} (${user.id}). Create a key for them: memgpt keys create --user ${user.name}`,
  );
}

export async function listUsers({ json = false }: Json): Promise<void> {
  const users = (await accounts()).users();
  print(json ? jsonText(users, 2) : users.map(({ name, id }) => visible(`${name}: ${id}`)).join("\n"));
}

export async function removeUser(name: string): Promise<void> {
  const user = await (await accounts()).removeUser(name);
  print(`Removed ${user.name} and their keys. Their agents are still on the disk, in users/${user.id}.`);
}

export async function createKey(options: { user: string; name: string; admin?: boolean } & Json): Promise<void> {
  const { user, name, admin = false, json = false } = options;
  const { key, token } = await (await accounts()).createKey({ user, name, admin });
  print(
    json
      ? jsonText({ ...key, token })
      : `${token}\nThis is the key, shown only now. Revoke it with: memgpt keys revoke ${key.id}`,
  );
}

export async function listKeys({ json = false }: Json): Promise<void> {
  const known = await accounts();
  const keys = known.keys();
  if (json) {
    print(jsonText(keys, 2));
    return;
  }
  if (keys.length === 0) {
    print("No keys yet. `memgpt keys create` makes one.");
    return;
  }
  const rows = keys.map(({ id, user, name, admin, createdAt }) => {
    const whose = known.user(user)?.name ?? user;
    return visible(
      `${id}: key of ${whose}${admin ? ", an administrator" : ""}, named ${name}, created ${shownTime(createdAt)}`,
    );
  });
  print(rows.join("\n"));
}

export async function revokeKey(id: string): Promise<void> {
  await (await accounts()).revokeKey(id);
  print(`Revoked ${id}.`);
}

async function accounts(): Promise<Accounts> {
  const known = new Accounts((await openHome()).records("accounts"));
  await known.refresh();
  return known;
}

function print(text: string): void {
  process.stdout.write(`${text.replace(/\n$/, "")}\n`);
}
