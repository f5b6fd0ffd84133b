/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wide.h: one function compiled twice: for any x86-64 (or other machine), and with vectors of 32 bytes, chosen when it
 * runs. Loops are written so that the compiler turns them into vectors, or with vectors of eight floats that it splits
 * where the CPU has none; nothing is reassociated or fused, so both give the same bits. Inside src/kernels only.
 */
#ifndef LIMPID_KERNELS_WIDE_H
#define LIMPID_KERNELS_WIDE_H

#include <stdbool.h>

#define KERNEL_INLINE static inline __attribute__((always_inline))
#if defined(__x86_64__)
#define KERNEL_WIDE __attribute__((target("avx2")))
static inline bool kernel_has_wide(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
#define KERNEL_WIDE
static inline bool kernel_has_wide(void)
{
    return false;
}
#endif

/* Two functions, name_narrow and name_wide, of the body name_body; all give a bool. */
#define KERNEL_TWICE(name, parameters, arguments)                                                                      \
    static bool name##_narrow parameters                                                                               \
    {                                                                                                                  \
        return name##_body arguments;                                                                                  \
    }                                                                                                                  \
    KERNEL_WIDE static bool name##_wide parameters                                                                     \
    {                                                                                                                  \
        return name##_body arguments;                                                                                  \
    }

#define KERNEL_PICK(name, arguments) (kernel_has_wide() ? name##_wide arguments : name##_narrow arguments)

#endif
