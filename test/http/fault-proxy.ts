import { type IncomingMessage, type ServerResponse, createServer, request as send } from "node:http";
import { listen } from "./practice-server.ts";
import type { Random } from "../crash/random.ts";

/** What a network does to a request, and how often out of a hundred. */
const FAULTS = {
  none: 55,
  late: 10,
  reset_before: 8,
  reset_in_answer: 8,
  garbage: 6,
  stall: 5,
  busy: 5,
  broken: 3,
} as const;
export type Fault = keyof typeof FAULTS;

/** A proxy on loopback that does to each request what `random` says. @returns its base URL, and what it did. */
export async function faultProxy(target: string, random: Random): Promise<{ url: string; done: Fault[] }> {
  const done: Fault[] = [];
  const server = createServer((request, response) => {
    if (request.method !== "POST") {
      response.writeHead(404).end();
      return;
    }
    const fault = choose(random);
    done.push(fault);
    pass(target, fault, request, response);
  });
  return { url: `http://127.0.0.1:${await listen(server)}/v1`, done };
}

function choose(random: Random): Fault {
  let left = random() * 100;
  for (const [fault, share] of Object.entries(FAULTS)) {
    left -= share;
    if (left < 0) return fault as Fault;
  }
  return "none";
}

function pass(target: string, fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  switch (fault) {
    case "reset_before":
      request.socket.destroy();
      return;
    case "stall":
      // Nothing ever comes.
      return;
    case "busy":
      response.writeHead(429, { "content-type": "application/json", "retry-after-ms": "5" });
      response.end(JSON.stringify({ error: { message: "Rate limit reached", code: "rate_limit_exceeded" } }));
      return;
    case "broken":
      response.writeHead(502, { "content-type": "text/html" });
      response.end("<html><h1>502 Bad Gateway</h1></html>");
      return;
    case "none":
    case "late":
    case "reset_in_answer":
    case "garbage":
      setTimeout(
        () => {
          forward(target, fault, request, response);
        },
        fault === "late" ? 30 : 0,
      );
  }
}

function forward(target: string, fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url?.replace(/^\/v1/, "") ?? "", `${target}/`);
  const onward = send(
    `${target}${url.pathname}`,
    { method: request.method, headers: { ...request.headers, host: new URL(target).host } },
    (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const whole = Buffer.concat(chunks);
        response.writeHead(answer.statusCode ?? 502, {
          "content-type": answer.headers["content-type"] ?? "text/plain",
        });
        if (fault === "reset_in_answer") {
          response.write(whole.subarray(0, Math.floor(whole.length / 2)), () => request.socket.destroy());
        } else if (fault === "garbage") response.end(Buffer.from(whole).reverse());
        else response.end(whole);
      });
    },
  );
  onward.on("error", () => request.socket.destroy());
  request.pipe(onward);
}
