/** Help, made from the schemas of the tasks. */
import { kindOf } from '../node.ts'
import type { TaskFactory } from '../task.ts'
import { type Parameter, parametersOf } from './parameters.ts'
import { type CommandName, optionsFor, RUN_OPTIONS } from './run-options.ts'

/** @param typed what is typed before the name of the task, such as `kindling run tasks.ts` */
export function taskHelp(command: CommandName, typed: string, factory: TaskFactory): string {
  const { definition } = factory
  const parameters = parametersOf(factory)
  const about = [kindText(factory), definition.description]
    .filter((text) => text !== undefined && text !== '')
    .join('. ')
  const own = parameters.map((one): [string, string] => [`${one.flag} ${shownType(one)}`.trim(), notes(one)])
  return [
    `Usage: ${typed} ${definition.name}${parameters.length > 0 ? ' [parameters]' : ''} [options]`,
    ...(about === '' ? [] : ['', about]),
    ...(own.length === 0 ? [] : ['', 'Parameters', ...table(own)]),
    '',
    'Options',
    ...table(optionRows(command)),
    '',
  ].join('\n')
}

export function moduleHelp(command: CommandName, typed: string, factories: ReadonlyMap<string, TaskFactory>): string {
  const rows = [...factories].map(([name, factory]): [string, string] => [
    name,
    factory.definition.description ?? kindText(factory),
  ])
  return [
    `Usage: ${typed} <Task> [parameters] [options]`,
    '',
    'Tasks',
    ...(rows.length === 0 ? ["  none: export what task('Name', { … }) gives"] : table(rows)),
    '',
    'Options',
    ...table(optionRows(command)),
    '',
    `${typed} <Task> --help shows the parameters of one.`,
    '',
  ].join('\n')
}

function kindText({ definition }: TaskFactory): string {
  const kind = kindOf(definition)
  return kind === 'work' ? '' : kind === 'wrapper' ? 'Makes what it requires' : 'Made by something else'
}

function optionRows(command: CommandName): [string, string][] {
  return optionsFor(command).map((name) => {
    const { shows, help } = RUN_OPTIONS[name]
    const value = shows === '' || shows.startsWith('[') ? shows : ` ${shows}`
    return [`--${name}${value}`, help]
  })
}

function shownType({ type, itemType, choices }: Parameter): string {
  const one = choices.length > 0 ? choices.join('|') : type === 'list' ? itemType : type
  if (type === 'boolean') return ''
  return type === 'list' ? `<${one}> …` : `<${one}>`
}

function notes({ description, isRequired, default: preset, type }: Parameter): string {
  const given = preset === undefined ? '' : `default ${typeof preset === 'string' ? preset : JSON.stringify(preset)}`
  return [description, isRequired ? 'required' : given, type === 'list' ? 'may be repeated' : '']
    .filter((text) => text !== '')
    .join('; ')
}

function table(rows: readonly [string, string][]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`.trimEnd())
}
