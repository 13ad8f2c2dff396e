/** Opens the output that the options ask for: standard output, a directory of parts, or files by name. */
import type { Output, OutputOptions } from './output.ts'
import { openDirectoryOutput } from './output-directory.ts'
import { openNamedOutput } from './output-names.ts'
import { openOrderedOutput } from './output-ordered.ts'
import { fieldsOf } from './template.ts'

/** @throws PlanError when the output exists or cannot be what it should be */
export function openOutput(options: OutputOptions): Output {
  const { output } = options.settings
  if (output === undefined) return openOrderedOutput(options)
  return fieldsOf(output).length === 0 ? openDirectoryOutput(options, output) : openNamedOutput(options, output)
}
