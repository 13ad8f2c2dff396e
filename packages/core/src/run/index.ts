/** The door to running: what other engines need to ship a stage elsewhere and to report what happens to it. */
export { captureFunctions } from '../closure/capture.ts'
export { checkProgram } from '../program/check.ts'
export type { StageProgram } from '../program/program.ts'
export { decodeProgram, encodeProgram, type WireProgram } from '../program/wire.ts'
export { Broadcasts } from './broadcasts.ts'
export type { Engine, Job, OpenJob } from './engine.ts'
export type { Executor } from './executor.ts'
export { type LoadedStage, loadStage } from './load-stage.ts'
