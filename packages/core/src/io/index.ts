/** The door to files: what leaves nothing half-written behind, for packages that write outputs of their own, and say what is wrong as core does. */
export { DataError, PlanError } from '../errors.ts'
export { suggestion } from '../nearest.ts'
export { type FileSystem, realFileSystem } from './file-system.ts'
export { claim, sweep } from './leftovers.ts'
export { listFiles } from './list-files.ts'
export { ownerName, ownerState } from './owner.ts'
