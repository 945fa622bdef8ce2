import { MemGPTError } from "../../errors.ts";

const EXAMPLE = "such as postgres://user@host:5432/name";

/** @throws MemGPTError `config_invalid` if it does not name a PostgreSQL database. The message omits the URL: it may have a password. */
export function checkDatabaseUrl(url: string): void {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return;
  throw new MemGPTError("config_invalid", `database must be a URL ${EXAMPLE}. Nothing was opened.`);
}

/** The URL without its password, and without parameters, which may contain one. */
export function shownDatabase(url: string): string {
  if (!URL.canParse(url)) return "(not a URL)";
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
}
