/** tf.device_util: what the program runs on. */

const MOBILE = new RegExp([
  'android', 'iphone', 'ipad', 'ipod', 'blackberry', 'bb\\d+', 'iemobile', 'windows phone', 'windows ce', 'opera m(ob|in)i', 'mobile.+firefox',
  'kindle', 'silk', 'webos', 'palm( os)?',
].join('|'), 'i');

/** @param {any} [nav] the navigator, where another than the global one is meant */
function isMobile(nav = typeof navigator === 'undefined' ? undefined : navigator) {
  if (nav === undefined) return false;
  if (nav.product === 'ReactNative') return true;
  if (nav.userAgentData?.mobile !== undefined) return nav.userAgentData.mobile;
  return MOBILE.test(nav.userAgent || nav.vendor || (typeof window === 'undefined' ? '' : /** @type {any} */ (window).opera) || '');
}

const isBrowser = () => typeof document !== 'undefined' || typeof (/** @type {any} */ (globalThis).importScripts) === 'function';

export const deviceUtil = { isMobile, isBrowser };
