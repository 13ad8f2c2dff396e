/** `kindling run`: makes a task complete, with all that it requires. */
import type { Command } from 'commander'
import { defineOnTasks } from './tasks.ts'

const CODES = `
Exit codes: 0 the task is complete, 1 a task failed, 2 the command line is wrong, 3 an input is missing, 4 the plan is wrong,
5 another run holds a target, 130 or 143 ended by Ctrl-C or SIGTERM.`

export function define(command: Command): void {
  defineOnTasks(command, ({ runCommand }) => runCommand)
  command.description('Makes a task complete: it and what it requires is run where it is missing or out of date.')
  command.addHelpText('after', CODES)
}
