import { MemGPTError } from "../errors.ts";

export const OPENAI_ENDPOINT = "https://api.openai.com/v1";

/** Why an endpoint's URL may not hold a password: it is stored with agents and shown to people. */
export const NO_PASSWORD =
  "it must not contain a name or password; keys go in credentials.json (memgpt configure set api_key)";

export function hasPassword(endpoint: string): boolean {
  return /^\s*[a-z]+:\/*[^/?#]*@/i.test(endpoint);
}

/** @throws MemGPTError `invalid_input`, without quoting the URL. */
export function checkNoPassword(endpoint: string | null | undefined): void {
  if (endpoint === null || endpoint === undefined || !hasPassword(endpoint)) return;
  throw new MemGPTError("invalid_input", `The endpoint is not valid: ${NO_PASSWORD}. Nothing was changed.`);
}
