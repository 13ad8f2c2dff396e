/** The entry of a worker thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { addOutstanding, type Outstanding, waitForRoom } from './outstanding.ts'
import { openPort } from './port.ts'
import { serveTasks } from './worker.ts'

const { outstanding } = workerData as { outstanding: Outstanding }
// Not null in a thread.
const parent = parentPort as MessagePort
// Were comlink to listen itself, Node would load undici for the class of its events: 22 ms.
const { port, receive } = openPort((message, transfer) => parent.postMessage(message, transfer))
parent.on('message', receive)

serveTasks(port, (message) => {
  addOutstanding(outstanding, message.size)
  port.postMessage(message)
  waitForRoom(outstanding)
})
