// Groups: selected rows are numbered by the key that a column holds, equal keys alike, in the order in which they first come.
// Keys are all texts, in UTF-8, or all doubles. Well-formed texts are equal exactly when their bytes are.
//
// A tag is what the table compares first, all in one line of the processor's cache: of a double its bits, of a text of up to seven bytes
// these and the length, of a longer one a hash, behind which the bytes are compared as well.
import {
  COLUMNS, COLUMN_STRIDE, GROUP_KEYS, GROUP_MARKS, GROUP_OF, GROUP_PLACES, GROUP_TAGS, GROUP_TEXTS, GROUP_TEXTS_END, MAX_GROUPS, SELECTED,
} from "./layout";
import { sameBytes } from "./match";
import { isUtf8 } from "./utf8";

const FIRST_BITS: u32 = 10;
/** The upper byte of the tags of long texts; those of short ones have their length there. */
const LONG: u64 = 0xff00000000000000;

let count: i32 = 0;
let bits: u32 = FIRST_BITS;
let textsEnd: usize = GROUP_TEXTS;

/** Why `group` stopped. FULL: there is no room for another key. ODD: the row's key is for V8. */
const DONE: i32 = 0;
const FULL: i32 = 1;
const ODD: i32 = 2;
let stopped: i32 = DONE;

export function stoppedFor(): i32 { return stopped; }
export function countGroups(): i32 { return count; }

export function clearGroups(): void {
  count = 0;
  bits = FIRST_BITS;
  textsEnd = GROUP_TEXTS;
  memory.fill(GROUP_PLACES, 0, <usize>16 << FIRST_BITS);
}

/** The first `length` bytes at `p`, from 1 to 8; up to 7 more are read. */
@inline function bytesAt(p: usize, length: u32): u64 {
  const unwanted = (8 - length) << 3;
  return load<u64>(p) << unwanted >> unwanted;
}

/** Of the text of `length` bytes at `p`; up to 7 more are read. */
@inline function tagOf(p: usize, length: u32): u64 {
  if (length < 8) return length == 0 ? 0 : bytesAt(p, length) | (<u64>length << 56);
  let h: u64 = 0x9e3779b97f4a7c15 ^ <u64>length;
  while (length > 8) {
    h = (h ^ load<u64>(p)) * 0xbf58476d1ce4e5b9;
    h ^= h >> 32;
    p += 8;
    length -= 8;
  }
  h = (h ^ bytesAt(p, length)) * 0x94d049bb133111eb;
  // A product's upper bits know all of its factors, its lower ones little.
  return (h ^ (h >> 32)) | LONG;
}

@inline function placeOf(tag: u64): usize {
  const h = (tag ^ (tag >> 32)) * 0x9e3779b97f4a7c15;
  return GROUP_PLACES + (<usize>(h >> (64 - bits)) << 4);
}

/** The place of the key, or the free one where it would stand. */
@inline function find(p: usize, length: i32, tag: u64, isText: bool): usize {
  const end = GROUP_PLACES + (<usize>16 << bits);
  const isWhole = !isText || length < 8;
  let place = placeOf(tag);
  while (true) {
    const number = load<u32>(place, 8);
    if (number == 0) return place;
    if (load<u64>(place) == tag) {
      if (isWhole) return place;
      const key = GROUP_KEYS + (<usize>(number - 1) << 3);
      if (load<i32>(key, 4) == length && sameBytes(load<u32>(key), p, length)) return place;
    }
    place += 16;
    if (place == end) place = GROUP_PLACES;
  }
}

function double(): void {
  bits++;
  const end = GROUP_PLACES + (<usize>16 << bits);
  memory.fill(GROUP_PLACES, 0, <usize>16 << bits);
  for (let i = 0; i < count; i++) {
    const tag = load<u64>(GROUP_TAGS + (<usize>i << 3));
    let place = placeOf(tag);
    while (load<u32>(place, 8)) {
      place += 16;
      if (place == end) place = GROUP_PLACES;
    }
    store<u64>(place, tag);
    store<u32>(place, i + 1, 8);
  }
}

/** Gives the next number to a key that has none; false when there is no room. */
function add(p: usize, length: i32, tag: u64, place: usize, mark: u8): bool {
  if (count == MAX_GROUPS || textsEnd + <usize>length + 16 > GROUP_TEXTS_END) return false;
  const key = GROUP_KEYS + (<usize>count << 3);
  store<u32>(key, <u32>textsEnd);
  store<i32>(key, length, 4);
  memory.copy(textsEnd, p, length);
  textsEnd += length;
  store<u64>(GROUP_TAGS + (<usize>count << 3), tag);
  store<u8>(GROUP_MARKS + <usize>count, mark);
  count++;
  store<u64>(place, tag);
  store<u32>(place, count, 8);
  // Half full at most.
  if (<u32>count > <u32>1 << (bits - 1)) double();
  return true;
}

/** The group of a key, which is made if need be; -1 when V8 has it or there is no room. */
@inline function groupOf(p: usize, length: i32, tag: u64, isText: bool): i32 {
  const place = find(p, length, tag, isText);
  const number = load<i32>(place, 8);
  if (number == 0) {
    // Malformed bytes are read as one character, whatever they are.
    if (isText && !isUtf8(p, length)) stopped = ODD;
    else if (add(p, length, tag, place, 0)) return count - 1;
    else stopped = FULL;
    return -1;
  }
  if (load<u8>(GROUP_MARKS + <usize>(number - 1))) { stopped = ODD; return -1; }
  return number - 1;
}

/** Numbers the selected rows `[from, to)` by the keys of a column; returns the first that it gave no number. */
export function group(column: i32, isText: bool, from: i32, to: i32): i32 {
  stopped = DONE;
  const slots = COLUMNS + <usize>column * COLUMN_STRIDE;
  for (let i = from; i < to; i++) {
    const slot = slots + (<usize>load<u32>(SELECTED + (<usize>i << 2)) << 3);
    let number: i32;
    if (isText) {
      const p = <usize>load<u32>(slot);
      const length = load<i32>(slot, 4);
      number = groupOf(p, length, tagOf(p, length), true);
    } else {
      // -0 is 0, and all NaNs are one.
      const value = load<f64>(slot);
      if (value == 0) store<f64>(slot, 0);
      else if (value != value) store<u64>(slot, 0x7ff8000000000000);
      number = groupOf(slot, 8, load<u64>(slot), false);
    }
    if (number < 0) return i;
    store<i32>(GROUP_OF + (<usize>i << 2), number);
  }
  return to;
}

/** Gives the key of `length` bytes at `p` to V8: its number, made if need be; -1 when there is no room. */
export function claim(p: usize, length: i32, isText: bool): i32 {
  const tag = isText ? tagOf(p, length) : load<u64>(p);
  const place = find(p, length, tag, isText);
  const number = load<i32>(place, 8);
  if (number == 0) return add(p, length, tag, place, 1) ? count - 1 : -1;
  store<u8>(GROUP_MARKS + <usize>(number - 1), 1);
  return number - 1;
}
