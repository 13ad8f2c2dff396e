/** A Node of 24 or later, for what older ones cannot do: this one, or else the one that `TEST_NODE24` names. */

const MAJOR = 24

/** Its path, or null when there is none. */
export const node24: string | null =
  majorOf(process.versions.node) >= MAJOR ? process.execPath : (process.env['TEST_NODE24'] ?? null)

/** Why tests that need it are skipped; empty when they are not. */
export const node24Missing: string =
  node24 === null ? ` (skipped: this is Node ${process.versions.node}, and TEST_NODE24 names no Node ${MAJOR})` : ''

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}
