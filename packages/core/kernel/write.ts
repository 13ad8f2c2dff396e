// Writing: rows of the last scan become lines of text, from columns and the bytes between them.
import {
  COLUMNS, COLUMN_STRIDE, FALSE, LINES, LINES_END, MISSING, NULL, NULLISH_PARENT, NUMBER, ROWS, SELECTED, SHAPES, STRING, TAGS, TAG_STRIDE, TRUE, WRITER_OF,
} from "./layout";
import { writeDouble } from "./double";

// A writer is how a line is made: u32 the most bytes it takes beside texts of the row, u32 how many of those, then parts:
//   u32 length, i32 column, u32 blocks; 4 bytes more; a literal of `length` bytes in blocks of 16, then the value of a column
// The column is LAST for the last literal, NONE for one with no value behind it. Flags are added to it: JSON, for strings that keep their
// quotes; OMIT, for a part that is left out, literal and all, where the field is missing; and OMIT_PARENT, where its parent is null or missing.
const LAST: i32 = -1;
const NONE: i32 = -2;
const JSON: i32 = 0x100;
const OMIT: i32 = 0x200;
const OMIT_PARENT: i32 = 0x400;
const HEAD: usize = 16;

let written: usize = LINES;

/** Where the lines of the last `write` end. */
export function writtenTo(): usize { return written; }

/** Copies `length` bytes, 16 at a time: up to 15 more are read and written. */
@inline function copy(from: usize, length: usize, out: usize): void {
  v128.store(out, v128.load(from));
  for (let i: usize = 16; i < length; i += 16) v128.store(out + i, v128.load(from + i));
}

/** Writes one row; returns what follows it, 0 when a column has no text that is known. */
@inline function writeRow(part: usize, row: i32, out: usize): usize {
  while (true) {
    const column = load<i32>(part, 4);
    let blocks = load<u32>(part, 8);
    const length = load<u32>(part);
    part += HEAD;
    const index = <usize>(column & 0xff);
    let tag: u8 = MISSING;
    if (column >= 0) {
      tag = load<u8>(TAGS + index * TAG_STRIDE + <usize>row);
      if ((column & OMIT) != 0 && (tag == MISSING || (tag == NULLISH_PARENT && (column & OMIT_PARENT) != 0))) {
        part += <usize>blocks << 4;
        continue;
      }
    }
    for (let to = out; blocks > 0; blocks--) {
      v128.store(to, v128.load(part));
      to += 16;
      part += 16;
    }
    out += length;
    if (column == LAST) return out;
    if (column == NONE) continue;
    const slot = COLUMNS + index * COLUMN_STRIDE + (<usize>row << 3);
    if (tag == NUMBER) out = writeDouble(load<f64>(slot), out);
    else if (tag == STRING) {
      const quote = <usize>((column & JSON) != 0);
      const size = <usize>load<u32>(slot, 4) + (quote << 1);
      copy(<usize>load<u32>(slot) - quote, size, out);
      out += size;
    } else if (tag == TRUE) { store<u32>(out, 0x65757274); out += 4; }
    else if (tag == FALSE) { store<u64>(out, 0x65736c6166); out += 5; }
    else if (tag == NULL) { store<u32>(out, 0x6c6c756e); out += 4; }
    else return 0;
  }
}

/**
 * Writes the rows at `[from, count)` of the selected ones, as far as there is room; returns the place of the first that it did not write,
 * which can't be written at all when it is `from`.
 */
export function write(from: i32, count: i32): i32 {
  let out = LINES;
  let i = from;
  for (; i < count; i++) {
    const row = load<i32>(SELECTED + (<usize>i << 2));
    const writer = <usize>load<u32>(WRITER_OF + (<usize>load<u8>(SHAPES + <usize>row) << 2));
    const text = load<u32>(ROWS + (<usize>row << 2), 4) - load<u32>(ROWS + (<usize>row << 2));
    if (<u64>out + load<u32>(writer) + <u64>text * load<u32>(writer, 4) > LINES_END) break;
    const end = writeRow(writer + 8, row, out);
    if (!end) break;
    out = end;
  }
  written = out;
  return i;
}
