/** Functions and classes do in a worker what they do here. */
/* oxlint-disable typescript/unbound-method -- methods taken out of their objects are what is tested */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import * as os from 'node:os'
import path, { join } from 'node:path'
import { isMainThread, threadId } from 'node:worker_threads'
import _ from 'lodash'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as library from './fixtures/library.ts'
import twice, { Scorer, score } from './fixtures/library.ts'
import { capture, travel } from './travel.ts'

const THRESHOLD = 10
const isEven = (n: number): boolean => n === 0 || isOdd(n - 1)
const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1)

class Base {
  x: number
  constructor(x: number) {
    this.x = x
  }
  get double(): number {
    return this.x * 2
  }
  static make<T>(this: new (x: number) => T, x: number): T {
    return new this(x)
  }
}

class Derived extends Base {
  static count = 5
  static readonly registry = new Map<string, number>()
  static #secret = 3
  static {
    Derived.registry.set('loaded', Date.now())
  }
  tag = 'd'
  override get double(): number {
    return super.double + THRESHOLD
  }
  static secret(): number {
    return Derived.#secret
  }
}
Derived.count = 6
Derived.registry.set('later', 1)

class Parent {
  kind(): string {
    return 'parent'
  }
  make(): Parent {
    return new Child()
  }
}
class Child extends Parent {
  override kind(): string {
    return 'child'
  }
}

class Private {
  #p = 3
  get(): number {
    return this.#p
  }
  static has(value: object): boolean {
    return #p in value
  }
}

class Stack<T> extends Array<T> {
  get top(): T | undefined {
    return this.at(-1)
  }
}
class Registry extends Map<string, number> {
  total(): number {
    return _.sum([...this.values()])
  }
}
class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

interface OldClass {
  x: number
  double(): number
}
const Old = function (this: OldClass, x: number): void {
  this.x = x
} as unknown as new (
  x: number,
) => OldClass
Old.prototype.double = function (this: OldClass): number {
  return this.x * 2
}

describe('functions', () => {
  test('a worker thread computes', async () => {
    expect(await travel(() => [isMainThread, threadId])).not.toEqual([isMainThread, threadId])
  })
  test('variables of every kind, at any depth', async () => {
    const local = 2
    let changed = 1
    changed++
    const outer = (a: number) => (b: number) => (c: number) => a + b + c + local + changed + THRESHOLD
    expect(await travel(outer(1)(2), 3)).toBe(20)
  })
  test('the value of a variable is that of the moment of capture', async () => {
    let late = 1
    const fn = (): number => late
    late = 5
    expect(await travel(fn)).toBe(5)
  })
  test('recursion, also mutual', async () => {
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
    expect(await travel(factorial, 5)).toBe(120)
    expect(await travel(isEven, 101)).toBe(false)
  })
  test('default parameters, destructuring and rest', async () => {
    const by = 3
    expect(
      await travel(
        (a: number, { b = by }: { b?: number } = {}, ...rest: number[]) => a + b + rest.length + THRESHOLD,
        1,
      ),
    ).toBe(14)
  })
  test('async functions and generators', async () => {
    expect(await travel(async (x: number) => (await Promise.resolve(x)) + THRESHOLD, 1)).toBe(11)
    const generate = function* (): Generator<number> {
      yield THRESHOLD
    }
    expect(await travel(() => [...generate()])).toEqual([10])
  })
  test('methods of object literals: shorthand, async, generator, computed, getter', async () => {
    const word = 'c'
    const object = {
      plain: (x: number) => x + THRESHOLD,
      shorthand(x: number) {
        return x + THRESHOLD
      },
      async later() {
        return THRESHOLD
      },
      *many() {
        yield THRESHOLD
      },
      [`${word}1`](x: number) {
        return x + 1
      },
      get got() {
        return THRESHOLD
      },
    }
    const computed = object['c1'] ?? object.plain
    expect(await travel(object.shorthand, 1)).toBe(11)
    expect(await travel(object.later)).toBe(10)
    expect(await travel(computed, 1)).toBe(2)
    expect(await travel(async () => [object.plain(1), await object.later(), ...object.many(), object.got])).toEqual([
      11, 10, 10, 10,
    ])
  })
  test('names and own properties of functions', async () => {
    const plain = (x: number): number => x
    const tagged = Object.assign(plain, { unit: 'ms', table: new Map([[1, 2]]) })
    expect(await travel(() => [tagged.name, tagged.unit, tagged.table.get(1)])).toEqual(['plain', 'ms', 2])
  })
  test('bound functions, with this and arguments', async () => {
    const bound = function (this: { q: number }, a: number, b: number): number {
      return this.q + a + b
    }.bind({ q: 1 }, 10)
    expect(await travel(bound, 5)).toBe(16)
  })
  test('a free variable named like what reviving uses, and one called eval-free', async () => {
    const [$kindlingEnvironment, $late] = [1, 2]
    expect(await travel(() => $kindlingEnvironment + $late)).toBe(3)
  })
  test('a name that nobody declares fails only where it is reached', async () => {
    const fn = (reach: boolean): unknown => (reach ? (globalThis as { x?: { y: 1 } }).x?.y : typeof nobodyDeclaresThis)
    expect(await travel(fn, false)).toBe('undefined')
  })
  test('two functions of one capture share what they share here', async () => {
    const seen = new Set<number>()
    const add = (x: number): void => void seen.add(x)
    expect(
      await travel(() => {
        add(1)
        return seen.has(1)
      }),
    ).toBe(true)
  })
  test('this of a plain function is undefined', async () => {
    const fn = function (this: unknown): boolean {
      return this === undefined
    }
    expect(await travel(fn)).toBe(true)
  })
  test('strict mode is kept', async () => {
    const frozen = Object.freeze({ a: 1 })
    expect(
      await travel(() => {
        try {
          ;(frozen as { a: number }).a = 2
          return 'sloppy'
        } catch {
          return 'strict'
        }
      }),
    ).toBe('strict')
  })
})

describe('classes', () => {
  test('are made anew with superclass, getters and statics as they stand', async () => {
    expect(
      await travel(() => [Derived.make(4).double, Derived.count, [...Derived.registry.keys()], Derived.secret()]),
    ).toEqual([18, 6, ['loaded', 'later'], 3])
  })
  test('initialise no static again', async () => {
    const loaded = Derived.registry.get('loaded')
    expect(await travel(() => Derived.registry.get('loaded'))).toBe(loaded)
  })
  test('instances keep their class', async () => {
    const instance = new Derived(4)
    expect(
      await travel(() => [instance instanceof Base, instance.double, instance.tag, instance.constructor.name]),
    ).toEqual([true, 18, 'd', 'Derived'])
  })
  test('may refer to one another in a circle', async () => {
    expect(await travel(() => new Parent().make().kind())).toBe('child')
    expect(await travel(() => [new Child().make() instanceof Parent, Object.getPrototypeOf(Child) === Parent])).toEqual(
      [true, true],
    )
  })
  test('may hold an instance of themselves', async () => {
    class Single {
      static readonly only: Single = new Single()
      readonly n = 1
    }
    expect(await travel(() => [Single.only.n, Single.only instanceof Single])).toEqual([1, true])
  })
  test('with private fields work when the instance is made in the worker', async () => {
    expect(await travel(() => [new Private().get(), Private.has({})])).toEqual([3, false])
  })
  test('with private static state start over', async () => {
    expect(await travel(() => Derived.secret())).toBe(3)
  })
  test('extending builtins', async () => {
    const [stack, registry, problem] = [new Stack(1, 2, 3), new Registry([['a', 1]]), new Problem('bad', 7)]
    expect(
      await travel(() => [
        stack.top,
        stack.length,
        stack instanceof Stack,
        registry.total(),
        problem.code,
        problem.message,
        problem instanceof Problem,
        problem instanceof Error,
      ]),
    ).toEqual([3, 3, true, 1, 7, 'bad', true, true])
  })
  test('of the old kind', async () => {
    const old = new Old(7)
    expect(await travel(() => [old.double(), new Old(2).double(), old instanceof Old])).toEqual([14, 4, true])
  })
  test('whose superclass is computed', async () => {
    const mixin = (parent: typeof Base): typeof Base =>
      class extends parent {
        override get double(): number {
          return super.double + 1
        }
      }
    class Mixed extends mixin(Base) {}
    expect(await travel(() => new Mixed(2).double)).toBe(5)
  })
  test('whose superclass is in no scope that V8 keeps', async () => {
    const make = (parent: typeof Base): typeof Base => class extends parent {}
    const Made = make(Base)
    expect(await travel(() => new Made(2).double)).toBe(4)
  })
  test('with a computed method key that V8 does not keep', async () => {
    const make = (key: string): (new () => Record<string, () => number>) =>
      class {
        [key]() {
          return THRESHOLD
        }
      }
    const Made = make('hello')
    expect(await travel(() => new Made()['hello']?.())).toBe(10)
  })
  test('with a method that was replaced, as decorators do', async () => {
    class Decorated {
      run(): number {
        return 1
      }
    }
    const original = Decorated.prototype.run
    Decorated.prototype.run = function (): number {
      return original.call(this) + THRESHOLD
    }
    expect(await travel(() => new Decorated().run())).toBe(11)
  })
})

describe('what others wrote', () => {
  test('modules of the user travel by value', async () => {
    expect(await travel((x: number) => [score(x), new Scorer(1).run(x), twice(x), library.score(x)], 3)).toEqual([
      21, 22, 6, 21,
    ])
  })
  test('a variable that functions of a module share stays shared', async () => {
    expect(
      await travel(() => {
        const before = library.callCount()
        score(1)
        return library.callCount() - before
      }),
    ).toBe(1)
  })
  test('packages travel by reference, however they are named', async () => {
    const { chunk } = _
    const { bundle } = await capture(() => [_.sum([1, 2]), chunk([1, 2], 1)])
    expect(bundle.nodes.filter((node) => node.type === 'function')).toHaveLength(1)
    expect(await travel(() => [_.sum([1, 2]), chunk([1, 2, 3], 2)])).toEqual([3, [[1, 2], [3]]])
  })
  test('a require that the program made for itself', async () => {
    const requireHere = createRequire(import.meta.url)
    expect(await travel(() => (requireHere('lodash') as { sum(list: number[]): number }).sum([1, 2]))).toBe(3)
  })
  test('an instance of a class of a package keeps its class', async () => {
    const error = new z.ZodRealError([{ code: 'custom', path: ['a'], message: 'm', input: 1 }])
    expect(await travel(() => [error instanceof z.ZodRealError, error.issues[0]?.message])).toEqual([true, 'm'])
  })
  test('Node modules travel by reference', async () => {
    expect(
      await travel(
        (s: string) => [join('a', path.basename(s)), createHash('md5').update(s).digest('hex').length, os.EOL],
        'x/y',
      ),
    ).toEqual(['a/y', 32, os.EOL])
  })
  test('builtins given by themselves', async () => {
    expect(await travel(JSON.parse, '{"a":1}')).toEqual({ a: 1 })
    expect(await travel(Math.max, 1, 2)).toBe(2)
    const trim = Function.prototype.call.bind(String.prototype.trim) as (text: string) => string
    expect(await travel(trim, ' a ')).toBe('a')
  })
  test('import() in a function', async () => {
    expect(await travel(async () => (await import('node:os')).EOL)).toBe(os.EOL)
  })
  test('import.meta is that of the user’s file', async () => {
    expect(await travel(() => import.meta.url)).toBe(import.meta.url)
  })
  test('process.env is the worker’s own', async () => {
    expect(await travel(() => process.env['PATH'])).toBe(process.env['PATH'])
  })
})

describe('zod schemas', () => {
  const Row = z.object({
    id: z.number().int(),
    name: z
      .string()
      .min(THRESHOLD - 8)
      .default('no'),
    when: z.coerce.date().optional(),
  })
  test('validate and transform as here', async () => {
    const Length = z.string().transform((text) => text.length + THRESHOLD)
    expect(await travel((row: unknown) => Row.parse(row), { id: 1, when: 0 })).toEqual({
      id: 1,
      name: 'no',
      when: new Date(0),
    })
    expect(await travel((text: string) => Length.parse(text), 'abc')).toBe(13)
  })
  test('report the same issues', async () => {
    const issues = (row: unknown): string[] =>
      Row.safeParse(row).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? []
    const bad = { id: 1.5, name: 'x' }
    expect(await travel(issues, bad)).toEqual(issues(bad))
    expect(issues(bad)).toHaveLength(2)
  })
  test('keep refinements, unions, recursion and metadata', async () => {
    interface Tree {
      kids: Tree[]
    }
    const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ kids: z.array(Tree) }))
    const Either = z.discriminatedUnion('t', [
      z.object({ t: z.literal('a') }),
      z.object({ t: z.literal('b'), n: z.number() }),
    ])
    const Even = z
      .number()
      .refine((n) => n % 2 === 0, 'odd')
      .describe('an even number')
    const Pair = z.string().superRefine((text, context) => {
      if (text.length !== 2) context.addIssue('not two')
    })
    expect(
      await travel(() => [
        Tree.safeParse({ kids: [{ kids: [] }] }).success,
        Tree.safeParse({ kids: [{ kids: 1 }] }).success,
        Either.safeParse({ t: 'b', n: 1 }).success,
        Even.safeParse(3).error?.issues[0]?.message,
        Even.description,
        Pair.safeParse('abc').error?.issues[0]?.message,
      ]),
    ).toEqual([true, false, true, 'odd', 'an even number', 'not two'])
  })
  test('are instances of their classes, and can be extended', async () => {
    expect(
      await travel(() => [
        Row instanceof z.ZodObject,
        Object.keys(Row.pick({ id: true }).extend({ q: z.string() }).shape),
      ]),
    ).toEqual([true, ['id', 'q']])
  })
  test('have been used here before they are sent', async () => {
    Row.parse({ id: 1 })
    expect(await travel(() => Row.parse({ id: 2 }).id)).toBe(2)
  })
})

declare const nobodyDeclaresThis: unknown
