import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageStream } from "../../src/agent/message-stream.ts";

test("whatever the message and wherever its JSON is split, the pieces add up to the message", () => {
  const messages = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
  );
  fc.assert(
    fc.property(
      messages,
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.boolean(),
      (message, first, sizes, ascii) => {
        const args = first ? { message, request_heartbeat: false } : { request_heartbeat: false, message };
        const plain = JSON.stringify(args);
        // Many servers escape everything that is not ASCII.
        const json = ascii
          ? plain.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
          : plain;
        const stream = new MessageStream();

        let text = "";
        for (let at = 0, n = 0; at < json.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1;
          text += stream.push(json.slice(at, at + size));
          at += size;
        }

        expect(text.toWellFormed()).toBe(message.toWellFormed());
      },
    ),
  );
});

test("what is shown grows with what has arrived", () => {
  const stream = new MessageStream();

  expect(stream.push('{"mess')).toBe("");
  expect(stream.push('age": "Hel')).toBe("Hel");
  expect(stream.push("lo\\")).toBe("lo");
  expect(stream.push("nthere")).toBe("\nthere");
  expect(stream.push('"}, "message": "again"')).toBe("");
});
