/** Quantities as users write them: a plain number, or one with its unit. */

export const DURATION: RegExp = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/
export const SIZE: RegExp = /^(\d+(?:\.\d+)?) ?(KB|MB|GB|TB)$/i

/** @param duration milliseconds, or what `DURATION` fits */
export function millisecondsOf(duration: number | string): number {
  if (typeof duration === 'number') return duration
  const [, amount, unit] = DURATION.exec(duration) ?? []
  return Number(amount) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit ?? ''] ?? 1)
}

/** @param size bytes, or what `SIZE` fits */
export function bytesOf(size: number | string): number {
  if (typeof size === 'number') return size
  const [, amount, unit] = SIZE.exec(size) ?? []
  return Math.floor(Number(amount) * 1024 ** (['KB', 'MB', 'GB', 'TB'].indexOf(unit?.toUpperCase() ?? '') + 1))
}
