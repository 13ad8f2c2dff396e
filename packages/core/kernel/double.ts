// The shortest decimal that reads back as the same double, spelled as JavaScript spells it.
// Source of the algorithm: Giulietti, "The Schubfach way to render doubles", 2021. The three products that it takes of the power of ten
// differ by shifts of that power, so one product and two sums do.
import { FIVES, FIVES_EXACT, FIVES_FIRST } from "./tables";
import { multiplyHigh } from "./number";

const TEN_8: u64 = 100000000;

/** 16 digits, one a byte, of two numbers below 10^8. */
@inline function digitsOf(high: u32, low: u32): v128 {
  const a = high / 10000, b = low / 10000;
  const fours = i32x4(a, high - a * 10000, b, low - b * 10000);
  // n * 5243 >> 19 is n / 100 below 10^4, n * 103 >> 10 is n / 10 below 100. Each lane becomes two: the quotient, then what is left.
  const hundreds = i32x4.shr_u(i32x4.mul(fours, i32x4.splat(5243)), 19);
  const twos = v128.or(hundreds, i32x4.shl(i32x4.sub(fours, i32x4.mul(hundreds, i32x4.splat(100))), 16));
  const tens = i16x8.shr_u(i16x8.mul(twos, i16x8.splat(103)), 10);
  return v128.or(tens, i16x8.shl(i16x8.sub(twos, i16x8.mul(tens, i16x8.splat(10))), 8));
}

/** The bytes from byte `n` on; behind them zeros. */
@inline function from(v: v128, n: i32): v128 {
  return i8x16.swizzle(v, i8x16.add(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>n)));
}

/** Writes a whole number below 10^16; returns what follows it. */
function writeWhole(n: u64, out: usize): usize {
  if (n < 10) { store<u8>(out, <u8>n + 48); return out + 1; }
  const high = n / TEN_8;
  const digits = digitsOf(<u32>high, <u32>(n - high * TEN_8));
  const zeros = ctz(i8x16.bitmask(i8x16.ne(digits, i8x16.splat(0))));
  v128.store(out, from(i8x16.add(digits, i8x16.splat(48)), zeros));
  return out + 16 - zeros;
}

/** Writes `first.rest * 10^(point - 1)`: one digit and those of `rest`, `count` in all, as JavaScript does. May write 32 bytes more. */
@inline function writeDigits(first: u32, rest: v128, count: i32, point: i32, out: usize): usize {
  if (point > 0 && point <= 21) {
    store<u8>(out, <u8>first);
    v128.store(out, rest, 1);
    if (point < count) {
      store<u8>(out + point, 0x2e);
      v128.store(out + point, from(rest, point - 1), 1);
      return out + count + 1;
    }
    for (let i = count; i < point; i++) store<u8>(out + i, 0x30);
    return out + point;
  }
  if (point <= 0 && point > -6) {
    store<u64>(out, 0x3030303030302e30); // 0.000000
    out += 2 - point;
    store<u8>(out, <u8>first);
    v128.store(out, rest, 1);
    return out + count;
  }
  store<u8>(out++, <u8>first);
  if (count > 1) {
    store<u8>(out, 0x2e);
    v128.store(out, rest, 1);
    out += count;
  }
  let exponent = point - 1;
  store<u8>(out, 0x65);
  store<u8>(out, exponent < 0 ? 0x2d : 0x2b, 1);
  return writeWhole(<u64>(exponent < 0 ? -exponent : exponent), out + 2);
}

/** Writes a finite double; returns what follows it. At most 25 bytes are its text; 40 may be written. */
export function writeDouble(value: f64, out: usize): usize {
  let bits = reinterpret<u64>(value);
  if (<i64>bits < 0) {
    bits &= 0x7fffffffffffffff;
    // -0 has no sign as text.
    if (bits) store<u8>(out++, 0x2d);
  }
  const biased = <i32>(bits >>> 52);
  let c = bits & 0xfffffffffffff;
  let q: i32 = -1074;
  // Below a power of two doubles lie half as far apart.
  let isCloser = false;
  if (biased) {
    isCloser = c == 0 && biased > 1;
    c |= 0x10000000000000;
    q = biased - 1075;
    if (q <= 0 && q > -53 && (c & (((<u64>1) << <u64>-q) - 1)) == 0) return writeWhole(c >>> <u64>-q, out);
  } else if (c == 0) {
    store<u8>(out, 0x30);
    return out + 1;
  }
  // The value is c * 2^q; s * 10^k is it rounded down, with k such that s has the digits that may be needed, and one at most too many.
  const k = (q * 1262611 - (isCloser ? 524031 : 0)) >> 22;
  const h = <u64>(q + ((-k * 1741647) >> 19) + 1);
  const power = FIVES + (<usize>(-k - FIVES_FIRST) << 4);
  let g1 = load<u64>(power), g0 = load<u64>(power, 8);
  // The table is cut off where it isn't exact; the algorithm wants the power rounded up.
  if (-k > FIVES_EXACT) { g0++; g1 += <u64>(g0 == 0); }
  // Four times the value: 192 bits, of which the upper 64 are whole.
  const cb = (c << 2) << h;
  const p0 = g0 * cb;
  let p1 = multiplyHigh(g0, cb), p2 = multiplyHigh(g1, cb);
  const y = g1 * cb;
  p1 += y;
  p2 += <u64>(p1 < y);
  // Half way to the next double, as what is added to that.
  const up = h + 1;
  const u0 = g0 << up, u1 = (g1 << up) | (g0 >>> (64 - up)), u2 = g1 >>> (64 - up);
  const r0 = p0 + u0;
  let r1 = p1 + u1, r2 = p2 + u2 + <u64>(r1 < u1);
  if (r0 < u0) { r1++; r2 += <u64>(r1 == 0); }
  // And to the one before.
  const down = isCloser ? h : up;
  const d0 = g0 << down, d1 = (g1 << down) | (g0 >>> (64 - down)), d2 = g1 >>> (64 - down);
  let l1 = p1 - d1, l2 = p2 - d2 - <u64>(p1 < d1);
  if (p0 < d0) { l2 -= <u64>(l1 == 0); l1--; }
  // What lies behind the whole part matters only for being there. An odd mantissa leaves its borders to its neighbours.
  const odd = c & 1;
  const middle = p2 | <u64>(p1 > 1);
  const lower = (l2 | <u64>(l1 > 1)) + odd, upper = (r2 | <u64>(r1 > 1)) - odd;
  const s = middle >>> 2;
  let high = <u32>(s / TEN_8), low = <u32>(s - <u64>high * TEN_8);
  let isDone = false;
  if (s >= 10) {
    // One digit fewer, if just one such number lies between the borders.
    const last = low % 10;
    const tens = (s - last) << 2;
    const isBelow = lower <= tens, isAbove = tens + 40 <= upper;
    if (isBelow != isAbove) {
      low += isAbove ? 10 - last : -last;
      isDone = true;
    }
  }
  if (!isDone) {
    const four = s << 2;
    const isBelow = lower <= four, isAbove = four + 4 <= upper;
    if (isBelow != isAbove ? isAbove : middle > four + 2 || (middle == four + 2 && (s & 1) != 0)) low++;
  }
  if (low >= <u32>TEN_8) { low -= <u32>TEN_8; high++; }
  // Up to 17 digits: one, and 16 behind it.
  const top = high / <u32>TEN_8;
  let digits = digitsOf(high - top * <u32>TEN_8, low);
  const used = i8x16.bitmask(i8x16.ne(digits, i8x16.splat(0)));
  digits = i8x16.add(digits, i8x16.splat(48));
  if (top) return writeDigits(top + 48, digits, 33 - clz(used), 17 + k, out);
  const zeros = ctz(used);
  const first = <u32>i8x16.extract_lane_u(from(digits, zeros), 0);
  return writeDigits(first, from(digits, zeros + 1), 32 - clz(used) - zeros, 16 - zeros + k, out);
}
