import { isLoopback } from "../../schema/loopback.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Something is wrong with the proxy, not with the server behind it. */
export class ProxyError extends Error {
  readonly code = "ERR_PROXY";
}

/**
 * The proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case), or null. This
 * machine is always reached directly. Undici's `EnvHttpProxyAgent` ignores `ALL_PROXY`, exempts no subdomains, and uses the
 * proxy even for this machine.
 */
export function proxyFor(url: URL, env: Environment): URL | null {
  if (isLoopback(url) || isExempt(url, read(env, "no_proxy") ?? "")) return null;
  const value = read(env, url.protocol === "https:" ? "https_proxy" : "http_proxy") ?? read(env, "all_proxy");
  if (value === undefined) return null;
  const address = value.includes("://") ? value : `http://${value}`;
  return URL.canParse(address) ? new URL(address) : null;
}

function read(env: Environment, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()];
  return value === undefined || value === "" ? undefined : value;
}

function isExempt({ hostname, port, protocol }: URL, exempt: string): boolean {
  const actual = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return exempt
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === "*") return true;
      const [, host = "", entryPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (host === "" || (entryPort !== undefined && entryPort !== actual)) return false;
      return hostname === host || hostname.endsWith(`.${host}`);
    });
}

export function isSocks({ protocol }: URL): boolean {
  return ["socks:", "socks5:", "socks5h:"].includes(protocol);
}

/** @throws ProxyError for an unsupported kind of proxy, which is never bypassed: the person asked for it. */
export function checkProxy(proxy: URL): void {
  if (isSocks(proxy) || proxy.protocol === "http:" || proxy.protocol === "https:") return;
  const kind = proxy.protocol.replace(/:$/, "");
  throw new ProxyError(`${kind} proxies are not supported, only http, https and socks5`);
}
