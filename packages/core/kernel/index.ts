// The kernel: what the host may call, and where things lie.
export { firstMissed, scan, scannedTo } from "./scan";
export { claim, clearGroups, countGroups, group, stoppedFor } from "./group";
export { match } from "./match";
export { endedLines, hasWideSpace, words } from "./words";
export { write, writtenTo } from "./write";
export {
  ABSENT, BUFFER, BUFFER_END, COLUMNS, COLUMN_STRIDE, EXPECTED,
  GROUPS_END, GROUP_KEYS, GROUP_MARKS, GROUP_OF, KEYS, KEYS_END, LINES, LINES_END, MATCHES, MAX_COLUMNS, MAX_GROUPS, MAX_LITERAL, MAX_MATCHES, MAX_ROWS, ROWS, SELECTED, SHAPES,
  SLACK, TAGS, TAG_STRIDE, TRIE, TRIE_END, VERDICTS, WRITERS, WRITERS_END, WRITER_OF,
} from "./layout";
