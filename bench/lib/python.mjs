/** The Python that measures and that the plain Python peers run on. */
import { execFileSync } from 'node:child_process'

/** The interpreter itself: `python3` on the PATH may be a version manager's shim, whose own 30 ms are nobody's. */
export const PYTHON = findPython()

function findPython() {
  try {
    const options = { encoding: /** @type {const} */ ('utf8') }
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], options).trim()
  } catch {
    return 'python3'
  }
}
