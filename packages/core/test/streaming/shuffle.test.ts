import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { contents, everything, folderWith, has, run, shell } from './command.ts'

const WORDS = { 'in/a.txt': 'b a b\n', 'in/b.txt.gz': gzipSync('c b\na\n'), 'in/c.txt': '' }
const SPLIT = `awk '{for (i = 1; i <= NF; i++) print $i "\\t" 1}'`
/** Sums the values of each key, in the order of the keys. */
const SUM = `awk -F'\\t' '$1 != k {if (NR > 1) print k "\\t" n; k = $1; n = 0} {n += $2} END {print k "\\t" n}'`

test('mappers, a shuffle and reducers: each key is at one reducer, sorted', async () => {
  const folder = folderWith(WORDS)
  expect(await run(folder, ['-i', 'in', '-m', SPLIT, '-r', SUM, '--reducers', '2', '-o', 'out'])).toMatchObject({
    code: 0,
    stderr: '',
  })
  const parts = contents(join(folder, 'out'))
  expect(Object.keys(parts)).toEqual(['part-00000', 'part-00001'])
  expect(Object.values(parts).join('').trim().split('\n').toSorted()).toEqual(['a\t2', 'b\t3', 'c\t1'])
  expect(everything(folder).filter((name) => name.includes('kindling'))).toEqual([])
})

test('a combiner changes nothing but the work', async () => {
  const folder = folderWith(WORDS)
  expect((await run(folder, ['-i', 'in', '-m', SPLIT, '--combiner', SUM, '-r', SUM, '--reducers', '1'])).stdout).toBe(
    'a\t2\nb\t3\nc\t1\n',
  )
  const told = await run(folder, ['-i', 'in/a.txt', '-m', SPLIT, '--combiner', SUM, '-r', 'cat', '--reducers', '1'])
  expect(told.stdout).toBe('a\t1\nb\t2\n')
})

test('values come in the order of the inputs, or in that which is asked for', async () => {
  const folder = folderWith({ in1: 'k\t10\nj\t1\n', in2: 'k\t9\nk\t100\n' })
  expect((await run(folder, ['-i', 'in?', '-r', 'cat', '--reducers', '1'])).stdout).toBe('j\t1\nk\t10\nk\t9\nk\t100\n')
  const sorted = [
    '-i',
    'in?',
    '-r',
    'cat',
    '--reducers',
    '1',
    '--key-fields',
    '2',
    '--partition-key',
    '1',
    '--sort',
    '-k1,1 -k2,2nr',
  ]
  expect((await run(folder, sorted)).stdout).toBe('j\t1\nk\t100\nk\t10\nk\t9\n')
})

test('a reducer without input is not run, and its part is empty', async () => {
  const folder = folderWith({ in: 'a\t1\n' })
  expect((await run(folder, ['-i', 'in', '-r', 'cat; echo end', '--reducers', '3', '-o', 'out'])).code).toBe(0)
  expect(Object.values(contents(join(folder, 'out'))).toSorted()).toEqual(['', '', 'a\t1\nend\n'])
  expect((await run(folder, ['-i', 'in', '-r', 'cat', '--reducers', '3', '-o', 'thin', '--skip-empty'])).code).toBe(0)
  expect(Object.values(contents(join(folder, 'thin')))).toEqual(['a\t1\n'])
})

test('a failed mapper ends the job before any reducer, a failed reducer leaves its part out', async () => {
  const folder = folderWith(WORDS)
  const mapped = await run(folder, ['-i', 'in', '-m', 'exit 4', '-r', 'touch reduced', '-o', 'out'])
  expect(mapped.code).toBe(1)
  expect(mapped.stderr).toContain('ended with exit code 4')
  const args = [
    '-i',
    'in',
    '-m',
    SPLIT,
    '-r',
    `${SUM}; [ -e fixed ] || [ $mapreduce_task_partition != 1 ]`,
    '--reducers',
    '2',
    '-o',
    'out',
  ]
  const reduced = await run(folder, args)
  expect(reduced).toMatchObject({ code: 1 })
  expect(reduced.stderr).toContain('stream: reducer 1: the command')
  expect(everything(folder)).not.toContain('reduced')
  writeFileSync(join(folder, 'fixed'), '')
  expect((await run(folder, args)).code).toBe(0)
  expect((await run(folder, args)).stderr).toBe('stream: 2 of 2 outputs were there from an earlier run.\n')
})

test('counters are summed over all programs and printed; statuses are not messages', async () => {
  const folder = folderWith(WORDS)
  const mapper =
    'cat >/dev/null; echo reporter:counter:words,read,2 >&2; echo reporter:status:half way >&2; echo plain >&2; echo reporter:counter:wrong >&2'
  const { stderr } = await run(folder, ['-i', 'in/?.txt', '-m', mapper])
  expect(
    stderr.split('\n').filter((line) => !/^in\/[ac]\.txt: (plain|not a counter.*: reporter:counter:wrong)$/.test(line)),
  ).toEqual(['words', '  read=4', ''])
})

test('what the shuffle keeps lies in the directory that is given for it, and is removed', async () => {
  const folder = folderWith(WORDS)
  const mapper = `ls -A tmp >&2; ${SPLIT}`
  const { code, stderr } = await run(folder, [
    '-i',
    'in/a.txt',
    '-m',
    mapper,
    '-r',
    'cat',
    '--tmp-dir',
    'tmp',
    '-o',
    'out',
  ])
  expect(code).toBe(0)
  expect(stderr).toMatch(/^in\/a.txt: \.stream\.kindling-\S+\n$/)
  expect(everything(folder)).not.toContain('tmp')
})

test('what only a reducer makes sense of is refused without one', async () => {
  const folder = folderWith(WORDS)
  expect(await run(folder, ['-i', 'in', '--sort', '-k1,1'])).toMatchObject({
    code: 2,
    stderr: 'stream: there is a sort but no reducer. Give one; cat passes the sorted lines on as they are.\n',
  })
  expect((await run(folder, ['-i', 'in', '-r', 'cat', '-o', 'out/{/}'])).stderr).toContain(
    'the outputs of reducers are numbered',
  )
  expect((await run(folder, ['-i', 'in', '-r', 'cat', '--reducers', '1', '-o', 'out/all-{#}.txt'])).code).toBe(0)
  expect(contents(join(folder, 'out'))).toHaveProperty(['all-1.txt'])
})

test('a built-in reducer sums as Hadoop does', async () => {
  const lines = [
    'LongValueSum:a\t2',
    'LongValueSum:a\t3',
    'LongValueMax:m\t9',
    'LongValueMax:m\t10',
    'UniqValueCount:u\tx',
    'UniqValueCount:u\tx',
    'UniqValueCount:u\ty',
    'StringValueMin:s\tb',
    'StringValueMin:s\ta',
  ]
  const folder = folderWith({ 'in/1': `${lines.join('\n')}\n`, 'in/2': 'LongValueSum:a\t4\n' })
  const expected = 'm\t10\na\t9\ns\ta\nu\t2\n'
  expect((await run(folder, ['-i', 'in', '-r', 'aggregate', '--reducers', '1'])).stdout).toBe(expected)
  expect(
    (await run(folder, ['-i', 'in', '--combiner', 'aggregate', '-r', 'aggregate', '--reducers', '1'])).stdout,
  ).toBe(expected)
  const wrong = folderWith({ in: 'a\t1\n' })
  expect((await run(wrong, ['-i', 'in', '-r', 'aggregate', '--reducers', '1'])).stderr).toContain(
    'the key "a" begins with none of LongValueSum',
  )
})

test('a Hadoop line runs as it is: no reducer given, the lines come sorted in one part', async () => {
  const folder = folderWith({ 'in/a': 'b\t1\na\t2\n', 'in/b': 'a\t1\n', 'in/_hidden': 'x\n' })
  expect(await run(folder, ['-input', 'in', '-output', 'out', '-mapper', '/bin/cat'])).toMatchObject({
    code: 0,
    stdout: '',
  })
  expect(contents(join(folder, 'out'))).toEqual({ 'part-00000': 'a\t2\na\t1\nb\t1\n' })
  expect(await run(folder, ['-input', 'in', '-output', 'out2', '-mapper', 'cat', '-reducer', 'NONE'])).toMatchObject({
    code: 0,
  })
  expect(contents(join(folder, 'out2'))).toEqual({ 'part-00000': 'b\t1\na\t2\n', 'part-00001': 'a\t1\n' })
})

test('a Hadoop line with files, variables and four attempts', async () => {
  const folder = folderWith({
    'in/a': 'x\n',
    'src/map.sh': '#!/bin/sh\necho "$who $stream_key_x $(cat list.txt)"\n',
    'src/list.txt': 'listed\n',
  })
  shell(folder, 'chmod +x src/map.sh')
  const line = [
    '-D',
    'stream.key-x=prop',
    '-input',
    'in',
    '-output',
    'out',
    '-mapper',
    'map.sh',
    '-reducer',
    'NONE',
    '-cmdenv',
    'who=me',
  ]
  const { code, stderr } = await run(folder, [...line, '-file', 'src/map.sh', '-files', 'src/list.txt'])
  expect(code).toBe(0)
  expect(stderr).toMatch(/^stream: the property stream\.key-x is not followed\nkindling\n/)
  expect(contents(join(folder, 'out'))).toEqual({ 'part-00000': 'me prop listed\n' })
  const failing = folderWith({ 'in/a': 'x\n', 'fail.sh': 'echo x >> "$tries"; exit 1\n' })
  const tries = join(failing, 'tries')
  const failed = await run(failing, [
    '-input',
    'in',
    '-output',
    'out',
    '-mapper',
    'sh fail.sh',
    '-cmdenv',
    `tries=${tries}`,
  ])
  expect(failed.code).toBe(1)
  expect(readFileSync(tries, 'utf8')).toBe('x\n'.repeat(4))
  rmSync(tries)
  const ignoring = [
    '-D',
    'stream.non.zero.exit.is.failure=false',
    '-input',
    'in',
    '-output',
    'out',
    '-mapper',
    'sh fail.sh',
  ]
  expect((await run(failing, [...ignoring, '-cmdenv', `tries=${tries}`])).code).toBe(0)
})

test("Hadoop's documented example of keys: four fields with dots, two of them choose the reducer", async () => {
  // Source: "Hadoop Partitioner Class" in HadoopStreaming.md.vm.
  const folder = folderWith({ in: '11.12.1.2\n11.14.2.3\n11.11.4.1\n11.12.1.1\n11.14.2.2\n' })
  const options = [
    '-D',
    'stream.map.output.field.separator=.',
    '-D',
    'stream.num.map.output.key.fields=4',
    '-D',
    'mapreduce.map.output.key.field.separator=.',
  ]
  const partitioner = [
    '-D',
    'mapreduce.partition.keypartitioner.options=-k1,2',
    '-partitioner',
    'org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner',
  ]
  const line = [
    ...options,
    ...partitioner,
    '-D',
    'mapreduce.job.reduces=12',
    '-input',
    'in',
    '-output',
    'out',
    '-mapper',
    'cat',
    '-reducer',
    'cat',
    '-lazyOutput',
  ]
  expect((await run(folder, line)).code).toBe(0)
  expect(Object.values(contents(join(folder, 'out'))).toSorted()).toEqual([
    '11.11.4.1\n',
    '11.12.1.1\n11.12.1.2\n',
    '11.14.2.2\n11.14.2.3\n',
  ])
})

test.skipIf(!has('python3'))(
  'a word count with a Python mapper and reducer equals the pipeline that it stands for [needs python3]',
  async () => {
    const folder = folderWith({
      'in/a.txt': 'the quick brown fox\nthe lazy dog\n',
      'in/b.txt': 'the end\n',
      'map.py': 'import sys\nfor line in sys.stdin:\n    for word in line.split():\n        print(word + "\\t1")\n',
      'reduce.py':
        'import sys\nfrom itertools import groupby\nfor word, lines in groupby(sys.stdin, key=lambda line: line.split("\\t")[0]):\n    print(word + "\\t" + str(sum(int(line.split("\\t")[1]) for line in lines)))\n',
    })
    const expected = shell(folder, 'cat in/* | python3 map.py | LC_ALL=C sort -s | python3 reduce.py')
    const args = [
      '-i',
      'in',
      '-m',
      'python3 map.py',
      '-r',
      'python3 reduce.py',
      '--combiner',
      'python3 reduce.py',
      '--reducers',
      '1',
    ]
    expect(await run(folder, args)).toMatchObject({ code: 0, stdout: expected, stderr: '' })
    expect(expected).toContain('the\t3\n')
  },
)

test('the counters of the job itself are printed when asked for: records, bytes, groups', async () => {
  const folder = folderWith({ 'in/a.txt': 'b a b\nc', 'in/b.txt.gz': gzipSync('c b\na\n'), 'in/c.txt': '' })
  const counting = ['-i', 'in', '--counters']
  const mapped = await run(folder, [...counting, '-m', SPLIT, '-o', 'mapped'])
  expect(mapped.stderr).toBe(
    'kindling\n  map input records=4\n  map input bytes=13\n  map output records=7\n  map output bytes=28\n',
  )
  const reduced = await run(folder, [
    ...counting,
    '-m',
    SPLIT,
    '--combiner',
    SUM,
    '-r',
    SUM,
    '--reducers',
    '2',
    '-o',
    'x',
  ])
  expect(reduced.stderr).toBe(`kindling
  map input records=4
  map input bytes=13
  map output records=7
  map output bytes=28
  combine input records=7
  combine output records=6
  reduce input groups=3
  reduce input records=6
  reduce input bytes=24
  reduce output records=3
  reduce output bytes=12
`)
  const flaky = 'cat; [ -e tried ] || { touch tried; exit 1; }'
  const retried = await run(folder, ['-i', 'in/a.txt', '--counters', '--retries', '1', '-m', flaky, '-o', 'retried'])
  expect(retried.stderr).toContain('  failed attempts=1\n')
  const told = await run(folder, ['-i', '-', '--counters', '--split', '1kB', '-m', 'head -1'], 'x\n'.repeat(2000))
  expect(told.stderr).toMatch(/map input records=2000\n.*\n {2}map output records=4\n/)
})

test('a line of Hadoop prints the counters of the job, as Hadoop does', async () => {
  const folder = folderWith({ 'in/a': 'b\t1\na\t2\n' })
  const { stderr } = await run(folder, ['-input', 'in', '-output', 'out', '-mapper', 'cat'])
  expect(stderr).toMatch(/^kindling\n {2}map input records=2\n/)
  expect(stderr).toContain('  reduce input groups=2\n')
})

test('a line of Hadoop: inputs parted by commas, globs among them, and a number of reducers', async () => {
  const folder = folderWith({ 'a/1': 'x\n', 'b/2': 'y\n', 'c/3': 'z\n', 'd/4': 'no\n' })
  const line = ['-input', 'a,{b,c}/*', '-output', 'out', '-mapper', 'cat', '-numReduceTasks', '2']
  expect((await run(folder, line)).code).toBe(0)
  const parts = contents(join(folder, 'out'))
  expect(Object.keys(parts)).toEqual(['part-00000', 'part-00001'])
  expect(Object.values(parts).join('').trim().split('\n').toSorted()).toEqual(['x', 'y', 'z'])
  const none = ['-input', 'a', '-input', 'b', '-output', 'maps', '-mapper', 'cat', '-numReduceTasks', '0']
  expect((await run(folder, none)).code).toBe(0)
  expect(contents(join(folder, 'maps'))).toEqual({ 'part-00000': 'x\n', 'part-00001': 'y\n' })
})

test('a line of Hadoop: pairs as input, an order of keys, and compressed output', async () => {
  const folder = folderWith({ in: 'a 9\tx\na 10\ty\nb 1\tz\n' })
  const line = [
    ...[
      '-D',
      'mapreduce.job.output.key.comparator.class=org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedComparator',
    ],
    ...[
      '-D',
      'mapreduce.map.output.key.field.separator= ',
      '-D',
      'mapreduce.partition.keycomparator.options=-k1,1 -k2,2nr',
    ],
    ...['-D', 'mapreduce.output.fileoutputformat.compress=true'],
    ...['-D', 'mapreduce.output.fileoutputformat.compress.codec=org.apache.hadoop.io.compress.GzipCodec'],
    ...['-inputformat', 'org.apache.hadoop.mapred.KeyValueTextInputFormat'],
    ...['-input', 'in', '-output', 'out', '-mapper', 'cat', '-reducer', 'cat'],
  ]
  expect((await run(folder, line)).code).toBe(0)
  expect(gunzipSync(readFileSync(join(folder, 'out/part-00000.gz'))).toString()).toBe('a 10\ty\na 9\tx\nb 1\tz\n')
})

test('the fields of a key may be parted by another text than key and value', async () => {
  const folder = folderWith({ in: 'a.2\t1\na.10\t2\nb.1\t3\na.2\t4\n' })
  const keys = ['--key-field-separator', '.', '--partition-key', '1', '--sort', '-k1,1 -k2,2n']
  expect((await run(folder, ['-i', 'in', '-r', 'cat', '--reducers', '2', ...keys, '-o', 'out'])).code).toBe(0)
  // Both numbers of `a` are at one reducer.
  expect(Object.values(contents(join(folder, 'out'))).toSorted()).toEqual(['a.2\t1\na.2\t4\na.10\t2\n', 'b.1\t3\n'])
  // Hadoop takes a tab for it when it is not told, so that no key has a second field.
  const line = [
    ...['-D', 'stream.map.output.field.separator=.', '-D', 'stream.num.map.output.key.fields=2'],
    ...['-D', 'mapreduce.partition.keypartitioner.options=-k2,2', '-numReduceTasks', '3'],
    ...['-partitioner', 'org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner'],
    ...['-input', 'numbers', '-output', 'hadoop', '-mapper', 'cat'],
  ]
  const numbers = folderWith({ numbers: 'a.1.x\nb.2.x\nc.3.x\n' })
  expect((await run(numbers, line)).code).toBe(0)
  expect(Object.values(contents(join(numbers, 'hadoop'))).filter((text) => text !== '')).toEqual([
    'a.1\tx\nb.2\tx\nc.3\tx\n',
  ])
})

test('one step after another is one command after another', async () => {
  const folder = folderWith(WORDS)
  shell(folder, `mkdir bin && ln -s ${process.execPath} bin/node`)
  const first = await run(folder, ['-i', 'in', '-m', SPLIT, '-r', SUM, '--reducers', '2'])
  const second = await run(
    folder,
    ['-i', '-', '-m', `awk '{print $2 "\\t" $1}'`, '-r', 'cat', '--reducers', '1'],
    first.stdout,
  )
  expect(second.stdout).toBe('1\tc\n2\ta\n3\tb\n')
})
