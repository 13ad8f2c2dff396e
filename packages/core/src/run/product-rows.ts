/** The product of two partitions: each row of the left with each of the right, the left one slower. */
import type { Push } from '../io/row-source.ts'
import { Replay } from '../shuffle/replay.ts'
import { drainInto, type Rows } from './rows.ts'
import type { TaskState } from './task-state.ts'

export function productRows(left: Rows, right: Rows, state: TaskState): Rows {
  const replay = new Replay(state.workspace)
  state.holders.push(replay)
  let isFilled = false
  let out: Push<unknown> | null = null
  let into: Push<unknown> = () => true
  const bind = (push: Push<unknown>): Push<unknown> => {
    if (out !== push) {
      out = push
      into = (row) => replay.each((other) => push([row, other]))
    }
    return into
  }
  const hold = (row: unknown): boolean => replay.add(row)
  if (!left.isAsync && !right.isAsync) {
    return {
      isAsync: false,
      advance(push) {
        if (!isFilled) while (right.advance(hold));
        isFilled = true
        return left.advance(bind(push))
      },
    }
  }
  return {
    isAsync: true,
    async advance(push) {
      if (!isFilled) await drainInto(right, hold)
      isFilled = true
      return left.advance(bind(push))
    },
  }
}
