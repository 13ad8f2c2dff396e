/** `kindling clean`: removes what a task made. */
import type { Command } from 'commander'
import { defineOnTasks } from './tasks.ts'

export function define(command: Command): void {
  defineOnTasks(command, ({ cleanCommand }) => cleanCommand)
  command.description('Removes what a task made, so that it runs again. What it requires stays.')
}
