import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { MemGPTError, type Records, Table } from "../../index.ts";
import { DEFAULT_USER, newId } from "./ids.ts";

const userSchema = z.object({ name: z.string(), createdAt: z.string() });
const keySchema = z.object({
  user: z.string(),
  name: z.string(),
  admin: z.boolean(),
  /** SHA-256 of the token, in hexadecimal. The token itself is not stored. */
  hash: z.string(),
  createdAt: z.string(),
});

/** A person or program with agents on the server. */
export type User = { readonly id: string; readonly name: string; readonly createdAt: string };

/** A key as listed, without its hash. */
export type Key = Omit<z.infer<typeof keySchema>, "hash"> & { readonly id: string };

/** Who sent a request. An admin may manage users and keys, and act for any user. */
export type Caller = { readonly user: User; readonly isAdmin: boolean };

/** The owner of the home directory. */
const OPERATOR: User = { id: DEFAULT_USER, name: "default", createdAt: "1970-01-01T00:00:00.000Z" };

/** Prefix of every token, so that people and secret scanners recognise one. */
const PREFIX = "mg-";

/** The users and keys of a server, as of the last refresh. The owner of the home is the default user and cannot be removed. */
export class Accounts {
  readonly #records: Records;
  readonly #users: Table<z.infer<typeof userSchema>>;
  readonly #keys: Table<z.infer<typeof keySchema>>;

  constructor(records: Records) {
    this.#records = records;
    this.#users = new Table(this.#records, "user", userSchema);
    this.#keys = new Table(this.#records, "key", keySchema);
  }

  /** Loads what other processes have changed. */
  async refresh(): Promise<void> {
    await this.#records.refresh();
  }

  get hasKeys(): boolean {
    return this.#keys.all().length > 0;
  }

  /** The caller when no key exists: the owner of the home, on their own machine. */
  get operator(): Caller {
    return { user: OPERATOR, isAdmin: true };
  }

  /** The holder of a token; undefined for an unknown one. */
  callerOf(token: string): Caller | undefined {
    const hash = hashOf(token);
    // Compares every key, so that timing reveals nothing.
    const found = this.#keys.all().filter(({ value }) => timingSafeEqual(Buffer.from(value.hash, "hex"), hash));
    const key = found[0]?.value;
    const user = key === undefined ? undefined : this.user(key.user);
    return key === undefined || user === undefined ? undefined : { user, isAdmin: key.admin };
  }

  users(): User[] {
    return [OPERATOR, ...this.#users.all().map(({ id, value }) => ({ id, ...value }))];
  }

  /** The user with that id or name, if any. */
  user(idOrName: string): User | undefined {
    return this.users().find(({ id, name }) => id === idOrName || name === idOrName);
  }

  /** @throws MemGPTError `invalid_input` for a name that is taken, blank, longer than 64 characters or not on one line. */
  async addUser(name: string): Promise<User> {
    const trimmed = name.trim();
    if (trimmed === "" || trimmed.length > 64 || /\p{Cc}/u.test(trimmed)) {
      throw new MemGPTError(
        "invalid_input",
        "A user's name must have 1 to 64 characters on one line. Nobody was added.",
      );
    }
    const id = newId("user");
    const value = { name: trimmed, createdAt: new Date().toISOString() };
    await this.#records.change(() => {
      if (this.user(trimmed) !== undefined) {
        throw new MemGPTError("invalid_input", `There is a user named ${trimmed} already. Nobody was added.`);
      }
      return [this.#users.change(id, value)];
    });
    return { id, ...value };
  }

  /** Removes a user and their keys; their agents stay on disk. @throws MemGPTError `not_found`. */
  async removeUser(idOrName: string): Promise<User> {
    const user = this.#existing(idOrName);
    if (user.id === OPERATOR.id) {
      throw new MemGPTError("invalid_input", "The default user owns this home and cannot be removed.");
    }
    await this.#records.change(() => {
      const keys = this.keys().filter((key) => key.user === user.id);
      const revoked = keys.map(({ id }) => this.#keys.change(id, undefined));
      return [...revoked, this.#users.change(user.id, undefined)];
    });
    return user;
  }

  keys(): Key[] {
    return this.#keys.all().map(({ id, value: { hash, ...key } }) => ({ id, ...key }));
  }

  /** @returns the key and its token, which is not stored. @throws MemGPTError `not_found` for an unknown user. */
  async createKey(options: {
    readonly user: string;
    readonly name?: string | undefined;
    readonly admin?: boolean;
  }): Promise<{ readonly key: Key; readonly token: string }> {
    const user = this.#existing(options.user);
    const token = PREFIX + randomBytes(32).toString("base64url");
    const id = newId("key");
    const { name = "key", admin = false } = options;
    const key = { user: user.id, name, admin, createdAt: new Date().toISOString() };
    await this.#keys.put(id, { ...key, hash: hashOf(token).toString("hex") });
    return { key: { id, ...key }, token };
  }

  /** @throws MemGPTError `not_found`. */
  async revokeKey(id: string): Promise<void> {
    if (!this.keys().some((key) => key.id === id)) {
      throw new MemGPTError("not_found", `There is no key ${id}. \`memgpt keys list\` lists all keys.`);
    }
    await this.#keys.remove(id);
  }

  #existing(idOrName: string): User {
    const user = this.user(idOrName);
    if (user !== undefined) return user;
    throw new MemGPTError("not_found", `There is no user ${idOrName}. \`memgpt users list\` lists all users.`);
  }
}

/** A token has 256 random bits, so that a fast hash cannot be brute-forced. */
function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
