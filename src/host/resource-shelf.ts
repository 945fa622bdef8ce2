import { aText, expectArguments, optional } from "../agent/expect.ts";
import { removeResource } from "../settings/resource-files.ts";
import { type Resource, type ResourceKind, listResources, readResource } from "../settings/resources.ts";
import { resourceKind } from "./arguments.ts";
import type { Household } from "./household.ts";

// Loaded with the first text to save.
const saving = () => import("./save-resource.ts");

/** Presets, personas and humans: the texts of new agents. A person's own take precedence over shipped ones. */
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
   * Saves a text of the person's own, replacing one of the same name. Existing agents are unaffected.
   *
   * @param from The origin of the text, for errors.
   * @returns its file.
   * @throws MemGPTError `invalid_name`; `invalid_input` for a persona or human that does not fit; `config_invalid` and
   *   `not_found`, naming the line, for an unusable preset.
   */
  async save(kind: ResourceKind, name: string, text: string, from?: string): Promise<string> {
    expectArguments({ kind: [kind, resourceKind], name: [name, aText] });
    expectArguments({ text: [text, aText], from: [from, optional(aText)] });
    return (await saving()).saveResource(this.#house, { kind, name, text, from: from ?? "the text" });
  }

  /** Deletes a text of the person's own. @throws MemGPTError `not_found`; `invalid_input` for a shipped one. */
  delete(kind: ResourceKind, name: string): void {
    expectArguments({ kind: [kind, resourceKind], name: [name, aText] });
    removeResource(this.#house.home, kind, name);
  }
}
