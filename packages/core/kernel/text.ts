// JSON text that is skipped: strings, whitespace, literals and nested values, each validated on the way.
// A row ends with LF, which no valid JSON value holds, so nothing here passes the end of a row.
import { skipNumber } from "./number";

/** Deeper nesting is left to V8. */
const MAX_DEPTH: i32 = 64;

let escaped: bool = false;

@inline export function clearEscaped(): void { escaped = false; }
/** Whether a string since `clearEscaped` had a backslash. */
@inline export function hasEscaped(): bool { return escaped; }

/** Behind spaces and tabs. A CR is whitespace to JSON, but ends a line unless LF follows. */
@inline export function skipSpace(p: usize): usize {
  while (true) {
    const c = load<u8>(p);
    if (c != 0x20 && c != 0x09) return p;
    p++;
  }
}

/** The LF at or behind `p`. */
export function findLineFeed(p: usize): usize {
  while (true) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(10)));
    if (hits) return p + ctz(hits);
    p += 16;
  }
}

@inline function isHex(c: u32): bool { return c - 48 <= 9 || (c | 32) - 97 <= 5; }

/** Behind the quote that closes the string whose first character is at `p`; 0 when it is malformed. */
export function skipString(p: usize): usize {
  while (true) {
    const v = v128.load(p);
    const hits = i8x16.bitmask(v128.or(
      v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))),
      i8x16.lt_u(v, i8x16.splat(0x20))));
    if (hits == 0) { p += 16; continue; }
    p += ctz(hits);
    let c: u32 = load<u8>(p);
    if (c == 0x22) return p + 1;
    if (c != 0x5c) return 0;
    escaped = true;
    c = load<u8>(p, 1);
    switch (c) {
      case 0x75: // u and four hexadecimal digits
        if (!(isHex(load<u8>(p, 2)) && isHex(load<u8>(p, 3)) && isHex(load<u8>(p, 4)) && isHex(load<u8>(p, 5)))) return 0;
        p += 6;
        break;
      case 0x22: case 0x5c: case 0x2f: case 0x62: case 0x66: case 0x6e: case 0x72: case 0x74:
        p += 2;
        break;
      default: return 0;
    }
  }
}

/** Behind the value at `p`, which nobody asks for; 0 when it is malformed. */
export function skipValue(p: usize, depth: i32): usize {
  const c = load<u8>(p);
  switch (c) {
    case 0x22: return skipString(p + 1);
    case 0x7b: return depth > MAX_DEPTH ? 0 : skipObject(p + 1, depth + 1);
    case 0x5b: return depth > MAX_DEPTH ? 0 : skipArray(p + 1, depth + 1);
    case 0x74: return load<u32>(p) == 0x65757274 ? p + 4 : 0;
    case 0x66: return load<u32>(p, 1) == 0x65736c61 ? p + 5 : 0;
    case 0x6e: return load<u32>(p) == 0x6c6c756e ? p + 4 : 0;
    default: return skipNumber(p);
  }
}

function skipObject(p: usize, depth: i32): usize {
  p = skipSpace(p);
  if (load<u8>(p) == 0x7d) return p + 1;
  while (true) {
    if (load<u8>(p) != 0x22) return 0;
    p = skipString(p + 1);
    if (!p) return 0;
    p = skipSpace(p);
    if (load<u8>(p) != 0x3a) return 0;
    p = skipValue(skipSpace(p + 1), depth);
    if (!p) return 0;
    p = skipSpace(p);
    const c = load<u8>(p);
    if (c == 0x7d) return p + 1;
    if (c != 0x2c) return 0;
    p = skipSpace(p + 1);
  }
}

function skipArray(p: usize, depth: i32): usize {
  p = skipSpace(p);
  if (load<u8>(p) == 0x5d) return p + 1;
  while (true) {
    p = skipValue(p, depth);
    if (!p) return 0;
    p = skipSpace(p);
    const c = load<u8>(p);
    if (c == 0x5d) return p + 1;
    if (c != 0x2c) return 0;
    p = skipSpace(p + 1);
  }
}
