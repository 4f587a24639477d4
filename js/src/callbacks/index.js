/** tf.callbacks: each class under its own name, and a function that makes one under TensorFlow.js's (earlyStopping). */
import { BackupAndRestore } from './backup_and_restore.js';
import { Callback } from './callback.js';
import { CSVLogger } from './csv_logger.js';
import { LambdaCallback } from './custom.js';
import { EarlyStopping } from './early_stopping.js';
import { BaseLogger, History } from './history.js';
import { LearningRateScheduler, ReduceLROnPlateau } from './learning_rate.js';
import { CallbackList } from './list.js';
import { ModelCheckpoint } from './model_checkpoint.js';
import { ProgbarLogger } from './progbar_logger.js';
import { RemoteMonitor } from './remote_monitor.js';
import { SwapEMAWeights } from './swap_ema_weights.js';
import { TensorBoard, tensorBoard } from './tensorboard/tensorboard.js';
import { summaryFileWriter } from './tensorboard/writer.js';
import { TerminateOnNaN } from './terminate_on_nan.js';

export { CustomCallback } from './custom.js';
export { registerCallbackConstructor } from './registry.js';
export { Callback, CallbackList, EarlyStopping, History };

/**
 * A function that makes an instance.
 * @template {any[]} A
 * @template T
 * @param {new (...args: A) => T} cls
 * @returns {(...args: A) => T}
 */
const made = cls => (...args) => new cls(...args);

export const callbacks = {
  BackupAndRestore, BaseLogger, Callback, CallbackList, CSVLogger, EarlyStopping, History, LambdaCallback, LearningRateScheduler, ModelCheckpoint,
  ProgbarLogger, ReduceLROnPlateau, RemoteMonitor, SwapEMAWeights, TensorBoard, TerminateOnNaN,
  backupAndRestore: made(BackupAndRestore),
  csvLogger: made(CSVLogger),
  earlyStopping: made(EarlyStopping),
  lambdaCallback: made(LambdaCallback),
  learningRateScheduler: made(LearningRateScheduler),
  modelCheckpoint: made(ModelCheckpoint),
  progbarLogger: made(ProgbarLogger),
  reduceLROnPlateau: made(ReduceLROnPlateau),
  remoteMonitor: made(RemoteMonitor),
  swapEMAWeights: made(SwapEMAWeights),
  tensorBoard: made(TensorBoard),
  terminateOnNaN: made(TerminateOnNaN),
};

/** What @tensorflow/tfjs-node has under tf.node. */
export const node = { summaryFileWriter, tensorBoard };
