export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether `url` is this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname);
}

/** Something is wrong with the proxy, and not with the server behind it. */
export class ProxyError extends Error {
  readonly code = "ERR_PROXY";
}

/**
 * The proxy that the environment asks for (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case), or null. This
 * machine is always reached directly.
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
