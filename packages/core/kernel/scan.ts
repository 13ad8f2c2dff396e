// Scanning: rows of JSON lines become typed columns. A row is compared with the shapes that were learned, 16 bytes at a time;
// one that fits none is read key by key, in any order. Both validate the whole row: what either accepts, JSON.parse accepts.
import {
  ABSENT, COLUMNS, COLUMN_STRIDE, ESCAPED, EXPECTED, FALSE, IRREGULAR, MAX_ROWS, MISSING, NO_PARENT, NULL, NULLISH_PARENT, OBJECT,
  REGULAR, ROWS, SHAPES, STRING, TAGS, TAG_STRIDE, TRUE, UNUSUAL, VERDICTS,
} from "./layout";
import { readNumber } from "./number";
import { clearEscaped, findLineFeed, hasEscaped, skipSpace, skipString, skipValue } from "./text";

// A node of the trie is a run of literal bytes and the hole behind it:
//   u32 blocks   literal bytes in blocks of 16
//   u32 length   literal bytes
//   i32 column   of the value in the hole; SKIP for a value nobody asks for; END when the row ends behind the literal
//   u32 other    the node to try when this literal differs
//   u32 next     the first node behind the hole
//   u32 children columns of fields inside the value; not 0: the value is no object in this shape
//   u32 nested   END: columns whose parent is null or missing
//   u32 objects  END: columns that are objects here, whose fields are columns of their own
// and then, for each block, 16 bytes of text and 16 of mask. At END, `children` are columns that are missing, `next` is the shape's number.
const SKIP: i32 = -1;
const END: i32 = -2;
const HEAD: usize = 32;

// A level is the wanted keys of one object: u32 count, then for each
//   u32 key, u32 length, i32 column (-1 for none), u32 level of its own fields (0 for none), u32 columns of those fields, u32 columns below it
const ENTRY: usize = 24;

let next: usize = 0;
let missed: i32 = -1;

/** Where the last scan stopped. */
export function scannedTo(): usize { return next; }
/** The first row of the last scan that was read key by key; -1 when there was none. */
export function firstMissed(): i32 { return missed; }

@inline function tagAt(column: i32, row: i32): usize { return TAGS + <usize>column * TAG_STRIDE + <usize>row; }

function tagAll(columns: u32, row: i32, tag: u8): void {
  while (columns) {
    store<u8>(tagAt(ctz(columns), row), tag);
    columns &= columns - 1;
  }
}

/** 1 when one of the columns is expected to have some tag. */
function anyExpected(columns: u32): u32 {
  while (columns) {
    if (load<u8>(EXPECTED + <usize>ctz(columns))) return 1;
    columns &= columns - 1;
  }
  return 0;
}

/** Reads the value at `p` into a column; returns what follows it, 0 when it is malformed. */
@inline function readValue(p: usize, column: i32, row: i32): usize {
  const slot = COLUMNS + <usize>column * COLUMN_STRIDE + (<usize>row << 3);
  const tag = tagAt(column, row);
  const c = load<u8>(p);
  if (c == 0x22) {
    clearEscaped();
    const end = skipString(p + 1);
    if (!end) return 0;
    store<u32>(slot, <u32>(p + 1));
    store<u32>(slot, <u32>(end - p - 2), 4);
    store<u8>(tag, hasEscaped() ? ESCAPED : STRING);
    return end;
  }
  if (c == 0x2d || <u32>c - 48 <= 9) return readNumber(p, slot, tag);
  store<u8>(tag, c == 0x74 ? TRUE : c == 0x66 ? FALSE : c == 0x6e ? NULL : OBJECT);
  return skipValue(p, 1);
}

/** Behind the row's LF when the row at `p` has a known shape, else 0. */
@inline function scanShape(p: usize, root: usize, row: i32): usize {
  let node = root;
  let odd: u32 = 0;
  while (node) {
    let blocks = load<u32>(node);
    let differs = v128.and(v128.xor(v128.load(p), v128.load(node, 32)), v128.load(node, 48));
    if (blocks > 1) {
      let text = p, literal = node;
      while (--blocks) {
        text += 16; literal += 32;
        differs = v128.or(differs, v128.and(v128.xor(v128.load(text), v128.load(literal, 32)), v128.load(literal, 48)));
      }
    }
    if (v128.any_true(differs)) { node = load<u32>(node, 12); continue; }
    const hole = p + load<u32>(node, 4);
    const column = load<i32>(node, 8);
    const children = load<u32>(node, 20);
    if (column == END) {
      const nested = load<u32>(node, 24), objects = load<u32>(node, 28);
      if (children | nested | objects) {
        tagAll(children, row, MISSING);
        tagAll(nested, row, NULLISH_PARENT);
        tagAll(objects, row, OBJECT);
        odd |= anyExpected(children | nested | objects);
      }
      store<u8>(VERDICTS + <usize>row, odd ? IRREGULAR : REGULAR);
      store<u8>(SHAPES + <usize>row, <u8>load<u32>(node, 16));
      return hole;
    }
    if (children) {
      const c = load<u8>(hole);
      if (c == 0x7b) { node = load<u32>(node, 12); continue; }
      tagAll(children, row, c == 0x6e ? NULLISH_PARENT : NO_PARENT);
      odd |= anyExpected(children);
    }
    if (column >= 0) {
      p = readValue(hole, column, row);
      const expected = load<u8>(EXPECTED + <usize>column);
      if (expected) odd |= expected ^ load<u8>(tagAt(column, row));
    } else p = load<u8>(hole) == 0x22 ? skipString(hole + 1) : skipValue(hole, 1);
    if (!p) return 0;
    node = load<u32>(node, 16);
  }
  return 0;
}

/** The entry of a level for the key of `length` bytes at `p`; 0 when nobody asks for it. */
@inline function findKey(level: usize, p: usize, length: u32): usize {
  const end = level + 4 + <usize>load<u32>(level) * ENTRY;
  for (let entry = level + 4; entry < end; entry += ENTRY) {
    if (load<u32>(entry, 4) != length) continue;
    let a = <usize>load<u32>(entry), b = p, left = length;
    while (left > 0 && load<u8>(a) == load<u8>(b)) { a++; b++; left--; }
    if (left == 0) return entry;
  }
  return 0;
}

/** The members of an object, from behind its brace to behind the other; 0 when it is malformed or not plain. */
function scanMembers(p: usize, level: usize, row: i32, depth: i32): usize {
  let seen: u32 = 0;
  p = skipSpace(p);
  if (load<u8>(p) == 0x7d) return p + 1;
  while (true) {
    if (load<u8>(p) != 0x22) return 0;
    const key = p + 1;
    clearEscaped();
    p = skipString(key);
    // A key with escapes may spell a wanted one.
    if (!p || hasEscaped()) return 0;
    const entry = findKey(level, key, <u32>(p - 1 - key));
    p = skipSpace(p);
    if (load<u8>(p) != 0x3a) return 0;
    p = skipSpace(p + 1);
    if (entry) {
      const bit = <u32>1 << <u32>((entry - level - 4) / ENTRY);
      if (seen & bit) return 0;
      seen |= bit;
      const column = load<i32>(entry, 8);
      const child = <usize>load<u32>(entry, 12);
      const c = load<u8>(p);
      if (child != 0 && c == 0x7b) {
        if (column >= 0) store<u8>(tagAt(column, row), OBJECT);
        tagAll(load<u32>(entry, 16), row, MISSING);
        p = scanMembers(p + 1, child, row, depth + 1);
      } else {
        if (child != 0) tagAll(load<u32>(entry, 20), row, c == 0x6e ? NULLISH_PARENT : NO_PARENT);
        p = column >= 0 ? readValue(p, column, row) : skipValue(p, depth);
      }
    } else p = skipValue(p, depth);
    if (!p) return 0;
    p = skipSpace(p);
    const c = load<u8>(p);
    if (c == 0x7d) return p + 1;
    if (c != 0x2c) return 0;
    p = skipSpace(p + 1);
  }
}

/** Behind the row's LF when the row at `p` is one object and its wanted fields are plain, else 0. */
function scanKeys(p: usize, level: usize, row: i32, columns: i32): usize {
  for (let column = 0; column < columns; column++) store<u8>(tagAt(column, row), load<u8>(ABSENT + <usize>column));
  p = skipSpace(p);
  if (load<u8>(p) != 0x7b) return 0;
  p = scanMembers(p + 1, level, row, 1);
  if (!p) return 0;
  p = skipSpace(p);
  if (load<u8>(p) == 0x0d) p++;
  if (load<u8>(p) != 0x0a) return 0;
  let odd: u32 = 0;
  for (let column = 0; column < columns; column++) {
    const expected = load<u8>(EXPECTED + <usize>column);
    if (expected) odd |= expected ^ load<u8>(tagAt(column, row));
  }
  store<u8>(VERDICTS + <usize>row, odd ? IRREGULAR : REGULAR);
  store<u8>(SHAPES + <usize>row, 0);
  return p + 1;
}

/** Scans rows of `[p, end)`, each ending with LF, as far as a batch goes; returns how many. */
export function scan(p: usize, end: usize, root: usize, level: usize, columns: i32, max: i32): i32 {
  let row: i32 = 0;
  missed = -1;
  while (p < end && row < max) {
    store<u32>(ROWS + (<usize>row << 2), <u32>p);
    let after = scanShape(p, root, row);
    if (!after) {
      after = scanKeys(p, level, row, columns);
      if (after) { if (missed < 0) missed = row; }
      else {
        store<u8>(VERDICTS + <usize>row, UNUSUAL);
        after = findLineFeed(p) + 1;
      }
    }
    p = after;
    row++;
  }
  store<u32>(ROWS + (<usize>row << 2), <u32>p);
  next = p;
  return row;
}
