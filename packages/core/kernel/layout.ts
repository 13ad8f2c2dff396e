// Where things lie in the kernel's memory. The host reads these constants from the module, so they are written here only.
// Static data (the tables of powers) lie below TRIE.

/** Rows that one scan handles at most. */
export const MAX_ROWS: i32 = 2048;
/** Columns, one bit each in a mask of 32. */
export const MAX_COLUMNS: i32 = 32;
/** Masks of string comparisons. */
export const MAX_MATCHES: i32 = 16;

/** Shapes of rows, as a trie. */
export const TRIE: usize = 0x8000;
export const TRIE_END: usize = 0x18000;
/** Wanted keys by level, and the constants that strings are compared with. */
export const KEYS: usize = 0x18000;
export const KEYS_END: usize = 0x1c000;
/** For each column the tag that compiled code expects, 0 for any; then the tag it has in a row without the field. */
export const EXPECTED: usize = 0x1c000;
export const ABSENT: usize = 0x1c020;
/** Offset of each row of the batch, and behind the last the offset where the next batch begins: u32. */
export const ROWS: usize = 0x1c100;
/** One of the VERDICTs for each row. */
export const VERDICTS: usize = 0x1e200;
/** For each row the number of its shape, from 1; 0 for rows read by their keys. */
export const SHAPES: usize = 0x1ea00;
/** One byte for each row and column. The stride keeps columns out of each other's cache sets. */
export const TAGS: usize = 0x20000;
export const TAG_STRIDE: usize = 2048 + 64;
/** One byte for each row and comparison: 1 where the string matches. */
export const MATCHES: usize = 0x31000;
/** Eight bytes for each row and column: a double, or offset and length of a text, u32 each. */
export const COLUMNS: usize = 0x40000;
export const COLUMN_STRIDE: usize = 2048 * 8 + 128;
/** How lines are made, and by the number of the shape where it stands: u32, 0 for none. */
export const WRITERS: usize = 0xd0000;
export const WRITERS_END: usize = 0xd7c00;
export const WRITER_OF: usize = 0xd7c00;
/** The rows to write: u32. */
export const SELECTED: usize = 0xd8000;
/** Lines that were written. A row that might pass the end is not begun. */
export const LINES: usize = 0xda000;
export const LINES_END: usize = 0xfff00;
/** Where the host reads files to. */
export const BUFFER: usize = 0x100000;
export const BUFFER_END: usize = 0x190000;
/** The longest literal of a shape. All of it is compared, however soon it differs. */
export const MAX_LITERAL: usize = 1024;
/** Bytes that may be read behind the last row: a literal, rounded up to blocks, and a few for what goes 16 bytes at a time. */
export const SLACK: usize = 1024 + 128;

/** Groups by key. From here on memory is only there when the host has asked for it. */
export const MAX_GROUPS: i32 = 0x100000;
/** The group of each selected row: u32. */
export const GROUP_OF: usize = 0x190000;
/** For each group where its key lies and how long it is, u32 each; the key's tag, u64; 1 where V8 has it. */
export const GROUP_KEYS: usize = 0x192000;
export const GROUP_TAGS: usize = 0x992000;
export const GROUP_MARKS: usize = 0x1192000;
/** An open-addressing table: the tag of a key, u64, and the group's number plus one, u32; 0 where the place is free. */
export const GROUP_PLACES: usize = 0x1292000;
/** The bytes of the keys. */
export const GROUP_TEXTS: usize = 0x3292000;
export const GROUP_TEXTS_END: usize = 0x5292000;
/** All of the memory, in bytes. */
export const GROUPS_END: usize = 0x52a0000;

/** Not understood: the row must run in V8. */
export const UNUSUAL: u8 = 0;
/** Every column has the tag that is expected of it. */
export const REGULAR: u8 = 1;
/** Valid, with some column of another type. */
export const IRREGULAR: u8 = 2;

export const MISSING: u8 = 0;
export const NUMBER: u8 = 1;
export const STRING: u8 = 2;
export const TRUE: u8 = 3;
export const FALSE: u8 = 4;
export const NULL: u8 = 5;
/** A string with escapes: its text must be parsed. */
export const ESCAPED: u8 = 6;
/** A number of more digits than the tables decide: its text must be parsed. */
export const LONG_NUMBER: u8 = 7;
/** An object or array: compiled code knows nothing of it. */
export const OBJECT: u8 = 8;
/** What should hold the field is a string, number, boolean or array. */
export const NO_PARENT: u8 = 9;
/** What should hold the field is null or missing itself. */
export const NULLISH_PARENT: u8 = 10;
