import { describe } from "../../errors.ts";
import { TooSlowError } from "./deadline.ts";
import { type Fault, FaultError } from "./fault.ts";

/** Errors that may be gone a second later. A server that is not running is not among them. */
const PASSING = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** A failure below the protocol: the connection could not be made, broke, or carried something that is not HTTP. */
export function networkFault(error: unknown, server: string): FaultError {
  if (error instanceof FaultError) return error;
  if (error instanceof TooSlowError) {
    const text = `${server} gave ${error.message}`;
    const next = "send the message again, or check what the server is doing";
    return new FaultError({ kind: "passing", text, next, reason: error.message }, { cause: error });
  }
  const code = codeOf(error);
  const garbled = code === "HPE_UNREADABLE";
  if (!PASSING.has(code) && !garbled) {
    const next = nextFor(code);
    return new FaultError(
      { kind: "refused", text: `Cannot reach ${server} (${networkWords(error)})`, next },
      { cause: error },
    );
  }
  const reason = garbled ? "the server answered something that is not HTTP" : `the connection broke (${code})`;
  return new FaultError(brokenFault(server, reason), { cause: error });
}

/** An answer that began but is unusable. */
export function brokenFault(server: string, reason: string): Fault {
  return { kind: "passing", text: `No answer from ${server}: ${reason}`, next: "send the message again", reason };
}

/** Node's code for an error: undici has its own codes, or none, for connections that the other side closed or garbled. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error.name === "HTTPParserError") return error.message.includes("EOF") ? "ECONNRESET" : "HPE_UNREADABLE";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return code === "UND_ERR_SOCKET" ? "ECONNRESET" : code;
}

/** An error for several addresses of one host has no message of its own. */
export function networkWords(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(describe).join("; ");
  return describe(error);
}

function nextFor(code: string): string {
  if (code === "ERR_PROXY") return "check HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY";
  if (code === "ENOTFOUND") return "is the address right, and the network up?";
  if (/CERT|SELF_SIGNED|ISSUER/.test(code)) return "set NODE_EXTRA_CA_CERTS to a file of certificates to trust";
  return "is the server running?";
}
