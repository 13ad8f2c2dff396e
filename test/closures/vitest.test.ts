/** Closures in the tests of a user: vitest, in threads and in forks. */
import { TOOL, withProject } from './environment.ts'
import { testMatrix } from './matrix.ts'

const FIXTURES = ['cases.ts', 'imports.ts', 'enums.ts', 'modules.ts'] as const

for (const pool of ['threads', 'forks']) {
  await testMatrix({ environment: `vitest in ${pool}`, fixtures: FIXTURES, place: 'source' }, () =>
    withProject('module', FIXTURES, async (project) => {
      const imports = FIXTURES.map((name) => `import './${name}'`)
      project.write(
        'matrix.test.ts',
        `import { test } from 'vitest'\n${imports.join('\n')}\nimport { report } from './harness.ts'\ntest('all', () => report(), 120_000)\n`,
      )
      project.write('vitest.config.mjs', `export default { test: { pool: '${pool}' } }\n`)
      await project.run(process.execPath, TOOL.vitest, 'run')
      return project.report()
    }),
  )
}
