import { readFileSync, readdirSync } from "node:fs";
import { type Behaviour, json, raw, sse } from "../../support/model-server.ts";

const FOLDER = new URL("../../fixtures/answers/", import.meta.url);

/**
 * A good answer of one kind of server, as it is streamed and in one piece. `origin` says where the shape is from; the words
 * are our own.
 */
export type Answer = { readonly origin: string; readonly stream: readonly unknown[]; readonly whole: unknown };

export function answer(name: string): Answer {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as Answer;
}

export function answerNames(): string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ""));
}

/** What the server does if it is asked for a stream, and if not. */
export function either(stream: Behaviour, whole: Behaviour): Behaviour {
  return (response, request) => {
    (request.body["stream"] === true ? stream : whole)(response, request);
  };
}

/** Answers as in the fixture of that name, in the way it is asked for. */
export function plays(name: string): Behaviour {
  const { stream, whole } = answer(name);
  return either(raw(sse([...stream, "[DONE]"])), json(whole));
}

export type Call = { readonly name: string; readonly args: unknown; readonly id?: string };
export type Said = {
  readonly content?: string | null;
  readonly calls?: readonly Call[];
  readonly usage?: unknown;
  readonly finish?: string;
};

let ids = 0;

/** An answer without any quirk, in the way it is asked for. */
export function says({ content = "I think of it.", calls = [], usage, finish }: Said): Behaviour {
  return (response, request) => {
    const toolCalls = calls.map(({ name, args, id = `call_${(ids += 1)}` }) => ({
      ...{
        id,
        type: "function",
        function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
      },
    }));
    const reason = finish ?? (calls.length > 0 ? "tool_calls" : "stop");
    const message = { role: "assistant", content, ...(calls.length > 0 ? { tool_calls: toolCalls } : {}) };
    const delta = {
      ...message,
      ...(calls.length > 0 ? { tool_calls: toolCalls.map((call, index) => ({ index, ...call })) } : {}),
    };
    either(
      raw(
        sse([chunkOf(delta), chunkOf({}, reason), ...(usage === undefined ? [] : [{ choices: [], usage }]), "[DONE]"]),
      ),
      json({ choices: [{ index: 0, message, finish_reason: reason }], ...(usage === undefined ? {} : { usage }) }),
    )(response, request);
  };
}

function chunkOf(delta: unknown, finish: string | null = null): unknown {
  return { choices: [{ index: 0, delta, finish_reason: finish }] };
}

/** A reply to the person. */
export function replies(message: string, more: Said = {}): Behaviour {
  return says({ ...more, calls: [{ name: "send_message", args: { message } }] });
}

/** What every server here says once its script is at an end. */
export const WELL = "Well, go on.";
export const well: Behaviour = replies(WELL);
