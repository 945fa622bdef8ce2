import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { onTestFinished } from "vitest";

/** Where a connection is cut: before the statement reaches the server, or after that, before the answer reaches the client. */
export type Cut = { readonly at: number; readonly when: "before" | "after" };

/** Stands between a client and a PostgreSQL server, and cuts one connection at one of the statements that pass. */
export class CuttingProxy {
  /** What clients have sent so far, each statement with its values. */
  statements = 0;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #cut: Cut | undefined;

  /** @returns a URL that leads through the proxy. */
  static async before(url: string): Promise<{ readonly proxy: CuttingProxy; readonly url: string }> {
    const proxy = new CuttingProxy(new URL(url));
    const server = createServer((client) => {
      proxy.#pass(client);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of proxy.#sockets) socket.destroy();
      server.close();
    });
    const through = new URL(url);
    through.port = String((server.address() as AddressInfo).port);
    through.hostname = "127.0.0.1";
    return { proxy, url: through.href };
  }

  private constructor(target: URL) {
    this.#target = target;
  }

  /** Counts from the beginning, and cuts as `cut` says. */
  begin(cut: Cut | undefined): void {
    this.statements = 0;
    this.#cut = cut;
  }

  /** Whether a cut is still to come. */
  get isWaiting(): boolean {
    return this.#cut !== undefined;
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    let isCut = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", end).on("close", () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    client.on("data", (bytes) => {
      this.statements += 1;
      const cut = this.#cut;
      if (cut === undefined || this.statements < cut.at) {
        server.write(bytes);
        return;
      }
      this.#cut = undefined;
      isCut = true;
      if (cut.when === "before") end();
      else server.write(bytes);
    });
    server.on("data", (bytes) => {
      // The answer shows that the statement was carried out.
      if (isCut) end();
      else client.write(bytes);
    });
  }
}
