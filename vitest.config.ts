import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests read the sources; workers run the compiled files, which the global set-up brings up to date.
  ssr: { resolve: { conditions: ['@kindling/source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['./test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
