/** Tables in Markdown, and numbers as their cells show them. */

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
export function markdownTable(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [
    line(head),
    line(head.map((_, column) => (column === 0 || head[column] === 'versions' ? '---' : '---:'))),
    ...rows.map(line),
  ]
}

/** @param {number} value */
export function seconds(value) {
  return value.toFixed(value < 10 ? 2 : 1)
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0)
}

/** @param {number | undefined} ratio */
export function times(ratio) {
  return ratio === undefined ? '' : ratio.toFixed(ratio < 10 ? 2 : 1)
}
