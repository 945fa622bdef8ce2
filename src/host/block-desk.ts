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

// Loaded with the first block to check.
const editing = () => import("../agent/edit.ts");
const screening = () => import("../agent/screening.ts");

type OpenAgent = Pick<Agent, "name" | "state" | "addBlock" | "removeBlock" | "receiveBlocks">;

/** Shared blocks of core memory. Several agents can have the same block, and all see each edit. */
export class Blocks {
  readonly #house: Household;

  constructor(house: Household) {
    this.#house = house;
  }

  /** All blocks by id, including unshared ones. */
  get book(): BlockBook {
    return this.#house.blocks;
  }

  /** All shared blocks, oldest first. */
  async list(): Promise<BlockEntry[]> {
    await this.book.refresh();
    return this.book.all().filter(({ standalone }) => standalone);
  }

  /** A block by its label or id. @throws MemGPTError `not_found`; `invalid_input` if several have the label. */
  async get(name: string): Promise<BlockEntry> {
    expectArguments({ name: [name, aText] });
    const all = await this.list();
    const found = all.filter(({ id, label }) => id === name || label === name);
    const [first, second] = found;
    if (second !== undefined) {
      const ids = found.map(({ id }) => id).join(", ");
      throw new MemGPTError("invalid_input", `${found.length} blocks are named ${name}. Name one by its id: ${ids}.`);
    }
    if (first !== undefined) return first;
    const labels = all.map(({ label }) => label);
    const available = labels.length === 0 ? "No shared blocks yet." : `The shared blocks are: ${labels.join(", ")}.`;
    throw new MemGPTError("not_found", `No shared block is named ${name}.${didYouMean(name, labels)} ${available}`);
  }

  /** @throws MemGPTError `invalid_input` for a label that is taken or invalid, or a value too long. */
  async create(block: Block): Promise<BlockEntry> {
    expectArguments({ block: [block, blockRule] });
    const screened = await this.withoutSecrets(block);
    (await editing()).checkBlock(screened, (await this.list()).map(coreBlock));
    const { description = null, readOnly = false, private: isPrivate = false, ...rest } = screened;
    return this.book.create({ ...rest, description, readOnly, private: isPrivate });
  }

  /**
   * Changes a block for every agent that has it. Each adopts the change before it next acts.
   *
   * @throws MemGPTError `not_found`; `invalid_input` for a value that is too long.
   */
  async change(id: string, written: Omit<Partial<Block>, "label">): Promise<BlockEntry> {
    expectArguments({ id: [id, aText], changes: [written, blockChanges] });
    const changes = await this.withoutSecrets(written);
    await this.book.refresh();
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

  /** The block with the secrets in its texts redacted, according to the setting `secrets`. */
  async withoutSecrets<T extends Partial<Block>>(block: T): Promise<T> {
    const policy = secretPolicy(this.#house.config);
    const { screenedBlock, screenedText } = await screening();
    return screenedBlock(block, async (text) => (await screenedText(text, policy)).text);
  }

  /**
   * Adds a block to the core memory of an open agent. @throws MemGPTError `not_found`; `invalid_input` if its label is
   * taken.
   */
  async attach(agent: OpenAgent, id: string): Promise<void> {
    expectArguments({ agent: [agent, anObject], id: [id, aText] });
    await this.book.refresh();
    const entry = this.book.get(id);
    if ((await this.book.of(agent.state)).some((block) => block.id === id)) return;
    await this.book.attached(id, agent.state.id);
    try {
      await agent.addBlock(coreBlock(entry));
    } catch (error) {
      await this.book.detached(id, agent.state.id);
      throw error;
    }
  }

  /**
   * Removes a block from the core memory of an open agent. The block keeps its text. @throws MemGPTError `not_found`.
   */
  async detach(agent: OpenAgent, id: string): Promise<void> {
    expectArguments({ agent: [agent, anObject], id: [id, aText] });
    await agent.receiveBlocks();
    const block = (await this.book.of(agent.state)).find((candidate) => candidate.id === id);
    if (block === undefined) {
      throw new MemGPTError("not_found", `${agent.name} has no block ${id}. Nothing was changed.`);
    }
    await this.book.update(id, { value: block.value, standalone: true });
    await agent.removeBlock(block.label);
    await this.book.detached(id, agent.state.id);
  }

  /**
   * Deletes a block. Every agent that has it drops it before it next acts; an undo there brings it back to that agent alone.
   *
   * @throws MemGPTError `not_found`.
   */
  async delete(id: string): Promise<void> {
    expectArguments({ id: [id, aText] });
    await this.book.refresh();
    await this.book.delete(id);
  }
}
