/**
 * Outstanding: what a worker thread has printed and the terminal has not yet taken, in characters and bytes, as one counter that both
 * sides share. A thread that is ahead of the terminal waits. A process needs none: its pipe fills, and that makes it wait.
 */
export type Outstanding = Int32Array<SharedArrayBuffer>

/** A worker this far ahead of the terminal waits. */
const MAX_OUTSTANDING = 1 << 20

export function openOutstanding(): Outstanding {
  return new Int32Array(new SharedArrayBuffer(4))
}

/** For the worker, before it sends. */
export function addOutstanding(outstanding: Outstanding, size: number): void {
  Atomics.add(outstanding, 0, size)
}

/** For the worker, after it has sent. */
export function waitForRoom(outstanding: Outstanding): void {
  for (let ahead = Atomics.load(outstanding, 0); ahead > MAX_OUTSTANDING; ahead = Atomics.load(outstanding, 0)) {
    Atomics.wait(outstanding, 0, ahead)
  }
}

/** For the driver, when the terminal has taken it. */
export function subtractOutstanding(outstanding: Outstanding, size: number): void {
  Atomics.sub(outstanding, 0, size)
  Atomics.notify(outstanding, 0)
}
