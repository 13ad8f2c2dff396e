import { availableParallelism, tmpdir } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { PlanError } from '../../src/errors.ts'
import { type Config, readConfig } from '../../src/run/config.ts'
import { parseMaster } from '../../src/run/master.ts'

const zod = vi.hoisted(() => ({ loads: 0 }))
vi.mock('zod', (importOriginal) => {
  zod.loads++
  return importOriginal()
})

const DEFAULTS: Config = {
  kind: 'local',
  slots: availableParallelism(),
  isolation: 'thread',
  maxFailures: 4,
  taskRetries: 0,
  taskTimeoutMs: null,
  progress: true,
  workerMemoryMb: null,
  memoryBytes: null,
  tmpDir: tmpdir(),
  signals: true,
  compile: true,
}

const MASTERS = 'expected local, local[n], local[*] or inline'
const DURATIONS = 'expected milliseconds or a duration like 500ms, 30s, 5m or 1h'
const SIZES = 'expected a size like 512MB or 4GB, or bytes, of at least 16777216'
const SWITCHES = 'expected on or off (true or false)'

async function refusal(options: unknown, env: Record<string, string> = {}): Promise<string> {
  try {
    await readConfig(options, env)
  } catch (error) {
    if (error instanceof PlanError) return error.message
    throw error
  }
  throw new Error('it was accepted')
}

// The first test of the file, since zod is loaded only once.
test('zod is loaded only when there is something to check', async () => {
  expect(await readConfig({}, {})).toEqual(DEFAULTS)
  await readConfig({ master: 'local[2]' }, { PATH: '/bin' })
  expect(zod.loads).toBe(0)
  await readConfig({ taskRetries: 1 }, {})
  expect(zod.loads).toBe(1)
})

test.each<[text: string, option: string, value: unknown, expected: Partial<Config>]>([
  ['KINDLING_MASTER=local', 'master', 'local', { kind: 'local', slots: 1 }],
  ['KINDLING_MASTER=local[3]', 'master', 'local[3]', { kind: 'local', slots: 3 }],
  ['KINDLING_MASTER=local[*]', 'master', 'local[*]', { kind: 'local', slots: availableParallelism() }],
  ['KINDLING_MASTER=inline', 'master', 'inline', { kind: 'inline', slots: 1 }],
  ['KINDLING_ISOLATION=thread', 'isolation', 'thread', { isolation: 'thread' }],
  ['KINDLING_ISOLATION=process', 'isolation', 'process', { isolation: 'process' }],
  ['KINDLING_MAX_FAILURES=1', 'maxFailures', 1, { maxFailures: 1 }],
  ['KINDLING_TASK_RETRIES=2', 'taskRetries', 2, { taskRetries: 2 }],
  ['KINDLING_TASK_TIMEOUT=1500', 'taskTimeout', 1500, { taskTimeoutMs: 1500 }],
  ['KINDLING_TASK_TIMEOUT=250ms', 'taskTimeout', '250ms', { taskTimeoutMs: 250 }],
  ['KINDLING_TASK_TIMEOUT=1.5s', 'taskTimeout', '1.5s', { taskTimeoutMs: 1500 }],
  ['KINDLING_TASK_TIMEOUT=2m', 'taskTimeout', '2m', { taskTimeoutMs: 120_000 }],
  ['KINDLING_TASK_TIMEOUT=1h', 'taskTimeout', '1h', { taskTimeoutMs: 3_600_000 }],
  ['KINDLING_PROGRESS=off', 'progress', false, { progress: false }],
  ['KINDLING_PROGRESS=false', 'progress', false, { progress: false }],
  ['KINDLING_PROGRESS=0', 'progress', false, { progress: false }],
  ['KINDLING_PROGRESS=on', 'progress', true, { progress: true }],
  ['KINDLING_PROGRESS=true', 'progress', true, { progress: true }],
  ['KINDLING_PROGRESS=1', 'progress', true, { progress: true }],
  ['KINDLING_WORKER_MEMORY_MB=64', 'workerMemoryMb', 64, { workerMemoryMb: 64 }],
  ['KINDLING_MEMORY=512MB', 'memory', '512MB', { memoryBytes: 512 * 2 ** 20 }],
  ['KINDLING_MEMORY=1.5 gb', 'memory', '1.5 gb', { memoryBytes: 1.5 * 2 ** 30 }],
  ['KINDLING_MEMORY=4KB', 'memory', '4KB', { memoryBytes: 4096 }],
  ['KINDLING_MEMORY=16777216', 'memory', 16_777_216, { memoryBytes: 16_777_216 }],
  ['KINDLING_SIGNALS=off', 'signals', false, { signals: false }],
  ['KINDLING_COMPILE=off', 'compile', false, { compile: false }],
])('%s says the same as the option', async (text, option, value, expected) => {
  const [variable = '', content = ''] = text.split('=')
  expect(await readConfig({}, { [variable]: content })).toEqual({ ...DEFAULTS, ...expected })
  expect(await readConfig({ [option]: value }, {})).toEqual({ ...DEFAULTS, ...expected })
})

test('code wins over the environment, and an undefined option is none', async () => {
  const env = { KINDLING_MAX_FAILURES: '2', KINDLING_TASK_RETRIES: '3', KINDLING_MASTER: 'inline' }
  const config = await readConfig({ maxFailures: 9, taskRetries: undefined, master: 'local[7]' }, env)
  expect(config).toMatchObject({ maxFailures: 9, taskRetries: 3, kind: 'local', slots: 7 })
})

test('variables of others are left alone', async () => {
  expect(await readConfig({}, { KINDLINGS: 'many', MY_KINDLING_MASTER: 'x', kindling_master: 'y' })).toEqual(DEFAULTS)
})

describe('an unknown name is refused', () => {
  test.each([
    [{ maxFailure: 1 }, {}, 'createContext: unknown option maxFailure. Did you mean maxFailures?'],
    [{ mastr: 'local' }, {}, 'createContext: unknown option mastr. Did you mean master?'],
    [{ taskTimeoutMs: 1 }, {}, 'createContext: unknown option taskTimeoutMs. Did you mean taskTimeout?'],
    [{}, { KINDLING_MASTRE: 'x' }, 'unknown variable KINDLING_MASTRE. Did you mean KINDLING_MASTER?'],
    [{}, { KINDLING_RETRIES: '1' }, 'unknown variable KINDLING_RETRIES. Did you mean KINDLING_TASK_RETRIES?'],
  ])('%j %j', async (options, env, message) => {
    expect(await refusal(options, env)).toBe(message)
  })

  test('also one that every object has', async () => {
    expect(await refusal({ toString: 1 })).toMatch(/^createContext: unknown option toString\. /)
  })

  test('with all names when none is near', async () => {
    expect(await refusal({ color: 'red' })).toBe(
      'createContext: unknown option color. Known: master, isolation, maxFailures, taskRetries, taskTimeout, progress, workerMemoryMb, memory, tmpDir, signals, compile.',
    )
  })
})

describe('a wrong value is refused', () => {
  test.each<[options: unknown, env: Record<string, string>, message: string]>([
    [null, {}, 'createContext: expected an object of options, got null'],
    ['local[2]', {}, 'createContext: expected an object of options, got local[2]'],
    [{ master: 4 }, {}, `createContext: option master: ${MASTERS}, got 4`],
    [{ master: null }, {}, `createContext: option master: ${MASTERS}, got null`],
    [{ isolation: 'thred' }, {}, 'createContext: option isolation: expected thread or process, got "thred"'],
    [{}, { KINDLING_ISOLATION: '' }, 'KINDLING_ISOLATION: expected thread or process, got ""'],
    [{ maxFailures: 0 }, {}, 'createContext: option maxFailures: expected a whole number of 1 or more, got 0'],
    [{ maxFailures: '4' }, {}, 'createContext: option maxFailures: expected a whole number of 1 or more, got "4"'],
    [{ taskRetries: 1.5 }, {}, 'createContext: option taskRetries: expected a whole number of 0 or more, got 1.5'],
    [{ taskRetries: -1 }, {}, 'createContext: option taskRetries: expected a whole number of 0 or more, got -1'],
    [{ taskTimeout: 0 }, {}, `createContext: option taskTimeout: ${DURATIONS}, got 0`],
    [{ taskTimeout: '0s' }, {}, `createContext: option taskTimeout: ${DURATIONS}, got "0s"`],
    [{ taskTimeout: '30 s' }, {}, `createContext: option taskTimeout: ${DURATIONS}, got "30 s"`],
    [{ taskTimeout: '-1s' }, {}, `createContext: option taskTimeout: ${DURATIONS}, got "-1s"`],
    [{ progress: 'off' }, {}, `createContext: option progress: ${SWITCHES}, got "off"`],
    [{ memory: 512 }, {}, `createContext: option memory: ${SIZES}, got 512`],
    [{ memory: '512' }, {}, `createContext: option memory: ${SIZES}, got "512"`],
    [{ memory: '0GB' }, {}, `createContext: option memory: ${SIZES}, got "0GB"`],
    [{}, { KINDLING_MEMORY: 'half' }, `KINDLING_MEMORY: ${SIZES}, got "half"`],
    [{ signals: 1 }, {}, `createContext: option signals: ${SWITCHES}, got 1`],
    [{ workerMemoryMb: 8 }, {}, 'createContext: option workerMemoryMb: expected a whole number of 16 or more, got 8'],
    [{}, { KINDLING_MAX_FAILURES: 'many' }, 'KINDLING_MAX_FAILURES: expected a whole number of 1 or more, got "many"'],
    [{}, { KINDLING_TASK_RETRIES: '' }, 'KINDLING_TASK_RETRIES: expected a whole number of 0 or more, got ""'],
    [{}, { KINDLING_TASK_TIMEOUT: '0' }, `KINDLING_TASK_TIMEOUT: ${DURATIONS}, got 0`],
    [{}, { KINDLING_PROGRESS: 'yes' }, `KINDLING_PROGRESS: ${SWITCHES}, got "yes"`],
  ])('%j %j', async (options, env, message) => {
    expect(await refusal(options, env)).toBe(message)
  })

  test('also one that JSON cannot show', async () => {
    const option = 'createContext: option'
    expect(await refusal({ taskTimeout: Number.NaN })).toBe(`${option} taskTimeout: ${DURATIONS}, got NaN`)
    expect(await refusal({ taskTimeout: Number.POSITIVE_INFINITY })).toBe(
      `${option} taskTimeout: ${DURATIONS}, got Infinity`,
    )
    expect(await refusal({ maxFailures: 4n })).toBe(
      `${option} maxFailures: expected a whole number of 1 or more, got 4n`,
    )
    expect(await refusal({ progress: () => true })).toBe(`${option} progress: ${SWITCHES}, got [Function: progress]`)
  })
})

test.each(['', 'Local', 'local[0]', 'local[-1]', 'local[1.5]', 'local[]', 'local[2', ' local', 'spark://host:7077'])(
  'the master %j is refused with what is allowed',
  async (master) => {
    const message = `master: ${MASTERS}, got ${JSON.stringify(master)}. Use local[*] for all cores`
    expect(() => parseMaster(master)).toThrow(new PlanError(message))
    expect(await refusal({ master })).toBe(message)
    expect(await refusal({}, { KINDLING_MASTER: master })).toBe(message)
  },
)
