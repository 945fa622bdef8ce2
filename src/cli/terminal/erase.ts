/**
 * Erases the cursor's row and all below it, and leaves the cursor at the row's start. Not from the very first column on:
 * where that is the top of the screen, tmux would take the whole screen into its scrollback.
 */
export const ERASE_BELOW = "\r\x1b[K\x1b[C\x1b[J\r";
