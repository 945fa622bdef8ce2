// Checks package-lock.json, or the file given as argument, for problems that `npm ci` would have on another machine.
// Plain JavaScript, so that CI can run it before installing anything.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The oldest supported release of each line of Node. */
const SUPPORTED = ["20.19.0", "22.13.0", "24.11.0"];

const ALLOWED = allowed();

const file = process.argv[2] ?? fileURLToPath(new URL("../package-lock.json", import.meta.url));
const { packages } = JSON.parse(readFileSync(file, "utf8"));
const problems = Object.entries(packages).flatMap(([path, entry]) => [
  ...addresses(path, entry),
  ...engines(path, entry),
  ...absent(path, entry),
  ...scripted(path, entry),
]);
for (const problem of problems) console.error(`lockfile: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** DECISIONS.md names every package that may run code when memgpt is installed. */
function scripted(path, { hasInstallScript = false }) {
  const name = path.replace(/^.*node_modules\//, "");
  if (!hasInstallScript || ALLOWED.includes(name)) return [];
  return [`${path} runs an install script, and DECISIONS.md does not name it`];
}

/** A download address ties everyone to the registry used when the lockfile was made. */
function addresses(path, { resolved }) {
  return resolved === undefined ? [] : [`${path} has a download address ("resolved")`];
}

/** npm picks versions for the Node it runs on, so a lockfile made with a newer Node may shut out an older one. */
function engines(path, { engines }) {
  const range = engines?.node;
  if (range === undefined) return [];
  const refused = SUPPORTED.filter((version) => !accepts(range, version));
  return refused.length === 0 ? [] : [`${path || "the package"} wants Node ${range}, not ${refused.join(", ")}`];
}

/** npm ci refuses a lockfile that lacks a platform's optional package, even on other platforms. */
function absent(path, { optionalDependencies = {} }) {
  return Object.keys(optionalDependencies)
    .filter((name) => !isLocked(path, name))
    .map((name) => `${path || "the package"} names the optional package ${name}, which is absent`);
}

/** Looks where Node would: next to the package, then in every folder above. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    if (packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === "") return false;
  }
}

/** Whether a range such as `^20.19.0 || >=22.12` includes a version. Unknown forms include none. */
function accepts(range, version) {
  return range.split("||").some((part) =>
    part
      .trim()
      .replace(/([<>=~^])\s+/g, "$1")
      .split(/\s+/)
      .every((comparator) => meets(comparator, version.split(".").map(Number))),
  );
}

function meets(comparator, version) {
  if (comparator === "" || comparator === "*") return true;
  const [, operator, text] = /^(>=|<=|>|<|=|\^|~)?v?(\d+(?:\.(?:\d+|[x*])){0,2})$/.exec(comparator) ?? [];
  if (text === undefined) return false;
  const bound = text
    .split(".")
    .filter((part) => /\d/.test(part))
    .map(Number);
  switch (operator) {
    case ">=":
      return compare(version, bound) >= 0;
    case "<":
      return compare(version, bound) < 0;
    case ">":
      return compare(version.slice(0, bound.length), bound) > 0;
    case "<=":
      return compare(version.slice(0, bound.length), bound) <= 0;
    case "^":
      return version[0] === bound[0] && compare(version, bound) >= 0;
    case "~":
      return (
        compare(version.slice(0, Math.min(2, bound.length)), bound.slice(0, 2)) === 0 && compare(version, bound) >= 0
      );
    default:
      return compare(version.slice(0, bound.length), bound) === 0;
  }
}

/** Compares number by number; missing numbers of `bound` count as zero. */
function compare(version, bound) {
  for (const [index, number] of version.entries()) {
    const difference = number - (bound[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The packages in backticks of the decision about install scripts. */
function allowed() {
  const decisions = readFileSync(new URL("../DECISIONS.md", import.meta.url), "utf8");
  const [, text = ""] = /^## Install scripts[^\n]*\n([^]*?)(?=^## |$(?![^]))/m.exec(decisions) ?? [];
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, name]) => name);
}
