import { MemGPTError } from "../errors.ts";

/** What an endpoint's URL may not hold: it is stored with agents and shown to people. */
export const NO_PASSWORD =
  "it may hold no name and password; a key goes in credentials.json (memgpt configure set api_key)";

export function hasPassword(endpoint: string): boolean {
  return /^\s*[a-z]+:\/*[^/?#]*@/i.test(endpoint);
}

/** @throws MemGPTError `invalid_input`, without what the URL holds. */
export function checkNoPassword(endpoint: string | null | undefined): void {
  if (endpoint === null || endpoint === undefined || !hasPassword(endpoint)) return;
  throw new MemGPTError("invalid_input", `An endpoint cannot be used: ${NO_PASSWORD}. Nothing was changed.`);
}
