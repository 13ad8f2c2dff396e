/** Counts and sizes in words, for captions. */

/** @param {number} count @param {string} noun */
export function many(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/**
 * Such as "in 20 files (610 MB)".
 * @param {import('./job.mjs').Data} data
 */
export function inFiles({ files, sizeBytes }) {
  const size = sizeBytes < 1e6 ? `${sizeBytes} bytes` : `${Math.round(sizeBytes / 1e6).toLocaleString('en')} MB`
  return `in ${many(files, 'file')} (${size})`
}
