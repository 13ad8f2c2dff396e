/** Types a program into a REPL: line by line, each when the prompt asks for it. */
import { spawn } from 'node:child_process'
import type { Project } from './environment.ts'

/** What a REPL shows when it waits: for a statement, or for more of one. */
const PROMPT = /(?:^|\n)(?:> |\.\.\.+ |\| )$/

/** What it shows when a statement failed. */
const COMPLAINT = /^Uncaught|^\w*Error:|Transform failed|Invalid REPL keyword/m

/**
 * @param statements one or more lines each
 * @throws Error with what the REPL answered, when a statement fails or the REPL ends
 */
export async function typeInto(
  project: Project,
  args: readonly string[],
  statements: readonly string[],
): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: project.folder, env: project.env, stdio: 'pipe' })
  let answer = ''
  let wake = (): void => {}
  const hear = (text: string): void => {
    answer += text
    wake()
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the REPL ended with code ${code}:\n${answer}`)))
  })
  // It ends by itself at last, when nobody waits for it any more.
  ended.catch(() => {})
  const prompted = async (): Promise<void> => {
    while (!PROMPT.test(answer)) {
      const heard = new Promise<void>((resolve) => {
        wake = resolve
      })
      await Promise.race([heard, ended])
    }
  }
  try {
    await prompted()
    for (const statement of statements) {
      let answers = ''
      // A line that begins with a dot would be a command, or come too late.
      for (const line of statement.replace(/\n\s*\./g, '.').split('\n')) {
        answer = ''
        child.stdin.write(`${line}\n`)
        await prompted()
        answers += answer
      }
      if (COMPLAINT.test(answers)) throw new Error(`the REPL answered to\n${statement}\n${answers}`)
    }
  } finally {
    child.kill()
  }
}

/**
 * The statements of a formatted program: each begins at the left margin with a letter or a quote, and what follows it does
 * neither. Comments at the margin are left out.
 */
export function statementsOf(source: string): string[] {
  const text = source.replace(/^\/\*\*.*?\*\/\n/gms, '').replace(/^\/\/.*\n/gm, '')
  return text
    .split(/\n(?=["\w])/)
    .map((statement) => statement.trimEnd())
    .filter((statement) => statement !== '')
}

/** An import as one writes it in a REPL, which knows no `import` statements. Other statements stay as they are. */
export function asDynamicImports(statement: string): string[] {
  const match = /^import ([^]+?) from (['"][^'"]+['"]);?$/.exec(statement)
  if (match === null) return [statement]
  const [, clause = '', specifier = ''] = match
  const { byDefault, namespace, named } =
    /^(?<byDefault>\w+)?(?:, )?(?:\* as (?<namespace>\w+)|\{(?<named>[^]*)\})?$/.exec(clause)?.groups ?? {}
  const names = (named ?? '').split(',').map((name) => name.trim().replace(' as ', ': '))
  if (byDefault !== undefined) names.unshift(`default: ${byDefault}`)
  const list = names.filter((name) => name !== '').join(', ')
  const imported = `await import(${specifier})`
  return [
    ...(list === '' ? [] : [`const { ${list} } = ${imported}`]),
    ...(namespace === undefined ? [] : [`const ${namespace} = ${imported}`]),
  ]
}

/** A formatted statement without line ends. A semicolon stands where the end of a line ended a statement. */
export function onOneLine(statement: string): string {
  return statement.replace(/(?<![{([,:?|&=>]|[^+]\+)\n(?!\s*[})\].?:&|=+])\s*/g, '; ').replace(/\n\s*/g, ' ')
}
