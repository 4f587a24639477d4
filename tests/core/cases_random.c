/* Cases of ops/random.c. The elements are words of Philox's known answers (Salmon et al.: counter 0, key 0) and what follows from them;
 * random_test.c checks distributions. */
#include "case.h"

#define SEED " i{0,0}"

static const op_case rows[] = {
    /* words 6627e8d5 e169c58d bc57ac4c 9b00dbd8, then those of counter 1 */
    CASE(RandomUniform, J({"shape": [4]}), SEED, "f{0.39904642,0.88052016,0.73571277,0.6054818}"),
    CASE(RandomUniform, J({"shape": [2, 2], "minval": -1, "maxval": 3}), SEED, "f[2,2]{0.5961857,2.5220807,1.9428511,1.4219272}"),
    CASE(RandomUniform, J({"shape": [3, -1, 1]}), SEED " f[5,2]", "f[3,2,1]"),
    CASE(RandomUniform, NULL, "i{1,2} f[*]", "f[*]"),
    CASE(RandomUniform, J({"shape": []}), SEED, "f[]{0.39904642}"),
    CASE(RandomUniform, J({"shape": [2], "minval": 5, "maxval": 5}), SEED, "f{5,5}"),
    CASE(RandomUniform, NULL, SEED, "!INVALID_ARGUMENT"),
    CASE(RandomUniform, J({"shape": [-1]}), SEED, "!SHAPE"),
    CASE(RandomUniform, J({"shape": [2, -1]}), SEED " f[3]", "!SHAPE"),
    CASE(RandomUniform, J({"shape": [-2]}), SEED " f[3]", "!SHAPE"),
    CASE(RandomUniform, J({"shape": [2]}), "i{0}", "!SHAPE"),
    CASE(RandomUniform, J({"shape": [2]}), "f{0,0}", "!DTYPE"),
    CASE(RandomUniformInt, J({"shape": [4], "minval": -2, "maxval": 8}), SEED, "i{1,6,5,4}"),
    CASE(RandomUniformInt, J({"shape": [4], "minval": -2147483648, "maxval": 2147483647}), SEED, "i{-433592108,1634321804,1012378699,453041111}"),
    CASE(RandomUniformInt, J({"minval": 0, "maxval": 10}), "i{7,-1} b[*]", "i[*]"),
    CASE(RandomUniformInt, J({"shape": [1], "minval": 3, "maxval": 3}), SEED, "!INVALID_ARGUMENT"),
    CASE(RandomStandardNormal, J({"shape": [4]}), SEED, "f{-0.25581597,1.1775912,0.63018366,0.26756225}"),
    CASE(RandomStandardNormal, J({"mean": 3, "stddev": 0}), "i{5,6} f[*]", NULL),
    CASE(TruncatedNormal, J({"shape": [4], "mean": 1, "stddev": 2}), SEED, "f{0.5121264,3.1896782,2.1954471,1.5102276}"),
    CASE(TruncatedNormal, NULL, "i{5,6} f[*]", "f[*]"),
    CASE(RandomGamma, J({"shape": [4], "alpha": 2.5, "beta": 0.5}), SEED, "f[4]"),
    CASE(RandomGamma, J({"alpha": 0.3}), "i{5,6} f[*]", "f[*]"),
    CASE(RandomGamma, J({"shape": [4], "alpha": 0}), SEED, "!INVALID_ARGUMENT"),
    CASE(RandomGamma, J({"shape": [4], "alpha": 1, "beta": -1}), SEED, "!INVALID_ARGUMENT"),
    CASE(Multinomial, J({"num_samples": 4}), SEED " f[1,2]{0,0}", "i[1,4]{0,1,1,1}"),
    CASE(Multinomial, J({"num_samples": 4, "normalized": true}), SEED " f[1,3]{0.5,0.2,0.3}", "i[1,4]{0,2,2,1}"),
    CASE(Multinomial, J({"num_samples": 3}), SEED " f[2,3]{1000,-1000,0,-inf,0,-inf}", "i[2,3]{0,0,0,1,1,1}"),
    CASE(Multinomial, J({"num_samples": 5}), SEED " f[0,3]", "i[0,5]"),
    CASE(Multinomial, J({"num_samples": 5}), SEED " f[2,0]", "!SHAPE"),
    CASE(Multinomial, J({"num_samples": 5}), SEED " f[2]", "!SHAPE"),
    CASE(Multinomial, J({"num_samples": -1}), SEED " f[2,3]", "!INVALID_ARGUMENT"),
    CASE(Dropout, J({"rate": 0.5}), "f[*] i{3,4}", "f[*]"),
    CASE(Dropout, J({"rate": 0.6}), "f[2,2]{1,2,3,nan} " SEED, "f[2,2]{0,5,7.5,nan}"),
    CASE(Dropout, J({"rate": 0.65}), "f[2,2]{1,2,3,nan} " SEED, "f[2,2]{0,5.71428571,8.57142857,0}"),
    CASE(Dropout, J({"rate": 0.5, "noise_shape": [null, 1]}), "f[2,3]{1,2,3,4,5,6} " SEED, "f[2,3]{0,0,0,8,10,12}"),
    CASE(Dropout, J({"rate": 0.5, "noise_shape": [1, null]}), "f[2,3]{1,2,3,4,5,6} " SEED, "f[2,3]{0,4,6,0,10,12}"),
    CASE(Dropout, J({"rate": 0.25, "noise_shape": [null, 1, null]}), "f[3,4,2] i{3,4}", "f[3,4,2]"),
    CASE(Dropout, J({"rate": 0}), "f{1,2} " SEED, "f{1,2}"),
    CASE(Dropout, J({"rate": 1}), "f{1,2} " SEED, "!INVALID_ARGUMENT"),
    CASE(Dropout, J({"rate": 0.5, "noise_shape": [1]}), "f[2,3] " SEED, "!SHAPE"),
    CASE(Dropout, J({"rate": 0.5, "noise_shape": [2, 3]}), "f[2,3] " SEED, "!SHAPE"),
    CASE(Dropout, J({"rate": 0.5}), "i[2,3] " SEED, "!DTYPE"),
};

OP_FAMILY(random)
