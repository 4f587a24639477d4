/** downloads://NAME: a browser's user gets NAME.json and NAME.weights.bin as files; of downloads://NAME.keras and NAME.h5 that one file. */
import { assert } from '../core/util.js';
import { env } from '../environment.js';
import { getModelArtifactsInfoForJSON, modelJSONOf } from './artifacts.js';
import { CompositeArrayBuffer } from './buffers.js';
import { convertToFile, formatOfName } from './converting.js';
import { registerSaveRouter } from './routers.js';

/** @import { ModelArtifacts } from './manifest.js' */
/** @import { SaveResult } from './artifacts.js' */

const SCHEME = 'downloads://';

/** A page may start one download a turn of its event loop. @param {Blob} blob @param {string} name */
async function download(blob, name) {
  const link = document.createElement('a');
  link.download = name;
  link.href = URL.createObjectURL(blob);
  await new Promise(resolve => setTimeout(resolve));
  link.dispatchEvent(new MouseEvent('click'));
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

class Downloads {
  /** @param {string} [name] */
  constructor(name) {
    assert(env().getBool('IS_BROWSER'), () => 'browserDownloads() cannot proceed because the current environment is not a browser.', 'UNSUPPORTED');
    this.name = name || 'model';
  }

  /** @param {ModelArtifacts} artifacts @returns {Promise<SaveResult>} */
  async save(artifacts) {
    assert(typeof document !== 'undefined',
      () => 'Browser downloads are not supported in this environment since `document` is not present', 'UNSUPPORTED');
    const { weightSpecs, weightData } = artifacts;
    const format = formatOfName(this.name);
    if (format !== undefined) {
      await download(new Blob([new Uint8Array(await convertToFile(artifacts, format))], { type: 'application/octet-stream' }), this.name);
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    }
    const weightsFile = `${this.name}.weights.bin`;
    const json = modelJSONOf(artifacts, [{ paths: [`./${weightsFile}`], weights: weightSpecs ?? [] }]);
    await download(new Blob([JSON.stringify(json)], { type: 'application/json' }), `${this.name}.json`);
    if (weightData != null) await download(new Blob([CompositeArrayBuffer.join(weightData)], { type: 'application/octet-stream' }), weightsFile);
    return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
  }
}

/** Adds downloads://, to save alone. */
export function registerDownloads() {
  registerSaveRouter(url => (typeof url === 'string' && url.startsWith(SCHEME) && env().getBool('IS_BROWSER')
    ? new Downloads(url.slice(SCHEME.length)) : null));
}
