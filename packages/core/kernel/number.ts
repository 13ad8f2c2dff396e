// Number literals of JSON: validated, and turned into the double that is nearest, exactly as V8 does, or kept as text.
// Source of the conversion: Lemire, "Number Parsing at a Gigabyte per Second", 2021; Mushtak and Lemire, "Fast number parsing
// without fallback", 2023, which shows that two products decide.
import { LONG_NUMBER, NUMBER } from "./layout";
import { FIVES, FIVES_FIRST, FIVES_LAST, TENS, WHOLE_TENS } from "./tables";

const TWO_53: u64 = 0x20000000000000;
const TEN_16: u64 = 10000000000000000;
/** Below it, one more digit fits into 64 bits. */
const TEN_18: u64 = 1000000000000000000;

/** The 16 bytes at `p` as what they would be as digits; what is none becomes more than 9. */
@inline function digitsAt(p: usize): v128 { return i8x16.sub(v128.load(p), i8x16.splat(48)); }

/** How many of 16 are digits, from the first on. */
@inline function countDigits(digits: v128): i32 {
  // Adding 118 sets the highest bit of what is above 9.
  return ctz(i8x16.bitmask(i8x16.add_sat_u(digits, i8x16.splat(118))) | 0x10000);
}

/** The number that 16 digits make. */
@inline function joinDigits(digits: v128): u64 {
  const twos = i16x8.add(i16x8.mul(v128.and(digits, i16x8.splat(255)), i16x8.splat(10)), i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(twos, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  const halves = <u64>i64x2.extract_lane(eights, 0);
  return (halves & 0xffffffff) * 100000000 + (halves >>> 32);
}

/** The first `n` of 16 digits at the right end, zeros before them: an index out of range, as a negative one is, gives 0. */
@inline function firstDigits(digits: v128, n: i32): v128 {
  return i8x16.swizzle(digits, i8x16.sub(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(16 - n))));
}

@inline function skipDigits(p: usize): usize {
  let n = countDigits(digitsAt(p));
  p += n;
  while (n == 16) { n = countDigits(digitsAt(p)); p += n; }
  return p;
}

/** Behind the number literal at `p`; 0 when there is none. */
export function skipNumber(p: usize): usize {
  if (load<u8>(p) == 0x2d) p++;
  const first: u32 = <u32>load<u8>(p) - 48;
  if (first > 9) return 0;
  p++;
  if (first != 0) p = skipDigits(p);
  else if (<u32>load<u8>(p) - 48 <= 9) return 0;
  let c = load<u8>(p);
  if (c == 0x2e) {
    p++;
    if (<u32>load<u8>(p) - 48 > 9) return 0;
    p = skipDigits(p);
    c = load<u8>(p);
  }
  if ((c | 32) == 0x65) {
    p++;
    c = load<u8>(p);
    if (c == 0x2b || c == 0x2d) p++;
    if (<u32>load<u8>(p) - 48 > 9) return 0;
    p = skipDigits(p);
  }
  return p;
}

/** The literal as text, for V8 to decide. */
function longNumber(p: usize, slot: usize, tag: usize): usize {
  const end = skipNumber(p);
  store<u8>(tag, LONG_NUMBER);
  store<u32>(slot, <u32>p);
  store<u32>(slot, <u32>(end - p), 4);
  return end;
}

/** Reads the literal at `p` into `slot`, its tag into `tag`; returns what follows it, 0 when it is malformed. */
export function readNumber(p: usize, slot: usize, tag: usize): usize {
  const start = p;
  const isNegative = load<u8>(p) == 0x2d;
  if (isNegative) p++;
  let digit: u32 = <u32>load<u8>(p) - 48;
  if (digit > 9) return 0;
  let mantissa: u64 = digit;
  let exponent: i32 = 0;
  p++;
  if (digit == 0) {
    if (<u32>load<u8>(p) - 48 <= 9) return 0;
  } else {
    while ((digit = <u32>load<u8>(p) - 48) <= 9) {
      if (mantissa >= TEN_18) return longNumber(start, slot, tag);
      mantissa = mantissa * 10 + digit;
      p++;
    }
  }
  let c: u32 = load<u8>(p);
  if (c == 0x2e) {
    p++;
    const digits = digitsAt(p);
    const n = countDigits(digits);
    // The mantissa must stay below 10^19.
    if (n < 16) {
      if (n == 0) return 0;
      if (mantissa >= load<u64>(WHOLE_TENS + (<usize>(19 - n) << 3))) return longNumber(start, slot, tag);
      mantissa = mantissa * load<u64>(WHOLE_TENS + (<usize>n << 3)) + joinDigits(firstDigits(digits, n));
      p += n;
      exponent = -n;
    } else {
      if (mantissa >= 1000) return longNumber(start, slot, tag);
      mantissa = mantissa * TEN_16 + joinDigits(digits);
      p += 16;
      exponent = -16;
      while ((digit = <u32>load<u8>(p) - 48) <= 9) {
        if (mantissa >= TEN_18) return longNumber(start, slot, tag);
        mantissa = mantissa * 10 + digit;
        exponent--;
        p++;
      }
    }
    c = load<u8>(p);
  }
  if ((c | 32) == 0x65) {
    p++;
    c = load<u8>(p);
    const isDown = c == 0x2d;
    if (isDown || c == 0x2b) p++;
    digit = <u32>load<u8>(p) - 48;
    if (digit > 9) return 0;
    let power: i32 = 0;
    while (digit <= 9) {
      power = power * 10 + <i32>digit;
      if (power > 9999) return longNumber(start, slot, tag);
      p++;
      digit = <u32>load<u8>(p) - 48;
    }
    exponent += isDown ? -power : power;
  }
  store<u8>(tag, NUMBER);
  if (mantissa < TWO_53 && exponent >= -22 && exponent <= 22) {
    // Both are doubles without error, so that one rounding is all there is.
    const power = load<f64>(TENS + (<usize>(exponent < 0 ? -exponent : exponent) << 3));
    const whole = <f64>(<i64>mantissa);
    const value = exponent < 0 ? whole / power : whole * power;
    store<f64>(slot, isNegative ? -value : value);
    return p;
  }
  if (mantissa == 0) {
    store<f64>(slot, isNegative ? -0.0 : 0.0);
    return p;
  }
  const bits = nearest64(mantissa, exponent);
  if (bits == 0) return longNumber(start, slot, tag);
  store<u64>(slot, bits | (<u64>isNegative << 63));
  return p;
}

/** The upper 64 bits of a product of 128. */
@inline export function multiplyHigh(a: u64, b: u64): u64 {
  const al = a & 0xffffffff, ah = a >>> 32, bl = b & 0xffffffff, bh = b >>> 32;
  const ll = al * bl, lh = al * bh, hl = ah * bl;
  const middle = (ll >>> 32) + (lh & 0xffffffff) + (hl & 0xffffffff);
  return ah * bh + (lh >>> 32) + (hl >>> 32) + (middle >>> 32);
}

/** The bits of the double nearest to `w * 10^q`, `w` not 0; 0 for what is subnormal, too large, or beyond the table. */
function nearest64(w: u64, q: i32): u64 {
  if (q < FIVES_FIRST || q > FIVES_LAST) return 0;
  const zeros = clz(w);
  w <<= zeros;
  const five = FIVES + (<usize>(q - FIVES_FIRST) << 4);
  let high = multiplyHigh(w, load<u64>(five));
  let low = w * load<u64>(five);
  if ((high & 0x1ff) == 0x1ff) {
    // The bits that decide are all ones: the rest of the power may carry into them.
    const more = multiplyHigh(w, load<u64>(five, 8));
    low += more;
    if (low < more) high++;
  }
  const top = high >>> 63;
  const shift = top + 9;
  let mantissa = high >>> shift;
  // 217706 / 2^16 is log2(10) closely enough for these exponents.
  let power = ((217706 * q) >> 16) + 63 + <i32>top - <i32>zeros + 1023;
  if (power <= 0) return 0;
  // Exactly half way: only then is the even one taken.
  if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && (mantissa << shift) == high) mantissa &= ~(<u64>1);
  mantissa += mantissa & 1;
  mantissa >>>= 1;
  if (mantissa >= TWO_53) { mantissa = TWO_53 >>> 1; power++; }
  if (power >= 0x7ff) return 0;
  return (mantissa & ~(TWO_53 >>> 1)) | (<u64>power << 52);
}
