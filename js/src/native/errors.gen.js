// Written by scripts/generate-bindings.mjs from core/errors.def.
export const ERROR_CODES = ['OK', 'INVALID_ARGUMENT', 'SHAPE', 'DTYPE', 'NOT_FOUND', 'UNSUPPORTED', 'FORMAT', 'LIMIT', 'OUT_OF_MEMORY', 'DISPOSED', 'BACKEND', 'IO', 'INTERNAL'];
