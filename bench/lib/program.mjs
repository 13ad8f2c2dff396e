/** Kindling's programs as plain JavaScript, as a user's own build would make them. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = ['core', 'workflow', 'cli'].map((name) => join(ROOT, 'packages', name))
const COMPILED = join(ROOT, 'bench/.cache/programs')
/** The command `kindling`. */
export const COMMAND = join(COMPILED, 'node_modules/@kindling/cli/bin/kindling.js')

/**
 * @param {string} program from the root of the repository
 * @returns {{ path: string, output: string }} where the compiled program will be, and where it says it writes
 */
export function findProgram(program) {
  const output = readFileSync(join(ROOT, program), 'utf8').match(/(?:saveAsTextFile\(|output: )'([^']+)'/)?.[1]
  if (output === undefined) throw new Error(`bench: ${program} has no saveAsTextFile('…') and no output: '…'.`)
  return { path: compiledPath(program), output }
}

/** @param {string} program from the root of the repository */
export function compiledPath(program) {
  return join(COMPILED, program.replace(/ts$/, 'js'))
}

/** As it was written, beside what was compiled. @param {string} program from the root of the repository */
export function copiedPath(program) {
  return join(COMPILED, program)
}

/**
 * Compiles the packages and the programs, and sets a copy of the packages beside them that no later build can change.
 * @param {readonly string[]} programs from the root of the repository
 */
export function compilePrograms(programs) {
  rmSync(COMPILED, { recursive: true, force: true })
  const options = ['--ignoreConfig', '--noCheck', '--target', 'es2022', '--module', 'nodenext', '--types', 'node']
  const compile = ['node_modules/typescript/bin/tsc', ...programs, '--rootDir', ROOT, '--outDir', COMPILED, ...options]
  for (const args of [['scripts/build.mjs'], ...(programs.length === 0 ? [] : [compile])])
    execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  for (const program of programs) cpSync(join(ROOT, program), copiedPath(program))
  const modules = join(COMPILED, 'node_modules')
  for (const path of PACKAGES) copyPackage(path, modules)
}

/**
 * @param {string} path
 * @param {string} modules the directory of packages that it is copied into, where links lead to its dependencies
 */
function copyPackage(path, modules) {
  const { name, dependencies } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  for (const part of ['package.json', 'dist', 'kernel', 'bin'])
    if (existsSync(join(path, part))) cpSync(join(path, part), join(modules, name, part), { recursive: true })
  for (const [dependency, version] of Object.entries(dependencies)) {
    const link = join(modules, dependency)
    if (String(version).startsWith('workspace:') || existsSync(link)) continue
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(realpathSync(join(path, 'node_modules', dependency)), link)
  }
}
