/* SPDX-License-Identifier: BSD-3-Clause
 *
 * diffuse_flow.c: choices are made on the bits of results, not by branches, so that loops become vectors.
 */
#include "kernels/diffuse_flow.h"

#include "kernels/keep_if.h"
#include "kernels/temporal_types.h"

#include <string.h>

/* 2^f by its power series for f within a half of 0, the whole power of two put into the exponent. Beyond 87, and for
 * NaN, any finite number: it is not kept. */
KERNEL_INLINE float exp_of(float z)
{
    const float to_whole = 12582912.0f; /* 1.5 * 2^23: what is added to it is rounded to whole numbers */
    const float power = keep_float_if(z < 87.0f, z) * -1.44269504f;
    const float whole = (power + to_whole) - to_whole, f = power - whole;
    float p = 1.52527338e-5f;
    p = p * f + 1.54035304e-4f;
    p = p * f + 1.33335581e-3f;
    p = p * f + 9.61812911e-3f;
    p = p * f + 5.55041087e-2f;
    p = p * f + 2.40226507e-1f;
    p = p * f + 6.93147181e-1f;
    p = p * f + 1.0f;
    const int32_t bits = ((int32_t)whole + 127) * (1 << 23);
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return keep_float_if(z < 87.0f, p * scale);
}

KERNEL_INLINE float rational_of(float q)
{
    return 1.0f / (1.0f + q);
}

KERNEL_INLINE float tukey_of(float q)
{
    const float rest = 1.0f - 0.5f * q;
    return keep_float_if(q <= 2.0f, 0.5f * rest * rest);
}

float diffuse_exp(float z)
{
    return exp_of(z);
}

#define FLOW(name, conductance)                                                                                        \
    KERNEL_INLINE bool name##_body(const float *a, const float *b, int64_t n, float over, float *restrict flow)        \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const float d = b[i] - a[i];                                                                               \
            flow[i] = keep_float_if(d - d == 0, conductance(d * d * over) * d);                                        \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const float *a, const float *b, int64_t n, float over, float *flow), (a, b, n, over, flow))    \
    static void name##_plain(const float *a, const float *b, int64_t n, float over, float *flow)                       \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const float d = b[i] - a[i];                                                                               \
            if (d - d == 0)                                                                                            \
                flow[i] = conductance(d * d * over) * d;                                                               \
            else                                                                                                       \
                flow[i] = 0;                                                                                           \
        }                                                                                                              \
    }

FLOW(exponential, exp_of)
FLOW(rational, rational_of)
FLOW(tukey, tukey_of)

void diffuse_flow(diffuse_conductance conductance, const float *a, const float *b, int64_t n, float over, float *flow)
{
    switch (conductance) {
    case CONDUCT_EXPONENTIAL:
        (void)KERNEL_PICK(exponential, (a, b, n, over, flow));
        break;
    case CONDUCT_RATIONAL:
        (void)KERNEL_PICK(rational, (a, b, n, over, flow));
        break;
    case CONDUCT_TUKEY:
        (void)KERNEL_PICK(tukey, (a, b, n, over, flow));
        break;
    }
}

void diffuse_flow_plain(diffuse_conductance conductance, const float *a, const float *b, int64_t n, float over,
                        float *flow)
{
    switch (conductance) {
    case CONDUCT_EXPONENTIAL:
        exponential_plain(a, b, n, over, flow);
        break;
    case CONDUCT_RATIONAL:
        rational_plain(a, b, n, over, flow);
        break;
    case CONDUCT_TUKEY:
        tukey_plain(a, b, n, over, flow);
        break;
    }
}
