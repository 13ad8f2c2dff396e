// Words: the parts of lines between separators become rows whose one column is their text. No line has a CR.
import { COLUMNS, ROWS } from "./layout";

/** Instead of a separator: runs of whitespace. */
const SPACES: i32 = -1;

let lines: i32 = 0;

/** How many lines ended in the words of the last `words`. */
export function endedLines(): i32 { return lines; }

@inline function isBlank(c: u32): bool { return c == 0x20 || (c - 9 < 5 && c != 0x0a); }

/** Bit by bit, which of the 16 bytes end a word. */
@inline function endsIn(v: v128, separator: i32): i32 {
  if (separator == SPACES)
    return i8x16.bitmask(v128.or(i8x16.eq(v, i8x16.splat(0x20)), i8x16.lt_u(i8x16.sub(v, i8x16.splat(9)), i8x16.splat(5))));
  return i8x16.bitmask(v128.or(i8x16.eq(v, i8x16.splat(<i8>separator)), i8x16.eq(v, i8x16.splat(0x0a))));
}

/** The words of `[p, end)`, in which each line ends with LF, as far as a batch goes; returns how many. */
export function words(p: usize, end: usize, separator: i32, max: i32): i32 {
  let row: i32 = 0;
  let start = p;
  lines = 0;
  for (let block = p; block < end && row < max; block += 16) {
    let hits = endsIn(v128.load(block), separator);
    while (hits && row < max) {
      const q = block + ctz(hits);
      hits &= hits - 1;
      // Behind the end, or within a run of whitespace.
      if (q >= end) break;
      if (q < start) continue;
      store<u32>(ROWS + (<usize>row << 2), <u32>start);
      const slot = COLUMNS + (<usize>row << 3);
      store<u32>(slot, <u32>start);
      store<u32>(slot, <u32>(q - start), 4);
      row++;
      start = q + 1;
      if (load<u8>(q) == 0x0a) lines++;
      else if (separator == SPACES) while (isBlank(load<u8>(start))) start++;
    }
  }
  store<u32>(ROWS + (<usize>row << 2), <u32>start);
  return row;
}

/** Whether one of the characters at `[p, end)` is whitespace and not in ASCII. */
export function hasWideSpace(p: usize, end: usize): bool {
  for (; p < end; p += 16) {
    let wide = i8x16.bitmask(v128.load(p));
    while (wide) {
      const q = p + ctz(wide);
      wide &= wide - 1;
      if (q >= end) return false;
      const pair: u32 = load<u16>(q);
      const third: u32 = load<u8>(q, 2);
      // In UTF-8: U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000, U+FEFF.
      if (pair == 0xa0c2 || (pair == 0x9ae1 && third == 0x80) || (pair == 0x81e2 && third == 0x9f) ||
        (pair == 0x80e3 && third == 0x80) || (pair == 0xbbef && third == 0xbf) ||
        (pair == 0x80e2 && (third <= 0x8a || third == 0xa8 || third == 0xa9 || third == 0xaf))) return true;
    }
  }
  return false;
}
