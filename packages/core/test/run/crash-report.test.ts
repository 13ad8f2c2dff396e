import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { type CrashReport, openCrashReport } from '../../src/run/crash-report.ts'

/** A report of a stderr that gives its pieces at once. */
function open(): { stderr: PassThrough; passed: string[]; report: CrashReport } {
  const stderr = new PassThrough()
  const passed: string[] = []
  const report = openCrashReport(stderr, (bytes) => passed.push(Buffer.from(bytes).toString()))
  return { stderr, passed, report }
}

/** Resolves when all that was written has been read. */
async function write(stderr: PassThrough, ...pieces: readonly (string | Uint8Array)[]): Promise<void> {
  for (const piece of pieces) stderr.write(piece)
  await new Promise((resolve) => setImmediate(resolve))
}

test('what a process says before it has started is held, and passed on when it has', async () => {
  const { stderr, passed, report } = open()
  await write(stderr, 'Error: no such ', 'module\n')
  expect(report.text()).toBe('Error: no such module\n')
  expect(passed).toEqual([])
  report.dismiss()
  expect(passed.join('')).toBe('Error: no such module\n')
  expect(report.text()).toBe('')
})

test.each([
  ['\n<--- Last few GCs --->\n\n', '[1:0x1] Mark-Compact\n', 'FATAL ERROR: Reached heap limit\n'],
  ['\n\n#\n# Fatal error in , line 0\n', '# Fatal JavaScript invalid size error 1\n'],
  ['FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\n', ' 1: 0xb0 node::Abort()\n'],
  ['----- Native stack trace -----\n\n', ' 1: 0xb0 node::Abort()\n'],
])('a report that begins with %j is held, what stands before it is not', async (...pieces) => {
  const { stderr, passed, report } = open()
  report.dismiss()
  await write(stderr, 'a warning with ümläuts\n')
  const [first, ...others] = pieces
  await write(stderr, `and another\n${first}`, ...others)
  expect(passed.join('').trimEnd()).toBe('a warning with ümläuts\nand another')
  expect(report.text().trimStart()).toBe(pieces.join('').trimStart())
})

test('a text that only looks like a report is passed on, when its process proves to be well', async () => {
  const { stderr, passed, report } = open()
  report.dismiss()
  await write(stderr, 'FATAL ERROR: says a program that user code has started\n')
  expect(passed).toEqual([])
  report.dismiss()
  await write(stderr, 'more\n')
  expect(passed).toEqual(['FATAL ERROR: says a program that user code has started\n', 'more\n'])
})

test('a text that is longer than any report is passed on', async () => {
  const { stderr, passed } = open()
  await write(stderr, 'x'.repeat(50_000), 'x'.repeat(50_000), 'end')
  expect(passed.join('')).toBe(`${'x'.repeat(100_000)}end`)
})
