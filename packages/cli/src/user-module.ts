/** The user's own modules: the file that a command runs, and the libraries as their project has them. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { unknownName } from 'kindling/command'
import { isInstalled } from './typescript/installed.ts'
import { registerTypeScript } from './typescript/register.ts'
import { UsageError } from './usage-error.ts'

/** Node's exit code of a program whose `await` at the top is never settled. */
const UNSETTLED = 13

/**
 * Imports a file, TypeScript or JavaScript, that finds itself and its arguments in `process.argv` as if Node had been given it.
 * @param mayWait whether it is right that the file waits for ever
 * @throws UsageError when there is no such file
 */
export async function importFile(
  what: string,
  file: string,
  args: readonly string[],
  mayWait: () => boolean = () => false,
): Promise<Record<string, unknown>> {
  const path = resolve(file)
  if (!existsSync(path) || !statSync(path).isFile()) throw missing(what, file)
  registerTypeScript()
  process.argv = [process.execPath, path, ...args]
  // Node holds an unsettled await against its main module only, which is this command.
  const onEnd = (): void => {
    if (mayWait()) return
    process.exitCode ??= UNSETTLED
    process.stderr.write(
      `kindling: ${what}: ${file} waits for something that never comes, and nothing is left that could end it. Look for a promise that is never settled\n`,
    )
  }
  process.once('beforeExit', onEnd)
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } finally {
    process.off('beforeExit', onEnd)
  }
}

/**
 * Where a package is that code in a folder imports: in the project there, or else beside this command. What the user's code imports must be
 * the copy that is used here, since its objects are of its classes.
 */
export function locate(specifier: string, folder: string): URL {
  const from = isInstalled(specifier, resolve(folder)) ? pathToFileURL(resolve(folder, 'module.js')) : import.meta.url
  return pathToFileURL(createRequire(from).resolve(specifier))
}

function missing(what: string, file: string): UsageError {
  const folder = dirname(resolve(file))
  if (!existsSync(folder)) return new UsageError(`${what}: there is no directory ${dirname(file)}`)
  if (existsSync(resolve(file)))
    return new UsageError(`${what}: ${file} is no file. Name a TypeScript or JavaScript file`)
  const names = readdirSync(folder).filter((name) => /\.[cm]?[jt]s$/.test(name))
  if (names.length === 0) return new UsageError(`${what}: there is no file ${file}, nor any other program beside it`)
  return new UsageError(unknownName(`${what}: there is no file`, basename(file), names).message)
}
