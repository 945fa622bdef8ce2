// Builds dist/: the program and the library as one set of bundled modules, and the library's types.
// Plain JavaScript, so that `npm ci` can run it before anything else works.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { fewChunks } from "./chunks.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** May be a link to another folder. */
const packages = realpathSync(join(root, "node_modules"));

// Modules removed from src must not stay in dist and the package.
rmSync(join(root, "dist"), { recursive: true, force: true });

/** Removes unneeded work that packages do on loading. */
const LATE = [
  {
    // 4 ms, for subcommands that are separate programs, which memgpt does not have.
    file: "commander/lib/command.js",
    eager: "const childProcess = require('node:child_process');",
    late: "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };",
  },
  {
    // 15 ms; the next one, 3 ms.
    file: "string-width/index.js",
    eager: "const segmenter = new Intl.Segmenter();",
    late: "let made; const segmenter = { segment: (text) => (made ??= new Intl.Segmenter()).segment(text) };",
  },
  {
    file: "string-width/index.js",
    eager: "const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;",
    late: "let compiled; const rgiEmojiRegex = { test: (text) => (compiled ??= /^\\p{RGI_Emoji}$/v).test(text) };",
  },
  {
    // It needs no more of zod, but would pull in all of it: 130 kB that every command would load.
    file: "@hono/zod-openapi/dist/index.mjs",
    eager: 'import { z } from "zod";',
    late: 'import { ZodType, z } from "zod";',
  },
  {
    file: "@hono/zod-openapi/dist/index.mjs",
    eager: "extendZodWithOpenApi(z);",
    late: "extendZodWithOpenApi({ ZodType });",
  },
];
const lateInPackages = {
  name: "late-in-packages",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/(commander|string-width|@hono\/zod-openapi)\// }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const { file, eager, late } of LATE) {
        if (path !== join(packages, file)) continue;
        if (!contents.includes(eager))
          throw new Error(`${path} no longer has the line that scripts/build.mjs replaces`);
        contents = contents.replace(eager, () => late);
      }
      return { contents };
    });
  },
};

/** Not bundled: loaded from node_modules when such a document is read. */
const DOCUMENT_PARSERS = [
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
];

/** zod's error texts in 50 languages, 300 kB, which the package that documents routes would pull in. */
const withoutLocales = {
  name: "without-locales",
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** Word lists load three times as fast when parsed as JSON instead of as code. */
const parsedData = {
  name: "parsed-data",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.json$/ }, ({ path }) => {
      const text = JSON.stringify(JSON.parse(readFileSync(path, "utf8")));
      return { contents: `export default JSON.parse(${JSON.stringify(text)});` };
    });
  },
};

// One build for all, so that program and library share every module.
await build({
  absWorkingDir: root,
  entryPoints: {
    index: "src/index.ts",
    testing: "src/testing.ts",
    "remote/remote-memgpt": "src/remote/remote-memgpt.ts",
    "server/serve": "src/server/serve.ts",
    "cli/main": "src/cli/main.ts",
    "sources/reader-thread": "src/sources/reader-thread.ts",
  },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Less to compile at each start. Names and short lines are kept, so that stack traces are readable even without source maps
  // (--debug, node --enable-source-maps).
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 120,
  sourcemap: true,
  sourcesContent: false,
  // Loading better-sqlite3's dozen small files one by one takes 6 ms. `bindings` would search for its binary.
  external: [
    "bindings",
    "hnswlib-node",
    "@huggingface/transformers",
    "@energetic-ai/*",
    "jiti",
    "@modelcontextprotocol/client",
    ...DOCUMENT_PARSERS,
  ],
  plugins: [
    lateInPackages,
    withoutLocales,
    parsedData,
    fewChunks({
      root,
      groups: {
        // Loaded by every command except --version,
        start: [
          "src/version.ts",
          "src/errors.ts",
          "src/llm/endpoint.ts",
          "src/cli/commands/mcp-clients.ts",
          "src/cli/terminal/closed-pipe.ts",
          "src/cli/terminal/report-error.ts",
        ],
        // to open a home and list its agents,
        home: [
          "src/cli/terminal/open-home.ts",
          "src/cli/terminal/json-text.ts",
          "src/cli/terminal/one-line.ts",
          "src/cli/terminal/print.ts",
          "src/storage/sqlite/agent-overview.ts",
          "src/settings/config-file.ts",
          "src/settings/embedding-settings.ts",
          "src/schema/user-message-event.ts",
          "src/trust/fence.ts",
        ],
        // to open an agent,
        agents: [
          "src/host/agents.ts",
          "src/storage/repository/open-agent.ts",
          "src/storage/repository/open-checkpoints.ts",
          "src/storage/sqlite/derived.ts",
          "src/functions/built-in.ts",
          "src/functions/extras/extras.ts",
          "src/functions/registry.ts",
        ],
        // to talk to it,
        run: ["src/cli/chat/run.ts"],
        // and to search its memory.
        search: ["src/search/recall/search.ts", "src/search/passages/search.ts", "src/search/query.ts"],
      },
      entries: ["src/index.ts", "src/testing.ts", "src/server/serve.ts"],
    }),
  ],
  // Bundled CommonJS packages require Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});

/** The page needs only the lexer of marked; its shared instance would keep the parser and renderers, 4 KB of the gzipped page. */
const lexerOfMarked = {
  name: "lexer-of-marked",
  setup({ onLoad }) {
    onLoad({ filter: /\/marked\/lib\/marked\.esm\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const instance = text.search(/var \w+=new \w+;function \w+\(\w+,\w+\)\{return \w+\.parse\(/);
      const [, lexer] = /(\w+) as Lexer[,}]/.exec(text) ?? [];
      if (instance < 0 || lexer === undefined)
        throw new Error(`${path} has changed: see lexerOfMarked in scripts/build.mjs`);
      return { contents: `${text.slice(0, instance)}export { ${lexer} as Lexer };` };
    });
  },
};

// The page, for browsers of the last two years: one script and one style sheet.
const page = join(root, "src", "server", "page");
await build({
  absWorkingDir: root,
  entryPoints: { main: join(page, "main.tsx"), style: join(page, "style", "style.css") },
  outdir: "dist/server/page",
  bundle: true,
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  charset: "utf8",
  logLevel: "warning",
  plugins: [lexerOfMarked],
});
for (const file of ["index.html", "icon.svg"])
  copyFileSync(join(page, file), join(root, "dist", "server", "page", file));

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
