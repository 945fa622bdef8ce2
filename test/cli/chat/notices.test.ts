import { expect, test } from "vitest";
import { noticeLine } from "../../../src/cli/chat/notices.ts";

test("a flush of one message uses the singular", () => {
  const flush = (evicted: number): string | undefined =>
    noticeLine({ type: "queue_flush", evicted, summary: "" })?.text;

  expect(flush(1)).toBe("1 old message left the context and stays searchable");
  expect(flush(1200)).toBe("1,200 old messages left the context; all stay searchable");
});

test("a failed call shows its error without the marks that are for the model", () => {
  const output = "[data 8acc8296 tool:echo] Error calling function echo: [data] cannot be read [end 8acc8296]";

  expect(
    noticeLine({
      type: "function_return",
      messageId: "m",
      callId: "c",
      name: "echo",
      kind: "outside_effect",
      status: "Failed",
      output,
    })?.text,
  ).toBe("echo failed: Error calling function echo: [data] cannot be read");
});
