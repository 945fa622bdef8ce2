/** What a system alert can be about. */
export const ALERTS = ["memory_pressure", "nudge", "answer_cut"] as const;
export type Alert = (typeof ALERTS)[number];
