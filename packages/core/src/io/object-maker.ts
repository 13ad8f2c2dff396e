/**
 * Objects from lists of fields: one generated function a shape, so that all rows share one hidden class of V8 and none is built property by
 * property. Names are data: quoted as JSON, and `__proto__` as the property that it is.
 */
import { compileFunction } from 'node:vm'

export function objectMaker(names: readonly string[]): (fields: readonly unknown[]) => object {
  const properties = names.map(
    (name, i) => `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: fields[${i}]`,
  )
  // The code returns an object literal.
  return compileFunction(`'use strict'; return { ${properties.join(', ')} }`, ['fields'], {
    filename: 'kindling:object',
  }) as (fields: readonly unknown[]) => object
}
