import { fileURLToPath } from "node:url";

/** For a process that tsx runs: `memgpt` is the built package there, which starts twice as fast as the sources. */
export const BUILT_PACKAGE = { TSX_TSCONFIG_PATH: fileURLToPath(new URL("tsconfig.built.json", import.meta.url)) };
