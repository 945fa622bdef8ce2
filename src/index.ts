export type { AgentInterface as Agent } from "./agent/agent.ts";
export type { CallAnswer } from "./agent/answer-calls.ts";
export type { ContextUse } from "./agent/agent-reader.ts";
export type { RetryOptions, SendOptions, SummarizeOptions } from "./agent/arguments.ts";
export { type Check, checkAgents, checkDatabase, checkHome, checkInstallation } from "./doctor/health.ts";
export { type AgentVectors, checkEmbedding } from "./doctor/check-embedding.ts";
export {
  type CheckOptions,
  type FunctionTrial,
  type ModelChoice,
  checkModel,
  tryFunctions,
} from "./doctor/check-model.ts";
export { type EmbedderOptions, checkDatabaseUrl, createEmbedder, shownDatabase } from "./compose.ts";
export { type Config, type ConfigKey, answerBoundsOf, modelOptionsOf } from "./settings/config.ts";
export { configSchema } from "./settings/config-schema.ts";
export { ENVIRONMENT, type Origin } from "./settings/load-config.ts";
export { type ConfigChanges, parseSetting, updateConfig } from "./settings/config-file.ts";
export { type Credentials, type FoundKey, redacted } from "./settings/credentials.ts";
export { storeKey } from "./settings/credentials-file.ts";
export type { Connection } from "./schema/connection.ts";
export { LITE_INSTALL } from "./llm/embedders/lite-embedder.ts";
export { LOCAL_EMBEDDING_MODEL, embeddingSettingsOf } from "./settings/embedding-settings.ts";
export { AgentHeldError, ContextOverflowError, type ErrorCode, type Kept, LlmError, MemGPTError } from "./errors.ts";
export { OPENAI_ENDPOINT, checkNoPassword } from "./llm/endpoint.ts";
export { isLoopback } from "./schema/loopback.ts";
export type { ForgetChoices } from "./agent/forget.ts";
export type { Forgettable, ForgetRequest, ForgetRewrite } from "./schema/forgetting.ts";
export type { FindResult } from "./agent/find.ts";
export type { FindAllResult } from "./agent/find-all.ts";
export type { FindAllRequest, FindRequest } from "./agent/find-request.ts";
export {
  type AgentFunction,
  type FunctionContext,
  type FunctionDefinition,
  type FunctionResult,
  defineFunction,
} from "./functions/define.ts";
export type { AskConsent, ConsentAnswer, ConsentRequest, Permission } from "./functions/consent.ts";
export type { ConsentSetting, FunctionPermission } from "./agent/consent.ts";
export { type Effect, type StepDraft, setBlock, speak } from "./functions/effects.ts";
export type { Collections, SourcedPassage } from "./search/passages/collections.ts";
export type { PassageCollection } from "./ports/archival.ts";
export { AgentHost, type AgentHostOptions, type AgentKey, type UseOptions } from "./host/agent-host.ts";
export type { ExportFormat, ExportOptions } from "./host/export.ts";
export type { AddedPassage, ImportPace, ImportProgress, ImportedMessage } from "./agent/import.ts";
export type { AgentInspection } from "./host/inspect.ts";
export type { Embedder } from "./ports/embedder.ts";
export type { Llm, LlmDelta, LlmRequest } from "./ports/llm.ts";
export { type EmbeddingChoice, chosenEmbedding } from "./host/embedding-choice.ts";
export type { ReindexEvent, ReindexOptions } from "./host/reindex.ts";
export type { SessionOptions } from "./host/agents.ts";
export type { AgentMemory } from "./host/closed-agents.ts";
export type { BlockBook } from "./host/block-book.ts";
export { agentBehind, archiveName, hiddenName, shownName } from "./schema/hidden-name.ts";
export { coreBlock } from "./memory/core-block.ts";
export type { BlockEntry } from "./schema/block-record.ts";
export type { Blocks } from "./host/block-desk.ts";
export { MemGPT } from "./host/memgpt.ts";
export type { AgentBackups } from "./host/backup-desk.ts";
export type { AgentDatabase } from "./host/agent-database.ts";
export type { FoundAgents, FoundImport } from "./host/find-import.ts";
export type { ImportOptions, ImportReport } from "./host/import.ts";
export type { McpAddress, McpServers, McpTrial } from "./host/mcp-desk.ts";
export type { Imports } from "./host/import-desk.ts";
export type { ServerImportOptions } from "./host/old-server.ts";
export type { AgentFileExtras } from "./imports/to-agent-file.ts";
export { plainMessage } from "./imports/agent-file-history.ts";
export type { FoundBlock, FoundHistory, FoundMemory, FoundMessage, FoundPassage, WholeAgent } from "./imports/plan.ts";
export type { ImportedMemory, ImportedOnce } from "./agent/import-once.ts";
export type { LoadSourceOptions, PassagesAround, PlacedPassage, SourceOverview } from "./host/sources.ts";
export type { Sources } from "./host/source-shelf.ts";
export { type ChromaDocuments, chromaSource } from "./host/chroma.ts";
export { type DatabaseRows, databaseSource } from "./host/database-source.ts";
export type { LoadEvent, LoadTotals } from "./sources/load-events.ts";
export type { SecretsChoice, SecretsFound, SecretsPolicy } from "./sources/secrets.ts";
export { type Origin as DocumentOrigin, type OwnDocument, type OwnSource, defineSource } from "./sources/origins.ts";
export { MOST_QUOTED, type QuotedFile, quoteFile } from "./sources/quote.ts";
export { fence, markFrom } from "./trust/fence.ts";
export type { StoredDocument } from "./schema/source.ts";
export type { MemGPTOptions } from "./host/arguments.ts";
export type {
  BackedUpAgent,
  BackupOptions,
  BackupReport,
  RestoreBackupOptions,
  RestoreReport,
} from "./ports/backup.ts";
export type { Moved, MovedAgent, MovedRecords, MovedSource } from "./ports/move.ts";
export type { MoveOptions } from "./host/move.ts";
export type { AgentEntry, AgentOverview } from "./ports/repository.ts";
export type { NewAgent } from "./host/new-agent.ts";
export type { AgentChanges, AgentOverrides } from "./agent/deps.ts";
export type { Rewritten } from "./agent/rewrite.ts";
export { MEMORY_ALERT } from "./agent/pack.ts";
export { envelopeText, spokenText } from "./memory/envelope.ts";
export {
  type ListedModel,
  type LocalServer,
  type Probe,
  findLocalServers,
  listModels,
  serverWindow,
} from "./doctor/probe.ts";
export { type Suspicion, findSuspicion } from "./trust/poison/find-suspicion.ts";
export type { PoisonClass } from "./trust/poison/rules.ts";
export { type Secret, findSecrets, redact } from "./trust/secrets/find-secrets.ts";
export type { RecordChange, Records, StoredRecord } from "./ports/records.ts";
export { Table } from "./ports/record-table.ts";
export { shownTime } from "./time/format.ts";
export { identify } from "./doctor/identify.ts";
export {
  HOSTED_PROVIDERS,
  LOCAL_PROVIDERS,
  PROVIDERS,
  type Provider,
  hostedAt,
  knownWindow,
} from "./settings/providers.ts";
export type { Resources } from "./host/resource-shelf.ts";
export type { Resource, ResourceKind } from "./settings/resources.ts";
export type { Completion, FunctionSchema, MainContext, SectionTokens, Usage } from "./schema/context.ts";
export type { AgentEvent, InputEvent, NoticeCode, TurnOutcome } from "./schema/events.ts";
export { userMessageEventSchema } from "./schema/user-message-event-schema.ts";
export type { Price, Spent } from "./schema/spent.ts";
export type { Alert } from "./schema/alerts.ts";
export type { FunctionCall, FunctionKind, Message } from "./schema/message.ts";
export type { Held, HeldWrite } from "./schema/quarantine.ts";
export type { Passage } from "./schema/passage.ts";
export type { AgentSettings, AgentState, Block, EmbeddingSettings } from "./schema/state.ts";
export { type EmbeddingTrial, type EmbeddingTrialOptions, tryEmbedding } from "./doctor/try-embedding.ts";
export type {
  Action,
  BlockChange,
  BlockEdit,
  CheckpointEntry,
  ExplainedEdit,
  ExplainedSearch,
  Explanation,
  MemoryChange,
  Popped,
  SearchResult,
  SeenFact,
  Undone,
} from "./schema/timeline.ts";
export type { ArchivalQuery, ArchivalStorage, CollectionInfo } from "./ports/archival.ts";
export type { Journal, JournalEntry } from "./ports/journal.ts";
export type { RecallQuery, RecallStorage, Session, Utterance } from "./ports/recall.ts";
export type { Hit, ListRequest, Page, PageRequest, TimeRange } from "./schema/page.ts";
