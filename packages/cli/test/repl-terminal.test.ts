/** `kindling repl` in a real terminal: editing, Ctrl-C, history, completion. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith } from './command.ts'
import { hasTerminal, KEY, openSession } from './terminal.ts'

describe.skipIf(!hasTerminal())('in a terminal (made by python3; skipped where there is none)', () => {
  test('it shows values, tables of datasets and errors, and Ctrl-D ends it', async () => {
    const session = await openSession(folderWith())
    expect(await session.answer('const n: number = 20')).toContain('const n: number = 20')
    expect(await session.answer('n * 2 + 2')).toMatch(/\n42$/)
    expect(await session.answer('ctx.range(3).map((row) => ({ row, twice: row * 2 }))')).toMatch(
      /row +twice\n─+ +─+\n *0 +0\n *1 +2\n *2 +4/,
    )
    expect(await session.answer('absent')).toMatch(/\nReferenceError: absent is not defined\n {4}at REPL\d+:1:1$/)
    session.type(KEY.ctrlD)
    expect(await session.ended()).toBe('code 0')
  })

  test('Ctrl-C stops a synchronous loop, and the session has kept everything', async () => {
    const session = await openSession(folderWith())
    await session.answer('const kept = 41')
    session.type(`for (let i = 0; ; i++) if (i === 0) console.log('loop' + 'ing')${KEY.enter}`)
    await session.sees('looping')
    session.type(KEY.ctrlC)
    await session.sees('AbortError: cancelled by Ctrl-C')
    await session.sees('> ')
    expect(await session.answer('enum Size { Big = kept + 1 }; Size.Big')).toMatch(/\n42$/)
  })

  test('Ctrl-C in the middle of a print does not silence the session, ten times in a row', async () => {
    const session = await openSession(folderWith())
    for (let round = 0; round < 10; round++) {
      session.type(`for (let i = 0; ; i++) if (i === 0) console.log('round ' + '${round}.')${KEY.enter}`)
      await session.sees(`round ${round}.`)
      session.type(KEY.ctrlC)
      await session.sees('AbortError: cancelled by Ctrl-C')
      await session.sees('> ')
    }
    expect(await session.answer('6 * 7')).toMatch(/\n42$/)
  })

  test('Ctrl-C cancels a job that runs, again and again, and the next job runs', async () => {
    const session = await openSession(folderWith())
    for (const word of ['once', 'twice']) {
      const text = `${word.slice(0, 2)}' + '${word.slice(2)}`
      session.type(`await ctx.range(4).map(() => { console.log('${text}'); for (;;) {} }).collect()${KEY.enter}`)
      await session.sees(word)
      session.type(KEY.ctrlC)
      await session.sees('AbortError: the job was cancelled')
      await session.sees('> ')
    }
    expect(await session.answer('await ctx.range(4).count()')).toMatch(/\n4$/)
  })

  test('Ctrl-C stops an action that nobody wrote await for, and a loop after an await', async () => {
    const session = await openSession(folderWith())
    session.type(`ctx.range(2).map(() => { console.log('runn' + 'ing'); for (;;) {} }).count()${KEY.enter}`)
    await session.sees('running')
    session.type(KEY.ctrlC)
    await session.sees('AbortError: the job was cancelled')
    await session.sees('> ')
    session.type(`await 1; for (let i = 0; ; i++) if (i === 0) console.log('loop' + 'ing')${KEY.enter}`)
    await session.sees('looping')
    session.type(KEY.ctrlC)
    await session.sees('AbortError: cancelled by Ctrl-C')
    await session.sees('> ')
    expect(await session.answer('6 * 7')).toMatch(/\n42$/)
  })

  test('Ctrl-C gives up waiting for what never comes', async () => {
    const session = await openSession(folderWith())
    session.type(`setImmediate(() => console.log('wait' + 'ing')); await new Promise(() => {})${KEY.enter}`)
    await session.sees('waiting')
    session.type(KEY.ctrlC)
    await session.sees('AbortError: cancelled by Ctrl-C')
    await session.sees('> ')
    expect(await session.answer('6 * 7')).toMatch(/\n42$/)
  })

  test('Ctrl-C at the prompt drops what was being typed, however often, and never ends the session', async () => {
    const session = await openSession(folderWith())
    session.type('const half = (')
    session.type(KEY.enter)
    await session.sees(/\n(?:\.\.\. |\| )/)
    session.type('dropped')
    for (let i = 0; i < 3; i++) {
      session.type(KEY.ctrlC)
      await session.sees('^C\n> ')
    }
    expect(await session.answer('typeof half')).toMatch(/\n'undefined'$/)
  })

  test('lines are remembered from session to session, in the state directory of the user', async () => {
    const folder = folderWith()
    const first = await openSession(folder)
    await first.answer("const remembered = 'yes'")
    first.type(KEY.ctrlD)
    expect(await first.ended()).toBe('code 0')
    expect(readFileSync(join(folder, 'state/kindling/history'), 'utf8')).toContain("const remembered = 'yes'")
    const second = await openSession(folder)
    second.type(KEY.up)
    await second.sees("const remembered = 'yes'")
    expect(await second.answer('; remembered + 1')).toMatch(/\n'yes1'$/)
  })

  test('KINDLING_HISTORY names another file, or none', async () => {
    const folder = folderWith()
    for (const name of ['mine/lines', '']) {
      const session = await openSession(folder, { KINDLING_HISTORY: name })
      expect(await session.answer('await ctx.range(2).collect()')).toMatch(/\n\[ 0, 1 \]$/)
      session.type(KEY.ctrlD)
      expect(await session.ended()).toBe('code 0')
    }
    expect(readFileSync(join(folder, 'mine/lines'), 'utf8')).toContain('ctx.range(2)')
    expect(existsSync(join(folder, 'state'))).toBe(false)
  })

  test('Tab completes variables, members, and the verbs of what a chain would give', async () => {
    const session = await openSession(folderWith())
    await session.answer('const lengthy = { colour: 1 }')
    const completes = async (typed: string, expected: string): Promise<void> => {
      session.type(typed)
      session.type(KEY.tab)
      await session.sees(expected)
      session.type(KEY.ctrlU)
    }
    await completes('lengt', 'lengthy')
    await completes('lengthy.col', 'lengthy.colour')
    await completes('ctx.wholeT', 'ctx.wholeTextFiles')
    await completes("ctx.textFile('a').map((line) => line.length).zipWithU", 'zipWithUniqueId')
    await completes("ctx.textFile('absent').count().fin", 'finally')
  })
})
