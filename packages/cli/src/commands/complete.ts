/** `kindling complete`, which shells call: one candidate a line for the last of the given words. No code of the user's is run for it. */
import { existsSync, readFileSync } from 'node:fs'
import { Command } from 'commander'
import { COMMANDS } from '../program.ts'

export function define(command: Command): void {
  command.argument('[words...]').action(async (words: readonly string[]) => {
    const current = words.at(-1) ?? ''
    const found = await candidates(words.slice(0, -1), current)
    for (const one of found.filter((candidate) => candidate.startsWith(current))) process.stdout.write(`${one}\n`)
  })
}

/** None where a file is expected: the shell knows those. */
async function candidates([name, ...words]: readonly string[], current: string): Promise<readonly string[]> {
  if (name === undefined)
    return [...Object.keys(COMMANDS).filter((one) => COMMANDS[one]?.isHidden !== true), '--help', '--version']
  const entry = COMMANDS[name]
  if (entry === undefined) return []
  if (current.startsWith('-')) return flagsOf(name)
  const file = words.find((word) => !word.startsWith('-'))
  switch (name) {
    case 'completion':
      return words.length === 0 ? ['bash', 'fish', 'zsh'] : []
    case 'run':
    case 'tree':
    case 'clean':
      return file === undefined || words.at(-1) !== file ? [] : tasksIn(file)
    default:
      return []
  }
}

/** The flags that the command's help shows. */
async function flagsOf(name: string): Promise<readonly string[]> {
  const text = await helpOf(name)
  if (text !== null)
    return [...new Set([...text.matchAll(/(?<=^ {2}(?:-\w, | {4})?)--[\w-]+/gm)].map(([flag]) => flag))]
  const command = new Command(name)
  // A flag among its words, so that it adds those that take time to load.
  await (await COMMANDS[name]?.load())?.define(command, ['--help'])
  return [
    ...command.options.flatMap(({ long, hidden }) => (typeof long === 'string' && !hidden ? [long] : [])),
    '--help',
  ]
}

/** The help of a command whose words others read; null for one that reads its own. */
async function helpOf(name: string): Promise<string | null> {
  if (name === 'stream') return (await import('kindling/stream')).streamHelp()
  if (name !== 'run' && name !== 'tree' && name !== 'clean') return null
  let help = ''
  const { cleanCommand, runCommand, treeCommand } = await import('@kindling/workflow')
  const stdout = (text: string): void => void (help += text)
  const command = { exported: {}, argv: ['--help'], name, stdout, stderr: () => {} }
  await { run: runCommand, tree: treeCommand, clean: cleanCommand }[name](command)
  return help
}

/** The names of the tasks that a file defines, as far as they can be read from its text. */
function tasksIn(file: string): readonly string[] {
  if (!existsSync(file)) return []
  return [...readFileSync(file, 'utf8').matchAll(/\b(?:task|streamTask)\(\s*(['"`])([\w-]+)\1/g)].map(
    ([, , name]) => name ?? '',
  )
}
