// @ts-nocheck
/** Simple losses, metrics and optimizers behind the interfaces of the real ones. */
import { newestValue, updateAfterRun } from '../core/program.js';
import { engine } from '../core/engine.js';
import { add, cast, div, log, maximum, mul, neg, square, sub, equal } from '../ops/elementwise.js';
import { mean, sum, argMax } from '../ops/reduction.js';
import { scalar, zeros } from '../ops/creation.js';
import { softmax } from '../ops/neural.js';

const fns = {
  mse: (t, p) => mean(square(sub(t, p)), -1),
  meanSquaredError: (t, p) => mean(square(sub(t, p)), -1),
  categoricalCrossentropy: (t, p) => neg(sum(mul(t, log(maximum(p, 1e-7))), -1)),
};
export class Mean {
  constructor(name, fn) {
    this.name = name; this.fn = fn;
    this.variables = engine.scoped('m', () => [engine.makeVariable(zeros([]), false), engine.makeVariable(zeros([]), false)]);
  }
  add(total, count) {
    const [a, b] = this.variables;
    updateAfterRun(a, add(newestValue(a), total)); updateAfterRun(b, add(newestValue(b), count));
  }
  updateState(t, p, w) { if (!this.fn) return this.add(mul(t, p), scalar(p)); const v = this.fn(t, p); this.add(sum(v), scalar(v.shape[0])); }
  result() { const [a, b] = this.variables; return div(newestValue(a), maximum(newestValue(b), 1e-30)); }
  resetState() { engine.scoped('r', () => { for (const v of this.variables) updateAfterRun(v, zeros([])); }); }
  dispose() { for (const v of this.variables) v.dispose(); }
}
export const metrics = {
  get(id) {
    if (['accuracy', 'acc'].includes(id)) return new Mean(id, (t, p) => cast(equal(argMax(t, -1), argMax(p, -1)), 'float32'));
    return new Mean(typeof id === 'string' ? id : id.name, typeof id === 'function' ? id : fns[id]);
  },
};
