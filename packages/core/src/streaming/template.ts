/** Templates: GNU Parallel's replacement strings in commands and in the names of outputs. */
import { basename, dirname } from 'node:path'
import { type Command, quoted } from '../stream/command.ts'

export interface TemplateValues {
  readonly paths: readonly string[]
  /** From 1. */
  readonly seq: number
  /** From 1; null where it is not known yet. */
  readonly slot: number | null
}

const FIELD = /\{(\/\/|\/\.|\/|\.|#|0#|%)?\}/g
/** Digits of `{0#}`. */
const PADDED = 5

export function fieldsOf(text: string): readonly string[] {
  return text.match(FIELD) ?? []
}

/** Whether the command names its input, which it then doesn't read on standard input. */
export function namesInput(command: Command): boolean {
  const fields = (typeof command === 'string' ? [command] : command).flatMap(fieldsOf)
  return fields.some((field) => !['{#}', '{0#}', '{%}'].includes(field))
}

/** The command for one job. In a line of shell values are quoted; in a list, a word `{}` becomes one word for each path. */
export function filledCommand(command: Command, values: TemplateValues): Command {
  if (typeof command === 'string') return filled(command, values, quoted)
  return command.flatMap((word) => (word === '{}' ? values.paths : [filled(word, values, (value) => value)]))
}

/** An output's name for one input. */
export function filledName(template: string, values: TemplateValues): string {
  return filled(template, values, (value) => value)
}

function filled(text: string, { paths, seq, slot }: TemplateValues, quote: (value: string) => string): string {
  return text.replaceAll(FIELD, (field) => {
    switch (field) {
      case '{#}':
        return String(seq)
      case '{0#}':
        return String(seq).padStart(PADDED, '0')
      case '{%}':
        return slot === null ? field : String(slot)
      default:
        return paths.map((path) => quote(partOf(path, field))).join(' ')
    }
  })
}

function partOf(path: string, field: string): string {
  switch (field) {
    case '{.}':
      return withoutExtension(path)
    case '{/}':
      return basename(path)
    case '{//}':
      return dirname(path)
    case '{/.}':
      return withoutExtension(basename(path))
    default:
      return path
  }
}

function withoutExtension(path: string): string {
  return path.replace(/\.[^/.]*$/, '')
}
