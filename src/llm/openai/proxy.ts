import { type RequestOptions, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { urlToHttpOptions } from "node:url";

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

/** What a plain request to `url` must say so that `proxy` passes it on. */
export function throughProxy(url: URL, proxy: URL): RequestOptions & { headers: Record<string, string> } {
  const path = `${url.origin}${url.pathname}${url.search}`;
  return { ...address(proxy), path, headers: { host: url.host, ...credentials(proxy) } };
}

/**
 * An encrypted connection to `url` through `proxy`, which sees nothing but the name of the host.
 *
 * @throws Error if the proxy refuses.
 */
export async function tunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const target = `${url.hostname}:${url.port === "" ? "443" : url.port}`;
  const send = proxy.protocol === "https:" ? httpsRequest : httpRequest;
  const headers = { host: target, ...credentials(proxy) };
  const socket = await new Promise<Socket>((resolve, reject) => {
    send({ ...address(proxy), method: "CONNECT", path: target, headers, agent: false, signal })
      .on("connect", (response, connected) => {
        if (response.statusCode === 200) {
          resolve(connected);
          return;
        }
        connected.destroy();
        reject(new ProxyError(`the proxy ${proxy.host} answered ${response.statusCode ?? "nothing"}`));
      })
      .on("error", reject)
      .end();
  });
  return tlsConnect({ socket, ...(isIP(host) === 0 ? { servername: host } : { host }) });
}

function address(proxy: URL): RequestOptions {
  const { protocol, hostname, port } = urlToHttpOptions(proxy);
  return { protocol, hostname, port };
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
