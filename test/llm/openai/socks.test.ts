import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { modelServer, stall, streamed } from "../../support/model-server.ts";
import { client, complete } from "./support.ts";

type Proxy = { readonly port: number; readonly asked: string[] };

type Behaviour = {
  /** What it answers to the greeting. */
  readonly method?: number;
  readonly login?: string;
  /** What it answers to the request: 0 for a connection. */
  readonly refusal?: number;
  /** Where every connection goes, whatever was asked for. */
  readonly to?: number;
  /** In pieces of one byte. */
  readonly slowly?: boolean;
};

/** A SOCKS5 proxy on loopback. */
async function socksProxy({ method = 0, login, refusal = 0, to = 0, slowly = false }: Behaviour = {}): Promise<Proxy> {
  const asked: string[] = [];
  const serve = async (socket: Socket): Promise<void> => {
    const bytes: AsyncIterator<number> = bytesOf(socket);
    const hear = async (count: number): Promise<Buffer> => {
      const all: number[] = [];
      while (all.length < count) all.push((await bytes.next()).value as number);
      return Buffer.from(all);
    };
    const text = async (): Promise<string> => String(await hear((await hear(1))[0] ?? 0));
    const say = async (reply: readonly number[]): Promise<void> => {
      for (const byte of slowly ? reply : [])
        await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
      if (!slowly) socket.write(Buffer.from(reply));
    };
    await hear((await hear(2))[1] ?? 0);
    await say([5, method]);
    if (method === 2) {
      await hear(1);
      await say([1, `${await text()}:${await text()}` === login ? 0 : 1]);
    }
    await hear(4);
    const host = await text();
    asked.push(`${host}:${(await hear(2)).readUInt16BE()}`);
    // The address it connects from, here a name.
    await say([5, refusal, 0, 3, 2, 111, 107, 0, 0]);
    if (refusal !== 0) return;
    const onward = connect(to, "127.0.0.1");
    onward.on("error", () => socket.destroy());
    socket.removeAllListeners("data").pipe(onward).pipe(socket);
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

async function* bytesOf(socket: Socket): AsyncGenerator<number, void, void> {
  const heard: number[] = [];
  socket.on("data", (bytes: Buffer) => heard.push(...bytes));
  for (;;) {
    while (heard.length === 0) await once(socket, "data");
    yield heard.shift() ?? 0;
  }
}

const through = (port: number, login = ""): { ALL_PROXY: string } => ({
  ALL_PROXY: `socks5://${login}127.0.0.1:${port}`,
});

test.each([false, true])(
  "a request goes through a SOCKS5 proxy, which resolves the host (slowly: %s)",
  async (slowly) => {
    const model = await modelServer([streamed([{ content: "Hello" }])]);
    const proxy = await socksProxy({ to: model.port, slowly });

    const { completion } = await complete(client("http://model.test/v1", { env: through(proxy.port) }));

    expect(completion.content).toBe("Hello");
    expect(proxy.asked).toEqual(["model.test:80"]);
    expect(model.seen[0]).toMatchObject({ url: "/v1/chat/completions", headers: { host: "model.test" } });
  },
);

test("sends the name and password from its address to a proxy that requires them", async () => {
  const model = await modelServer([streamed([{ content: "Hello" }])]);
  const proxy = await socksProxy({ to: model.port, method: 2, login: "me:s3cr@t" });

  const { completion } = await complete(client("http://model.test/v1", { env: through(proxy.port, "me:s3cr%40t@") }));

  expect(completion.content).toBe("Hello");
});

test("an encrypted request speaks TLS through it", async () => {
  let firstByte = -1;
  const inside = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", (data: Buffer) => {
        firstByte = data[0] ?? -1;
        socket.destroy();
      });
  });
  inside.listen(0, "127.0.0.1");
  await once(inside, "listening");
  onTestFinished(() => {
    inside.close();
  });
  const proxy = await socksProxy({ to: (inside.address() as AddressInfo).port });

  const failure = complete(client("https://model.test/v1", { apiKey: "k", env: through(proxy.port) }));

  await expect(failure).rejects.toMatchObject({ code: "llm_unavailable" });
  expect(proxy.asked[0]).toBe("model.test:443");
  expect(firstByte).toBe(0x16);
});

test.each([
  [
    { refusal: 5 },
    "",
    /cannot reach model\.test: connection refused\)\. Nothing was lost; check HTTPS_PROXY and ALL_PROXY/,
  ],
  [{ refusal: 42 }, "", /cannot reach model\.test: refused/],
  [{ method: 255 }, "", /requires a name and password: socks5:\/\/NAME:PASSWORD@/],
  [{ method: 2, login: "me:right" }, "me:wrong@", /refused the name and password/],
])("reports a refusal with %j, without the password", async (behaviour, login, message) => {
  const proxy = await socksProxy(behaviour);

  const failure = complete(client("http://model.test/v1", { env: through(proxy.port, login) }));

  await expect(failure).rejects.toThrow(message);
  await expect(failure).rejects.not.toThrow(/wrong/);
});

test("reports that the address is not a SOCKS5 proxy", async () => {
  const web = await modelServer([streamed([{ content: "Hello" }])]);

  const failure = complete(client("http://model.test/v1", { env: through(web.port) }));

  await expect(failure).rejects.toThrow(/the proxy 127\.0\.0\.1:\d+ (is not a SOCKS5 proxy|closed the connection)/);
});

test("an unknown kind of proxy is an error, and is not bypassed", async () => {
  const failure = complete(client("http://model.test/v1", { env: { ALL_PROXY: "socks4://me:secret@127.0.0.1:1" } }));

  await expect(failure).rejects.toThrow(
    "Cannot reach http://model.test/v1 (socks4 proxies are not supported, only http, https and socks5). " +
      "Nothing was lost; check HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
  );
});

test("a request is interrupted while the proxy says nothing, and after it has connected", async () => {
  const silent = createServer((socket) => socket.on("error", () => undefined));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => {
    silent.close();
  });
  const model = await modelServer([stall(["data: {}\n\n"])]);
  const proxy = await socksProxy({ to: model.port });
  const limits = { connectMs: 60, firstMs: 60, betweenMs: 60 };

  for (const port of [(silent.address() as AddressInfo).port, proxy.port]) {
    const failure = complete(client("http://model.test/v1", { env: through(port), limits }));
    await expect(failure).rejects.toMatchObject({ code: "llm_unavailable" });
  }
});
