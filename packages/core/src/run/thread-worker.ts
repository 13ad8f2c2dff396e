/** The entry of a worker thread. */
import { parentPort, workerData } from 'node:worker_threads'
import { addOutstanding, type Outstanding, waitForRoom } from './outstanding.ts'
import type { Port } from './port.ts'
import { serveTasks } from './worker.ts'

const { outstanding } = workerData as { outstanding: Outstanding }
// Not null in a thread; that it is an event target its type does not say.
const port = parentPort as unknown as Port

serveTasks(port, (message) => {
  addOutstanding(outstanding, message.size)
  port.postMessage(message)
  waitForRoom(outstanding)
})
