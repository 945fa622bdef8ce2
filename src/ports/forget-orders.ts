import { type ForgetOrder, forgetOrderSchema } from "../schema/forgetting.ts";
import { Table } from "./record-table.ts";
import type { RecordChange, Records } from "./records.ts";

/** An order that is stored until it is completely carried out. `number` is that of its agent in the database. */
export type StoredOrder = { readonly id: string; readonly number: number; readonly order: ForgetOrder };

/** Orders to forget, among the records of blocks, so that whoever changes a block learns of them first. Each is for one agent. */
export class ForgetOrders {
  readonly #table: Table<ForgetOrder>;

  constructor(records: Records) {
    this.#table = new Table(records, FORGET, forgetOrderSchema());
  }

  /** Oldest first. */
  all(): StoredOrder[] {
    return this.#table.all().map(({ id, value }) => ({ id, number: Number.parseInt(id, 10), order: value }));
  }

  /** @param agent The agent's id. */
  of(agent: string): StoredOrder[] {
    return this.all().filter(({ order }) => order.agent === agent);
  }

  added(number: number, order: ForgetOrder): RecordChange {
    return this.#table.change(`${number}/${crypto.randomUUID()}`, order);
  }

  removed(id: string): RecordChange {
    return this.#table.change(id, undefined);
  }
}

/** The kind of their records. */
export const FORGET = "forget";
