import type { Agent } from "../agent/agent.ts";
import { blockChanges, block as blockRule } from "../agent/arguments.ts";
import { aText, anObject, expectArguments } from "../agent/expect.ts";
import { MemGPTError, didYouMean } from "../errors.ts";
import type { Block } from "../schema/state.ts";
import type { BlockEntry } from "../schema/block-record.ts";
import { coreBlock } from "../memory/core-block.ts";
import type { BlockBook } from "./block-book.ts";
import type { Household } from "./household.ts";
import { secretPolicy } from "../settings/config.ts";

// What checks a block is loaded with the first that is made.
const editing = () => import("../agent/edit.ts");
const screening = () => import("../agent/screening.ts");

type OpenAgent = Pick<Agent, "name" | "state" | "addBlock" | "removeBlock" | "receiveBlocks">;

/** Shared blocks of core memory: several agents can have the same block, and all of them see each edit. */
export class Blocks {
  readonly #house: Household;

  constructor(house: Household) {
    this.#house = house;
  }

  /** All blocks by id, with those that agents have alone. */
  get book(): BlockBook {
    return this.#house.blocks;
  }

  /** All shared blocks, oldest first. */
  list(): BlockEntry[] {
    return this.book.all().filter(({ standalone }) => standalone);
  }

  /** A block by its label or id. @throws MemGPTError `not_found`; `invalid_input` if several have that label. */
  get(name: string): BlockEntry {
    expectArguments({ name: [name, aText] });
    const all = this.list();
    const found = all.filter(({ id, label }) => id === name || label === name);
    const [first, second] = found;
    if (second !== undefined) {
      const ids = found.map(({ id }) => id).join(", ");
      throw new MemGPTError("invalid_input", `${found.length} blocks are named ${name}. Name one by its id: ${ids}.`);
    }
    if (first !== undefined) return first;
    const labels = all.map(({ label }) => label);
    const there = labels.length === 0 ? "There are none yet." : `The shared blocks are: ${labels.join(", ")}.`;
    throw new MemGPTError("not_found", `No shared block is named ${name}.${didYouMean(name, labels)} ${there}`);
  }

  /** @throws MemGPTError `invalid_input` for a label that is taken or invalid, or a value too long. */
  async create(block: Block): Promise<BlockEntry> {
    expectArguments({ block: [block, blockRule] });
    const screened = await this.withoutSecrets(block);
    (await editing()).checkBlock(screened, this.list().map(coreBlock));
    const { description = null, readOnly = false, private: isPrivate = false, ...rest } = screened;
    return this.book.create({ ...rest, description, readOnly, private: isPrivate });
  }

  /**
   * Changes a block for every agent that has it; each has the change before it next acts.
   *
   * @throws MemGPTError `not_found`; `invalid_input` for a value that is too long.
   */
  async change(id: string, written: Omit<Partial<Block>, "label">): Promise<BlockEntry> {
    expectArguments({ id: [id, aText], changes: [written, blockChanges] });
    const changes = await this.withoutSecrets(written);
    const before = this.book.get(id);
    (await editing()).checkBlock({ ...coreBlock(before), ...changes }, []);
    const { value = before.value, limit = before.limit, readOnly = before.readOnly } = changes;
    const description = changes.description ?? before.description;
    const { private: isPrivate = before.private } = changes;
    return this.book.update(id, {
      value,
      limit,
      readOnly,
      private: isPrivate,
      description: description === "" ? null : description,
    });
  }

  /** A block as `create` and `change` keep it: the secrets in its texts are redacted, as the setting `secrets` says. */
  async withoutSecrets<T extends Partial<Block>>(block: T): Promise<T> {
    const policy = secretPolicy(this.#house.config);
    const { screenedBlock, screenedText } = await screening();
    return screenedBlock(block, async (text) => (await screenedText(text, policy)).text);
  }

  /** Puts a block into the core memory of an open agent. @throws MemGPTError `not_found`; `invalid_input` if its label is taken. */
  async attach(agent: OpenAgent, id: string): Promise<void> {
    expectArguments({ agent: [agent, anObject], id: [id, aText] });
    if (agent.state.id in this.book.get(id).agents) return;
    await agent.addBlock(coreBlock(this.book.get(id)));
    this.book.attached(id, agent.state.id);
  }

  /** Takes a block out of the core memory of an open agent. The block stays as it is there. @throws MemGPTError `not_found`. */
  async detach(agent: OpenAgent, id: string): Promise<void> {
    expectArguments({ agent: [agent, anObject], id: [id, aText] });
    await agent.receiveBlocks();
    const block = this.book.of(agent.state).find((candidate) => candidate.id === id);
    if (block === undefined) {
      throw new MemGPTError("not_found", `${agent.name} has no block ${id}. Nothing was changed.`);
    }
    this.book.update(id, { value: block.value, standalone: true });
    await agent.removeBlock(block.label);
    this.book.detached(id, agent.state.id);
  }

  /** Deletes a block after it was detached from every agent. @throws MemGPTError `not_found`. */
  delete(id: string): void {
    expectArguments({ id: [id, aText] });
    this.book.remove(this.book.get(id).id);
  }
}
