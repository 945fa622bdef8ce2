/** An agent after a move, which copies it. Counts include what was undone. */
export type MovedAgent = {
  readonly name: string;
  /** `present`: it was there already, the same. */
  readonly outcome: "moved" | "present";
  readonly messages: number;
  readonly passages: number;
  /** Operations of the journal, which undo and redo follow. */
  readonly operations: number;
  readonly checkpoints: number;
  /** Checkpoints that are damaged, or of a newer program, and stay behind. */
  readonly unreadable: number;
};

/** A source after a move, which copies it. */
export type MovedSource = {
  readonly source: string;
  /** `present`: it was there already, the same. */
  readonly outcome: MovedAgent["outcome"];
  readonly documents: number;
  readonly passages: number;
};

/** The records of a book, such as shared blocks, after a move, which copies them. */
export type MovedRecords = {
  readonly book: string;
  readonly moved: number;
  /** Records that were there already, and stayed as they were. */
  readonly present: number;
};

export type Moved = MovedAgent | MovedSource | MovedRecords;

/** Copies agents, sources and what is kept beside them between a home's files and PostgreSQL. */
export interface Move {
  /** The caller holds the agent. What an interrupted move leaves behind, the next one removes. */
  agent(name: string, signal?: AbortSignal): Promise<MovedAgent>;
  /** Holds the source meanwhile. Resumes an interrupted move. */
  source(name: string, signal?: AbortSignal): Promise<MovedSource>;
  records(book: string): Promise<MovedRecords>;
  close(): Promise<void>;
}
