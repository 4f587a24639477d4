/** What browsers have in the place of Node's files: nothing; a URL without a scheme is fetched. */
import { failure } from '../core/util.js';

/** @import { Folder } from '../io/files.js' */

export const files = {
  /**
   * @param {string} url
   * @returns {Folder}
   */
  folder(url) {
    throw failure('UNSUPPORTED', `${url}: a browser cannot read files; give a URL, or files that the user chose to tf.io.browserFiles`);
  },
};

export const pathsAreFiles = false;
