/**
 * Builds the packages: the compiler makes declarations and a file of JavaScript for each source, then what runs of the library is bundled.
 * A module costs Node half a millisecond to find, read and link, and there are 160 of them on the driver and 115 more in every worker.
 * All doors share one file with what the main door needs, so that a class is the same through every door; workers have another. What is
 * loaded late, and packages, stay files of their own. Node's modules are asked for by a call: an `import` reads all that a module exports, of
 * node:fs its streams, which takes each thread 7 ms.
 *
 *   node scripts/build.mjs
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CORE = join(ROOT, 'packages/core')
// As deep below the package as the sources are, and flat: a file finds the others and the kernel by the same relative paths.
const BUNDLE = join(CORE, 'dist/bundle')

/** Such as `import a, { b as c } from "node:x";`, on a line of its own as the bundler writes it: the names and the module. */
const IMPORT_OF_NODE = /^import (?:(?:\* as (\S+)|(\w\S*?))?(?:, )?(?:\{ (.*) \})? from )?("node:[\w/]+");$/gm

execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: ROOT, stdio: 'inherit' })
const changedMs = Math.max(...['dist/.tsbuildinfo', 'package.json', '../../scripts/build.mjs'].map(modifiedMs))
// Whoever reads the bundle meanwhile is not to meet half of the same again.
if (modifiedMs('dist/bundle/index.js') <= changedMs) {
  rmSync(BUNDLE, { recursive: true, force: true })
  await bundle('worker', 'run/worker.ts', {
    'thread-worker': 'run/thread-worker.ts',
    'process-worker': 'run/process-worker.ts',
  })
  await bundle('streaming', 'streaming/sort-lines.ts', {
    'sort-worker': 'streaming/sort-worker.ts',
    'function-main': 'streaming/function-main.ts',
  })
  // The names are those in the package's exports. It goes last, since its date is that of the whole.
  await bundle('core', 'index.ts', {
    index: 'index.ts',
    plan: 'plan/index.ts',
    run: 'run/index.ts',
    command: 'dataset/command.ts',
    stream: 'streaming/index.ts',
    files: 'io/index.ts',
    programs: 'stream/index.ts',
  })
  for (const file of readdirSync(BUNDLE)) if (file.endsWith('.js')) askForModules(join(BUNDLE, file))
}

/** @param {string} path of a bundled file; its lines keep their numbers */
function askForModules(path) {
  const code = readFileSync(path, 'utf8').replace(IMPORT_OF_NODE, (_, all, own, names, module) => {
    const wanted = [all ?? own, names && `{ ${names.replaceAll(' as ', ': ')} }`].filter(Boolean)
    return wanted.map((name) => `const ${name} = globalThis.process.getBuiltinModule(${module});`).join(' ')
  })
  if (/^import .*"node:/m.test(code))
    throw new Error(`build: ${path} imports one of Node's modules in a way that is not known here`)
  writeFileSync(path, code)
}

/**
 * @param {string} path in the package
 * @returns {number} 0 when there is none
 */
function modifiedMs(path) {
  return statSync(join(CORE, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/**
 * @param {string} name of the file that is shared
 * @param {string} root the source that is in it with all that it imports
 * @param {Readonly<Record<string, string>>} entries sources by the names of their files
 */
async function bundle(name, root, entries) {
  const source = (/** @type {string} */ path) => join(CORE, 'src', path)
  await build({
    input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, source(path)])),
    platform: 'node',
    tsconfig: join(CORE, 'tsconfig.json'),
    external: (id) => !/^[./]/.test(id),
    output: {
      dir: BUNDLE,
      format: 'esm',
      sourcemap: true,
      // The package brings them.
      sourcemapExcludeSources: true,
      comments: { jsdoc: false },
      codeSplitting: { groups: [groupOf(name, source(root))] },
    },
  })
}

/**
 * @param {string} name
 * @param {string} root
 */
function groupOf(name, root) {
  /** @type {Set<string>} */
  const members = new Set()
  return {
    debugName: name,
    name(/** @type {string} */ id, /** @type {import('rolldown').ChunkingContext} */ graph) {
      if (members.size === 0) {
        members.add(root)
        for (const member of members)
          for (const imported of graph.getModuleInfo(member)?.importedIds ?? []) members.add(imported)
      }
      return members.has(id) ? name : null
    },
  }
}
