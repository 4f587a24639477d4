/** The numbered lines that set-up prints: `[3/9] XNNPACK native ... 53.1 s`. */

/** @typedef {(context: import('./context.mjs').Context) => (void | Promise<void>)} StepBody */

/**
 * Runs the steps in order and prints each with its time, or `ready` when nothing had to be done.
 * @param {{name: string, body: StepBody}[]} steps
 * @param {import('./context.mjs').Context} context
 */
export async function runSteps(steps, context) {
  for (const [index, { name, body }] of steps.entries()) {
    context.print(`[${index + 1}/${steps.length}] ${name} ... `);
    context.worked = false;
    const start = performance.now();
    try {
      await body(context);
    } catch (error) {
      context.print('FAILED\n');
      throw error;
    }
    context.print(context.worked ? `${((performance.now() - start) / 1000).toFixed(1)} s\n` : 'ready\n');
  }
}
