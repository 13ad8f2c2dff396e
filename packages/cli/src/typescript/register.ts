/** Switches TypeScript on for all that this process imports from now on, with stacks in the user's lines. */
import module from 'node:module'
import * as hooks from './hooks.ts'

export function registerTypeScript(): void {
  process.setSourceMapsEnabled(true)
  // Hooks in this thread, which Node 20 does not have.
  const { registerHooks } = module as unknown as { registerHooks?: (given: typeof hooks) => void }
  if (registerHooks === undefined) module.register('./hooks.js', import.meta.url)
  else registerHooks(hooks)
}
