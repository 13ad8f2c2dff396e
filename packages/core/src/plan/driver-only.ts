/**
 * The mark of objects that live on the driver and must not be captured by a function that runs on rows: contexts,
 * datasets. The value is the advice that the error gives.
 */
export const DRIVER_ONLY: unique symbol = Symbol.for('kindling.driverOnly')
