/** Ops as methods: ops/chained.js attaches them when it is imported. */
import type { chained } from '../ops/chained.js';

/** An op without its first argument. */
type Method<F> = F extends (x: any, ...rest: infer R) => infer Y ? (...rest: R) => Y : never;
type Methods = { [K in keyof typeof chained]: Method<(typeof chained)[K]> };

declare module './tensor.js' {
  interface Tensor extends Methods {}
}
