/**
 * The code in a Markdown file, as steps to run. The conventions, all visible to a reader:
 *
 * - A `ts` block that imports 'kindling', a door of it or one of its packages begins a program; the `ts` blocks below it, up to the next such import, go on with it.
 *   A first line like `// job.ts` names its file.
 * - A `ts no-run` block is type-checked with its program, but not run.
 * - A `sh run` block is run in the folder of the programs; other `sh` blocks are for the reader only.
 * - A `text` block is what the program or command above it prints. In it `…` stands for any text of a line, and a line of only `…` for
 *   any lines.
 */

export interface Step {
  readonly type: 'program' | 'shell'
  /** Where its first block begins in the Markdown file, from 1. */
  readonly line: number
  readonly fileName: string
  /** What is run; empty when there is nothing to run. */
  readonly text: string
  /** What is type-checked. */
  readonly checked: string
  /** What it prints; null when the file doesn't say. */
  readonly output: string | null
}

interface Block {
  readonly language: string
  readonly line: number
  readonly text: string
}

export function stepsOf(markdown: string): readonly Step[] {
  const steps: Step[] = []
  let program = -1
  // The step that a `text` block speaks of.
  let latest = -1
  for (const { language, line, text } of blocksOf(markdown)) {
    if (language === 'ts' || language === 'ts no-run') {
      const run = language === 'ts' ? text : ''
      const open = steps[program]
      if (open === undefined || /from '(@kindling\/\w+|kindling(\/\w+)?)'/.test(text)) {
        const fileName = text.match(/^\/\/ ([\w-]+\.ts)$/m)?.[1] ?? `line-${line}.ts`
        program = steps.push({ type: 'program', line, fileName, text: run, checked: text, output: null }) - 1
      } else {
        steps[program] = { ...open, text: open.text + run, checked: open.checked + text }
      }
      latest = program
    } else if (language === 'sh run') {
      latest = steps.push({ type: 'shell', line, fileName: '', text, checked: '', output: null }) - 1
    } else if (language === 'text') {
      const step = steps[latest]
      if (step !== undefined) steps[latest] = { ...step, output: (step.output ?? '') + text }
    }
  }
  return steps
}

/** The fenced blocks of a Markdown file. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(({ index, 1: language, 2: text }) => ({
    language: language?.trim() ?? '',
    line: markdown.slice(0, index).split('\n').length,
    text: text ?? '',
  }))
}

/** Whether a program printed what the documentation says. */
export function fits(documented: string, printed: string): boolean {
  const pattern = documented
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${escapeRegExp(line.trimEnd()).replaceAll('…', '.*')} *\n`))
  return new RegExp(`^${pattern.join('')}$`).test(`${printed.trimEnd()}\n`)
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
