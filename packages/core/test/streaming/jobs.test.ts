import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { contents, everything, folderWith, run, shell } from './command.ts'

/** Bytes that no decoder should touch: CRLF, NUL, bytes that are no UTF-8, and a last line without an end. */
const ODD = Buffer.concat([Buffer.from('a\r\nb\0c\n\n'), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from('last')])
const THREE = { 'in/a.txt': '1\n2\n', 'in/b.txt': '3\n', 'in/c.txt': '4\n5\n6\n' }

test('a program gets the bytes of a file as they are, and what it writes is the output as it is', async () => {
  const folder = folderWith({ 'in/odd.bin': ODD, 'in/empty': '', 'in/z.gz': gzipSync(ODD) })
  expect(await run(folder, ['-i', 'in', '-m', 'cat', '-o', 'out'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const odd = ODD.toString('latin1')
  expect(contents(join(folder, 'out'))).toEqual({ 'part-00000': '', 'part-00001': odd, 'part-00002': odd })
  expect(everything(join(folder, 'out'))).toEqual([
    '_SUCCESS',
    '_manifest.jsonl',
    'part-00000',
    'part-00001',
    'part-00002',
  ])
})

test('standard output has the outputs in the order of the inputs, with a line end between them where one is missing', async () => {
  const folder = folderWith({ 'in/a': 'a', 'in/b': 'b\n', 'in/c': 'c' })
  // The first is the slowest: it waits until the last has begun.
  const mapper = 'case $PARALLEL_SEQ in 1) until [ -e go ]; do sleep 0.02; done;; 3) touch go;; esac; cat'
  expect(await run(folder, ['-i', 'in', '-m', mapper, '-j', '3'])).toMatchObject({ code: 0, stdout: 'a\nb\nc' })
})

test('a tag begins each line of standard output', async () => {
  const folder = folderWith({ 'in/a': '1\n2\n', 'in/b': '3' })
  expect(await run(folder, ['-i', 'in', '--tag'])).toMatchObject({ stdout: 'in/a\t1\nin/a\t2\nin/b\t3' })
})

test('a large file is cut on line ends, and no line is lost or parted', async () => {
  const text = Array.from({ length: 5000 }, (_, i) => `${'x'.repeat(i % 90)} ${i}\n`).join('')
  const folder = folderWith({ 'in.txt': text })
  const { stdout } = await run(folder, ['-i', 'in.txt', '--split', '10kB', '-m', 'cat'])
  expect(stdout).toBe(text)
  const sizes = (await run(folder, ['-i', 'in.txt', '--split', '10kB', '-m', 'wc -c'])).stdout
    .trim()
    .split('\n')
    .map(Number)
  expect(sizes.length).toBeGreaterThan(20)
  for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(10_000)
  for (const size of sizes) expect(size).toBeLessThan(10_000 + 97)
})

test('a file cut in pieces still has one output, in order', async () => {
  const text = Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join('')
  const folder = folderWith({ 'in/a.txt': text, 'in/b.txt': 'short' })
  expect((await run(folder, ['-i', 'in', '--split', '5kB', '-m', 'cat', '-o', 'out/{/}'])).code).toBe(0)
  expect(contents(join(folder, 'out'))).toEqual({ 'a.txt': text, 'b.txt': 'short' })
})

test('small files are packed into one program, by size or by number', async () => {
  const folder = folderWith({ 'in/a': '1', 'in/b': '2\n', 'in/c': '3' })
  expect((await run(folder, ['-i', 'in', '--pack', '1MB', '-m', 'echo $PARALLEL_SEQ; cat'])).stdout).toBe('1\n1\n2\n3')
  expect((await run(folder, ['-i', 'in', '--files-per-job', '2', '-m', 'echo {#} {}'])).stdout).toBe(
    '1 in/a in/b\n2 in/c\n',
  )
})

test('standard input is cut into blocks of whole lines', async () => {
  const text = Array.from({ length: 2000 }, (_, i) => `${i}\n`).join('')
  const folder = folderWith({})
  expect((await run(folder, ['-i', '-', '--split', '1kB', '-m', 'cat'], text)).stdout).toBe(text)
  const counts = (await run(folder, ['-i', '-', '--split', '1kB', '-m', 'wc -c'], text)).stdout
    .trim()
    .split('\n')
    .map(Number)
  expect(counts.length).toBe(Math.ceil(text.length / 1004))
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(text.length)
  expect((await run(folder, ['-i', '-', '-m', 'cat'], '')).stdout).toBe('')
})

test('programs may get so many lines each, or the path of their input', async () => {
  const folder = folderWith(THREE)
  expect((await run(folder, ['-i', 'in/c.txt', '--input-format', 'nline:2', '-m', 'paste -sd+'])).stdout).toBe(
    '4+5\n6\n',
  )
  expect((await run(folder, ['-i', 'in', '--input-format', 'path', '-m', 'xargs wc -l'])).stdout).toMatch(
    /2 in\/a.txt\n1 in\/b.txt\n3 in\/c.txt/,
  )
})

test('outputs are named after their inputs', async () => {
  const folder = folderWith({ 'in/x.tar.gz': gzipSync('1\n'), 'in/it is.txt': '2\n' })
  expect((await run(folder, ['-i', 'in', '-o', '{//}/../out/{#}-{0#}/{/.}.out'])).code).toBe(0)
  expect(contents(join(folder, 'out'))).toEqual({ '1-00001/it is.out': '2\n', '2-00002/x.tar.out': '1\n' })
  expect((await run(folder, ['-i', 'in', '-o', 'second/{.}'])).code).toBe(0)
  expect(Object.keys(contents(join(folder, 'second')))).toEqual(['in/it is', 'in/x.tar'])
})

test('values in a command are quoted', async () => {
  const name = `it's $HOME "q" & ;`
  const folder = folderWith({ [`in/${name}`]: 'x' })
  expect((await run(folder, ['-i', 'in', '-m', 'echo {/}; cat {}; echo; echo {%}'])).stdout).toBe(`${name}\nx\n1\n`)
})

test('two inputs for one output are refused before anything runs', async () => {
  const folder = folderWith({ 'a/x': '1', 'b/x': '2' })
  const { code, stderr } = await run(folder, ['-i', 'a', '-i', 'b', '-m', 'touch ran', '-o', 'out/{/}'])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      'stream: "a/x" and "b/x" would both be written to "out/x". Use more of the path in the name, as with {.}.\n',
  })
  expect(everything(folder)).not.toContain('ran')
})

test('a list of inputs comes from a file or from standard input, by lines or NULs', async () => {
  const folder = folderWith({ 'new\nline': '1\n', b: '2\n', list: 'b\nb\n' })
  expect((await run(folder, ['-a', '-', '-0', '-m', 'cat'], 'new\nline\0b\0')).stdout).toBe('1\n2\n')
  expect((await run(folder, ['--inputs-from', 'list'])).stdout).toBe('2\n2\n')
})

test('a missing entry of a list fails alone; a missing input is refused', async () => {
  const folder = folderWith({ b: '2\n', list: 'nosuch\nb\n' })
  const listed = await run(folder, ['-a', 'list', '-m', 'cat'])
  expect(listed).toMatchObject({ code: 1, stdout: '2\n' })
  expect(listed.stderr).toContain('stream: nosuch: "nosuch" does not exist')
  const refused = await run(folder, ['-i', 'nosuch', '-m', 'cat', '-o', 'out'])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toMatch(/^stream: "nosuch" does not exist \(working directory: .*\)\. Check the path\.\n$/)
  expect(everything(folder)).not.toContain('out')
  expect((await run(folder, ['-m', 'cat'])).stderr).toBe(
    'stream: there is no input. Give it with --input or --inputs-from.\n',
  )
  expect((await run(folder, ['-i', '*.json'])).code).toBe(2)
})

test('a failed program leaves no output, the others go on, and the failure says how to run it again', async () => {
  const folder = folderWith(THREE)
  const mapper = 'read line; echo $line; echo "bad $line" >&2; [ $line != 3 ] || exit 7; cat'
  const { code, stderr } = await run(folder, ['-i', 'in', '-m', mapper, '-o', 'out/{/}'])
  expect(code).toBe(1)
  expect(stderr).toContain('in/a.txt: bad 1\n')
  expect(stderr).toContain(
    `stream: in/b.txt: the command "${mapper}" ended with exit code 7. Run it again with: ( ${mapper} ) < in/b.txt . The end of its stderr:\n  bad 3\n`,
  )
  expect(stderr).toContain('stream: 1 of 3 programs failed.\n')
  expect(contents(join(folder, 'out'))).toEqual({ 'a.txt': '1\n2\n', 'c.txt': '4\n5\n6\n' })
  expect(everything(join(folder, 'out')).filter((name) => name.includes('kindling'))).toEqual([])
  expect(readFileSync(join(folder, 'out/_logs/b.txt.stderr'), 'utf8')).toBe('bad 3\n')
})

test.each([
  ['a failing first stage of a pipeline', 'false | cat', 'ended with exit code 1'],
  ['a signal', 'kill -9 $$', 'was ended by signal SIGKILL'],
  ['a program that is not there', 'pyton3 x.py', 'ended with exit code 127. Did you mean python3?'],
])('%s is a failure', async (_name, mapper, expected) => {
  const folder = folderWith({ a: '1\n' })
  const { code, stderr, stdout } = await run(folder, ['-i', 'a', '-m', mapper])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(expected)
})

test('a program that reads only the start of its input, or nothing, is none', async () => {
  const folder = folderWith({ a: 'x\n'.repeat(500_000), 'b.gz': gzipSync('y\n'.repeat(500_000)) })
  expect(await run(folder, ['-i', 'a', '-i', 'b.gz', '--split', '300kB', '-m', 'head -1'])).toMatchObject({
    code: 0,
    stdout: 'x\nx\nx\nx\ny\n',
    stderr: '',
  })
  expect(await run(folder, ['-i', 'b.gz', '-m', 'yes | head -1'])).toMatchObject({ code: 0, stdout: 'y\n' })
})

test('exit codes may be declared well', async () => {
  const folder = folderWith({ a: 'x\n', b: 'y\n' })
  expect(await run(folder, ['-i', '?', '-m', 'grep x'])).toMatchObject({ code: 1, stdout: 'x\n' })
  expect(await run(folder, ['-i', '?', '-m', 'grep x', '--ok-exit', '0,1'])).toMatchObject({ code: 0, stdout: 'x\n' })
})

test('a failed program is tried again, without what it had written', async () => {
  const folder = folderWith({ a: 'x\n' })
  const mapper = 'cat; echo . >> tries; [ $(wc -l < tries) -ge 3 ]'
  expect(await run(folder, ['-i', 'a', '-m', mapper, '--retries', '1'])).toMatchObject({ code: 1, stdout: '' })
  rmSync(join(folder, 'tries'))
  expect(await run(folder, ['-i', 'a', '-m', mapper, '--retries', '2'])).toMatchObject({ code: 0, stdout: 'x\n' })
})

test('what happens after a failure is chosen: go on, start no more, kill', async () => {
  const mapper =
    'read n; [ $n != 1 ] || { until [ -e started ]; do sleep 0.02; done; exit 3; }; touch started; [ $n != 2 ] || sleep 60; echo $n'
  const inputs = { 'in/1': '1\n', 'in/2': '2\n', 'in/3': '3\n' }
  const killed = await run(folderWith(inputs), ['-i', 'in', '-m', mapper, '-j', '2', '--on-failure', 'kill'])
  expect(killed).toMatchObject({ code: 1, stdout: '' })
  expect(killed.stderr).toContain('stream: 1 of 3 programs failed, 2 were not run to their end.\n')
  const quick = mapper.replace('sleep 60', 'true')
  const stopped = await run(folderWith(inputs), ['-i', 'in', '-m', quick, '-j', '2', '--halt', 'soon,fail=1'])
  expect(stopped.code).toBe(1)
  expect(stopped.stdout.startsWith('2\n')).toBe(true)
  expect(await run(folderWith(inputs), ['-i', 'in', '-m', quick, '-j', '2'])).toMatchObject({
    code: 1,
    stdout: '2\n3\n',
  })
})

test('a program that runs too long is ended with all it started', async () => {
  const folder = folderWith({ a: 'x\n' })
  const { code, stderr } = await run(folder, [
    '-i',
    'a',
    '-m',
    'sleep 77 & sleep 77; wait',
    '--timeout',
    '200ms',
    '--joblog',
    'log',
  ])
  expect(code).toBe(1)
  expect(stderr).toContain('stream: a: it ran longer than its timeout of 0.2 s and was ended.')
  expect(readFileSync(join(folder, 'log'), 'utf8')).toMatch(/\t143\t15\tsleep 77/)
})

test('an output that exists is refused, and replaced as a whole when asked', async () => {
  const folder = folderWith({ a: 'new\n', 'out/part-00000': 'old\n', 'out/part-00007': 'old\n', file: 'x' })
  const refused = await run(folder, ['-i', 'a', '-o', 'out'])
  expect(refused).toMatchObject({
    code: 2,
    stderr: 'stream: "out" already exists. Replace it with overwrite (--overwrite), or choose another path.\n',
  })
  expect(await run(folder, ['-i', 'a', '-m', 'false', '-o', 'out', '--overwrite'])).toMatchObject({ code: 1 })
  expect(contents(join(folder, 'out'))).toEqual({ 'part-00000': 'old\n', 'part-00007': 'old\n' })
  expect(await run(folder, ['-i', 'a', '-o', 'out', '--overwrite'])).toMatchObject({ code: 0 })
  expect(contents(join(folder, 'out'))).toEqual({ 'part-00000': 'new\n' })
  expect(await run(folder, ['-i', 'a', '-o', 'file'])).toMatchObject({
    code: 2,
    stderr: 'stream: "file" is a file. Choose another path.\n',
  })
  expect(everything(folder)).toEqual(['a', 'file', 'out', 'out/_SUCCESS', 'out/_manifest.jsonl', 'out/part-00000'])
})

test('a file by name that this command did not write is refused', async () => {
  const folder = folderWith({ a: 'new\n', 'out/a': 'old\n' })
  const { code, stderr } = await run(folder, ['-i', 'a', '-o', 'out/{/}'])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      'stream: "out/a" already exists, and this command did not write it as it is. Replace it with overwrite (--overwrite), or choose another name.\n',
  })
  expect((await run(folder, ['-i', 'a', '-o', 'out/{/}', '--overwrite'])).code).toBe(0)
  expect(contents(join(folder, 'out'))).toEqual({ a: 'new\n' })
})

/** Runs once for each input that it reads. */
const COUNTING = 'echo {/} >> ran; cat {}'

test.each(['out', 'out/{/}'])(
  'a second run to %s does only what is left, by content and not by position',
  async (output) => {
    const folder = folderWith({ 'in/a': '1\n', 'in/c': '3\n' })
    const ran = (): string => {
      const text = readFileSync(join(folder, 'ran'), 'utf8')
      rmSync(join(folder, 'ran'))
      return text.split('\n').toSorted().join(' ').trim()
    }
    const args = ['-i', 'in', '-m', COUNTING, '-o', output]
    expect((await run(folder, args)).code).toBe(0)
    expect(ran()).toBe('a c')
    expect(await run(folder, args)).toMatchObject({
      code: 0,
      stderr: 'stream: 2 of 2 outputs were there from an earlier run.\n',
    })
    // One comes in between, so that every later one has another number.
    writeFileSync(join(folder, 'in/b'), '2\n')
    expect((await run(folder, args)).code).toBe(0)
    expect(ran()).toBe('b')
    expect(Object.values(contents(join(folder, 'out')))).toEqual(['1\n', '2\n', '3\n'])
    if (output !== 'out') return
    // One changes, one goes.
    writeFileSync(join(folder, 'in/a'), '1a\n')
    utimesSync(join(folder, 'in/a'), 1, 1)
    rmSync(join(folder, 'in/b'))
    expect((await run(folder, args)).code).toBe(0)
    expect(ran()).toBe('a')
    expect(Object.values(contents(join(folder, 'out')))).toEqual(['1a\n', '3\n'])
    // Another command has no claim to them.
    expect((await run(folder, ['-i', 'in', '-m', 'cat', '-o', output])).stderr).toContain(
      'is the output of another command',
    )
  },
)

test('after a failure only what failed runs again', async () => {
  const folder = folderWith(THREE)
  const args = ['-i', 'in', '-m', `${COUNTING}; [ {/} != b.txt ] || [ -e fixed ]`, '-o', 'out', '--joblog', 'log']
  expect((await run(folder, args)).code).toBe(1)
  expect(Object.keys(contents(join(folder, 'out')))).toEqual(['part-00000', 'part-00002'])
  expect(everything(join(folder, 'out'))).not.toContain('_SUCCESS')
  writeFileSync(join(folder, 'fixed'), '')
  expect((await run(folder, args)).code).toBe(0)
  expect(
    readFileSync(join(folder, 'ran'), 'utf8')
      .split('\n')
      .filter((name) => name === 'b.txt'),
  ).toHaveLength(2)
  expect(Object.values(contents(join(folder, 'out')))).toEqual(['1\n2\n', '3\n', '4\n5\n6\n'])
  const log = readFileSync(join(folder, 'log'), 'utf8').split('\n')
  expect(log[0]).toBe('Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand')
  expect(log.filter((line) => line.startsWith('Seq'))).toHaveLength(1)
  expect(
    log
      .slice(1, -1)
      .map((line) => line.split('\t')[6] ?? '')
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['0', '0', '0', '1'])
})

test('a dry run prints what would run and what would not, and runs nothing', async () => {
  const folder = folderWith({ 'in/a b': '12345\n', 'in/c.gz': gzipSync('1\n') })
  expect(await run(folder, ['-i', 'in', '-m', 'python3 map.py', '-o', 'out/{/.}', '--dry-run'])).toEqual({
    code: 0,
    signal: null,
    stdout: "python3 map.py < 'in/a b' > out/a b\ngzip -dc in/c.gz | python3 map.py > out/c\n".replace(
      'out/a b',
      "'out/a b'",
    ),
    stderr: '',
  })
  expect((await run(folder, ['-i', 'in/a b', '--split', '2', '-m', 'a | b', '--dry-run'])).stdout).toBe(
    "( a | b ) < 'in/a b'\n",
  )
  expect(everything(folder)).toEqual(['in', 'in/a b', 'in/c.gz'])
  await run(folder, ['-i', 'in/c.gz', '-m', 'cat', '-o', 'out'])
  expect((await run(folder, ['-i', 'in/c.gz', '-m', 'cat', '-o', 'out', '--dry-run'])).stdout).toBe(
    '# done before: gzip -dc in/c.gz | cat > out/part-00000\n',
  )
})

test('output may be compressed, and empty parts left out', async () => {
  const folder = folderWith({ 'in/a': 'x\n', 'in/b': '' })
  expect((await run(folder, ['-i', 'in', '-o', 'out', '--compress', '--skip-empty'])).code).toBe(0)
  expect(Object.keys(contents(join(folder, 'out')))).toEqual(['part-00000.gz'])
  expect(gunzipSync(readFileSync(join(folder, 'out/part-00000.gz'))).toString()).toBe('x\n')
})

test('programs get variables, and files beside them when asked', async () => {
  const folder = folderWith({
    'in/a': 'x\n',
    'code/map.sh': 'echo $GREETING $mapreduce_task_partition $mapreduce_task_ismap; cat; ls',
  })
  const { stdout } = await run(folder, [
    '-i',
    'in',
    '-m',
    'sh m.sh',
    '--files',
    'code/map.sh#m.sh',
    '--env',
    'GREETING=hi',
  ])
  expect(stdout).toBe('hi 0 true\nx\nm.sh\n')
  expect(
    (await run(folder, ['-i', 'in', '-m', 'echo $mapreduce_map_input_file $map_input_file $PARALLEL_SEQ'])).stdout,
  ).toBe('in/a in/a 1\n')
  expect((await run(folder, ['-i', 'in', '-m', 'test -d $TMPDIR && echo there'])).stdout).toBe('there\n')
  expect((await run(folder, ['-i', 'in', '--files', 'nosuch'])).stderr).toContain(
    'stream: the file "nosuch" does not exist',
  )
})

test('corrupt gzip input fails its program', async () => {
  const bytes = gzipSync('x\n'.repeat(1000))
  const folder = folderWith({ 'a.gz': bytes.subarray(0, bytes.length - 20) })
  const { code, stderr } = await run(folder, ['-i', 'a.gz', '-m', 'cat', '-o', 'out'])
  expect(code).toBe(1)
  expect(stderr).toContain('a.gz: the gzip data is cut short')
  expect(contents(folder)).not.toHaveProperty('out/part-00000')
})

test('an input that changes while it is read fails its program', async () => {
  const folder = folderWith({ a: 'x\n' })
  const { code, stderr } = await run(folder, ['-i', 'a', '-m', 'cat; echo more >> a'])
  expect(code).toBe(1)
  expect(stderr).toContain('a: changed while reading (2 bytes then, 7 now).')
  expect(statSync(join(folder, 'a')).size).toBe(7)
})

test('a file whose parts are compressed is one whole file, and standard output is not compressed', async () => {
  const text = Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join('')
  const folder = folderWith({ 'in/a': text, 'in/b': 'short' })
  const args = ['-i', 'in', '--split', '5kB', '-o', 'out/{/}.gz', '--compress']
  expect((await run(folder, args)).code).toBe(0)
  expect(gunzipSync(readFileSync(join(folder, 'out/a.gz'))).toString()).toBe(text)
  expect(gunzipSync(readFileSync(join(folder, 'out/b.gz'))).toString()).toBe('short')
  expect(await run(folder, ['-i', 'in', '--compress'])).toMatchObject({
    code: 2,
    stderr: 'stream: compress is for an output. Pipe standard output through gzip.\n',
  })
})

test('an output whose name ends in .gz is compressed, unless its program has done that', async () => {
  const folder = folderWith({ 'in/a.gz': gzipSync('x\n'), 'in/b.gz': gzipSync('') })
  expect((await run(folder, ['-i', 'in', '-m', 'cat', '-o', 'out/{/}'])).code).toBe(0)
  expect(gunzipSync(readFileSync(join(folder, 'out/a.gz'))).toString()).toBe('x\n')
  expect((await run(folder, ['-i', 'out', '-m', 'cat'])).stdout).toBe('x\n')
  expect((await run(folder, ['-i', 'in', '-m', 'gzip', '-o', 'packed/{/}'])).code).toBe(0)
  expect(gunzipSync(readFileSync(join(folder, 'packed/a.gz'))).toString()).toBe('x\n')
})

test.each([
  ['a.gz', 'gzip'],
  ['a.bz2', 'bzip2'],
])('%s is decompressed for a program [needs %s]', async (name, program) => {
  const folder = folderWith({ [name]: spawnSync(program, ['-c'], { input: 'x\ny\n' }).stdout })
  expect(await run(folder, ['-i', name, '-m', 'cat'])).toMatchObject({ code: 0, stdout: 'x\ny\n' })
})

test.each(['keyvalue', 'lines'])('%s of a file are what a program reads, as they are', async (format) => {
  const folder = folderWith({ in: 'k\tv\nno tab\n\t\n' })
  expect((await run(folder, ['-i', 'in', '--input-format', format, '-m', 'cat'])).stdout).toBe('k\tv\nno tab\n\t\n')
})

test('records end with another text where it is given, and none is parted', async () => {
  const records = Array.from({ length: 2000 }, (_, i) => `record ${i}\nof two lines--\n`)
  const folder = folderWith({ in: records.join(''), nul: 'a\0b\nb\0c\0' })
  const split = ['--split', '1kB', '--record-end', String.raw`--\n`]
  expect((await run(folder, ['-i', 'in', ...split, '-m', 'cat'])).stdout).toBe(records.join(''))
  const cut = (await run(folder, ['-i', 'in', ...split, '-m', `tee >(head -1) >(tail -1) > /dev/null | sort`])).stdout
  expect(
    new Set(
      cut
        .trim()
        .split('\n')
        .map((line) => line.replace(/\d+/, 'n')),
    ),
  ).toEqual(new Set(['record n', 'of two lines--']))
  const blocks = await run(folder, ['-i', '-', ...split, '-m', 'head -1'], records.join(''))
  expect(
    blocks.stdout
      .trim()
      .split('\n')
      .every((line) => line.startsWith('record ')),
  ).toBe(true)
  expect((await run(folder, ['-i', '-', ...split], records.join(''))).stdout).toBe(records.join(''))
  const nul = ['-i', 'nul', '--record-end', String.raw`\0`, '--input-format', 'nline:2']
  expect((await run(folder, [...nul, '-m', 'tr -d "\\n" | tr "\\0" ";"; echo'])).stdout).toBe('a;bb;\nc;\n')
  expect((await run(folder, [...nul, '-m', 'cat'])).stdout).toBe('a\0b\nb\0c\0')
  expect((await run(folder, ['-i', 'in', '--record-end', 'x', '--pack', '1MB'])).stderr).toContain(
    'a record end is for',
  )
})

/** The first line of its input, and how many come after it. */
const READS_HEADER = 'read -r line; echo "$line"; wc -l'

test('a header is what each piece begins with, and is once in what is packed', async () => {
  const rows = Array.from({ length: 500 }, (_, i) => `${i},x\n`).join('')
  const folder = folderWith({ 'in/a.csv': `id,name\n${rows}`, 'in/b.csv': 'id,name\n500,y\n' })
  const args = ['-i', 'in/a.csv', '--header', '-m', READS_HEADER]
  expect((await run(folder, args)).stdout).toBe('id,name\n500\n')
  const lines = (await run(folder, [...args, '--split', '1kB'])).stdout.trim().split('\n')
  expect(lines.filter((line) => line === 'id,name').length).toBe(lines.length / 2)
  expect(lines.length).toBeGreaterThan(4)
  const sum = (list: readonly string[]): number => list.reduce((all, line) => all + (Number(line) || 0), 0)
  expect(sum(lines)).toBe(500)
  const tens = ['-i', 'in/a.csv', '--header', '--input-format', 'nline:200', '-m', 'wc -l']
  expect((await run(folder, tens)).stdout).toBe('201\n201\n101\n')
  expect((await run(folder, ['-i', 'in', '--header', '--pack', '1MB', '-m', 'cat'])).stdout).toBe(
    `id,name\n${rows}500,y\n`,
  )
  const blocks = ['-i', '-', '--header', '--split', '1kB', '-m', READS_HEADER]
  const text = readFileSync(join(folder, 'in/a.csv'), 'utf8')
  const piped = (await run(folder, blocks, text)).stdout.trim().split('\n')
  expect(piped.filter((line) => line === 'id,name').length).toBe(piped.length / 2)
  expect(sum(piped)).toBe(500)
})

test('the line that runs a failed program again does so, on the piece and with the header that it had', async () => {
  const folder = folderWith({ 'in.csv': `h\n${Array.from({ length: 300 }, (_, i) => `${i}\n`).join('')}` })
  const mapper = 'tee seen.$PARALLEL_SEQ > /dev/null; [ $PARALLEL_SEQ != 2 ]'
  const { code, stderr } = await run(folder, ['-i', 'in.csv', '--header', '--split', '500', '-m', mapper])
  expect(code).toBe(1)
  const [, again = ''] = /Run it again with: (.*) \. It wrote/.exec(stderr) ?? []
  shell(folder, `mv seen.2 first; export PARALLEL_SEQ=2; ${again}`)
  const seen = readFileSync(join(folder, 'seen.2'), 'utf8')
  expect(seen).toBe(readFileSync(join(folder, 'first'), 'utf8'))
  expect(seen).toMatch(/^h\n\d/)
})

test('as many programs run at once as there are workers, a number or a share of the cores', async () => {
  const files = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`in/${n}`, '']))
  // The first three wait until three have begun.
  const mapper = 'touch began.{#}; until [ -e began.3 ]; do sleep 0.02; done; echo $PARALLEL_JOBSLOT {%}'
  const three = (await run(folderWith(files), ['-i', 'in', '-j', '3', '-m', mapper])).stdout.trim().split('\n')
  expect(new Set(three)).toEqual(new Set(['1 1', '2 2', '3 3']))
  const one = await run(folderWith(files), ['-i', 'in', '-j', '1%', '-m', 'echo $PARALLEL_JOBSLOT'])
  expect(one.stdout).toBe('1\n'.repeat(6))
})
