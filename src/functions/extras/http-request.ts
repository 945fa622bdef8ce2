import * as z from "zod";
import { MemGPTError } from "../../errors.ts";
import type { WebRequest } from "../../web/fetch.ts";
import { type AgentFunction, defineFunction } from "../define.ts";

const MOST_BYTES = 1_000_000;
const TIMEOUT_MS = 30_000;
/** Characters of an answer that the model sees, as in the original. */
const MOST_CHARACTERS = 3000;

/** `http_request`, for the public internet only, wherever a name resolves or a redirect leads. */
export function httpRequest(web: Pick<WebRequest, "allowedHosts" | "lookup"> = {}): AgentFunction {
  return defineFunction({
    name: "http_request",
    kind: "outside_effect",
    description: "Makes an HTTP request and returns its status, headers and body.",
    parameters: z.object({
      method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).describe("HTTP method."),
      url: z.string().min(1).describe("URL to ask."),
      payload_json: z.string().optional().describe("JSON to send; ignored for GET."),
    }),
    async run({ method, url, payload_json: payload }, { signal }) {
      const isSending = payload !== undefined && method !== "GET" && method !== "HEAD";
      if (isSending) JSON.parse(payload);
      const sent = isSending ? { body: payload, headers: { "content-type": "application/json" } } : {};
      const { fetchPublic } = await import("../../web/fetch.ts");
      const bounds = { mostBytes: MOST_BYTES, timeoutMs: TIMEOUT_MS, signal };
      const { status, headers, body } = await fetchPublic(url, { ...web, ...bounds, method, ...sent }).catch(
        (error: unknown) => {
          // The model reads this: a wrong URL is no reason to end the turn.
          if (error instanceof MemGPTError && error.code !== "interrupted") throw new Error(error.message);
          throw error;
        },
      );
      const text = new TextDecoder().decode(body);
      const note = text.length > MOST_CHARACTERS ? `… (${text.length - MOST_CHARACTERS} more characters)` : "";
      const shown = { status_code: status, headers, body: text.slice(0, MOST_CHARACTERS) + note };
      return { output: JSON.stringify(shown) };
    },
  });
}
