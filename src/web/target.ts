import { lookup as lookUp } from "node:dns/promises";
import { isIP } from "node:net";
import { MemGPTError, describe } from "../errors.ts";
import { isPublic } from "./addresses.ts";

export type Address = { readonly address: string; readonly family: 4 | 6 };
export type Lookup = (hostname: string) => Promise<readonly Address[]>;

/** A permitted URL and its checked addresses. */
export type Target = { readonly url: URL; readonly addresses: readonly Address[] };

/** Ports of web servers; others belong to mail servers, databases and the like. */
const PORTS: ReadonlySet<string> = new Set(["", "80", "443", "8080", "8443"]);

/**
 * Resolves the host of a URL and checks protocol, port and every address.
 *
 * @throws MemGPTError `invalid_input` for a forbidden URL, `not_found` for a name without an address.
 */
export async function resolveTarget(
  text: string,
  {
    allowedHosts = [],
    lookup = systemLookup,
  }: { readonly allowedHosts?: readonly string[] | undefined; readonly lookup?: Lookup | undefined },
): Promise<Target> {
  if (!URL.canParse(text)) throw refused(text, "it is not a URL");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refused(text, "only http and https are fetched");
  if (url.username !== "" || url.password !== "") {
    throw refused(`${url.protocol}//${url.host}`, "a URL may not contain a name or password");
  }
  const isAllowed = allowedHosts.includes(url.host);
  if (!isAllowed && !PORTS.has(url.port)) throw refused(text, `port ${url.port} is not one of a web server`);
  const addresses = await addressesOf(url, lookup);
  const inner = addresses.find(({ address }) => !isPublic(address));
  if (!isAllowed && inner !== undefined) {
    throw refused(text, `${url.hostname} is at ${inner.address}, which is not on the public internet`);
  }
  return { url, addresses };
}

async function addressesOf({ hostname }: URL, lookup: Lookup): Promise<readonly Address[]> {
  const literal = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family: family === 4 ? 4 : 6 }];
  const found = await lookup(hostname).catch((error: unknown) => {
    throw new MemGPTError("not_found", `The name ${hostname} could not be resolved: ${describe(error)}.`, {
      cause: error,
    });
  });
  if (found.length === 0) throw new MemGPTError("not_found", `The name ${hostname} has no address.`);
  return found;
}

async function systemLookup(hostname: string): Promise<Address[]> {
  const found = await lookUp(hostname, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

function refused(url: string, reason: string): MemGPTError {
  return new MemGPTError("invalid_input", `${url.slice(0, 200)} is not fetched: ${reason}.`);
}
