/** The script of the README as plain JavaScript, as a user's own build would make it. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SCRIPT = join(ROOT, 'examples/01-json-filter.ts')
// Inside bench/, so that `kindling` resolves to the workspace's own package.
const COMPILED = join(ROOT, 'bench/.cache/example')

/**
 * @returns {{ path: string, output: string }} where the compiled script will be, and where it says it writes
 */
export function findExample() {
  const output = readFileSync(SCRIPT, 'utf8').match(/saveAsTextFile\('([^']+)'/)?.[1]
  if (output === undefined) throw new Error(`bench: ${SCRIPT} has no saveAsTextFile('…').`)
  return { path: join(COMPILED, basename(SCRIPT).replace(/ts$/, 'js')), output }
}

/** Brings the compiled library up to date and compiles the script. */
export function compileExample() {
  const options = ['--ignoreConfig', '--noCheck', '--target', 'es2022', '--module', 'nodenext', '--types', 'node']
  for (const args of [['-b'], [SCRIPT, '--outDir', COMPILED, ...options]]) {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args], {
      cwd: ROOT,
      stdio: 'inherit',
    })
  }
}
