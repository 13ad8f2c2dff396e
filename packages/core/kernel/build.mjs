/**
 * Builds kernel.wasm from the AssemblyScript sources beside this file, with its tables of powers computed here, exactly, in BigInts.
 *
 *   node packages/core/kernel/build.mjs [file.wasm]
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = fileURLToPath(new URL('.', import.meta.url))
const FIRST = -342
const LAST = 324
const BITS_128 = 1n << 128n

/**
 * The first 128 bits of 5^q, the highest of them set; rounded down for q of 0 or more, up below, as the algorithm wants them.
 * @param {number} q
 */
function five(q) {
  if (q >= 0) {
    let power = 5n ** BigInt(q)
    while (power < BITS_128 >> 1n) power <<= 1n
    while (power >= BITS_128) power >>= 1n
    return power
  }
  const divisor = 5n ** BigInt(-q)
  const bits = BigInt(divisor.toString(2).length)
  let inverse = (1n << (2n * bits + 128n)) / divisor + 1n
  if (q >= -27) return (1n << (bits + 127n)) / divisor + 1n
  while (inverse >= BITS_128) inverse >>= 1n
  return inverse
}

function tables() {
  const fives = []
  for (let q = FIRST; q <= LAST; q++) fives.push(five(q) >> 64n, five(q) & ((1n << 64n) - 1n))
  const tens = Array.from({ length: 23 }, (_, n) => `1e${n}`)
  const whole = Array.from({ length: 20 }, (_, n) => `${10n ** BigInt(n)}`)
  return `// Powers, made by build.mjs.
/** 5^q for q from FIVES_FIRST to FIVES_LAST: the upper and the lower 64 of its first 128 bits. */
export const FIVES_FIRST: i32 = ${FIRST};
export const FIVES_LAST: i32 = ${LAST};
/** The last of them that is no more than those bits. */
export const FIVES_EXACT: i32 = 55;
export const FIVES: usize = memory.data<u64>([${fives.map((word) => `0x${word.toString(16)}`).join()}], 16);
/** 10^n as doubles, exact for n up to 22. */
export const TENS: usize = memory.data<f64>([${tens.join()}], 16);
/** 10^n as integers, n up to 19. */
export const WHOLE_TENS: usize = memory.data<u64>([${whole.join()}], 16);
`
}

/** @param {string} output */
function build(output) {
  const folder = mkdtempSync(join(tmpdir(), 'kindling-kernel-'))
  try {
    for (const name of readdirSync(SOURCES)) if (name.endsWith('.ts')) cpSync(join(SOURCES, name), join(folder, name))
    writeFileSync(join(folder, 'tables.ts'), tables())
    const manifest = createRequire(import.meta.url).resolve('assemblyscript/package.json')
    const options = [
      '-O3',
      '--enable',
      'simd',
      '--runtime',
      'stub',
      '--noAssert',
      '--initialMemory',
      '25',
      '--memoryBase',
      '1024',
    ]
    execFileSync(process.execPath, [join(dirname(manifest), 'bin/asc.js'), 'index.ts', '-o', output, ...options], {
      cwd: folder,
      stdio: 'inherit',
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

build(resolve(process.argv[2] ?? join(SOURCES, 'kernel.wasm')))
