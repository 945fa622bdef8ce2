import { shownTime } from "../../index.ts";
import { Accounts } from "../../server/house/accounts.ts";
import { openHome } from "../terminal/open-home.ts";
import { jsonText } from "../terminal/json-text.ts";
import { visible } from "../terminal/sanitize.ts";

type Json = { readonly json?: boolean };

export async function addUser(name: string, { json = false }: Json): Promise<void> {
  const user = (await accounts()).addUser(name);
  say(
    json ? jsonText(user) : `Added ${user.name} (${user.id}). Give them a key: memgpt keys create --user ${user.name}`,
  );
}

export async function listUsers({ json = false }: Json): Promise<void> {
  const users = (await accounts()).users();
  say(json ? jsonText(users, 2) : users.map(({ name, id }) => visible(`${name}: ${id}`)).join("\n"));
}

export async function removeUser(name: string): Promise<void> {
  const user = (await accounts()).removeUser(name);
  say(`Removed ${user.name} and their keys. Their agents are still on the disk, in users/${user.id}.`);
}

export async function createKey(options: { user: string; name: string; admin?: boolean } & Json): Promise<void> {
  const { user, name, admin = false, json = false } = options;
  const { key, token } = (await accounts()).createKey({ user, name, admin });
  say(
    json
      ? jsonText({ ...key, token })
      : `${token}\nThis is the key, shown only now. Revoke it with: memgpt keys revoke ${key.id}`,
  );
}

export async function listKeys({ json = false }: Json): Promise<void> {
  const known = await accounts();
  const keys = known.keys();
  if (json) {
    say(jsonText(keys, 2));
    return;
  }
  if (keys.length === 0) {
    say("No keys yet. `memgpt keys create` makes one.");
    return;
  }
  const rows = keys.map(({ id, user, name, admin, createdAt }) => {
    const whose = known.user(user)?.name ?? user;
    return visible(
      `${id}: key of ${whose}${admin ? ", an administrator" : ""}, named ${name}, created ${shownTime(createdAt)}`,
    );
  });
  say(rows.join("\n"));
}

export async function revokeKey(id: string): Promise<void> {
  (await accounts()).revokeKey(id);
  say(`Revoked ${id}.`);
}

async function accounts(): Promise<Accounts> {
  return new Accounts((await openHome()).home.root);
}

function say(text: string): void {
  process.stdout.write(`${text.replace(/\n$/, "")}\n`);
}
