/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_diffuse.h: anisotropic diffusion of one image of floats, rows x columns x colours, each colour by itself.
 * Nothing flows over the edge, nor to or from pixels that are NaN or infinite.
 */
#ifndef LIMPID_MATH_IMAGE_DIFFUSE_H
#define LIMPID_MATH_IMAGE_DIFFUSE_H

#include "kernels/diffuse_flow.h"
#include "math/image_smooth.h"

typedef struct diffusion {
    diffuse_conductance conductance;
    int64_t iterations;
    float kappa, gamma; /* gamma: how much of the difference flows at once, at most 1/4 */
} diffusion;

size_t image_diffuse_scratch(image_size size);
void image_diffuse(const float *in, image_size size, diffusion d, void *scratch, float *out);

#endif
