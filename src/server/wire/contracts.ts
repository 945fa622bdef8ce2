import { ACCOUNT_CONTRACTS } from "./account-contracts.ts";
import { CHAT_CONTRACTS } from "./chat-contracts.ts";
import type { Contract } from "./contract.ts";
import { FORGET_CONTRACTS } from "./forget-contracts.ts";
import { IMPORT_CONTRACTS } from "./import-contracts.ts";
import { LIBRARY_CONTRACTS } from "./library-contracts.ts";
import { MEMORY_CONTRACTS } from "./memory-contracts.ts";
import { SETTINGS_CONTRACTS } from "./settings-contracts.ts";
import { SOURCE_CONTRACTS } from "./source-contracts.ts";
import { TIME_CONTRACTS } from "./time-contracts.ts";

/** The routes of memgpt's own API, by name. */
export const CONTRACTS = {
  ...ACCOUNT_CONTRACTS,
  ...CHAT_CONTRACTS,
  ...FORGET_CONTRACTS,
  ...IMPORT_CONTRACTS,
  ...LIBRARY_CONTRACTS,
  ...MEMORY_CONTRACTS,
  ...SETTINGS_CONTRACTS,
  ...SOURCE_CONTRACTS,
  ...TIME_CONTRACTS,
} as const satisfies Readonly<Record<string, Contract>>;

export type Contracts = typeof CONTRACTS;
