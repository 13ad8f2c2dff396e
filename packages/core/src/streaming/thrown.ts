/** What a function in the place of a program threw, as it is told: with the user's own lines of the stack. */
import { fileURLToPath } from 'node:url'

/** Of these sources, or of what is bundled of them. */
const OWN = new URL('..', import.meta.url)

/** @param remap gives the user's places for those of what ran */
export function thrownText(error: unknown, remap: (stack: string) => string = (stack) => stack): string {
  if (!(error instanceof Error)) return `${String(error)} was thrown`
  return remap(error.stack ?? String(error))
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || !isInner(line))
    .join('\n')
}

function isInner(frame: string): boolean {
  const isNative = /[( ]node:|<anonymous>\)?$|\(index \d+\)$/.test(frame)
  return isNative || frame.includes(OWN.href) || frame.includes(fileURLToPath(OWN))
}
