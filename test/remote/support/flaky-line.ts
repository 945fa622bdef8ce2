import { type Socket, connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A line to a server that can be cut. */
export class FlakyLine {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => {
    this.#join(near);
  });
  /** Whether answers are swallowed, and the line cut in their place. */
  swallows = false;
  /** Whether every connection is cut at once. */
  isDown = false;

  private constructor(url: string) {
    this.#target = Number(new URL(url).port);
  }

  static async to(url: string): Promise<FlakyLine> {
    const line = new FlakyLine(url);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      line.cut();
      line.#server.close();
    });
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket): void {
    if (this.isDown) {
      near.destroy();
      return;
    }
    const far = connect(this.#target, "127.0.0.1");
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on("data", (bytes) => {
      if (this.swallows) near.destroy();
      else near.write(bytes);
    });
  }
}
