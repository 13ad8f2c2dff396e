// Whether bytes are well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.

@inline function isNext(c: u32): bool { return (c & 0xc0) == 0x80; }

export function isUtf8(p: usize, length: i32): bool {
  const end = p + <usize>length;
  while (p < end) {
    const c: u32 = load<u8>(p);
    if (c < 0x80) { p++; continue; }
    const left = <u32>(end - p);
    const second: u32 = load<u8>(p, 1);
    if (c < 0xe0) {
      if (c < 0xc2 || left < 2 || !isNext(second)) return false;
      p += 2;
    } else if (c < 0xf0) {
      if (left < 3 || !isNext(second) || !isNext(load<u8>(p, 2))) return false;
      if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second >= 0xa0)) return false;
      p += 3;
    } else {
      if (c > 0xf4 || left < 4 || !isNext(second) || !isNext(load<u8>(p, 2)) || !isNext(load<u8>(p, 3))) return false;
      if ((c == 0xf0 && second < 0x90) || (c == 0xf4 && second >= 0x90)) return false;
      p += 4;
    }
  }
  return true;
}
