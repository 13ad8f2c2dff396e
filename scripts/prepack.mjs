// Run by `pnpm pack` and `pnpm publish` in the folder of a package: what is packed is compiled from the sources as they are, with the README of the repository.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packed = process.cwd()

execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root, stdio: 'inherit' })
removeStale()
copyFileSync(join(root, 'README.md'), join(packed, 'README.md'))

// The compiler leaves the output of a source that was deleted or renamed.
function removeStale() {
  for (const path of readdirSync(join(packed, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const source = path.match(/^(.*?)\.(?:js|d\.ts)(?:\.map)?$/)?.[1]
    if (source !== undefined && !existsSync(join(packed, 'src', `${source}.ts`))) rmSync(join(packed, 'dist', path))
  }
}
