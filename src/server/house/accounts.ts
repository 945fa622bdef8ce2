import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { MemGPTError, Records, Table } from "../../index.ts";
import { DEFAULT_USER, newId } from "./ids.ts";

const userSchema = z.object({ name: z.string(), createdAt: z.string() });
const keySchema = z.object({
  user: z.string(),
  name: z.string(),
  admin: z.boolean(),
  /** SHA-256 of the token, in hexadecimal. The token itself is kept nowhere. */
  hash: z.string(),
  createdAt: z.string(),
});

/** Somebody whose agents a server keeps. */
export type User = { readonly id: string; readonly name: string; readonly createdAt: string };

/** A key as it is listed: without what would let anybody use it. */
export type Key = Omit<z.infer<typeof keySchema>, "hash"> & { readonly id: string };

/** Who asks. `isAdmin`: may manage users and keys, and act for any user. */
export type Caller = { readonly user: User; readonly isAdmin: boolean };

/** The person whose home directory it is. */
const OPERATOR: User = { id: DEFAULT_USER, name: "default", createdAt: "1970-01-01T00:00:00.000Z" };

/** Begins every token, so that people and scanners for leaked keys recognise one. */
const PREFIX = "mg-";

/** The users and keys of a home. The person whose home it is is the default user, and cannot be removed. */
export class Accounts {
  readonly #records: Records;
  readonly #users: Table<z.infer<typeof userSchema>>;
  readonly #keys: Table<z.infer<typeof keySchema>>;

  constructor(home: string) {
    this.#records = new Records(join(home, "server", "accounts.jsonl"));
    this.#users = new Table(this.#records, "user", userSchema);
    this.#keys = new Table(this.#records, "key", keySchema);
  }

  get hasKeys(): boolean {
    this.#records.refresh();
    return this.#keys.all().length > 0;
  }

  /** The user without a key: the person whose home it is, on their own machine. */
  get operator(): Caller {
    return { user: OPERATOR, isAdmin: true };
  }

  /** Whose token it is; undefined for a token that nobody has. */
  callerOf(token: string): Caller | undefined {
    this.#records.refresh();
    const hash = hashOf(token);
    // Every key is compared, so that the time says nothing about any of them.
    const found = this.#keys.all().filter(({ value }) => timingSafeEqual(Buffer.from(value.hash, "hex"), hash));
    const key = found[0]?.value;
    const user = key === undefined ? undefined : this.user(key.user);
    return key === undefined || user === undefined ? undefined : { user, isAdmin: key.admin };
  }

  users(): User[] {
    this.#records.refresh();
    return [OPERATOR, ...this.#users.all().map(({ id, value }) => ({ id, ...value }))];
  }

  /** The user with that id or name, if any. */
  user(idOrName: string): User | undefined {
    return this.users().find(({ id, name }) => id === idOrName || name === idOrName);
  }

  /** @throws MemGPTError `invalid_input` for a name that is taken or blank. */
  addUser(name: string): User {
    const trimmed = name.trim();
    if (trimmed === "" || trimmed.length > 64 || /\p{Cc}/u.test(trimmed)) {
      throw new MemGPTError(
        "invalid_input",
        "A user's name must have 1 to 64 characters on one line. Nobody was added.",
      );
    }
    if (this.user(trimmed) !== undefined) {
      throw new MemGPTError("invalid_input", `There is a user named ${trimmed} already. Nobody was added.`);
    }
    const id = newId("user");
    const value = { name: trimmed, createdAt: new Date().toISOString() };
    this.#users.put(id, value);
    return { id, ...value };
  }

  /** Revokes the keys of a user and forgets the user; their agents stay on the disk. @throws MemGPTError `not_found`. */
  removeUser(idOrName: string): User {
    const user = this.#existing(idOrName);
    if (user.id === OPERATOR.id) {
      throw new MemGPTError("invalid_input", "The default user is the person whose home this is, and stays.");
    }
    const keys = this.keys().filter((key) => key.user === user.id);
    const revoked = keys.map(({ id }) => this.#keys.change(id, undefined));
    this.#records.write([...revoked, this.#users.change(user.id, undefined)]);
    return user;
  }

  keys(): Key[] {
    this.#records.refresh();
    return this.#keys.all().map(({ id, value: { hash, ...key } }) => ({ id, ...key }));
  }

  /** @returns the key, and the token, which cannot be shown again. @throws MemGPTError `not_found` for the user. */
  createKey(options: { readonly user: string; readonly name?: string | undefined; readonly admin?: boolean }): {
    key: Key;
    token: string;
  } {
    const user = this.#existing(options.user);
    const token = PREFIX + randomBytes(32).toString("base64url");
    const id = newId("key");
    const { name = "key", admin = false } = options;
    const key = { user: user.id, name, admin, createdAt: new Date().toISOString() };
    this.#keys.put(id, { ...key, hash: hashOf(token).toString("hex") });
    return { key: { id, ...key }, token };
  }

  /** @throws MemGPTError `not_found`. */
  revokeKey(id: string): void {
    if (!this.keys().some((key) => key.id === id)) {
      throw new MemGPTError("not_found", `There is no key ${id}. \`memgpt keys list\` shows those there are.`);
    }
    this.#keys.remove(id);
  }

  #existing(idOrName: string): User {
    const user = this.user(idOrName);
    if (user !== undefined) return user;
    throw new MemGPTError("not_found", `There is no user ${idOrName}. \`memgpt users list\` shows those there are.`);
  }
}

/** A token has 256 random bits: a plain hash cannot be reversed, and a slow one would add nothing. */
function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
