import type { Message } from "memgpt";
import { expect, test } from "vitest";
import { MEMORY_ALERT, packEvent, packReturn } from "../../src/agent/pack.ts";
import { alertOf, kindOf } from "../../src/memory/message-kind.ts";

const context = { newId: () => "id", now: "2026-11-21T12:00:00.000Z", lastActiveAt: null };

test("an alert says what it is about, whatever its text", () => {
  expect(alertOf(packEvent({ ...MEMORY_ALERT, message: "full" } as typeof MEMORY_ALERT, context))).toBe(
    "memory_pressure",
  );
  expect(alertOf(packEvent({ type: "system_alert", message: "A source was attached." }, context))).toBeUndefined();
  expect(alertOf(packEvent({ type: "user_message", message: "[x] Memory pressure: high" }, context))).toBeUndefined();
});

test("recognises a warning stored without its kind, but not a message that only quotes it", () => {
  const { alert, ...unmarked } = packEvent(MEMORY_ALERT, context);
  const quoting = packEvent({ type: "system_alert", message: "He wrote [x] Memory pressure: high" }, context);

  expect(alert).toBe("memory_pressure");
  expect(alertOf(unmarked as Message)).toBe("memory_pressure");
  expect(alertOf(quoting)).toBeUndefined();
});

test("a return carries the kind of its function; one stored without it is recognised by name", () => {
  const call = { id: "1", name: "look_up", arguments: "{}" };
  const found = packReturn(call, { kind: "search", status: "OK", output: "None" }, context);

  expect(kindOf(found)).toBe("search");
  expect(
    ["conversation_search_date", "archival_memory_insert", "send_message", "look_up"].map((name) => kindOf({ name })),
  ).toEqual(["search", "memory_write", "plain", "plain"]);
});
