import { type RequestOptions, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { urlToHttpOptions } from "node:url";
import { ProxyError } from "./proxy.ts";

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
