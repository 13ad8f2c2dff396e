/** The script of the README as plain JavaScript, as a user's own build would make it. */
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SCRIPT = join(ROOT, 'examples/01-json-filter.ts')
const CORE = join(ROOT, 'packages/core')
const COMPILED = join(ROOT, 'bench/.cache/example')

/**
 * @returns {{ path: string, output: string }} where the compiled script will be, and where it says it writes
 */
export function findExample() {
  const output = readFileSync(SCRIPT, 'utf8').match(/saveAsTextFile\('([^']+)'/)?.[1]
  if (output === undefined) throw new Error(`bench: ${SCRIPT} has no saveAsTextFile('…').`)
  return { path: join(COMPILED, basename(SCRIPT).replace(/ts$/, 'js')), output }
}

/** Compiles the library and the script, and sets a copy of the library beside it that no later build can change. */
export function compileExample() {
  const options = ['--ignoreConfig', '--noCheck', '--target', 'es2022', '--module', 'nodenext', '--types', 'node']
  for (const args of [['-b'], [SCRIPT, '--outDir', COMPILED, ...options]]) {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args], {
      cwd: ROOT,
      stdio: 'inherit',
    })
  }
  const modules = join(COMPILED, 'node_modules')
  rmSync(modules, { recursive: true, force: true })
  for (const name of ['package.json', 'dist'])
    cpSync(join(CORE, name), join(modules, 'kindling', name), { recursive: true })
  const { dependencies } = JSON.parse(readFileSync(join(CORE, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies))
    symlinkSync(realpathSync(join(CORE, 'node_modules', name)), join(modules, name))
}
