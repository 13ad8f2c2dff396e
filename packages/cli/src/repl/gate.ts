/**
 * The gate before the prompt: what is typed or pasted comes through one line at a time, and only while nothing runs. So lines pasted at
 * once run one after the other, each below its own prompt, and what a running line should be told by Ctrl-C isn't taken for input.
 */
import { Readable } from 'node:stream'

export class Gate extends Readable {
  readonly isTTY: boolean
  readonly #source: NodeJS.ReadStream
  /** Whether something typed runs. */
  isClosed = false
  #held = ''
  #hasEnded = false

  constructor(source: NodeJS.ReadStream) {
    super({ encoding: 'utf8', read: () => {} })
    this.#source = source
    this.isTTY = source.isTTY
    source.setEncoding('utf8')
    source.on('data', (text: string) => {
      this.#held += text
      this.#release()
    })
    source.on('end', () => {
      this.#hasEnded = true
      this.#release()
    })
  }

  /** What runs now takes the terminal: out of raw mode, so that Ctrl-C is a signal, which reaches synchronous loops too. */
  close(): void {
    this.isClosed = true
    this.#source.pause()
    this.setRawMode(false)
  }

  open(): void {
    this.isClosed = false
    this.setRawMode(true)
    this.#source.resume()
    this.#release()
  }

  /** Whether the next line, known already as when several are pasted, begins as `.map(…)` does and so belongs to the one before. */
  get continues(): boolean {
    return /^\s*\.[A-Za-z_$][\w$]*\s*[(.]/.test(this.#held)
  }

  /** The prompt asks for raw mode by the name that a terminal has for it. */
  setRawMode(isRaw: boolean): this {
    if (this.isTTY) this.#source.setRawMode(isRaw)
    return this
  }

  /** A line goes through; what follows it when the prompt has taken it and closed the gate, or not. */
  #release(): void {
    if (this.isClosed) return
    const [line = ''] = /^[^\r\n]*(?:\r\n|[\r\n]|$)/.exec(this.#held) ?? []
    if (line !== '') {
      this.#held = this.#held.slice(line.length)
      this.push(line)
      setImmediate(() => this.#release())
    } else if (this.#hasEnded) {
      this.push(null)
    }
  }
}
