// Prints `passed failed` for one step, given its exit code and the path of the test report that it may have left; names what was skipped.
// A file that could not be loaded counts as a failure; so does an exit code that no failed test explains, and a suite without a test.
import { existsSync, readFileSync } from 'node:fs'

const [exitCode, reportPath] = process.argv.slice(2)
const counts = existsSync(reportPath)
  ? countTests(JSON.parse(readFileSync(reportPath, 'utf8')))
  : { passed: 1, failed: 0 }
if (exitCode !== '0' && counts.failed === 0) counts.failed = 1
if (exitCode !== '0' && !existsSync(reportPath)) counts.passed = 0
console.log(`${counts.passed} ${counts.failed}`)

function countTests({ testResults }) {
  let passed = 0
  let failed = 0
  for (const { name, status, assertionResults } of testResults) {
    const withStatus = (wanted) => assertionResults.filter((test) => test.status === wanted).length
    passed += withStatus('passed')
    failed += withStatus('failed') || (status === 'failed' ? 1 : 0)
    for (const test of assertionResults) {
      if (test.status !== 'passed' && test.status !== 'failed')
        console.error(`    ${test.status}: ${test.fullName} (${name})`)
    }
  }
  return passed + failed === 0 ? { passed, failed: 1 } : { passed, failed }
}
