/**
 * Erases the cursor's row and everything below, and leaves the cursor at the row's start. It does not erase from the first
 * column: at the top of the screen, tmux would then move the whole screen into its scrollback.
 */
export const ERASE_BELOW = "\r\x1b[K\x1b[C\x1b[J\r";
