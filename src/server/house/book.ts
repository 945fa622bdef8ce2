import type * as z from "zod";
import { MemGPTError, type Records, Table } from "../../index.ts";
import { type Kind, newId } from "./ids.ts";

type BookOptions<T> = {
  /** Kind of its records. */
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  /** What errors call one of them. */
  readonly noun: string;
  /** The first part of their ids. */
  readonly prefix: Kind;
};

/** What the server remembers of one kind of thing, such as folders, for one user. */
export class Book<T> {
  protected readonly table: Table<T>;
  readonly #options: BookOptions<T>;

  constructor(records: Records, options: BookOptions<T>) {
    this.table = new Table(records, options.kind, options.schema);
    this.#options = options;
  }

  find(id: string): Entry<T> | undefined {
    const record = this.table.get(id);
    return record === undefined ? undefined : { id, ...record };
  }

  /** @throws MemGPTError `not_found`. */
  get(id: string): Entry<T> {
    const found = this.find(id);
    if (found !== undefined) return found;
    throw new MemGPTError("not_found", `There is no ${this.#options.noun} ${id}.`);
  }

  /** Oldest first. */
  all(): Entry<T>[] {
    return this.table.all().map(({ id, value }) => ({ id, ...value }));
  }

  place(id: string): number | undefined {
    return this.table.place(id);
  }

  /** Stores one, in place of the one with this id if it exists. */
  async put(record: Partial<T>, id = newId(this.#options.prefix)): Promise<Entry<T>> {
    return { id, ...(await this.table.put(id, this.#options.schema.parse(record))) };
  }

  async remove(id: string): Promise<void> {
    await this.table.remove(id);
  }
}

/** A record with its id. */
export type Entry<T> = T & { readonly id: string };
