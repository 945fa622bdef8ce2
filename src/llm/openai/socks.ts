import { type Socket, connect, isIP } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { ProxyError } from "./proxy.ts";

const SOCKS = ["socks:", "socks5:", "socks5h:"];

export function isSocks({ protocol }: URL): boolean {
  return SOCKS.includes(protocol);
}

/** @throws ProxyError for a proxy of a kind that nothing here speaks to. Going around it is not what was asked for. */
export function checkProxy(proxy: URL): void {
  if (isSocks(proxy) || proxy.protocol === "http:" || proxy.protocol === "https:") return;
  const kind = proxy.protocol.replace(/:$/, "");
  throw new ProxyError(`proxies of the kind ${kind} are not known here, only http, https and socks5`);
}

/**
 * A connection to `url` through a SOCKS5 proxy, encrypted where the URL is. The proxy looks the name of the host up, so that
 * nobody else hears of it.
 *
 * @source RFC 1928, and RFC 1929 for name and password
 * @throws ProxyError if the proxy refuses.
 */
export async function socksTunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port === "" ? (url.protocol === "https:" ? 443 : 80) : url.port);
  const socket = connect({ host: proxy.hostname.replace(/^\[|\]$/g, ""), port: Number(proxy.port || 1080), signal });
  // Between those who listen: an error without a listener would end the process.
  socket.on("error", () => undefined);
  try {
    await greet(new Conversation(socket, proxy), proxy, { host, port });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  if (url.protocol === "http:") return socket.resume();
  return tlsConnect({ socket, ...(isIP(host) === 0 ? { servername: host } : { host }) });
}

const VERSION = 5;
const NO_LOGIN = 0;
const PASSWORD = 2;
const CONNECT = 1;
const NAME = 3;
/** The length of an address in an answer by its kind; a name says itself how long it is. */
const ADDRESS_LENGTH: Readonly<Record<number, number>> = { 1: 4, 4: 16 };

const REFUSALS: Readonly<Record<number, string>> = {
  1: "it failed",
  2: "its rules do not allow it",
  3: "the network cannot be reached",
  4: "the host cannot be reached",
  5: "the host refused",
  6: "it took too long",
};

async function greet(
  proxy: Conversation,
  { username, password }: URL,
  to: { host: string; port: number },
): Promise<void> {
  const methods = username === "" ? [NO_LOGIN] : [NO_LOGIN, PASSWORD];
  proxy.say([VERSION, methods.length, ...methods]);
  const [version, method] = await proxy.hear(2);
  if (version !== VERSION) throw proxy.error("is no SOCKS5 proxy");
  if (method === PASSWORD && username !== "") {
    proxy.say([1, ...counted(decodeURIComponent(username)), ...counted(decodeURIComponent(password))]);
    const [, status] = await proxy.hear(2);
    if (status !== 0) throw proxy.error("does not take the name and password in its address");
  } else if (method !== NO_LOGIN) {
    throw proxy.error("wants a name and password: socks5://NAME:PASSWORD@…");
  }
  proxy.say([VERSION, CONNECT, 0, NAME, ...counted(to.host), to.port >> 8, to.port & 255]);
  const [, refusal = 1, , kind = 0] = await proxy.hear(4);
  if (refusal !== 0) throw proxy.error(`cannot reach ${to.host}: ${REFUSALS[refusal] ?? `refusal ${refusal}`}`);
  const [length = 0] = kind === NAME ? await proxy.hear(1) : [ADDRESS_LENGTH[kind]];
  await proxy.hear(length + 2);
}

/** A text as the protocol has it: its length in bytes, and the bytes. */
function counted(text: string): number[] {
  const bytes = [...Buffer.from(text)].slice(0, 255);
  return [bytes.length, ...bytes];
}

/** What is said and heard on a socket before it is anybody's. */
class Conversation {
  readonly #socket: Socket;
  readonly #proxy: URL;
  #heard: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, proxy: URL) {
    this.#socket = socket;
    this.#proxy = proxy;
  }

  say(bytes: readonly number[]): void {
    this.#socket.write(Buffer.from(bytes));
  }

  /** The next `count` bytes. */
  async hear(count: number): Promise<Buffer> {
    while (this.#heard.length < count) this.#heard = Buffer.concat([this.#heard, await this.#next()]);
    const bytes = this.#heard.subarray(0, count);
    this.#heard = this.#heard.subarray(count);
    return bytes;
  }

  error(what: string): ProxyError {
    return new ProxyError(`the proxy ${this.#proxy.host} ${what}`);
  }

  async #next(): Promise<Buffer> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        socket.off("data", onData).off("error", onError).off("close", onClose);
        end();
      };
      const onData = (bytes: Buffer): void => {
        // The first byte after the conversation is for whoever has the socket then.
        socket.pause();
        settle(() => {
          resolve(bytes);
        });
      };
      const onError = (error: Error): void => {
        settle(() => {
          reject(error);
        });
      };
      const onClose = (): void => {
        settle(() => {
          reject(this.error("closed the connection"));
        });
      };
      socket.on("data", onData).on("error", onError).on("close", onClose);
      socket.resume();
    });
  }
}
