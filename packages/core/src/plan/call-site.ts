/** Where in the user's program a verb was called. Reading it may be slow (source maps), so it is read only to be shown. */
export interface CallSite {
  /** `file:line:column`, the file relative to the working directory; empty when it is not known. */
  readonly text: string
}
