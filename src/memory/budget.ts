/**
 * Fractions of the context window at which the model is warned, at which the queue is flushed, and down to which it is
 * evicted. Dimensionless, in (0, 1].
 */
export type PressureLimits = { readonly warn: number; readonly flush: number; readonly evictTo: number };

/** @source Packer et al. 2023, arXiv:2310.08560, section 2.2 "Queue Manager" */
const PAPER_LIMITS: PressureLimits = { warn: 0.7, flush: 1, evictTo: 0.5 };

/** The division of a context window. All figures are tokens. */
export type Budget = {
  readonly window: number;
  /** Kept free for the model's answer. */
  readonly reply: number;
  /** The most that one page of search results may take. */
  readonly page: number;
  /** The most that one queue item may take; longer ones are cut. */
  readonly item: number;
  /** The prompt size at which the model is warned. */
  readonly warnAt: number;
  /** The prompt size at which the queue is flushed. */
  readonly flushAt: number;
  /** Most tokens of the queue after a flush, summary included. */
  readonly queueAfterFlush: number;
};

/**
 * Divides `window` tokens, `fixed` of which belong to the prompt, the functions and the blocks.
 *
 * The paper's fractions are of the whole window. In a small window the fixed part alone may exceed them, so the warning
 * waits until half of the queue's room is used, and a flush always leaves part of the queue.
 */
export function budget(window: number, fixed: number, limits: PressureLimits = PAPER_LIMITS): Budget {
  const reply = Math.floor(Math.min(4096, Math.max(256, window / 10)));
  const page = Math.floor(Math.min(3000, Math.max(200, window / 10)));
  const flushAt = Math.floor(Math.min(limits.flush * window, window - reply - page));
  const room = Math.max(0, flushAt - fixed);
  return {
    window,
    reply,
    page,
    item: Math.max(48, Math.floor(room / 2)),
    warnAt: Math.floor(Math.min(flushAt, Math.max(limits.warn * window, fixed + room / 2))),
    flushAt,
    queueAfterFlush: Math.floor(Math.max(limits.evictTo * window - fixed, room * 0.4)),
  };
}

/** Shares of the window: the most for core memory, and the least for the queue. */
const MOST_FOR_BLOCKS = 0.3;
const LEAST_FOR_QUEUE = 0.2;

/** Core memory is always shown with at least this many tokens. */
const LEAST_FOR_BLOCKS = 100;

/**
 * Tokens for the core memory blocks, if the prompt and the functions take `others`. The queue must keep room for a
 * conversation, or every message would be cut and every turn would flush.
 */
export function blocksBudget(window: number, others: number): number {
  const { flushAt } = budget(window, 0);
  const left = flushAt - others - LEAST_FOR_QUEUE * window;
  return Math.floor(Math.max(LEAST_FOR_BLOCKS, Math.min(MOST_FOR_BLOCKS * window, left)));
}
