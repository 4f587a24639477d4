// @ts-nocheck
/** The callbacks of a run: those that were given, and History. */
export class History {
  history = {};
  epoch = [];
  onEpochEnd(epoch, logs) {
    this.epoch.push(epoch);
    for (const [key, value] of Object.entries(logs)) (this.history[key] ??= []).push(value);
  }
  async syncData() {}
}
const HOOKS = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd', 'onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd', 'onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd', 'onYield'];
export function callbacksFor(model, callbacks, params) {
  const history = new History();
  const all = [history, ...[callbacks ?? []].flat()];
  const list = Object.fromEntries(HOOKS.map(hook => [hook, async (...args) => { for (const c of all) await c[hook]?.(...args); }]));
  for (const c of all) { c.setModel?.(model); c.setParams?.(params); c.model ??= model; }
  return { list, history };
}
