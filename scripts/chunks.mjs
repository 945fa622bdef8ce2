// An esbuild plugin for scripts/build.mjs that bundles modules that are loaded together. Plain JavaScript, like build.mjs.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * Every loaded file adds half a millisecond to each start, and esbuild makes one for each set of entry points that share
 * modules; a lazily imported module is such an entry point. So modules that are needed together form a group, which is one
 * file. Whatever imports one of its modules, even lazily, imports the whole group.
 *
 * @param groups Modules by group name; their imports belong to the group, unless an earlier group has them.
 * @param entries Entry points that load groups eagerly.
 */
export function fewChunks({ root, groups, entries }) {
  const path = (name) => join(root, name);
  return {
    name: "few-chunks",
    setup({ onLoad, onResolve }) {
      const sources = readSources(path("src"));
      const groupOf = new Map();
      for (const [name, members] of Object.entries(groups)) {
        for (const file of withImports(sources, members.map(path))) if (!groupOf.has(file)) groupOf.set(file, name);
      }
      const late = new Set([...sources.keys()].flatMap((file) => imports(sources, file, LATE)));
      const groupsIn = (files) =>
        new Set([...files].map((file) => groupOf.get(file)).filter((name) => name !== undefined));
      const before = (name) => groupsIn(withImports(sources, groups[name].map(path)));
      /** The groups of the modules that are loaded with `files`, and the groups that these need. */
      const imported = (files) =>
        new Set([...groupsIn(withImports(sources, files))].flatMap((name) => [...before(name)]));
      const loaders = new Set([...late, ...entries.map(path)].filter((file) => !groupOf.has(file)));
      const importing = (names) => [...names].map((name) => `import "group:${name}";`).join("\n");
      onResolve({ filter: /^group:/ }, ({ path: name }) => ({ path: name.slice(6), namespace: "group" }));
      onLoad({ filter: /.*/, namespace: "group" }, ({ path: name }) => {
        const modules = [...groupOf].filter(([, group]) => group === name).map(([file]) => file);
        const lines = modules.map((file) =>
          late.has(file) ? `export * as ${nameOf(file, root)} from "${file}";` : `import "${file}";`,
        );
        const others = [...before(name)].filter((other) => other !== name);
        return { contents: [importing(others), ...lines].join("\n"), resolveDir: root };
      });
      onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path: file }) => {
        const grouped = sources.get(file).replace(LATE, (whole, target) => {
          const module = join(dirname(file), target);
          const group = groupOf.get(module);
          return group === undefined
            ? whole
            : `import("group:${group}").then((group) => group.${nameOf(module, root)})`;
        });
        return { contents: loaders.has(file) ? `${grouped}\n${importing(imported([file]))}` : grouped, loader: "ts" };
      });
    },
  };
}

/** The name under which a group exports one of its modules. */
function nameOf(file, root) {
  return relative(root, file).replace(/\W/g, "_");
}

/** A module's eager and lazy imports. */
const NOW = /^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)";/gm;
const LATE = /import\("(\.[^"]+)"\)/g;

function imports(sources, file, pattern) {
  return [...(sources.get(file) ?? "").matchAll(pattern)].map(([, path]) => join(dirname(file), path));
}

/** `files` and everything that they load eagerly. */
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
 * The program imports the library from `src/index.ts`. Bundled like that, every command would load everything that the library
 * exports. So each name is imported from the module that defines it. Removes types, keeps lines.
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

/** The module that defines each name that the library exports. */
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
