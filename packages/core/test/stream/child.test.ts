import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DataError } from '../../src/errors.ts'
import { type PipeOptions, pipeThrough } from '../../src/stream/child.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindling-child-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  readonly lines: string[]
  /** How many pieces were pulled, the end not counted. */
  readonly pulled: number
  readonly stderr: string
  readonly error: unknown
}

/** Runs a command over `pieces` and tells all that came of it. */
async function run(
  command: PipeOptions['command'],
  pieces: Iterable<string>,
  more: Partial<PipeOptions> = {},
): Promise<Ran> {
  const input = pieces[Symbol.iterator]()
  const lines: string[] = []
  const stderr: string[] = []
  let pulled = 0
  const sink = new Writable({
    write(bytes: Buffer, _encoding, done) {
      stderr.push(bytes.toString())
      done()
    },
  })
  const error = await pipeThrough({
    verb: 'pipe',
    command,
    env: {},
    partition: 7,
    pull: () => {
      const next = input.next()
      if (next.done === true) return null
      pulled++
      return next.value
    },
    push: (line) => lines.push(line) > 0,
    stderr: sink,
    ...more,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { lines, pulled, stderr: stderr.join(''), error }
}

function* repeated(text: string, times: number): Generator<string> {
  for (let i = 0; i < times; i++) yield text
}

/** True while a process with this id exists and is no zombie. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

/** The pid that a child wrote to `path`, once it has. */
function pidIn(path: string): Promise<number> {
  return vi.waitFor(
    () => {
      const pid = Number(readFileSync(path, 'utf8'))
      expect(pid).toBeGreaterThan(0)
      return pid
    },
    { timeout: 20_000 },
  )
}

function waitForDeath(pid: number): Promise<void> {
  return vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000 })
}

test('lines go in and lines come out', async () => {
  const { lines, error } = await run(['cat'], ['a\nb\n', 'c\n'])
  expect(error).toBeUndefined()
  expect(lines).toEqual(['a', 'b', 'c'])
})

test('a list is started without a shell, word for word', async () => {
  const { lines } = await run(['printf', '%s\n', '$HOME', 'a b', "'"], [])
  expect(lines).toEqual(['$HOME', 'a b', "'"])
})

test('a string is a line for a shell', async () => {
  const { lines, error } = await run('tr a-z A-Z | sort -r', ['a\nb\n'])
  expect(error).toBeUndefined()
  expect(lines).toEqual(['B', 'A'])
})

test('a child runs for an empty partition too', async () => {
  expect((await run('wc -c', [])).lines.map((line) => line.trim())).toEqual(['0'])
})

test('a last line without an end, CRLF and bytes that are not UTF-8 come out as lines', async () => {
  const { lines } = await run(['printf', 'a\\r\\n\\xff\\n\\xe2\\x82\\xac'], [])
  expect(lines).toEqual(['a', '�', '€'])
})

test('a child that reads everything before it prints does not block', async () => {
  const { lines, error } = await run(['sort'], repeated('b\na\n', 500_000))
  expect(error).toBeUndefined()
  expect(lines).toHaveLength(1_000_000)
  expect(lines[0]).toBe('a')
  expect(lines.at(-1)).toBe('b')
})

test('a child that prints a gigabyte before it reads does not block, nor fill the memory', async () => {
  const script =
    'const b = Buffer.alloc(1 << 20, "x".repeat(1023) + "\\n"); for (let i = 0; i < 1024; i++) require("fs").writeSync(1, b); process.stdin.resume()'
  const before = process.memoryUsage().rss
  let count = 0
  const { error } = await run([process.execPath, '-e', script], repeated(`${'y'.repeat(1023)}\n`, 4096), {
    push: () => ++count > 0,
  })
  expect(error).toBeUndefined()
  expect(count).toBe(1024 * 1024)
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20)
})

test('input is pulled no faster than the child reads it', async () => {
  const release = join(folder, 'release')
  let pulled = 0
  const line = `${'z'.repeat(65_535)}\n`
  const done = pipeThrough({
    verb: 'pipe',
    command: `until [ -e '${release}' ]; do sleep 0.02; done; wc -c`,
    env: {},
    partition: 0,
    pull: () => (pulled++ < 1000 ? line : null),
    push: () => true,
  })
  // The pipe is full when pulling has stopped.
  let last = -1
  await vi.waitFor(() => {
    const before = last
    last = pulled
    expect(last).toBeGreaterThan(0)
    expect(last).toBe(before)
  })
  expect(pulled).toBeLessThan(50)
  writeFileSync(release, '')
  await done
  expect(pulled).toBe(1001)
})

test('a child may end before it has read everything, and its input is pulled to the end', async () => {
  const { lines, pulled, error } = await run(['head', '-n', '1'], repeated('a\n', 1_000_000))
  expect(error).toBeUndefined()
  expect(lines).toEqual(['a'])
  expect(pulled).toBe(1_000_000)
})

test('a stage of a pipeline may be cut off by one behind it that ends well', async () => {
  const { lines, error } = await run('cat | head -n 1', repeated('a\n', 1_000_000))
  expect(error).toBeUndefined()
  expect(lines).toEqual(['a'])
})

test('an exit code that is not 0 fails, with the end of stderr', async () => {
  const { error, stderr } = await run('for i in $(seq 30); do echo "line $i" >&2; done; exit 3', ['a\n'])
  expect(error).toBeInstanceOf(DataError)
  const tail = Array.from({ length: 20 }, (_, i) => `  line ${i + 11}`).join('\n')
  expect((error as Error).message).toBe(
    `the command "for i in $(seq 30); do echo "line $i" >&2; done; exit 3" ended with exit code 3. ` +
      `The end of its stderr:\n${tail}`,
  )
  expect(stderr).toContain('line 1\n')
})

test('a failing first stage fails the line', async () => {
  const { error } = await run('false | cat', [])
  expect((error as Error).message).toBe('the command "false | cat" ended with exit code 1. It wrote nothing to stderr.')
})

test('a child ended by a signal fails', async () => {
  const { error } = await run('kill -SEGV $$', [])
  expect((error as Error).message).toBe(
    'the command "kill -SEGV $$" was ended by signal SIGSEGV. It wrote nothing to stderr.',
  )
})

test('a program that does not exist is an error that names it', async () => {
  const { error, pulled } = await run(['no-such-program', "it's"], ['a\n'])
  expect(error).toBeInstanceOf(DataError)
  expect((error as Error).message).toBe(
    `the command "no-such-program 'it'\\''s'" could not be started: there is no program "no-such-program". ` +
      'Install it, or give its path.',
  )
  expect(pulled).toBe(0)
})

test('a list of one shell line is explained', async () => {
  const { error } = await run(['sort -r'], [])
  expect((error as Error).message).toContain('A list holds one word each; give a string for a line of shell.')
})

test('a script without permission to run is explained', async () => {
  const script = join(folder, 'map.py')
  writeFileSync(script, 'print(1)\n')
  const { error } = await run([script], [])
  expect((error as Error).message).toBe(
    `the command "${script}" could not be started: "${script}" may not be executed. ` +
      `Allow it with chmod +x, or name its interpreter first, as in ['python3', 'map.py'].`,
  )
})

test.each([
  ['its input', 'python3 -c "open(\'/dev/stdin\')"'],
  ['its output', 'echo a > /dev/stdout'],
  ['its stderr', 'echo a > /dev/stderr'],
])('a program that opens %s by name is told how else', async (_stream, command) => {
  const { error } = await run(command, [])
  expect((error as Error).message).toContain(
    'Its streams cannot be opened by name: write >&2 for > /dev/stderr, or wrap the command, as in "cat | command | cat".',
  )
})

test('a wrapped program can open its streams by name', async () => {
  const { lines, error } = await run('cat | (cat /dev/stdin; echo b > /dev/stdout) | cat', ['a\n'])
  expect(error).toBeUndefined()
  expect(lines).toEqual(['a', 'b'])
})

test('where there is no bash, sh runs the line, and says so once', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
  const env = { PATH: folder }
  const first = await run('false | echo $0', [], { env, partition: 0 })
  const second = await run('false | echo $0', [], { env, partition: 1 })
  expect([first.error, second.error]).toEqual([undefined, undefined])
  expect([first.lines, second.lines]).toEqual([['/bin/sh'], ['/bin/sh']])
  expect(warn.mock.calls).toEqual([
    ['pipe: there is no bash here, so sh runs the command, and a failing stage of a pipeline is not noticed'],
  ])
  warn.mockRestore()
})

test('no descriptor is left open, whether the child runs or not', async () => {
  await run(['true'], [])
  const before = readdirSync('/proc/self/fd').length
  for (let i = 0; i < 5; i++) {
    await run(['true'], ['a\n'])
    await run(['no-such-program'], ['a\n'])
    await run('yes', [], { push: () => false })
  }
  await vi.waitFor(() => expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before))
})

test("a successful child's stderr passes through", async () => {
  const { error, stderr } = await run('echo one >&2; cat; printf two >&2', ['a\n'])
  expect(error).toBeUndefined()
  expect(stderr).toBe('one\ntwo')
})

test('a child that writes 64 MB to stderr does not block', async () => {
  const { error, stderr, lines } = await run('head -c 67108864 /dev/zero >&2; cat', repeated('a\n', 100_000))
  expect(error).toBeUndefined()
  expect(stderr).toHaveLength(67_108_864)
  expect(lines).toHaveLength(100_000)
})

test('the environment is ours, the given variables, and the number of the partition', async () => {
  vi.stubEnv('KINDLING_TEST_OURS', 'ours')
  const { lines } = await run(
    'echo $KINDLING_TEST_OURS $GIVEN $mapreduce_task_partition $mapreduce_task_ismap $PARALLEL_SEQ',
    [],
    {
      env: { GIVEN: 'given', PARALLEL_SEQ: 'mine' },
    },
  )
  vi.unstubAllEnvs()
  expect(lines).toEqual(['ours given 7 true mine'])
})

test('refusing a line stops the child and all it started', async () => {
  const { lines, error } = await run(`sleep 1000 & echo $! > '${folder}/pid'; yes`, [], { push: () => false })
  expect(error).toBeUndefined()
  expect(lines).toEqual([])
  await waitForDeath(await pidIn(join(folder, 'pid')))
})

test('a child that ignores SIGTERM is stopped all the same', async () => {
  const { error } = await run(`trap '' TERM; echo $$ > '${folder}/pid'; echo a; while :; do :; done`, [], {
    push: () => false,
  })
  expect(error).toBeUndefined()
  expect(isAlive(await pidIn(join(folder, 'pid')))).toBe(false)
})

test('an error upstream stops the child and comes through as it is', async () => {
  const bad = new Error('bad row')
  const command = `echo $$ > '${folder}/pid'; exec sleep 1000`
  const { error } = await run(command, [], {
    pull: () => {
      if (existsSync(join(folder, 'pid'))) throw bad
      return 'a\n'
    },
  })
  expect(error).toBe(bad)
  expect(isAlive(await pidIn(join(folder, 'pid')))).toBe(false)
})

test('an error downstream stops the child and comes through as it is', async () => {
  const bad = new Error('bad line')
  const { error } = await run('yes', [], {
    push: () => {
      throw bad
    },
  })
  expect(error).toBe(bad)
})

test('what a failed command left in the background is ended', async () => {
  const { error } = await run(`sleep 1000 & echo $! > '${folder}/pid'; exit 4`, [])
  expect((error as Error).message).toContain('exit code 4')
  // No child of ours, whose exit could be awaited: it has its SIGKILL, and dies when the system comes to it.
  await waitForDeath(await pidIn(join(folder, 'pid')))
})

test('a program runs in a worker thread, and its stderr is ours', async () => {
  const child = new URL('../../dist/stream/child.js', import.meta.url).href
  const program = `import(${JSON.stringify(child)}).then(async ({ pipeThrough }) => {
    let left = 1000, count = 0
    const options = { verb: 'pipe', command: 'echo started >&2; sort', env: {}, partition: 0 }
    await pipeThrough({ ...options, pull: () => left-- > 0 ? 'b\\na\\n'.repeat(1000) : null, push: () => ++count > 0 })
    require('node:worker_threads').parentPort.postMessage(count)
  })`
  const worker = new Worker(program, { eval: true, stderr: true })
  const said = text(worker.stderr)
  expect(await once(worker, 'message')).toEqual([2_000_000])
  await worker.terminate()
  expect(await said).toBe('started\n')
})

/** Stubborn: it reads no input, prints nothing and ignores a polite end. */
const STUBBORN = `trap '' TERM HUP; echo $$ > "$PID_FILE"; while :; do sleep 0.05; done`

/** A program that pipes through the compiled library. */
function program(): string {
  const child = new URL('../../dist/stream/child.js', import.meta.url).href
  const options = { verb: 'pipe', command: STUBBORN, env: { PID_FILE: join(folder, 'pid') }, partition: 0 }
  return `import(${JSON.stringify(child)}).then(({ pipeThrough }) =>
    pipeThrough({ ...${JSON.stringify(options)}, pull: () => null, push: () => true }))`
}

test('a terminated worker thread leaves no child', async () => {
  const worker = new Worker(program(), { eval: true })
  const pid = await pidIn(join(folder, 'pid'))
  expect(isAlive(pid)).toBe(true)
  await worker.terminate()
  await waitForDeath(pid)
})

test('a process that is killed leaves no child', async () => {
  const owner = spawn(process.execPath, ['-e', program()], { stdio: 'inherit' })
  const pid = await pidIn(join(folder, 'pid'))
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  await waitForDeath(pid)
})
