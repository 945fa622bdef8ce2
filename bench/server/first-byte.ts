import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Figures, summarize } from "../figures.ts";
import { Client } from "./client.ts";
import { Program } from "./program.ts";

/** Milliseconds between the pieces of the model's answer. */
const BETWEEN = 5;

/** Milliseconds from the model's first piece of a reply to the client's. */
export async function firstBytes(folder: string, messages: number): Promise<Figures> {
  const home = join(folder, "streaming");
  mkdirSync(home);
  const model = await StreamingModel.start();
  const program = await Program.server(home, 16, { MEMGPT_MODEL: "bench", MEMGPT_MODEL_ENDPOINT: model.url });
  const client = new Client(program.url);
  try {
    const { id } = JSON.parse((await client.ask("POST", "/v1/agents", { body: { name: "sam" } })).body) as {
      id: string;
    };
    const times: number[] = [];
    // An agent's first answers are not streamed, because their form is checked first.
    for (let n = -5; n < messages; n += 1) {
      const body = { input: `Message ${n}`, stream_tokens: true };
      model.firstAt = Number.NaN;
      const response = await client.open("POST", `/v1/agents/${id}/messages/stream`, { body });
      let first: number | undefined;
      for await (const chunk of response) {
        if (first === undefined && String(chunk).includes("assistant_message")) first = performance.now();
      }
      if (first !== undefined && n >= 0) times.push(first - model.firstAt);
    }
    return { after_the_models: summarize(times) };
  } finally {
    client.close();
    await program.stop();
    model.stop();
  }
}

/** A model on loopback that answers slowly and records when its reply began. */
class StreamingModel {
  firstAt = Number.NaN;
  readonly #server = createServer((asked, response) => {
    asked.resume();
    if (!(asked.url ?? "").endsWith("/chat/completions")) {
      response.writeHead(404, { "content-type": "application/json" }).end("{}");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    void this.#answer((text) => response.write(text)).then(() => response.end("data: [DONE]\n\n"));
  });

  static async start(): Promise<StreamingModel> {
    const model = new StreamingModel();
    await new Promise<void>((resolve) => model.#server.listen(0, "127.0.0.1", resolve));
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(write: (text: string) => void): Promise<void> {
    const send = (delta: object, finish_reason: string | null = null): void => {
      const choices = [{ index: 0, delta, finish_reason }];
      write(
        `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "bench", choices })}\n\n`,
      );
    };
    const call = (part: object): void => {
      send({ tool_calls: [{ index: 0, ...part }] });
    };
    send({ role: "assistant", content: "I answer." });
    call({ id: "call_1", type: "function", function: { name: "send_message", arguments: "" } });
    for (const piece of ['{"message": "Hello', " there,", " how are", " you", ' today?"}']) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
      if (Number.isNaN(this.firstAt)) this.firstAt = performance.now();
      call({ function: { arguments: piece } });
    }
    send({}, "tool_calls");
  }
}
