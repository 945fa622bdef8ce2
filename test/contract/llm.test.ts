import { ScriptedLlm } from "memgpt/testing";
import { BoundedLlm } from "../../src/llm/bounded-llm.ts";
import { LazyLlm } from "../../src/llm/lazy-llm.ts";
import { OpenAiLlm } from "../../src/llm/openai/openai-llm.ts";
import { PracticeLlm } from "../../src/llm/practice/practice-llm.ts";
import { DEFAULT_ANSWER_BOUNDS } from "../../src/schema/answer-bounds.ts";
import { modelServer, streamed, whole } from "../support/model-server.ts";
import { llmContract } from "./llm.ts";

const MESSAGE = JSON.stringify({ message: "Hello to you" });
const CALL = { id: "c", type: "function", function: { name: "send_message", arguments: MESSAGE } };
const USAGE = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };
const scripted = () =>
  new ScriptedLlm(
    Array.from({ length: 4 }, () => ({ think: "I greet back.", call: "send_message", args: { message: "Hello" } })),
  );

llmContract("scripted", async () => scripted());
llmContract("practice", async () => new PracticeLlm());
llmContract("within bounds", async () => new BoundedLlm(scripted(), DEFAULT_ANSWER_BOUNDS));
llmContract("loaded when it is needed", async () => new LazyLlm("scripted", async () => scripted()));

llmContract("a server that streams", async () => {
  const pieces = [MESSAGE.slice(0, 9), MESSAGE.slice(9)].map((text, i) => ({
    tool_calls: [
      {
        index: 0,
        ...(i === 0 ? CALL : {}),
        function: { ...(i === 0 ? { name: "send_message" } : {}), arguments: text },
      },
    ],
  }));
  const { endpoint } = await modelServer([
    streamed([{ content: "I greet" }, { content: " back." }, ...pieces], { usage: USAGE, finish: "tool_calls" }),
  ]);
  return new OpenAiLlm({ model: "m", endpoint, apiKey: null, env: {} });
});

llmContract("a server that answers in one piece", async () => {
  const { endpoint } = await modelServer([
    whole({ role: "assistant", content: "I greet back.", tool_calls: [CALL] }, { usage: USAGE, finish: "tool_calls" }),
  ]);
  return new OpenAiLlm({ model: "m", endpoint, apiKey: null, env: {} });
});
