/* Hashes that TensorFlow's string ops are defined by. Fingerprint64: FarmHash's Hash64 (Pike, Alakuijala); SipHash-2-4: Aumasson, Bernstein,
 * SipHash: a fast short-input PRF (2012); FingerprintCat64: tensorflow/core/platform/fingerprint.h. */
#include <string.h>

#include "base/base.h"

#define K0 0xc3a5c85c97cb3127u
#define K1 0xb492b66fbe98f273u
#define K2 0x9ae16a3b2f90404fu

static uint64_t fetch(const unsigned char *s, size_t bytes) {
  uint64_t x = 0;
  for (size_t i = 0; i < bytes; i++) x |= (uint64_t)s[i] << 8 * i;
  return x;
}

static uint64_t fetch64(const unsigned char *s) { return fetch(s, 8); }
static uint64_t rotate(uint64_t x, int by) { return x >> by | x << (64 - by); }
static uint64_t shift_mix(uint64_t x) { return x ^ x >> 47; }

static uint64_t hash_two(uint64_t u, uint64_t v, uint64_t mul) {
  const uint64_t a = shift_mix((u ^ v) * mul);
  return shift_mix((v ^ a) * mul) * mul;
}

static uint64_t hash_16(const unsigned char *s, size_t length) {
  const uint64_t mul = K2 + length * 2;
  if (length >= 8) {
    const uint64_t a = fetch64(s) + K2, b = fetch64(s + length - 8);
    return hash_two(rotate(b, 37) * mul + a, (rotate(a, 25) + b) * mul, mul);
  }
  if (length >= 4) return hash_two(length + (fetch(s, 4) << 3), fetch(s + length - 4, 4), mul);
  if (length == 0) return K2;
  const uint64_t y = (uint64_t)s[0] + ((uint64_t)s[length >> 1] << 8), z = length + ((uint64_t)s[length - 1] << 2);
  return shift_mix(y * K2 ^ z * K0) * K2;
}

static uint64_t hash_32(const unsigned char *s, size_t length) {
  const uint64_t mul = K2 + length * 2, a = fetch64(s) * K1, b = fetch64(s + 8);
  const uint64_t c = fetch64(s + length - 8) * mul, d = fetch64(s + length - 16) * K2;
  return hash_two(rotate(a + b, 43) + rotate(c, 30) + d, a + rotate(b + K2, 18) + c, mul);
}

static uint64_t hash_64(const unsigned char *s, size_t length) {
  const uint64_t mul = K2 + length * 2, a = fetch64(s) * K2, b = fetch64(s + 8);
  const uint64_t c = fetch64(s + length - 8) * mul, d = fetch64(s + length - 16) * K2;
  const uint64_t y = rotate(a + b, 43) + rotate(c, 30) + d, z = hash_two(y, a + rotate(b + K2, 18) + c, mul);
  const uint64_t e = fetch64(s + 16) * mul, f = fetch64(s + 24);
  const uint64_t g = (y + fetch64(s + length - 32)) * mul, h = (z + fetch64(s + length - 24)) * mul;
  return hash_two(rotate(e + f, 43) + rotate(g, 30) + h, e + rotate(f + a, 18) + g, mul);
}

typedef struct pair {
  uint64_t first, second;
} pair;

typedef struct state {
  uint64_t x, y, z;
  pair v, w;
} state;

static pair weak_hash(const unsigned char *s, uint64_t a, uint64_t b) {
  const uint64_t w = fetch64(s), x = fetch64(s + 8), y = fetch64(s + 16), z = fetch64(s + 24);
  a += w;
  b = rotate(b + a + z, 21);
  const uint64_t c = a;
  a += x + y;
  return (pair){a + z, b + rotate(a, 44) + c};
}

/* One block of 64 bytes; nine: what the last one multiplies by. */
static void mix_block(state *t, const unsigned char *s, uint64_t mul, uint64_t nine) {
  t->x = rotate(t->x + t->y + t->v.first + fetch64(s + 8), 37) * mul;
  t->y = rotate(t->y + t->v.second + fetch64(s + 48), 42) * mul;
  t->x ^= t->w.second * nine;
  t->y += t->v.first * nine + fetch64(s + 40);
  t->z = rotate(t->z + t->w.first, 33) * mul;
  t->v = weak_hash(s, t->v.second * mul, t->x + t->w.first);
  t->w = weak_hash(s + 32, t->z + t->w.second, t->y + fetch64(s + 16));
  const uint64_t z = t->z;
  t->z = t->x;
  t->x = z;
}

static uint64_t hash_long(const unsigned char *s, size_t length) {
  const uint64_t seed = 81;
  state t = {.x = seed * K2 + fetch64(s), .y = seed * K1 + 113};
  t.z = shift_mix(t.y * K2 + 113) * K2;
  const size_t blocks = (length - 1) / 64, rest = (length - 1) & 63;
  for (size_t i = 0; i < blocks; i++) mix_block(&t, s + 64 * i, K1, 1);
  const uint64_t mul = K1 + ((t.z & 255) << 1);
  t.w.first += rest;
  t.v.first += t.w.first;
  t.w.first += t.v.first;
  mix_block(&t, s + length - 64, mul, 9);
  return hash_two(hash_two(t.v.first, t.w.first, mul) + shift_mix(t.y) * K0 + t.z, hash_two(t.v.second, t.w.second, mul) + t.x, mul);
}

uint64_t horn__fingerprint(const char *data, size_t length) {
  const unsigned char *s = (const unsigned char *)data;
  if (length <= 16) return hash_16(s, length);
  if (length <= 32) return hash_32(s, length);
  return length <= 64 ? hash_64(s, length) : hash_long(s, length);
}

uint64_t horn__fingerprint_join(uint64_t a, uint64_t b) {
  const uint64_t mul = 0xc6a4a7935bd1e995u;
  const uint64_t mixed = (a ^ mul ^ shift_mix(b * mul) * mul) * mul;
  return shift_mix(shift_mix(mixed) * mul);
}

/* ---- SipHash ------------------------------------------------------------------------------------------------------------- */

static void sip_rounds(uint64_t *v, int rounds) {
  for (int i = 0; i < rounds; i++) {
    v[0] += v[1], v[2] += v[3];
    v[1] = rotate(v[1], 64 - 13) ^ v[0], v[3] = rotate(v[3], 64 - 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1], v[0] += v[3];
    v[1] = rotate(v[1], 64 - 17) ^ v[2], v[3] = rotate(v[3], 64 - 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

static void sip_word(uint64_t *v, uint64_t word) {
  v[3] ^= word;
  sip_rounds(v, 2);
  v[0] ^= word;
}

uint64_t horn__sip_hash(const uint64_t *key, const char *data, size_t length) {
  const unsigned char *s = (const unsigned char *)data;
  uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
  const size_t rest = length % 8;
  for (size_t i = 0; i + 8 <= length; i += 8) sip_word(v, fetch64(s + i));
  sip_word(v, fetch(s + length - rest, rest) | (uint64_t)length << 56);
  v[2] ^= 255;
  sip_rounds(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
