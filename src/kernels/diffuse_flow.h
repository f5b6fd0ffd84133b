/* SPDX-License-Identifier: BSD-3-Clause
 *
 * diffuse_flow.h: what flows between neighbouring pixels in anisotropic diffusion.
 */
#ifndef LIMPID_KERNELS_DIFFUSE_FLOW_H
#define LIMPID_KERNELS_DIFFUSE_FLOW_H

#include <stdint.h>

/* How well a difference d is levelled, with q = d^2 / kappa^2:
 * exp(-q); 1 / (1 + q); (1 - q / 2)^2 / 2 up to q = 2, then 0. */
typedef enum diffuse_conductance { CONDUCT_EXPONENTIAL, CONDUCT_RATIONAL, CONDUCT_TUKEY } diffuse_conductance;

/* exp(-z) of z >= 0, within 2e-7; 0 from 87 on. */
float diffuse_exp(float z);

/* flow[i], i below n: conductance times difference from a[i] to b[i]; 0 where one of them is NaN or infinite. `over`:
 * 1 / kappa^2. */
void diffuse_flow(diffuse_conductance conductance, const float *a, const float *b, int64_t n, float over, float *flow);

/* Plain reference: the same values. */
void diffuse_flow_plain(diffuse_conductance conductance, const float *a, const float *b, int64_t n, float over,
                        float *flow);

#endif
