/** The names of all programs on the PATH: only a misspelt one asks. */
import { readdirSync } from 'node:fs'
import { delimiter } from 'node:path'

export function programsOnPath(): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  })
}
