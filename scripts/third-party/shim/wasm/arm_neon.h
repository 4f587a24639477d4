/* Empty on purpose: two of XNNPACK's production WASM SIMD kernels (f32-qs8-vcvt, f32-qu8-vcvt) include <arm_neon.h> by
 * mistake and use nothing of it; Emscripten's own header of that name needs SIMDe, which not every packaging ships. */
