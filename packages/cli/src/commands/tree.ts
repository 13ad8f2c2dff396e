/** `kindling tree`: shows what a task requires. */
import type { Command } from 'commander'
import { defineOnTasks } from './tasks.ts'

export function define(command: Command): void {
  defineOnTasks(command, ({ treeCommand }) => treeCommand)
  command.description('Shows a task, what it requires, and which of it is complete. Nothing is run.')
}
