/** Closures typed into a REPL: Node's, one that a program starts, that of tsx, and kindling's own. */
import { compile, type Project, TOOL, withProject } from './environment.ts'
import type { CaseReport } from './fixtures/harness.ts'
import { testMatrix } from './matrix.ts'
import { asDynamicImports, onOneLine, statementsOf, typeInto } from './repl-driver.ts'

const FIXTURES = ['cases.ts', 'imports.ts'] as const

/** What the harness exports; each fixture imports some of it, but a REPL lets a name be declared only once. */
const HARNESS = '{ check, checkAsync, driver, fails, refuses, report, sharing }'

await testMatrix({ environment: 'the Node REPL', fixtures: FIXTURES, place: 'repl' }, () =>
  runRepl('module', async (project) => {
    await compile(project)
    await typeInto(project, ['-i'], typed(project, '.js'))
  }),
)

await testMatrix({ environment: 'repl.start()', fixtures: FIXTURES, place: 'repl' }, () =>
  runRepl('commonjs', async (project) => {
    await compile(project)
    project.write('start.js', "require('node:repl').start()\n")
    const statements = FIXTURES.flatMap((name) => statementsOf(project.read(name.replace('.ts', '.js'))))
    // The compiler's prologue and the import of the harness stand in each file.
    await typeInto(
      project,
      ['start.js'],
      ['const exports = {}', ...asRedeclarable(statements), 'await harness_ts_1.report()'],
    )
  }),
)

await testMatrix({ environment: 'the REPL of tsx', fixtures: FIXTURES, place: 'repl' }, () =>
  runRepl('module', async (project) => {
    // That REPL compiles each line for itself, so TypeScript of several lines does not reach it whole.
    const statements = typed(project, '.ts').map(onOneLine)
    await typeInto(project, [TOOL.tsx, '-i'], statements)
  }),
)

await testMatrix({ environment: 'kindling repl', fixtures: FIXTURES, place: 'repl' }, () =>
  runRepl('module', async (project) => {
    // TypeScript as it stands: with types, static imports, and names that two files declare.
    const statements = FIXTURES.flatMap((name) => statementsOf(project.read(name)))
    await typeInto(
      project,
      [TOOL.kindling, 'repl', '-i'],
      [...statements, "import { report } from './harness.ts'", 'await report()'],
    )
  }),
)

function runRepl(type: 'module' | 'commonjs', start: (project: Project) => Promise<void>): Promise<CaseReport[]> {
  return withProject(type, FIXTURES, async (project) => {
    await start(project)
    return project.report()
  })
}

/** The fixtures as statements, with dynamic imports, and one import of the harness. */
function typed(project: Project, extension: '.ts' | '.js'): string[] {
  const statements = FIXTURES.flatMap((name) => statementsOf(project.read(name.replace('.ts', extension))))
  const program = statements.filter((one) => !/^import [^]* from '\.\/harness/.test(one) && one !== 'export {};')
  return [
    `const ${HARNESS} = await import('./harness${extension}')`,
    ...program.flatMap(asDynamicImports).filter((one) => !one.startsWith('//# sourceMappingURL')),
    'await report()',
  ]
}

/** `const x_1 = require(…)` that two files have becomes a `var`, which may be declared again. */
function asRedeclarable(statements: readonly string[]): string[] {
  return statements.map((one) => one.replace(/^const (?=\w+_1 = )/, 'var '))
}
