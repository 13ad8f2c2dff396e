/** Closures in programs: compiled to ES modules and to CommonJS, under tsx as either, and with types stripped by Node. */

import { describe, test } from 'vitest'
import { node24, node24Missing } from '../node24.ts'
import { compile, type Project, TOOL, withProject } from './environment.ts'
import type { CaseReport } from './fixtures/harness.ts'
import { testMatrix } from './matrix.ts'

const EVERYWHERE = ['cases.ts', 'imports.ts']

interface Environment {
  readonly environment: string
  readonly type: 'module' | 'commonjs'
  readonly fixtures: readonly string[]
  /** Starts the program, whose first file is `main.ts`. */
  readonly start: (project: Project) => Promise<unknown>
}

const startCompiled = async (project: Project): Promise<void> => {
  await compile(project)
  // What is left must do without the sources, but for the places in stacks.
  await project.run(process.execPath, 'main.js')
}
const startTsx = (project: Project): Promise<string> => project.run(process.execPath, TOOL.tsx, 'main.ts')

const ENVIRONMENTS: readonly Environment[] = [
  {
    environment: 'plain ES modules',
    type: 'module',
    fixtures: [...EVERYWHERE, 'enums.ts', 'modules.ts'],
    start: startCompiled,
  },
  {
    environment: 'plain CommonJS',
    type: 'commonjs',
    fixtures: [...EVERYWHERE, 'enums.ts', 'common.cts'],
    start: startCompiled,
  },
  {
    environment: 'tsx, ES modules',
    type: 'module',
    fixtures: [...EVERYWHERE, 'enums.ts', 'modules.ts'],
    start: startTsx,
  },
  {
    environment: 'tsx, CommonJS',
    type: 'commonjs',
    fixtures: [...EVERYWHERE, 'enums.ts', 'common.cts'],
    start: startTsx,
  },
]

for (const { environment, type, fixtures, start } of ENVIRONMENTS) {
  await testMatrix({ environment, fixtures, place: 'source' }, () => runProgram(type, fixtures, start))
}

if (node24 === null) {
  describe('types stripped by Node', () => test.skip(`runs every case of its fixtures${node24Missing}`, () => {}))
} else {
  const fixtures = [...EVERYWHERE, 'modules.ts']
  await testMatrix({ environment: 'types stripped by Node', fixtures, place: 'source' }, () =>
    runProgram('module', fixtures, (project) => project.run(node24 as string, 'main.ts')),
  )
}

function runProgram(
  type: Environment['type'],
  fixtures: readonly string[],
  start: Environment['start'],
): Promise<CaseReport[]> {
  return withProject(type, fixtures, async (project) => {
    const imports = fixtures.map((name) => `import './${name}'`)
    project.write('main.ts', `${imports.join('\n')}\nimport { report } from './harness.ts'\nvoid report()\n`)
    await start(project)
    return project.report()
  })
}
