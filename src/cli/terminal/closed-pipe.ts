/** Whether `error` comes from writing to a pipe whose reader has closed it. */
export function isClosedPipe(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}

/** Whether `error` comes from any failed write. */
export function isOutputError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && error.syscall === "write";
}
