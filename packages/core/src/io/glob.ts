/**
 * Globs as Hadoop has them (`*`, `?`, `[a-z]`, `{a,b}`) and `**` for any depth. Wildcards do not match names that begin with
 * `_` or `.`; the directories before the first wildcard are names and nothing else.
 */
import { type Dirent, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as tinyglobby from 'tinyglobby'

export function isGlob(path: string): boolean {
  return /[*?[\]{}]/.test(path)
}

/** A list `a,b` as its parts; a comma between braces belongs to a glob. */
export function splitList(path: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of path) {
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === ',' && depth <= 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part]
}

/** The files and directories that match, sorted. With `**` only files, as directories would give theirs a second time. */
export function expandGlob(path: string): string[] {
  const { base, pattern } = cutAtFirstWildcard(path)
  const found = (isPlain(pattern) ? namesLike(pattern, base) : null) ?? pathsLike(pattern, base)
  return found
    .filter((match) => match !== '' && match !== '.' && !match.split('/').some((name) => /^[_.]/.test(name)))
    .map((match) => join(base, match.replace(/\/$/, '')))
    .sort()
}

/** Whether a pattern is for names in one directory, with `*` and `?` alone. Most are, and need no library: loading it takes 12 ms. */
function isPlain(pattern: string): boolean {
  return /^[\w.*?-]+$/.test(pattern) && !pattern.includes('**')
}

/** Null when some are neither files nor directories, say links that lead in a circle or nowhere: the library knows of those. */
function namesLike(pattern: string, base: string): string[] | null {
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^]*').replaceAll('?', '[^]')
  const like = new RegExp(`^${source}$`)
  const found = entriesOf(base).filter(({ name }) => like.test(name))
  return found.every((entry) => entry.isFile() || entry.isDirectory()) ? found.map(({ name }) => name) : null
}

/** None where there is no directory, or none that may be read. */
function entriesOf(base: string): readonly Dirent[] {
  try {
    return readdirSync(base === '' ? '.' : base, { withFileTypes: true })
  } catch {
    return []
  }
}

function pathsLike(pattern: string, base: string): string[] {
  const { globSync } = createRequire(import.meta.url)('tinyglobby') as typeof tinyglobby
  return globSync(escapeExtensions(pattern), {
    cwd: base === '' ? '.' : base,
    dot: false,
    onlyFiles: pattern.includes('**'),
    expandDirectories: false,
  })
}

/** Directories that exist as written, wildcards in their names or not, and what comes after them. */
function cutAtFirstWildcard(path: string): { base: string; pattern: string } {
  const names = path.split('/')
  let count = 0
  // The root is the empty name before the first slash.
  while (count < names.length - 1) {
    const base = names.slice(0, count + 1).join('/') || '/'
    if (isGlob(names[count] ?? '') && !existsSync(base)) break
    count++
  }
  const base = names.slice(0, count).join('/')
  return { base: base === '' && count > 0 ? '/' : base, pattern: names.slice(count).join('/') }
}

/** What the glob library would read beyond Hadoop's signs, as plain characters: `(a|b)`, and `!` before a pattern. */
function escapeExtensions(pattern: string): string {
  return pattern.replace(/[()|]|^!/g, '\\$&')
}
