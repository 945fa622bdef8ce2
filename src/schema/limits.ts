/** The smallest context window that an agent can have, in tokens. */
export const SMALLEST_WINDOW = 4096;

/** Newest automatic checkpoints that a new agent keeps. */
export const KEPT_CHECKPOINTS = 50;

/** Most blocks of an agent. */
export const MOST_BLOCKS = 100;
