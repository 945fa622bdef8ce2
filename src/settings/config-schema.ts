import { settings } from "./config.ts";

/** The schema of `config.json`. */
export const configSchema = settings();
