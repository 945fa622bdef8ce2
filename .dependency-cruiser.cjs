// What may import what: the table of DESIGN.md, section 2. test/gates/layers.test.ts plants a violation of each rule.

const folder = (name) => `^src/${name}/`;
const file = (name) => `^src/${name.replaceAll(".", "\\.")}$`;

const everyone = [folder("schema"), file("errors.ts")];
const engine = [
  "ports",
  "time",
  "memory",
  "search",
  "trust",
  "llm",
  "storage",
  "threads",
  "web",
  "functions",
  "agent",
  "sources",
  "imports",
].map(folder);
const terminal = ["chalk", "commander", "@inquirer/[^/]+", "marked", "string-width", "wrap-ansi", "yocto-spinner"];

/**
 * One row per folder or root module: what it may import besides itself, and the packages it may use.
 * `pure` modules may not use Node's own modules either.
 */
const layers = [
  { name: "schema", from: folder("schema"), may: [file("errors.ts")], packages: ["zod"], pure: true },
  { name: "errors", from: file("errors.ts"), may: [], packages: [], pure: true },
  { name: "version", from: file("version.ts"), may: [], packages: [] },
  { name: "ports", from: folder("ports"), may: everyone, packages: ["zod"], pure: true },
  { name: "time", from: folder("time"), may: everyone, packages: ["chrono-node"], pure: true },
  {
    name: "memory",
    from: folder("memory"),
    may: [...everyone, ...["ports", "time"].map(folder)],
    packages: [],
    pure: true,
  },
  {
    name: "search",
    from: folder("search"),
    may: [...everyone, ...["ports", "time", "memory"].map(folder)],
    packages: ["stemmer"],
    pure: true,
  },
  {
    name: "trust",
    from: folder("trust"),
    may: everyone,
    packages: ["@scure/bip39", "@secretlint/core", "@secretlint/secretlint-rule-preset-recommend"],
    pure: true,
  },
  {
    name: "llm",
    from: folder("llm"),
    may: [...everyone, ...["ports", "time", "threads"].map(folder)],
    packages: ["openai", "undici", "socks", "jsonrepair", "gpt-tokenizer"],
  },
  {
    name: "storage",
    from: folder("storage"),
    may: [...everyone, ...["ports", "time", "memory", "search"].map(folder), file("version.ts")],
    packages: ["better-sqlite3", "@types/better-sqlite3", "hnswlib-node", "pg"],
  },
  { name: "threads", from: folder("threads"), may: [...everyone, file("version.ts")], packages: [] },
  { name: "web", from: folder("web"), may: everyone, packages: [] },
  {
    name: "functions",
    from: folder("functions"),
    may: [...everyone, ...["ports", "time", "memory", "trust", "search", "web"].map(folder)],
    packages: ["zod", "jiti", "@modelcontextprotocol/client"],
  },
  {
    name: "agent",
    from: folder("agent"),
    may: [...everyone, ...["ports", "time", "memory", "search", "trust", "functions"].map(folder)],
    packages: [],
  },
  {
    name: "sources",
    from: folder("sources"),
    may: [...everyone, ...["ports", "time", "memory", "trust", "web", "threads", "functions"].map(folder)],
    packages: [
      "@mozilla/readability",
      "chardet",
      "csv-parse",
      "fast-xml-parser",
      "fflate",
      "file-type",
      "linkedom",
      "mammoth",
      "unpdf",
      "yauzl",
    ],
  },
  { name: "imports", from: folder("imports"), may: [...everyone, folder("memory")], packages: ["zod"], pure: true },
  {
    name: "settings",
    from: folder("settings"),
    may: [...everyone, folder("ports"), folder("llm"), folder("storage/files"), file("version.ts")],
    packages: ["yaml", "zod"],
  },
  {
    name: "compose",
    from: file("compose.ts"),
    may: [...everyone, ...engine, folder("settings")],
    packages: [],
  },
  {
    name: "doctor",
    from: folder("doctor"),
    may: [...everyone, ...["ports", "llm", "storage", "settings"].map(folder), file("compose.ts"), file("version.ts")],
    packages: ["zod"],
  },
  {
    name: "host",
    from: folder("host"),
    // Storage is reached through what compose.ts chooses.
    may: [
      ...everyone,
      ...engine.filter((it) => it !== folder("storage")),
      ...["storage/files/paths.ts", "compose.ts", "version.ts"].map(file),
      folder("settings"),
    ],
    packages: [],
  },
  {
    name: "public",
    from: "^src/(index|testing)\\.ts$",
    may: [
      ...everyone,
      ...engine,
      ...["settings", "doctor", "host"].map(folder),
      file("compose.ts"),
      file("version.ts"),
    ],
    packages: [],
  },
  { name: "eval", from: folder("eval"), may: [...everyone, file("index.ts")], packages: ["zod"] },
  {
    name: "server",
    from: "^src/server/(?!page/|wire/)",
    may: [...everyone, file("index.ts"), file("version.ts"), folder("server/wire")],
    packages: ["hono", "@hono/[^/]+", "@modelcontextprotocol/server", "zod"],
  },
  { name: "wire", from: folder("server/wire"), may: everyone, packages: ["zod"], pure: true },
  // Of the library it has types only, so that a program of a server loads no database.
  { name: "remote", from: folder("remote"), may: [...everyone, file("index.ts"), folder("server/wire")], packages: [] },
  {
    // Runs in the browser. Of the server it has types only.
    name: "page",
    from: folder("server/page"),
    may: [...everyone, folder("server/wire")],
    packages: ["preact", "@preact/signals", "marked"],
    pure: true,
  },
  {
    name: "cli",
    from: folder("cli"),
    may: [
      ...everyone,
      file("index.ts"),
      file("version.ts"),
      file("remote/remote-memgpt.ts"),
      file("server/serve.ts"),
      file("server/mcp/stdio.ts"),
      file("server/house/accounts.ts"),
      folder("eval"),
    ],
    packages: [...terminal, "zod"],
  },
  { name: "examples", from: "^examples/", may: [file("index.ts"), file("testing.ts")], packages: ["zod"] },
];

function rulesOf({ name, from, may, packages, pure = false }) {
  const rules = [
    {
      name: `${name}-imports`,
      comment: `${name} may not import this part of src (DESIGN.md, section 2)`,
      severity: "error",
      from: { path: from },
      to: { path: "^(src|examples|bench|test|scripts|dist)/", pathNot: [from, ...may] },
    },
    {
      name: `${name}-packages`,
      comment: `${name} may not use this package (DESIGN.md, section 2)`,
      severity: "error",
      from: { path: from },
      // At any depth, so that a linked node_modules is the same to the rules.
      to: { path: "(^|/)node_modules/", pathNot: packages.map((it) => `(^|/)node_modules/${it}/`) },
    },
  ];
  if (pure) {
    rules.push({
      name: `${name}-pure`,
      comment: `${name} does no input or output, so it needs none of Node's modules`,
      severity: "error",
      from: { path: from },
      to: { dependencyTypes: ["core"] },
    });
  }
  return rules;
}

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...layers.flatMap(rulesOf),
    {
      name: "listed-folder",
      comment: "a folder or file without a row in the table above may import anything: give it one",
      severity: "error",
      from: { path: "^src/", pathNot: layers.map(({ from }) => from) },
      to: {},
    },
    {
      name: "no-cycle",
      comment: "types included",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-folder-cycle",
      comment: "two folders that import each other are one folder in disguise",
      severity: "error",
      scope: "folder",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolvable",
      comment: "a file or a package that does not exist",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-orphan",
      comment: "nobody imports it and it imports nothing",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: "^src/((index|testing)|cli/main)\\.ts$" },
      to: {},
    },
    {
      name: "no-barrel",
      comment: "only index.ts and testing.ts re-export: import a thing from the file that defines it",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(index|testing)\\.ts$" },
      to: { dependencyTypes: ["export"] },
    },
    {
      name: "declared-package",
      comment: "users get dependencies and optionalDependencies only",
      severity: "error",
      from: { path: "^src/", pathNot: folder("server/page") },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "^dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
