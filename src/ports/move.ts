/** An agent that is in two places now. Counts are of all there is, what was undone included. */
export type MovedAgent = {
  readonly name: string;
  /** `present`: it was there already, the same. */
  readonly outcome: "moved" | "present";
  readonly messages: number;
  readonly passages: number;
  /** Of the journal, by which undo and redo go. */
  readonly operations: number;
  readonly checkpoints: number;
  /** Checkpoints that are damaged, or of a newer program, and stay behind. */
  readonly unreadable: number;
};

/** Copies agents between a home's files and PostgreSQL. */
export interface Move {
  /** The caller holds the agent. What an interrupted move leaves behind, the next one removes. */
  agent(name: string, signal?: AbortSignal): Promise<MovedAgent>;
  close(): Promise<void>;
}
