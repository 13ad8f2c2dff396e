/** GNU Parallel beside us, where it defines the expected result: the same files, names, lines and columns. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contents, folderWith, has, run, shell } from './command.ts'

const IN = { 'in/a.b.txt': '3\n1\n', "in/it's $1.txt": '2\n', 'in/noext': '5' }

/** What GNU Parallel prints. */
function parallel(folder: string, line: string): string {
  return shell(folder, `PARALLEL_HOME=$PWD/.parallel parallel --will-cite ${line}`)
}

describe.skipIf(!has('parallel'))('beside GNU Parallel [needs parallel]', () => {
  test.each(['{}', '{.}', '{/}', '{//}', '{/.}', '{#}', '{} {/.} {#}'])(
    '%s in a command is the same',
    async (field) => {
      const folder = folderWith(IN)
      const expected = parallel(folder, `-k 'echo ${field}' ::: in/*`)
      expect((await run(folder, ['-i', 'in/*', '-m', `echo ${field}`])).stdout).toBe(expected)
      expect(expected.split('\n')).toHaveLength(4)
    },
  )

  test('the outputs of a mapper over files are the same', async () => {
    const folder = folderWith(IN)
    parallel(folder, `'mkdir -p theirs; cat {} | sort > theirs/{/.}.out' ::: in/*`)
    expect((await run(folder, ['-i', 'in/*', '-m', 'sort', '-o', 'ours/{/.}.out'])).code).toBe(0)
    expect(contents(join(folder, 'ours'))).toEqual(contents(join(folder, 'theirs')))
  })

  test('standard output in order is the same as with -k, and tagged as with --tag', async () => {
    const folder = folderWith(IN)
    expect((await run(folder, ['-i', 'in/*', '-m', 'sort'])).stdout).toBe(parallel(folder, `-k 'sort {}' ::: in/*`))
    expect((await run(folder, ['-i', 'in/*', '-m', 'sort', '--tag'])).stdout).toBe(
      parallel(folder, `-k --tag 'sort {}' ::: in/*`),
    )
  })

  test('lists with NULs are read as with -0', async () => {
    const folder = folderWith({ 'a\nb': '1\n', c: '2\n' })
    const expected = shell(folder, `printf 'a\\nb\\0c\\0' | parallel --will-cite -0 -k 'cat {}'`)
    expect((await run(folder, ['-a', '-', '-0', '-m', 'cat {}'], 'a\nb\0c\0')).stdout).toBe(expected)
  })

  test('blocks of standard input hold whole lines, all of them, as with --pipe', async () => {
    const folder = folderWith({ in: Array.from({ length: 3000 }, (_, i) => `${i}\n`).join('') })
    const sum = `awk '{n += $1} END {print n}'`
    const total = (text: string): number =>
      text
        .trim()
        .split('\n')
        .reduce((all, each) => all + Number(each), 0)
    const theirs = parallel(folder, `--pipe --block 2k "${sum.replaceAll('$', '\\$')}" < in`)
    const ours = await run(folder, ['-i', '-', '--block', '2kB', '-m', sum], readFileSync(join(folder, 'in'), 'utf8'))
    expect(total(ours.stdout)).toBe(total(theirs))
    expect(total(theirs)).toBe((2999 * 3000) / 2)
  })

  test('records that end otherwise are cut as with --recend, and pieces begin with the header as with --header', async () => {
    const folder = folderWith({
      in: Array.from({ length: 999 }, (_, i) => `${i};`).join(''),
      csv: `h\n${'1\n'.repeat(2000)}`,
    })
    const ends = `tail -c1; echo`
    const count = `tr -cd ';' | wc -c`
    const total = (text: string): number =>
      text
        .trim()
        .split('\n')
        .reduce((all, each) => all + (Number(each) || 0), 0)
    const theirs = parallel(folder, `--pipe --recend ';' --block 500 "${count}" < in`)
    expect(total((await run(folder, ['-i', 'in', '--recend', ';', '--split', '500', '-m', count])).stdout)).toBe(
      total(theirs),
    )
    expect(total(theirs)).toBe(999)
    expect(
      new Set((await run(folder, ['-i', 'in', '--recend', ';', '--split', '500', '-m', ends])).stdout.split('\n')),
    ).toEqual(new Set(parallel(folder, `--pipe --recend ';' --block 500 "${ends}" < in`).split('\n')))
    const heads = parallel(folder, `--pipe --header : --block 500 'head -1' < csv`)
    expect(new Set(heads.split('\n'))).toEqual(new Set(['h', '']))
    const text = readFileSync(join(folder, 'csv'), 'utf8')
    const ours = (await run(folder, ['-i', '-', '--header', '--split', '500', '-m', 'head -1'], text)).stdout
    expect(new Set(ours.split('\n'))).toEqual(new Set(['h', '']))
    expect(ours.split('\n').length).toBeGreaterThan(4)
  })

  test('a large file is cut where --pipepart cuts it: on line ends', async () => {
    const folder = folderWith({ in: Array.from({ length: 3000 }, (_, i) => `${i}\n`).join('') })
    const expected = parallel(folder, `-k --pipepart -a in --block 2k cat`)
    expect((await run(folder, ['-i', 'in', '--split', '2kB', '-m', 'cat'])).stdout).toBe(expected)
    expect(expected.split('\n')).toHaveLength(3001)
  })

  test('the job log has the same columns; a killed program has no exit value of 0 in ours', async () => {
    const folder = folderWith({ 'in/a': 'x\n' })
    // Its argument is used, so that it is not appended: some shells refuse an exit with two.
    parallel(folder, `--joblog theirs ': {}; exit 3' ::: in/a`)
    await run(folder, ['-i', 'in', '-m', 'exit 3', '--joblog', 'ours'])
    const [theirs, ours] = ['theirs', 'ours'].map((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    expect(ours?.[0]).toBe(theirs?.[0])
    const columns = (line: string | undefined): string[] => (line ?? '').split('\t')
    expect(columns(ours?.[1])).toHaveLength(9)
    for (const column of [0, 1, 6, 7]) expect(columns(ours?.[1])[column]).toBe(columns(theirs?.[1])[column])
    await run(folder, ['-i', 'in', '-m', 'kill -9 $$', '--joblog', 'ours'])
    expect(columns(readFileSync(join(folder, 'ours'), 'utf8').split('\n')[2]).slice(6, 8)).toEqual(['137', '9'])
  })

  test('programs know their slot', async () => {
    const folder = folderWith(IN)
    const expected = parallel(folder, `-j1 'echo $PARALLEL_JOBSLOT {%}; : {}' ::: in/*`)
    expect((await run(folder, ['-i', 'in/*', '-j', '1', '-m', 'echo $PARALLEL_JOBSLOT {%}'])).stdout).toBe(expected)
  })

  test('programs know the number of their job', async () => {
    const folder = folderWith(IN)
    const expected = parallel(folder, `-k 'echo $PARALLEL_SEQ; : {}' ::: in/*`)
    expect((await run(folder, ['-i', 'in/*', '-m', 'echo $PARALLEL_SEQ'])).stdout).toBe(expected)
  })
})
