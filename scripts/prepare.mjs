// Runs at the end of `npm ci` in a clone: builds dist/, makes `npx memgpt` work, and tries the native packages.
// Plain JavaScript, because it must run without development dependencies. Silent if all is well.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const program = join(root, "dist", "cli", "main.js");

// With npm 10 and 11, the first `npx memgpt` in a clone also runs this. It must neither build again nor fail: npm would
// leave a broken entry in its cache, and every later `npx memgpt` would fail.
if (process.env.npm_command === "exec") {
  if (!existsSync(program)) build();
} else {
  const well = [build(), tryNative()];
  process.exitCode = well.includes(false) ? 1 : 0;
}

function build() {
  const needed = ["typescript", "esbuild"].map((name) => join(root, "node_modules", name));
  if (!needed.every(existsSync)) {
    console.log("memgpt: not built, because the build needs the development dependencies (npm ci without --omit=dev)");
    return true;
  }
  const { status } = spawnSync(process.execPath, [join(root, "scripts", "build.mjs")], { cwd: root, stdio: "inherit" });
  if (existsSync(program)) linkProgram();
  return status === 0;
}

/** npm links the programs of a package's dependencies, but not the package's own. */
function linkProgram() {
  chmodSync(program, 0o755);
  const link = join(root, "node_modules", ".bin", "memgpt");
  if (process.platform === "win32") {
    writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\dist\\cli\\main.js" %*\r\n');
    return;
  }
  rmSync(link, { force: true });
  symlinkSync("../../dist/cli/main.js", link);
}

function tryNative() {
  try {
    require("hnswlib-node");
  } catch {
    console.log("memgpt: hnswlib-node is not available here; exact vector search will be used instead");
  }
  try {
    // The native part is loaded with the first database, not with the module.
    const Database = require("better-sqlite3");
    new Database(":memory:").close();
    return true;
  } catch (error) {
    console.error(`memgpt: the package better-sqlite3 does not work in Node ${process.version}: ${reason(error)}.`);
    console.error('Run "npm rebuild better-sqlite3"; if that fails, install python3, make and g++, and run it again.');
    return false;
  }
}

function reason(error) {
  if (error.code === "MODULE_NOT_FOUND") return "it is not installed";
  if (error.code === "ERR_DLOPEN_FAILED") return "it was built for another version of Node or another machine";
  return "it has not been built";
}
