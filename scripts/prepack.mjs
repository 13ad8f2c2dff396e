// Run by `pnpm pack` and `pnpm publish` in the folder of a package: what is packed is compiled from the sources as they are, with the README of the repository.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packed = process.cwd()

execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
removeStale()
copyFileSync(join(root, 'README.md'), join(packed, 'README.md'))

// The compiler leaves the output of a source that was deleted or renamed; the bundle is made anew.
function removeStale() {
  for (const path of readdirSync(join(packed, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const source = path.match(/^(.*?)\.(?:js|d\.ts)(?:\.map)?$/)?.[1]
    const isBundled = path.startsWith('bundle')
    if (!isBundled && source !== undefined && !existsSync(join(packed, 'src', `${source}.ts`)))
      rmSync(join(packed, 'dist', path))
  }
}
