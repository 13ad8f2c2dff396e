/** Help for `kindling stream`, made from the options themselves. */
import { FLAGS } from './flags.ts'
import type { StreamOptions } from './options.ts'
import { descriptionOf } from './schema.ts'

const LEFT = 34

export function streamHelp(): string {
  const rows = (Object.keys(FLAGS) as (keyof StreamOptions)[]).map((key) => {
    const { name, short, value } = FLAGS[key]
    const left = `  ${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`
    return `${left.padEnd(LEFT)}${left.length < LEFT ? '' : ' '}${descriptionOf(key)}`
  })
  return [
    'Usage: kindling stream --input <path> [--mapper <command>] [--reducer <command>] [--output <path>]',
    '',
    'Runs unmodified programs over partitioned input: one mapper for each file or piece, its lines on standard input, or its path where the',
    'command says {}. In commands and outputs {} is the input, {.} without extension, {/} its name, {//} its directory, {/.} its name without',
    'extension, {#} the number of the job and, in commands, {%} its slot.',
    '',
    ...rows,
    '',
    "Hadoop's own options, with one dash and Hadoop's defaults, are taken too: -input, -output, -mapper, -reducer, -combiner, -partitioner,",
    '-numReduceTasks, -inputformat, -cmdenv, -file, -files, -lazyOutput, -D name=value.',
    '',
    'Exit code: 0 all done, 1 a program failed, 2 the command is wrong, an input is missing or the output exists, 130 or 143 interrupted.',
    '',
  ].join('\n')
}
