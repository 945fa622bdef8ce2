import fc from "fast-check";
import type { AgentState } from "memgpt";
import { expect, test } from "vitest";
import { diffStates } from "../../src/memory/diff.ts";
import { journalled, planJourney, presentFrom, descentTest } from "../../src/memory/journey.ts";
import type { JournalEntry, JournalReader } from "../../src/ports/journal.ts";
import { newState, userMessage } from "../storage/support.ts";

/** A journal in an array: the rules of going back and forth need no database. */
class ArrayJournal implements JournalReader {
  readonly all: JournalEntry[] = [];

  append(entry: Pick<JournalEntry, "kind" | "ref" | "before" | "after">): number {
    this.all.push({ op: this.all.length + 1, at: "2026-11-01T00:00:00.000Z", cause: "test", ...entry });
    return this.all.length;
  }

  async head(): Promise<number> {
    return this.all.length;
  }

  async first(): Promise<number> {
    return Math.min(1, this.all.length);
  }

  async newest(op: number) {
    const entry = this.all.findLast((it) => it.op <= op);
    return entry && { op: entry.op, to: entry.kind === "position" ? Number(entry.after) : undefined };
  }

  async journeyBefore(op: number) {
    const entry = this.all.findLast((it) => it.kind === "position" && it.op < op);
    return entry && { op: entry.op, to: Number(entry.after) };
  }

  async entries(from: number, to: number): Promise<JournalEntry[]> {
    return this.all.filter(({ op }) => op > from && op <= to);
  }

  /** What recall storage says now. */
  readonly recalled = new Map<string, string>();

  async messages(): Promise<ReadonlyMap<string, string>> {
    return this.recalled;
  }
}

const FIRST = newState();
const withModel = (state: AgentState, model: string): AgentState => ({
  ...state,
  settings: { ...state.settings, model },
});

/** Edits, and journeys to an operation, as a share of those that exist by then. */
const lives = fc.array(fc.oneof(fc.string({ maxLength: 3 }), fc.double({ min: 0, max: 1, noNaN: true })), {
  maxLength: 40,
});

test("every operation can be reached from anywhere in any tree of edits and journeys", async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      const journal = new ArrayJournal();
      const states = [FIRST];
      let state = FIRST;

      for (const deed of life) {
        if (typeof deed === "string") {
          const next = withModel(state, deed);
          for (const change of diffStates(state, next)) states[journal.append(journalled(change, () => false))] = next;
          state = next;
        } else {
          const op = Math.floor(deed * journal.all.length);
          const journey = await planJourney(op, state, journal);
          expect(journey.state).toEqual(states[op]);
          state = journey.state;
          if (journey.from === journey.to) continue;
          states[
            journal.append({ kind: "position", ref: "", before: String(journey.from), after: String(journey.to) })
          ] = state;
        }
      }

      for (const [op, then] of states.entries()) {
        expect((await planJourney(op, state, journal)).state).toEqual(then);
        expect(await presentFrom(op, then, journal)).toEqual(state);
      }
    }),
  );
});

test("the present does not descend from what was undone", async () => {
  const journal = new ArrayJournal();
  for (const ref of ["a", "b"]) journal.append({ kind: "state", ref, before: null, after: "1" });
  journal.append({ kind: "position", ref: "", before: "2", after: "1" });
  journal.append({ kind: "state", ref: "c", before: null, after: "1" });

  const isOnTheWay = await descentTest(journal);

  expect([1, 2, 3, 4].filter(isOnTheWay)).toEqual([1, 4]);
});

test("a queue change that names a rewritten message restores the wording of that time", async () => {
  const journal = new ArrayJournal();
  const [old, rewritten] = ["Hello!", "Goodbye!"].map((text) => userMessage("m", text, "2026-11-01T00:00:00.000Z"));
  const [before, after] = [old, rewritten].map((it) => JSON.stringify(it));
  const states = [FIRST, newState({ queue: old === undefined ? [] : [old] })];
  const named = (value: AgentState, next: AgentState): void => {
    for (const change of diffStates(value, next)) {
      journal.append(journalled(change, (id, json) => journal.recalled.get(id) === json));
    }
  };
  journal.recalled.set("m", before ?? "");
  named(FIRST, states[1] ?? FIRST);
  const last = newState({ queue: rewritten === undefined ? [] : [rewritten] });
  journal.append({ kind: "message", ref: "m", before: before ?? null, after: after ?? null });
  journal.recalled.set("m", after ?? "");
  named(states[1] ?? FIRST, last);

  const back = await planJourney(1, last, journal);
  journal.append({ kind: "position", ref: "", before: String(back.from), after: String(back.to) });
  journal.recalled.set("m", before ?? "");
  const again = await planJourney(3, back.state, journal);

  expect(back.state.queue).toEqual([old]);
  expect(again.state.queue).toEqual([rewritten]);
  expect(again.outcome.messages.rewritten).toEqual(["m"]);
});
