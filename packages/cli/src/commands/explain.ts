/** `kindling explain`: runs a program whose actions tell their plans instead of running jobs. */
import type { Command } from 'commander'
import { type ExplainedAction, explainActions } from 'kindling/command'
import { addContextFlags, applyContextFlags } from '../context-flags.ts'
import { importFile } from '../user-module.ts'

const DESCRIPTION = `Shows the plan of each action that a program comes to, without running a job. The program itself runs: \
what it prints is printed, what it does besides is done. An action that only has an effect, such as saveAsTextFile, is passed \
over; one whose value the program waits for ends what can be explained.`

export async function define(command: Command, args: readonly string[]): Promise<void> {
  command
    .description(DESCRIPTION)
    .option('--json', 'print the plans as one JSON array')
    .argument('<file>', 'the program: .ts, .mts, .cts or JavaScript')
    .argument('[arguments...]', 'what the program finds in process.argv')
    .passThroughOptions()
    .addHelpText('after', '\nExit codes: 0 explained, 1 the program failed, 2 the command line is wrong.')
  await addContextFlags(command, args)
  command.action(async (file: string, given: readonly string[]) => {
    const { json = false } = command.opts<{ json?: boolean }>()
    await applyContextFlags(command)
    const actions: ExplainedAction[] = []
    const print = process.stdout.write.bind(process.stdout)
    // What the program prints must not get into the JSON.
    if (json) process.stdout.write = process.stderr.write.bind(process.stderr)
    explainActions((action) => {
      actions.push(action)
      if (!json) print(`${actions.length > 1 ? '\n' : ''}${headOf(action)}\n${action.plan}\n`)
    })
    // At the end of the process: a program that waits for a value never settles.
    const conclude = (): void => {
      if (json) print(`${JSON.stringify(actions, null, 2)}\n`)
      const note = noteOn(file, actions)
      if (note !== null) process.stderr.write(`${note}\n`)
    }
    process.once('exit', conclude)
    try {
      await importFile('explain', file, given, () => actions.some(({ isWaiting }) => isWaiting))
    } catch (error) {
      process.off('exit', conclude)
      throw error
    }
  })
}

function headOf({ verb, at }: ExplainedAction): string {
  return at === '' ? verb : `${verb}  ${at}`
}

function noteOn(file: string, actions: readonly ExplainedAction[]): string | null {
  if (actions.length === 0) return `explain: ${file} came to no action, so there is no plan to show`
  const waiting = actions.filter(({ isWaiting }) => isWaiting)
  if (waiting.length === 0) return null
  return `explain: what ${file} does with the value of ${waiting.map(headOf).join(', ')} is not shown: only running gives it`
}
