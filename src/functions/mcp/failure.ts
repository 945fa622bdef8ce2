import { describe } from "../../errors.ts";

/** What went wrong with a server, for people who do not know the protocol. */
export function failureOf(error: unknown): string {
  const text = describe(error);
  if (!(error instanceof Error)) return text;
  if (text === "fetch failed" && error.cause !== undefined) return `it cannot be reached: ${describe(error.cause)}`;
  switch ("code" in error ? error.code : undefined) {
    case "ENOENT":
      return "path" in error ? `there is no program ${String(error.path)}` : text;
    case "CONNECTION_CLOSED":
      return "it ended before it answered";
    case "REQUEST_TIMEOUT":
      return "it did not answer in time";
    case "INVALID_RESULT":
      return `its answer${placeIn(text)} violates the protocol`;
    default:
      return text;
  }
}

/** The first place named in a list of problems, such as ` at tools.3.inputSchema`. */
function placeIn(text: string): string {
  try {
    const [first] = JSON.parse(text.slice(text.indexOf("["))) as readonly { readonly path?: readonly PropertyKey[] }[];
    return first?.path === undefined ? "" : ` at ${first.path.map(String).join(".")}`;
  } catch {
    return "";
  }
}
