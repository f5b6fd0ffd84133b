/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shift_area.c: results stored as numbers of any type.
 */
#include "kernels/shift_area.h"

#include "kernels/pixel_types.h"

void shift_store(lmp_type type, const float *from, double anchor, int64_t n, int64_t step, void *to)
{
    switch (type) {
#define STORE(code, name, type, wide)                                                                                  \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) shift_put_##name((type *)to + i * step, (wide)((double)from[i] + anchor));     \
        break;
        TYPES(STORE)
#undef STORE
    case LMP_INT24:
        break;
    }
}
