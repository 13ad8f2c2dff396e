// Comparisons of a whole string column, or of the lines themselves, with one constant: 1 in the mask where it matches. Only rows whose tag is STRING count.
// UTF-8 is compared as bytes: a well-formed constant without U+FFFD occurs in the text exactly where its bytes do.
import { COLUMNS, COLUMN_STRIDE, MATCHES, MAX_ROWS, ROWS, STRING, TAGS, TAG_STRIDE } from "./layout";

/** Whether `length` bytes at `a` and `b` are the same. Reads up to 15 bytes more of both. */
@inline export function sameBytes(a: usize, b: usize, length: i32): bool {
  while (length >= 16) {
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false;
    a += 16; b += 16; length -= 16;
  }
  if (length == 0) return true;
  const same = i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)));
  return ctz(~same | 0x10000) >= length;
}

function contains(p: usize, length: i32, needle: usize, size: i32): bool {
  if (size == 0) return true;
  const first = i8x16.splat(load<u8>(needle));
  const last = p + <usize>(length - size);
  while (length >= size && p <= last) {
    let hits = i8x16.bitmask(i8x16.eq(v128.load(p), first));
    while (hits) {
      const at = p + ctz(hits);
      if (at > last) return false;
      if (sameBytes(at, needle, size)) return true;
      hits &= hits - 1;
    }
    p += 16;
  }
  return false;
}

@inline function compare(how: i32, p: usize, length: i32, needle: usize, size: i32): bool {
  if (how == 0) return length == size && sameBytes(p, needle, size);
  if (length < size) return false;
  if (how == 3) return contains(p, length, needle, size);
  return sameBytes(how == 1 ? p : p + <usize>(length - size), needle, size);
}

/** `how`: 0 equals, 1 startsWith, 2 endsWith, 3 includes. Column -1 stands for the line without its end. */
export function match(how: i32, column: i32, needle: usize, size: i32, mask: i32, count: i32): void {
  const slots = COLUMNS + <usize>column * COLUMN_STRIDE;
  const tags = TAGS + <usize>column * TAG_STRIDE;
  const out = MATCHES + <usize>mask * MAX_ROWS;
  if (column < 0) {
    for (let i = 0; i < count; i++) {
      const p = <usize>load<u32>(ROWS + (<usize>i << 2));
      let end = <usize>load<u32>(ROWS + (<usize>i << 2), 4) - 1;
      if (end > p && load<u8>(end - 1) == 0x0d) end--;
      store<u8>(out + <usize>i, <u8>compare(how, p, <i32>(end - p), needle, size));
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    let hit = false;
    if (load<u8>(tags + <usize>i) == STRING) {
      const p = <usize>load<u32>(slots + (<usize>i << 3));
      const length = load<i32>(slots + (<usize>i << 3), 4);
      hit = compare(how, p, length, needle, size);
    }
    store<u8>(out + <usize>i, <u8>hit);
  }
}
