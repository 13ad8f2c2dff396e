/** A port: messages one way and the other, as the event target that comlink takes for its partner. */
export interface Port {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void
  addEventListener(type: string, listener: Listener): void
  removeEventListener(type: string, listener: Listener): void
}

type Listener = (event: { readonly data: unknown }) => void

export interface OpenPort {
  readonly port: Port
  /** To be called with each message that comes in. */
  readonly receive: (message: unknown) => void
}

/** @param post sends a message to the other side */
export function openPort(post: (message: unknown, transfer: ArrayBuffer[]) => void): OpenPort {
  const listeners = new Set<Listener>()
  return {
    port: {
      postMessage: (message, transfer = []) => post(message, transfer),
      addEventListener: (_type, listener) => void listeners.add(listener),
      removeEventListener: (_type, listener) => void listeners.delete(listener),
    },
    receive(data) {
      for (const listener of Array.from(listeners)) listener({ data })
    },
  }
}
