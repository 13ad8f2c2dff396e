/** The packed library has a run of its own: it needs the registry, which the tests of the sources do not. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/packaging/*.packed.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
})
