/** Preloaded by the suites: nothing that a test has dropped is collected while another counts tensors, so that each count is exact. */
if (!process.argv[1]?.endsWith('garbage.test.js')) {
  globalThis.FinalizationRegistry = /** @type {any} */ (class {
    register() {}

    unregister() {}
  });
}
