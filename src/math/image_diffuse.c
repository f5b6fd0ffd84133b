/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_diffuse.c: every iteration goes down the image once, in place: what flows between two rows is computed before
 * the upper one changes, and kept for the lower one.
 */
#include "math/image_diffuse.h"

#include <string.h>

/* Rows of flows: from below, to above, and along the row with a pixel of zeros on each side. */
size_t image_diffuse_scratch(image_size size)
{
    return (size_t)((3 * size.width + 2) * size.n_colours) * sizeof(float);
}

static void diffuse_once(const diffusion *d, image_size size, float *scratch, float *image)
{
    const int64_t n = size.width * size.n_colours;
    const float over = 1.0f / (d->kappa * d->kappa);
    float *below = scratch, *above = below + n, *left = above + n, *right = left + size.n_colours;
    memset(scratch, 0, image_diffuse_scratch(size));
    for (int64_t y = 0; y < size.height; y++) {
        float *row = image + y * n;
        if (y + 1 < size.height)
            diffuse_flow(d->conductance, row, row + n, n, over, below);
        else
            memset(below, 0, (size_t)n * sizeof *below);
        diffuse_flow(d->conductance, row, row + size.n_colours, n - size.n_colours, over, right);
        for (int64_t i = 0; i < n; i++) row[i] += d->gamma * ((below[i] - above[i]) + (right[i] - left[i]));
        float *kept = above;
        above = below;
        below = kept;
    }
}

void image_diffuse(const float *in, image_size size, diffusion d, void *scratch, float *out)
{
    memcpy(out, in, (size_t)(size.height * size.width * size.n_colours) * sizeof *out);
    for (int64_t k = 0; k < d.iterations; k++) diffuse_once(&d, size, scratch, out);
}
