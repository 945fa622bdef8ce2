import { readFileSync } from "node:fs";
import { type Mutation, inFile } from "./mutation.ts";

const WEB = "test/web/fetch.test.ts";
const ADDRESSES = "src/web/addresses.ts";
const EXTRAS = "test/functions/extras.test.ts";
const CONSENT = "test/agent/consent.test.ts";
const MCP = "test/functions/mcp.test.ts";
const HOSTILE = "test/functions/mcp-hostile.test.ts";
const USERS = "test/server/users.test.ts";
const SANITIZE = "test/cli/terminal/sanitize.test.ts";
const UNBOUNDED = "test/http/unbounded.test.ts";

const TARGET = inFile("src/web/target.ts", WEB);
const FETCH = inFile("src/web/fetch.ts", WEB);
const FOLDERS = inFile("src/functions/extras/folders.ts", EXTRAS);
const FILES = inFile("src/functions/extras/text-files.ts", EXTRAS);
const PERMISSION = inFile("src/functions/consent.ts", CONSENT);
const ASKING = inFile("src/agent/consent.ts", CONSENT);
const TOOLS = inFile("src/functions/mcp/tools.ts", MCP);
const CONNECTION = inFile("src/functions/mcp/connection.ts", HOSTILE);
const GUARD = inFile("src/server/http/guard.ts", USERS);
const ACCOUNTS = inFile("src/server/house/accounts.ts", USERS);
const SERVE = inFile("src/server/serve.ts", USERS);
const VISIBLE = inFile("src/cli/terminal/sanitize.ts", SANITIZE);
const CONFIG = inFile("src/settings/config.ts", UNBOUNDED);
const NAMES = inFile("src/storage/files/paths.ts", "test/storage/files/paths.test.ts");
const TURNS = inFile("src/agent/turn.ts", "test/agent/turn.test.ts");

/** The bounds of an answer, each with the name of its test. */
const BOUNDS = { bytes: "30 MB", calls: "first 64", depth: "nested too deep", seconds: "one token a second" };

/** Each row of the table of addresses that are not the public internet. */
function eachRange(): Mutation[] {
  const source = readFileSync(new URL(`../../${ADDRESSES}`, import.meta.url), "utf8");
  return [...source.matchAll(/^ {2}\["([^"]+)", (\d+)\],\n/gm)].map(([text, network, bits]) =>
    inFile(ADDRESSES, WEB, "refuses")(`web: ${network}/${bits} is not fetched`, text, ""),
  );
}

const REACHED: readonly Mutation[] = [
  ...eachRange(),
  TARGET(
    "web: only http and https",
    `if (url.protocol !== "http:" && url.protocol !== "https:")`,
    `if (url.protocol === "")`,
  ),
  TARGET(
    "web: no name or password in a URL",
    `if (url.username !== "" || url.password !== "") {`,
    `if (url.href === "") {`,
  ),
  TARGET(
    "web: ports of web servers only",
    "if (!isAllowed && !PORTS.has(url.port))",
    `if (!isAllowed && url.port === "0")`,
  ),
  TARGET(
    "web: every address of a name is checked",
    "addresses.find(({ address }) => !isPublic(address))",
    "addresses.slice(0, 1).find(({ address }) => !isPublic(address))",
  ),
  FETCH(
    "web: the checked address is the one used",
    "  const lookup: LookupFunction = (_, { all }, done) => {\n    const [first] = addresses;",
    "  const lookup: LookupFunction = async (name, { all }, done) => {\n    addresses = await (request.lookup?.(name) ?? addresses);\n    const [first] = addresses;",
  ),
  FETCH(
    "web: redirects are checked again",
    "const target = await resolveTarget(url, current);",
    "const target = await resolveTarget(url, hops === 0 ? current : { ...current, allowedHosts: [new URL(url).host] });",
  ),
  FETCH("web: redirects end", "hops <= MOST_REDIRECTS", "hops <= 1e6"),
  FETCH("web: another host gets no credentials", "(isSameOrigin || !PERSONAL.has(key))", "true"),
  FETCH("web: most bytes, unpacked", "if (size > most) {", "if (size > most * 1e6) {"),
  FETCH(
    "web: a limit of time",
    "const deadline = AbortSignal.timeout(request.timeoutMs);",
    "const deadline = AbortSignal.timeout(1e6);",
  ),
];

const FUNCTIONS: readonly Mutation[] = [
  FOLDERS("files: no NUL in a name", String.raw`if (name.includes("\0")) throw outside(name, folders);`, ""),
  FOLDERS(
    "files: no .. and no absolute path outside",
    "candidates.filter((path) => folders.some((folder) => isInside(resolve(path), folder)))",
    "candidates",
  ),
  FOLDERS("files: symbolic links are resolved", "|| !open.some((root) => isInside(real, root))", ""),
  FOLDERS("files: never where agents and keys are", "isInside(real, keep) || ", ""),
  FILES("files: no symbolic link put in their place", "constants.O_NOFOLLOW | ", ""),
  FILES("files: nothing but files", "if (!(await file.stat()).isFile())", "if ((await file.stat()).isSocket())"),
  PERMISSION(
    "consent: functions that act outside memory are asked about",
    `if (kind !== "outside_effect") return { may: "yes", why: HARMLESS[kind] };`,
    `if (kind !== "outside_effect" || allowed.size === 0) return { may: "yes", why: "" };`,
  ),
  PERMISSION("consent: never wins", `if (consent === "never") return { may: "no", why: "you said never" };`, ""),
  PERMISSION(
    "consent: what acts outside memory never only proposes",
    `return proposes && kind !== "outside_effect";`,
    "return proposes;",
  ),
  ASKING(
    "consent: nobody to ask is a no",
    `if (answer === "once" || answer === "always") return undefined;`,
    `if (answer !== "no" && answer !== "never") return undefined;`,
  ),
  ASKING("consent: once is once", `if (answer === "always" || answer === "never") draft`, `if (answer !== "no") draft`),
  ASKING("consent: an aborted question leaves no trace", "  signal?.throwIfAborted();\n", ""),
  ASKING(
    "consent: no is no",
    "return refused(name, reasonFor(answer), draft);",
    "return answer === undefined ? refused(name, reasonFor(answer), draft) : undefined;",
  ),
  TOOLS("tools: each acts outside memory", `kind: "outside_effect",`, `kind: "plain",`),
  TOOLS("tools: bounded results", "const more = text.length - LONGEST_RESULT;", "const more = 0;", { test: HOSTILE }),
  CONNECTION(
    "tools: one that has changed is not called",
    "if (!isSame(offered, tool)) {",
    "if (offered === undefined) {",
  ),
  CONNECTION("tools: bounded answers of a process", "maxBufferSize: this.#limits.mostBytes,", ""),
  CONNECTION("tools: bounded time", "timeout: callMs, maxTotalTimeout: callMs", "timeout: 1e6, maxTotalTimeout: 1e6", {
    named: "hangs",
  }),
  CONNECTION(
    "tools: no variables of the environment for a process",
    "env: { ...getDefaultEnvironment(), ...env },",
    "env: { ...process.env, ...env } as Record<string, string>,",
    { test: "test/functions/mcp-connection.test.ts" },
  ),
  inFile("src/functions/mcp/bounded-fetch.ts", "test/functions/mcp-connection.test.ts")(
    "tools: bounded answers over HTTP",
    "if (size > mostBytes)",
    "if (size > mostBytes * 1e6)",
  ),
  inFile("src/functions/mcp/bounded-fetch.ts", "test/functions/mcp-connection.test.ts")(
    "tools: no redirects with a server's keys",
    `redirect: "error"`,
    `redirect: "follow"`,
  ),
];

const SERVER: readonly Mutation[] = [
  GUARD(
    "server: foreign host names",
    "if (!isNamed && (hosts.length > 0 || (isLocal && !accounts.hasKeys))) {",
    'if (host === "") {',
  ),
  GUARD(
    "server: pages of other sites",
    "if (origin !== undefined && !isOwn && !origins.includes(origin)) {",
    'if (origin === "") {',
  ),
  GUARD(
    "server: a key is needed once one exists",
    "isLocal && !accounts.hasKeys ? accounts.operator",
    "isLocal ? accounts.operator",
  ),
  GUARD(
    "server: only an admin acts for others",
    "if (userId === undefined || !caller.isAdmin) return caller;",
    "if (userId === undefined) return caller;",
  ),
  GUARD("server: admin routes are for admins", `if (!c.get("caller").isAdmin) throw noRoute(c.req);`, ""),
  GUARD("server: wrong keys are counted", "if (token !== undefined && !wrongKeys.take(address)) throw tooMany();", ""),
  GUARD("server: requests of a user are counted", "if (!requests.take(acting.user.id)) throw tooMany();", ""),
  ACCOUNTS(
    "server: the whole token counts",
    `timingSafeEqual(Buffer.from(value.hash, "hex"), hash)`,
    `Buffer.from(value.hash, "hex")[0] !== hash.length`,
  ),
  ACCOUNTS("server: tokens are stored as hashes", `createHash("sha256").update(token).digest()`, "Buffer.from(token)"),
  SERVE("server: beyond this machine only with a key", "if (!isLocal && !accounts.hasKeys) {", 'if (host === "") {'),
  SERVE("server: on this machine unless told otherwise", `host = "127.0.0.1"`, `host = "0.0.0.0"`),
  SERVE("server: slow headers", "headersTimeout: headersMs,", "headersTimeout: 1e6,", {
    test: "test/server/slow-clients.test.ts",
  }),
  SERVE("server: slow bodies", "requestTimeout: requestMs,", "requestTimeout: 1e6,", {
    test: "test/server/slow-clients.test.ts",
  }),
  inFile("src/server/http/limit-body.ts", "test/server/routes.test.ts", "over the limit")(
    "server: large bodies",
    "return Number(length) > maxSize ? onError() : next();",
    "return next();",
  ),
];

const REST: readonly Mutation[] = [
  VISIBLE("terminal: control characters", String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f`, "["),
  VISIBLE("terminal: direction overrides", String.raw`\u202a-\u202e`, ""),
  VISIBLE(
    "terminal: invisible characters",
    String.raw`|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e`,
    String.raw`|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e`,
  ),
  VISIBLE("terminal: tags", String.raw`\p{Surrogate}\u{e0000}-\u{e007f}]/gu`, String.raw`\p{Surrogate}]/gu`),
  VISIBLE("terminal: sequences cut into pieces", "INCOMPLETE.test(text) ? 1 : 0", "0"),
  ...Object.entries(BOUNDS).map(([bound, named]) =>
    CONFIG(
      `answers: ${bound}`,
      `${bound}: config.max_answer_${bound},`,
      `${bound}: ${bound === "seconds" ? 1e6 : 1e9},`,
      { named },
    ),
  ),
  TURNS("turns: most steps", `if ((goesOn || waits) && turn.steps >= maxSteps) return end(turn, "max_steps");`, ""),
  TURNS(
    "turns: repeated calls",
    'if ((goesOn || waits) && Math.max(0, ...calls.values()) >= MOST_REPEATS) return end(turn, "repeated_call");',
    "",
  ),
  TURNS("turns: most cost", `if ((goesOn || waits) && step.isOverBudget) return end(turn, "max_cost");`, "", {
    test: "test/agent/spent.test.ts",
  }),
  NAMES(
    "names: no separators or dots",
    String.raw`/^[\w-][\w ._-]*$/.test(base) || /^[\p{L}\p{M}\p{N}_-][\p{L}\p{M}\p{N} ._-]*$/u.test(base)`,
    `base !== ""`,
  ),
  NAMES("names: at most 64 characters", "name.length <= MOST_CHARACTERS &&", ""),
  NAMES("names: none that ends in a dot or space", "!/[ .]$/.test(base) &&", ""),
  NAMES(
    "names: none that Windows reserves",
    "!/[ .]$/.test(base) &&\n    !RESERVED.test(base);",
    "!/[ .]$/.test(base);",
  ),
  inFile("src/storage/files/folders.ts", "test/storage/files/paths.test.ts")(
    "files: folders are for their owner only",
    "mkdirSync(path, { mode: 0o700 });",
    "mkdirSync(path);",
  ),
  inFile("scripts/lockfile.mjs", "test/gates/lockfile.test.ts")(
    "install scripts of known packages only",
    "if (!hasInstallScript || ALLOWED.includes(name)) return [];",
    "return [];",
  ),
];

/** What acts or is reached outside memory: the web, files, functions, tools, the server, the terminal, the model. */
export const OUTSIDE: readonly Mutation[] = [...REACHED, ...FUNCTIONS, ...SERVER, ...REST];
