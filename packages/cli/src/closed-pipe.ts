/** What happens when nobody reads any more what a command prints, as in `kindling tree … | head -1`. */

/** Of a program that pipes into nothing a shell says 128 and the number of SIGPIPE. */
const BROKEN_PIPE = 141

/**
 * Ends the process quietly once its output cannot be written, as SIGPIPE ends other programs; with `goesOn` only the words are lost. Messages
 * on stderr are never worth an end. Who listens to a stream decides instead: the program, or the library, which has a job to cancel first.
 */
export function tolerateClosedPipes(goesOn: boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    // The library's terminal.ts takes a listener of this name for none of the program's, to which it would leave the end.
    stream.on('error', function done(error: NodeJS.ErrnoException) {
      if (stream.listenerCount('error') > 1) return
      if (error.code !== 'EPIPE') throw error
      if (stream === process.stdout && !goesOn) process.exit(BROKEN_PIPE)
    })
  }
}
