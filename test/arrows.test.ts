/** The arrows inside core: an allow-list, so that a new folder, import or dependency is a decision that someone takes. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CORE = fileURLToPath(new URL('../packages/core', import.meta.url))
const DECISION = fileURLToPath(new URL('../docs/decisions/0001-packages-and-dependencies.md', import.meta.url))

/** What each folder of core may import besides itself. Every folder may import what says that something is wrong; index.ts is the door to all. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  dataset: ['run', 'program', 'closure', 'io', 'plan'],
  run: ['program', 'compile', 'kernel', 'shuffle', 'stream', 'closure', 'io', 'plan'],
  compile: ['closure', 'plan'],
  program: ['compile', 'closure', 'plan'],
  streaming: ['run', 'stream', 'program', 'closure', 'io', 'plan'],
  stream: ['shuffle', 'io', 'plan'],
  shuffle: ['io', 'kernel', 'plan'],
  closure: ['plan'],
  io: ['plan'],
  plan: [],
  kernel: [],
}

const SAID_BY_ALL: readonly (string | null)[] = ['errors.ts', 'nearest.ts']

interface Import {
  readonly specifier: string
  /** Gone when the code runs. */
  readonly isType: boolean
}

const FILES = readdirSync(join(CORE, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()

const IMPORTS = new Map(FILES.map((path) => [path, importsOf(path)]))

/** The imports and re-exports of a file of `src`. Text is enough: the formatter leaves one way to write them. */
function importsOf(path: string): readonly Import[] {
  const text = codeOf(path)
  const statements = text.matchAll(/^(?:import|export)\s(?:(type)\s)?(?:[\w*{][^'"]*?\sfrom\s)?'([^']+)'/gm)
  const dynamic = text.matchAll(/(?:(?<!\.)\bimport|createRequire\(import\.meta\.url\))\('([^']+)'\)/g)
  return [
    ...[...statements].map(([, type, specifier]) => ({ specifier: specifier ?? '', isType: type !== undefined })),
    ...[...dynamic].map(([, specifier]) => ({ specifier: specifier ?? '', isType: false })),
  ]
}

/** The file of `src` that an import names; null for packages. */
function fileOf(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : null
}

/** The first folder of a path in `src`; '' for files at the top. */
function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : ''
}

/** All that is loaded when `entry` is: files of `src` and packages. */
function loadedFrom(entry: string): Set<string> {
  const loaded = new Set([entry])
  for (const path of loaded) {
    for (const { specifier, isType } of IMPORTS.get(path) ?? []) {
      if (!isType) loaded.add(fileOf(path, specifier) ?? specifier)
    }
  }
  return loaded
}

test('every folder of core imports only what its arrows allow', () => {
  const wrong = [...IMPORTS].flatMap(([path, imports]) =>
    imports.flatMap(({ specifier }) => {
      const target = fileOf(path, specifier)
      if (target === null || SAID_BY_ALL.includes(target) || path === 'index.ts') return []
      const [from, to] = [folderOf(path), folderOf(target)]
      return from === to || (ARROWS[from] ?? []).includes(to) ? [] : [`${path} → ${target}`]
    }),
  )
  expect(wrong).toEqual([])
})

test('every folder of core has its arrows written down', () => {
  const folders = new Set(FILES.map(folderOf).filter((folder) => folder !== ''))
  expect([...folders].filter((folder) => !(folder in ARROWS))).toEqual([])
})

test('every import inside core leads to a file', () => {
  const targets = [...IMPORTS].flatMap(([path, imports]) => imports.map(({ specifier }) => fileOf(path, specifier)))
  expect(targets.filter((target) => target !== null && !IMPORTS.has(target))).toEqual([])
  expect(targets.length).toBeGreaterThan(50)
})

test('only the two ends of a call to a worker know comlink', () => {
  const knowing = [...IMPORTS].filter(([, imports]) => imports.some(({ specifier }) => specifier.startsWith('comlink')))
  expect(knowing.map(([path]) => path)).toEqual(['run/slot.ts', 'run/worker.ts'])
})

test.each(['run/thread-worker.ts', 'run/process-worker.ts'])(
  'a worker never loads datasets, capture, a parser or zod: %s',
  (entry) => {
    const loaded = [...loadedFrom(entry)]
    expect(loaded).toContain('closure/revive.ts')
    expect(
      loaded.filter((name) =>
        /^dataset\/|^index\.ts$|^closure\/(capture|code)|^compile\/(compile|lower|stage)|^acorn|^zod/.test(name),
      ),
    ).toEqual([])
  },
)

test('the plan is pure: no modules of Node, no packages, nothing asynchronous', () => {
  const plan = [...IMPORTS].filter(([path]) => folderOf(path) === 'plan')
  expect(
    plan.flatMap(([path, imports]) => imports.filter(({ specifier }) => fileOf(path, specifier) === null)),
  ).toEqual([])
  const asynchronous = plan.filter(([path]) => /\basync\b|\bawait\b|\bPromise</.test(codeOf(path)))
  expect(asynchronous.map(([path]) => path)).toEqual([])
})

test("core's dependencies are those of the decision note, and each is used", () => {
  const manifest = JSON.parse(readFileSync(join(CORE, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const noted = [...readFileSync(DECISION, 'utf8').matchAll(/^- (\*\*.*?\*\*) /gm)].flatMap(
    ([, names]) => names?.match(/[\w@/-]+/g) ?? [],
  )
  const used = new Set(
    [...IMPORTS.values()].flat().map(({ specifier }) => specifier.match(/^(?!\.|node:)(@[^/]+\/)?[^/]+/)?.[0]),
  )
  used.delete(undefined)
  expect(new Set(Object.keys(manifest.dependencies))).toEqual(new Set(noted))
  expect(used).toEqual(new Set(noted))
})

/** A file without its comments. */
function codeOf(path: string): string {
  return readFileSync(join(CORE, 'src', path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}
