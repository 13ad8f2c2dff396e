/** A parameter that names a file which has to be there. */
import { statSync } from 'node:fs'
import { z } from 'zod'
import { pathWithin } from './ambient.ts'

/** A path, as it was given; refused where no file is, before anything runs. */
export function existingFile(): z.ZodString {
  return z.string().refine((path) => statSync(pathWithin(path), { throwIfNoEntry: false })?.isFile() === true, {
    error: ({ input }) => `there is no file ${JSON.stringify(input)}`,
  })
}
