import type { Records } from "./records.ts";
import type { AgentRepository } from "./repository.ts";
import type { SourceRepository } from "./source.ts";

/** The agents of an owner, the sources that they search, and the records stored beside them. */
export type Storage = {
  readonly repository: AgentRepository;
  readonly sources: SourceRepository;
  /** The records of a book, of which each has its kinds: the same object each time. */
  readonly records: (book: string) => Records;
};
