import type { Command } from "commander";
import { url, wholeNumber } from "./argument-types.ts";
import type { ServerOptions } from "./server.ts";

/** The server, and who may use it. */
export function addServer(program: Command): void {
  serving(program.command("server"))
    .description("serve agents over HTTP: the page, Letta's clients, OpenAI's clients and your own programs")
    .option("--quiet", "log nothing")
    .option("--open", "open the page in a browser")
    .action(async (options: ServerOptions) => {
      const { runServer } = await import("./server.ts");
      process.exitCode = await runServer(options);
    });

  serving(program.command("open"))
    .description("open the page in a browser: talk to agents, see what they remember, change it")
    .action(async (options: ServerOptions) => {
      const { openPage } = await import("./open.ts");
      process.exitCode = await openPage(options);
    });

  const users = program.command("users").description("manage the server's users, each with their own agents");
  users
    .command("add")
    .description("add a user")
    .argument("<name>", "user")
    .option("--json", "print JSON")
    .action(async (name: string, options: { json?: boolean }) => {
      await (await import("./accounts.ts")).addUser(name, options);
    });
  users
    .command("list")
    .description("list users")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      await (await import("./accounts.ts")).listUsers(options);
    });
  users
    .command("remove")
    .description("remove a user and their keys; their agents stay on disk")
    .argument("<name>", "user")
    .action(async (name: string) => {
      await (await import("./accounts.ts")).removeUser(name);
    });

  const keys = program.command("keys").description("manage the keys of the server's users");
  keys
    .command("create")
    .description("create a key and print it once")
    .option("--user <name>", "owner of the key", "default")
    .option("--name <text>", "purpose of the key", "key")
    .option("--admin", "let it manage users and keys, and act for any user")
    .option("--json", "print JSON")
    .action(async (options: { user: string; name: string; admin?: boolean; json?: boolean }) => {
      await (await import("./accounts.ts")).createKey(options);
    });
  keys
    .command("list")
    .description("list keys without their secrets")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      await (await import("./accounts.ts")).listKeys(options);
    });
  keys
    .command("revoke")
    .description("revoke a key at once")
    .argument("<id>", "key")
    .action(async (id: string) => {
      await (await import("./accounts.ts")).revokeKey(id);
    });
}

function serving(command: Command): Command {
  return command
    .option("--host <address>", "address to listen on; other than loopback needs a key", "127.0.0.1")
    .option("--port <n>", "port to listen on; 0 picks a free one", port, 8283)
    .option("--home <folder>", "home directory (default: MEMGPT_DIR or ~/.memgpt)")
    .option("--address <url>", "URL at which other servers of the same database reach this one (default: its own)", url)
    .option("--allow-host <name...>", "further host names by which clients reach the server")
    .option("--allow-origin <url...>", "origins whose web pages may call the server (default: none)")
    .option("--strict", "refuse requests for models, tools or embeddings that the server does not have")
    .option("--rate <n>", "sustained requests per second for one user", wholeNumber, 1000)
    .option("--most-open <n>", "agents to keep open at the same time", wholeNumber, 256);
}

function port(text: string): number {
  return text === "0" ? 0 : wholeNumber(text);
}
