/** The numbered lines that set-up prints: `[3/9] XNNPACK native ... 53.1 s`. */

/** @typedef {(context: import('./context.mjs').Context) => (string | void | Promise<string | void>)} StepBody */

/**
 * Runs the steps in order and prints each with its time, or `ready` when nothing had to be done, or what its
 * body returned.
 * @param {{name: string, body: StepBody}[]} steps
 * @param {import('./context.mjs').Context} context
 */
export async function runSteps(steps, context) {
  for (const [index, { name, body }] of steps.entries()) {
    context.print(`[${index + 1}/${steps.length}] ${name} ... `);
    context.worked = false;
    const start = performance.now();
    let note;
    try {
      note = await body(context);
    } catch (error) {
      context.print('FAILED\n');
      throw error;
    }
    const time = context.worked ? `${((performance.now() - start) / 1000).toFixed(1)} s` : 'ready';
    context.print(`${note || time}\n`);
  }
}
