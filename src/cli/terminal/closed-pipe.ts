/** Whether `error` comes from writing to a pipe whose reader has closed it. */
export function isClosedPipe(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}
