import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { SocksClient } from "socks";
import { TooSlowError } from "./deadline.ts";
import { ProxyError } from "./proxy.ts";

/**
 * Connects to a host through a SOCKS5 proxy. The proxy resolves the host's name, so that no other server learns it.
 *
 * @throws ProxyError if the proxy refuses, TooSlowError, or what the network throws.
 */
export async function socksTunnel(
  { hostname, protocol, port }: { readonly hostname: string; readonly protocol: string; readonly port: string },
  proxy: URL,
  connectMs: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const host = bare(hostname);
  const at = { host: bare(proxy.hostname), port: Number(proxy.port || 1080) };
  const socket = connect({ ...at, ...(signal === undefined ? {} : { signal }) });
  socket.setTimeout(connectMs, () => socket.destroy(new TooSlowError("no connection", connectMs)));
  try {
    await once(socket, "connect");
    const login =
      proxy.username === ""
        ? {}
        : { userId: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) };
    await SocksClient.createConnection({
      command: "connect",
      proxy: { ...at, type: 5, ...login },
      destination: { host, port: Number(port || (protocol === "https:" ? 443 : 80)) },
      existing_socket: socket,
      timeout: connectMs,
    });
    return socket.setTimeout(0);
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    throw explained(error, proxy, host, connectMs);
  }
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Rewords the library's error for people. */
function explained(error: unknown, { host: proxy }: URL, host: string, connectMs: number): unknown {
  const message = error instanceof Error ? error.message : "";
  if (/timed out/i.test(message)) return new TooSlowError("no connection", connectMs);
  const [, refusal] = /rejected connection - (\w+)/i.exec(message) ?? [];
  const problem =
    refusal !== undefined
      ? `cannot reach ${host}: ${refusal === "undefined" ? "refused" : refusal.replace(/\B[A-Z]/g, " $&").toLowerCase()}`
      : PROBLEMS.find(([pattern]) => pattern.test(message))?.[1];
  return problem === undefined ? error : new ProxyError(`the proxy ${proxy} ${problem}`, { cause: error });
}

const PROBLEMS: readonly (readonly [message: RegExp, problem: string])[] = [
  [/no accepted authentication|unknown authentication/i, "requires a name and password: socks5://NAME:PASSWORD@…"],
  [/authentication failed/i, "refused the name and password in its address"],
  [/handshake/i, "is not a SOCKS5 proxy"],
  [/socket closed/i, "closed the connection"],
];
