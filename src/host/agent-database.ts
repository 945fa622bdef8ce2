import { shownDatabase } from "../compose.ts";
import type { AgentRepository, ServingProcess } from "../ports/repository.ts";

/** The PostgreSQL database that agents are in. */
export class AgentDatabase {
  /** Its URL, without the password. */
  readonly url: string;
  readonly #repository: AgentRepository;

  constructor(url: string, repository: AgentRepository) {
    this.url = shownDatabase(url);
    this.#repository = repository;
  }

  /** The id of this process among those that share the agents. */
  async processId(): Promise<string | undefined> {
    return this.#repository.processId?.();
  }

  /** The other live processes that share the agents and serve them. */
  async others(): Promise<readonly ServingProcess[]> {
    return (await this.#repository.others?.()) ?? [];
  }

  /** The extension that compares vectors, such as "pgvector 0.8.7"; undefined if this program does it. */
  async vectorEngine(): Promise<string | undefined> {
    return this.#repository.vectorEngine?.();
  }
}
