/** Kindling's programs as plain JavaScript, as a user's own build would make them. */
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CORE = join(ROOT, 'packages/core')
const COMPILED = join(ROOT, 'bench/.cache/programs')

/**
 * @param {string} program from the root of the repository
 * @returns {{ path: string, output: string }} where the compiled program will be, and where it says it writes
 */
export function findProgram(program) {
  const output = readFileSync(join(ROOT, program), 'utf8').match(/(?:saveAsTextFile\(|output: )'([^']+)'/)?.[1]
  if (output === undefined) throw new Error(`bench: ${program} has no saveAsTextFile('…') and no output: '…'.`)
  return { path: join(COMPILED, program.replace(/ts$/, 'js')), output }
}

/**
 * Compiles the library and the programs, and sets a copy of the library beside them that no later build can change.
 * @param {readonly string[]} programs from the root of the repository
 */
export function compilePrograms(programs) {
  if (programs.length === 0) return
  rmSync(COMPILED, { recursive: true, force: true })
  const options = ['--ignoreConfig', '--noCheck', '--target', 'es2022', '--module', 'nodenext', '--types', 'node']
  for (const args of [
    ['scripts/build.mjs'],
    ['node_modules/typescript/bin/tsc', ...programs, '--rootDir', ROOT, '--outDir', COMPILED, ...options],
  ])
    execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  const modules = join(COMPILED, 'node_modules')
  for (const name of ['package.json', 'dist', 'kernel'])
    cpSync(join(CORE, name), join(modules, 'kindling', name), { recursive: true })
  const { dependencies } = JSON.parse(readFileSync(join(CORE, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies))
    symlinkSync(realpathSync(join(CORE, 'node_modules', name)), join(modules, name))
}
