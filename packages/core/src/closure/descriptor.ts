/** Property descriptors whose accessors are plain values: they are looked at and sent, not called. */
export interface Found {
  readonly value?: unknown
  readonly get?: unknown
  readonly set?: unknown
  readonly enumerable?: boolean
  readonly configurable?: boolean
  readonly writable?: boolean
}

/** The own property, without running a getter. */
export function ownProperty(object: unknown, key: PropertyKey): Found | undefined {
  return object === null || object === undefined ? undefined : Object.getOwnPropertyDescriptor(object, key)
}

/** The value of an own data property. */
export function ownValue(object: unknown, key: PropertyKey): unknown {
  return ownProperty(object, key)?.value
}
