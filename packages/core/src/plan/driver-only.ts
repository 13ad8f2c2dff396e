/**
 * The mark of objects that live on the driver and must not be captured by a function that runs on rows: contexts,
 * datasets. The value is the advice that the error gives.
 */
export const DRIVER_ONLY: unique symbol = Symbol.for('kindling.driverOnly')

/** Marks an object and, if it is a prototype, its instances. */
export function markDriverOnly(object: object, advice: string): void {
  Object.defineProperty(object, DRIVER_ONLY, { value: advice })
}
