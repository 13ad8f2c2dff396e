/**
 * A child's stdout and stderr as real pipes. What Node makes are sockets, which a program cannot open by name: with them
 * `echo message > /dev/stderr` fails with "No such device or address".
 * Input stays a socket: a FIFO whose writer is done would block a program that opens /dev/stdin only then.
 */
import { execFileSync } from 'node:child_process'
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

export interface OutputPipes {
  readonly stdout: Readable
  readonly stderr: Readable
  /** The descriptors that the child takes as its 1 and 2; to be closed once it has them. */
  readonly childEnds: readonly [number, number]
}

/**
 * Two pipes, made from FIFOs that lose their names at once.
 * @throws where FIFOs cannot be made.
 */
export function openOutputPipes(): OutputPipes {
  const folder = mkdtempSync(join(tmpdir(), 'kindling-pipe-'))
  const [out, errors] = [join(folder, '1'), join(folder, '2')]
  try {
    execFileSync('mkfifo', ['-m', '600', out, errors], { stdio: 'ignore' })
    const [stdout, stderr] = [openPipe(out), openPipe(errors)]
    return { stdout: stdout.stream, stderr: stderr.stream, childEnds: [stdout.childEnd, stderr.childEnd] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Our end never blocks, and so needs no writer yet; the child's does block, as programs expect. */
function openPipe(path: string): { readonly stream: Readable; readonly childEnd: number } {
  const ours = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const childEnd = openSync(path, constants.O_WRONLY)
  return { stream: new Socket({ fd: ours, readable: true, writable: false }), childEnd }
}
