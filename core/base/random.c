/* Random numbers without state: Philox4x32-10, a function of a key and a counter. Reference: Salmon, Moraes, Dror, Shaw, Parallel Random
 * Numbers: As Easy as 1, 2, 3 (2011); quantiles of the normal distribution: Wichura, Algorithm AS 241 (1988), PPND16. */
#include <math.h>

#include "base/base.h"

enum { ROUNDS = 10 };

void horn__philox(const uint32_t *key, const uint32_t *counter, uint32_t *out) {
  uint32_t k0 = key[0], k1 = key[1], c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  for (int round = 0; round < ROUNDS; round++) {
    const uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)b;
    c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

void horn__random_start(horn__random *random, const int32_t *seed, int32_t salt) {
  *random = (horn__random){.key = {(uint32_t)seed[0], (uint32_t)seed[1]}, .counter = {0, 0, (uint32_t)salt, 0}};
  horn__philox(random->key, random->counter, random->words);
}

void horn__random_block(horn__random *random, uint64_t block, uint32_t attempt) {
  const uint32_t low = (uint32_t)block, high = (uint32_t)(block >> 32);
  if (random->counter[0] == low && random->counter[1] == high && random->counter[3] == attempt) return;
  random->counter[0] = low, random->counter[1] = high, random->counter[3] = attempt;
  horn__philox(random->key, random->counter, random->words);
}

/* ---- normal distribution -------------------------------------------------------------------------------------------------- */

enum { DEGREE = 8 };

/* numerator and denominator from the constant term on */
static const double middle[2][DEGREE] = {
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4,
     6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3},
    {1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
     2.8729085735721942674e4, 5.2264952788528545610e3}};
static const double side[2][DEGREE] = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0, 1.27045825245236838258e0,
     2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
     1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
static const double tail[2][DEGREE] = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1, 2.65321895265761230930e-2,
     1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};

static double ratio(const double (*terms)[DEGREE], double x) {
  double above = 0, below = 0;
  for (int i = DEGREE - 1; i >= 0; i--) above = above * x + terms[0][i], below = below * x + terms[1][i];
  return above / below;
}

double horn__normal_quantile(double p) {
  const double q = p - 0.5;
  if (fabs(q) <= 0.425) return q * ratio(middle, 0.180625 - q * q);
  const double r = sqrt(-log(q < 0 ? p : 1 - p));
  const double size = r <= 5 ? ratio(side, r - 1.6) : ratio(tail, r - 5);
  return q < 0 ? -size : size;
}
