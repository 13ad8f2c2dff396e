/**
 * The entry of a worker process. Requests come through one pipe and replies go through another, in writes that return when the driver
 * has room: what is printed comes before the outcome, and a worker ahead of the terminal waits.
 */
import { writeFileSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { encodeFrame, openFrames, REPLIES, REQUESTS } from './frames.ts'
import { openPort } from './port.ts'
import { serveTasks } from './worker.ts'

// Held here because user code may replace it.
const end = process.kill.bind(process, process.pid, 'SIGKILL')

function send(message: unknown): void {
  try {
    for (const piece of encodeFrame(message)) {
      for (let from = 0; from < piece.length; ) from += writeSync(REPLIES, piece, from)
    }
  } catch (error) {
    // The driver is gone. Anything else, say a value that cannot be cloned, is for the caller.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') end()
    throw error
  }
}

/** When a machine runs out of memory, Linux ends the process with the highest score: that should be the worker, which can be replaced. */
function volunteer(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500')
  } catch {
    // Other systems, or none of our business.
  }
}

volunteer()
const { port, receive } = openPort(send)
const requests = new Socket({ fd: REQUESTS, readable: true, writable: false })
requests.on('data', openFrames(receive))
requests.on('close', end)
serveTasks(port, send)
