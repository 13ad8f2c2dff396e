/** A combiner: how the values of one key become one. `Fn` is how functions are held, as in a step. */
export type Combiner<Fn> =
  /** The first value, then `fn(combined, value)`. */
  | { readonly type: 'reduce'; readonly fn: Fn }
  /** `fn(zero, value)`, then `fn(combined, value)`; each key begins with its own zero, a block of one row. */
  | { readonly type: 'fold'; readonly zero: Uint8Array; readonly fn: Fn; readonly merge: Fn }
  /** `create(value)`, then `fn(combined, value)`. */
  | { readonly type: 'custom'; readonly create: Fn; readonly fn: Fn; readonly merge: Fn }
  /** An array of the values. */
  | { readonly type: 'group' }
  /** The first value; the others are dropped. */
  | { readonly type: 'first' }
  /** How many values there are. */
  | { readonly type: 'count' }

/** The same combiner with its functions held another way. */
export function withCombinerFunctions<A, B>(combiner: Combiner<A>, hold: (fn: A) => B): Combiner<B> {
  switch (combiner.type) {
    case 'reduce':
      return { type: 'reduce', fn: hold(combiner.fn) }
    case 'fold':
      return { ...combiner, fn: hold(combiner.fn), merge: hold(combiner.merge) }
    case 'custom':
      return { ...combiner, create: hold(combiner.create), fn: hold(combiner.fn), merge: hold(combiner.merge) }
    default:
      return combiner
  }
}
