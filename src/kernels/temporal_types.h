/* SPDX-License-Identifier: BSD-3-Clause
 *
 * temporal_types.h: what kernels with one function for each number type share. Inside src/kernels only.
 */
#ifndef LIMPID_KERNELS_TEMPORAL_TYPES_H
#define LIMPID_KERNELS_TEMPORAL_TYPES_H

#include "kernels/wide.h"

#include <limpid/limpid.h>

/* Frame k of a stack as numbers of a type. */
#define STACK_FRAME(type, stack, k)                                                                                    \
    ((const type *)(const void *)((const char *)(stack)->data + (size_t)(k) * (stack)->stride))

#endif
