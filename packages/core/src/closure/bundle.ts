/**
 * A bundle: captured functions and everything they reach, as a graph of numbered nodes.
 * JSON, but for `bytes`, the large binary values that travel beside it.
 */
export interface Bundle {
  /** The captured functions, as numbers of `nodes`, in the order they were asked for. */
  readonly functions: readonly number[]
  readonly nodes: readonly BundleNode[]
  readonly imports: readonly BundleImport[]
  readonly bytes: readonly Uint8Array[]
}
