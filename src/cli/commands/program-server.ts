import type { Command } from "commander";
import { wholeNumber } from "./argument-types.ts";
import type { ServerOptions } from "./server.ts";

/** The server, and who may use it. */
export function addServer(program: Command): void {
  program
    .command("server")
    .description("serve agents over HTTP: to Letta's clients, to OpenAI's, and to your own programs")
    .option("--host <address>", "address to listen on; one beyond this machine needs a key", "127.0.0.1")
    .option("--port <n>", "port to listen on; 0 for any that is free", port, 8283)
    .option("--home <folder>", "home directory (default: MEMGPT_DIR or ~/.memgpt)")
    .option("--allow-host <name...>", "names under which the server is reached, beside its address")
    .option("--allow-origin <url...>", "origins whose web pages may call the server (default: none)")
    .option("--strict", "refuse models, tools and embeddings that the server does not have")
    .option("--rate <n>", "requests a second that one user may make for a while", wholeNumber, 1000)
    .option("--most-open <n>", "agents that are kept open at the same time", wholeNumber, 256)
    .option("--quiet", "log nothing")
    .action(async (options: ServerOptions) => {
      const { runServer } = await import("./server.ts");
      process.exitCode = await runServer(options);
    });

  const users = program.command("users").description("who may use the server, each with agents of their own");
  users
    .command("add")
    .description("add a user")
    .argument("<name>", "user")
    .option("--json", "as JSON")
    .action(async (name: string, options: { json?: boolean }) => {
      await (await import("./accounts.ts")).addUser(name, options);
    });
  users
    .command("list")
    .description("the users there are")
    .option("--json", "as JSON")
    .action(async (options: { json?: boolean }) => {
      await (await import("./accounts.ts")).listUsers(options);
    });
  users
    .command("remove")
    .description("remove a user and their keys; their agents stay on the disk")
    .argument("<name>", "user")
    .action(async (name: string) => {
      await (await import("./accounts.ts")).removeUser(name);
    });

  const keys = program.command("keys").description("the keys of the server's users");
  keys
    .command("create")
    .description("make a key and print it, once")
    .option("--user <name>", "whose key it is", "default")
    .option("--name <text>", "what the key is for", "key")
    .option("--admin", "may manage users and keys, and act for any user")
    .option("--json", "as JSON")
    .action(async (options: { user: string; name: string; admin?: boolean; json?: boolean }) => {
      await (await import("./accounts.ts")).createKey(options);
    });
  keys
    .command("list")
    .description("the keys there are, without what would let anybody use them")
    .option("--json", "as JSON")
    .action(async (options: { json?: boolean }) => {
      await (await import("./accounts.ts")).listKeys(options);
    });
  keys
    .command("revoke")
    .description("make a key useless, at once")
    .argument("<id>", "key")
    .action(async (id: string) => {
      await (await import("./accounts.ts")).revokeKey(id);
    });
}

function port(text: string): number {
  return text === "0" ? 0 : wholeNumber(text);
}
