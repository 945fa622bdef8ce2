/** Whether `error` is that of writing to a pipe that nobody reads any more. */
export function isClosedPipe(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}
