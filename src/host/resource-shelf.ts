import { aText, expectArguments, optional } from "../agent/expect.ts";
import { removeResource } from "../settings/resource-files.ts";
import { type Resource, type ResourceKind, listResources, readResource } from "../settings/resources.ts";
import { resourceKind } from "./arguments.ts";
import type { Household } from "./household.ts";

// What checks a text is loaded with the first that is saved.
const saving = () => import("./save-resource.ts");

/** Presets, personas and humans: the texts that agents are made of. A person's own win over the shipped ones. */
export class Resources {
  readonly #house: Household;

  constructor(house: Household) {
    this.#house = house;
  }

  list(kind: ResourceKind): Resource[] {
    expectArguments({ kind: [kind, resourceKind] });
    return listResources(this.#house.home, kind);
  }

  /** @throws MemGPTError `not_found`, listing the names. */
  read(kind: ResourceKind, name: string): Resource {
    expectArguments({ kind: [kind, resourceKind], name: [name, aText] });
    return readResource(this.#house.home, kind, name);
  }

  /**
   * Keeps a text of one's own, in place of one of that name. Agents that exist stay as they are.
   *
   * @param from Where the text is from, as errors name it.
   * @returns its file.
   * @throws MemGPTError `invalid_name`; `invalid_input` for a persona or human that does not fit; `config_invalid` and
   *   `not_found`, naming the line, for a preset that no agent could be made from.
   */
  async save(kind: ResourceKind, name: string, text: string, from?: string): Promise<string> {
    expectArguments({ kind: [kind, resourceKind], name: [name, aText] });
    expectArguments({ text: [text, aText], from: [from, optional(aText)] });
    return (await saving()).saveResource(this.#house, { kind, name, text, from: from ?? "the text" });
  }

  /** Deletes a text of one's own. @throws MemGPTError `not_found`; `invalid_input` for a shipped one. */
  delete(kind: ResourceKind, name: string): void {
    expectArguments({ kind: [kind, resourceKind], name: [name, aText] });
    removeResource(this.#house.home, kind, name);
  }
}
