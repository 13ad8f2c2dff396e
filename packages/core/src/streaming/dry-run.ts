/** A dry run: the lines that would run, on what, into what, and what would not run because it is done. */

import { quoted } from '../stream/command.ts'
import type { MapTask } from './attempts.ts'
import { sourceOf } from './inputs.ts'
import type { StreamSettings } from './options.ts'
import type { Output, Part } from './output.ts'
import { replayLine } from './replay.ts'
import type { Programs } from './run-stream.ts'
import { filledCommand } from './template.ts'

/** Where the files of functions would be. */
const WORK = '<work>'

export function dryRunLines(
  settings: StreamSettings,
  { mapper, reducer }: Programs,
  tasks: readonly MapTask[] | null,
  parts: readonly Part[],
  output: Output,
): readonly string[] {
  const map = typeof settings.mapper === 'function' ? ['<function>'] : (settings.mapper ?? mapper.commandIn(WORK))
  const target = (part: Part): string => {
    const name = output.nameOf(part)
    return name === null ? '' : ` > ${quoted(name)}`
  }
  const mappers = (tasks ?? []).map((task) => {
    const { input, seq } = task
    if (input.missing !== null) return `# missing: ${input.missing}`
    const source = sourceOf(input, map, settings.inputFormat)
    const line = replayLine(filledCommand(map, { paths: input.paths, seq, slot: null }), source)
    if (reducer !== null) return line
    return output.keptOf(task) === null ? `${line}${target(task)}` : `# done before: ${line}${target(task)}`
  })
  if (reducer === null) return mappers
  const reduce = typeof settings.reducer === 'function' ? ['<function>'] : (settings.reducer ?? [])
  const reducers = parts.map((part) => {
    const line = `${replayLine(filledCommand(reduce, { paths: [], seq: part.index + 1, slot: null }), null)}${target(part)}`
    return output.keptOf(part) === null ? line : `# done before: ${line}`
  })
  return [...mappers, ...reducers]
}
