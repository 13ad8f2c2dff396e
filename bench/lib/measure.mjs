/** One run of one entrant, measured from outside by measure.py. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PYTHON } from './python.mjs'

const MEASURE = fileURLToPath(new URL('measure.py', import.meta.url))
/** Unless an entrant may take longer. */
const ALLOWED_S = 600

/**
 * Seconds and bytes of a command and of all it started.
 * @param {readonly string[]} command
 * @param {{ cwd: string, env: Record<string, string>, allowedS?: number | undefined }} options
 * @returns {{ wallS: number, cpuS: number, peakBytes: number }}
 * @throws Error with the command's own last words when it fails
 */
export function measure(command, { cwd, env, allowedS = ALLOWED_S }) {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const report = join(directory, 'report.json')
    const { status, stderr } = spawnSync(PYTHON, [MEASURE, report, String(allowedS), ...command], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 1e9,
    })
    const result = status === 0 ? JSON.parse(readFileSync(report, 'utf8')) : { exitCode: status }
    if (result.exitCode !== 0)
      throw new Error(`bench: ${command.join(' ')} ended with ${result.exitCode}: ${stderr.slice(-2000)}`)
    return { wallS: result.wallS, cpuS: result.cpuS, peakBytes: result.peakBytes }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
