// The kernel: what the host may call, and where things lie.
export { firstMissed, scan, scannedTo } from "./scan";
export { match } from "./match";
export { write, writtenTo } from "./write";
export {
  ABSENT, BUFFER, COLUMNS, COLUMN_STRIDE, EXPECTED, KEYS, KEYS_END, LINES, LINES_END, MATCHES, MAX_COLUMNS, MAX_LITERAL, MAX_MATCHES, MAX_ROWS, ROWS, SELECTED, SHAPES,
  SLACK, TAGS, TAG_STRIDE, TRIE, TRIE_END, VERDICTS, WRITERS, WRITERS_END, WRITER_OF,
} from "./layout";
