/** Modules that scripts/build-js.mjs puts into bundles. */

/** The JavaScript of a WebAssembly variant: an Emscripten module's factory that works at once. */
declare module 'hornbeam:glue/*' {
  const factory: (options: object) => any;
  export default factory;
}

/** The bytes of a WebAssembly variant. */
declare module 'hornbeam:wasm/*' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
