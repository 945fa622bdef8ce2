// What is loaded together when the program starts: a plugin of esbuild, for scripts/build.mjs. Plain JavaScript, as that is.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Every file that is loaded costs half a millisecond of each start, and esbuild makes one for each set of entry points that
 * share modules: a module that is imported late is such a point. Where all late ones import the same modules at once,
 * those are one file.
 *
 * @param shared Modules that nearly every command needs. What they import comes with them.
 * @param early Late modules that most starts load and that do without.
 */
export function fewChunks({ root, shared: names, early }) {
  const path = (name) => join(root, name);
  return {
    name: "few-chunks",
    setup({ onLoad, onResolve }) {
      const sources = readSources(path("src"));
      const roots = names.map(path);
      // Within what is shared a module that imported all of it would be evaluated too late, but for those that nothing needs.
      const within = withImports(
        sources,
        roots.flatMap((file) => imports(sources, file, NOW)),
      );
      const late = new Set([...sources.keys()].flatMap((file) => imports(sources, file, LATE)));
      for (const file of [...within, ...early.map(path)]) late.delete(file);
      onResolve({ filter: /^shared-chunk$/ }, () => ({ path: "shared", namespace: "shared" }));
      onLoad({ filter: /.*/, namespace: "shared" }, () => ({
        contents: names.map((name) => `import "./${name}";`).join("\n"),
        resolveDir: root,
      }));
      onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path: file }) => ({
        contents: sources.get(file) + (late.has(file) ? '\nimport "shared-chunk";\n' : ""),
        loader: "ts",
      }));
    },
  };
}

/** What a module imports at once, and what only when it is needed. */
const NOW = /^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)";/gm;
const LATE = /import\("(\.[^"]+)"\)/g;

function imports(sources, file, pattern) {
  return [...(sources.get(file) ?? "").matchAll(pattern)].map(([, path]) => join(dirname(file), path));
}

/** `files` and all that is loaded with them. */
function withImports(sources, files) {
  const all = new Set(files);
  for (const file of all) for (const other of imports(sources, file, NOW)) all.add(other);
  return all;
}

function readSources(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".ts"));
  const sources = new Map(files.map((file) => [join(folder, file), readFileSync(join(folder, file), "utf8")]));
  const definedIn = exportsOf(sources.get(join(folder, "index.ts")));
  for (const [file, source] of sources) sources.set(file, pastTheFrontDoor(file, source, definedIn));
  return sources;
}

/**
 * The program imports the library by its front door, `src/index.ts`. Bundled so, every command would load all that the
 * library exports. Each name is therefore imported from where it is defined; types go, lines stay.
 */
function pastTheFrontDoor(file, source, definedIn) {
  return source.replace(FROM_INDEX, (whole, type, names, door) => {
    const direct = valuesIn(type ? "" : names).map((name) => {
      const definition = definedIn.get(name.split(" as ")[0]);
      if (definition === undefined) throw new Error(`${file} imports ${name}, which src/index.ts does not export`);
      return `import { ${name} } from "${door}${definition}";`;
    });
    return direct.join(" ") + "\n".repeat(whole.split("\n").length - 1);
  });
}

const FROM_INDEX = /^import (type )?\{([^}]*)\} from "((?:\.\.\/)+)index\.ts";/gm;

/** For each name that the library exports, the module that defines it. */
function exportsOf(index) {
  const found = index.matchAll(/^export \{([^}]*)\} from "\.\/([^"]+)";/gm);
  return new Map([...found].flatMap(([, names, file]) => valuesIn(names).map((name) => [name, file])));
}

function valuesIn(names) {
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "));
}
