/** A path as messages show it: relative when it lies in the working directory, which is how the user thinks of it. */
import { isAbsolute, relative } from 'node:path'

export function shownPath(path: string): string {
  if (!isAbsolute(path)) return path
  const inside = relative(process.cwd(), path)
  return inside === '' || inside.startsWith('..') ? path : inside
}
