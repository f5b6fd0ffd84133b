/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sorted windows of many pixels side by side: one sweep takes out the old key and carries the new one to its place.
 */
#include "kernels/sliding.h"

#include "kernels/temporal_rank.h"
#include "kernels/temporal_types.h"

#include <string.h>

/* Behind the old key each place takes its upper neighbour; then the smaller of that and what is carried. */
#define SORT(name, key)                                                                                                \
    typedef key name##_vector __attribute__((vector_size(32), aligned(32), may_alias));                                \
    KERNEL_INLINE bool name##_body(void *sorted, int64_t window, const void *old, const void *fresh)                   \
    {                                                                                                                  \
        for (int half = 0; half < 2; half++) {                                                                         \
            name##_vector *a = (name##_vector *)sorted + half;                                                         \
            const name##_vector gone = ((const name##_vector *)old)[half];                                             \
            name##_vector carried = ((const name##_vector *)fresh)[half], passed = {0}, here = a[0];                   \
            for (int64_t j = 0; j + 1 < window; j++) {                                                                 \
                const name##_vector next = a[2 * j + 2];                                                               \
                passed |= here == gone;                                                                                \
                const name##_vector b = here ^ ((here ^ next) & passed);                                               \
                const name##_vector differ = (b ^ carried) & (b < carried);                                            \
                a[2 * j] = carried ^ differ;                                                                           \
                carried = b ^ differ;                                                                                  \
                here = next;                                                                                           \
            }                                                                                                          \
            a[2 * (window - 1)] = carried;                                                                             \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(name, (void *sorted, int64_t window, const void *old, const void *fresh), (sorted, window, old, fresh))

SORT(sort_8, int8_t)
SORT(sort_16, int16_t)
SORT(sort_32, int32_t)
SORT(sort_64, int64_t)

void sliding_sort(lmp_type type, void *sorted, int64_t window, const void *old, const void *fresh)
{
    switch (lmp_type_bytes(type)) {
    case 1:
        KERNEL_PICK(sort_8, (sorted, window, old, fresh));
        break;
    case 2:
        KERNEL_PICK(sort_16, (sorted, window, old, fresh));
        break;
    case 4:
        KERNEL_PICK(sort_32, (sorted, window, old, fresh));
        break;
    default:
        KERNEL_PICK(sort_64, (sorted, window, old, fresh));
    }
}

/* ---- Plain reference: one place after the other ---- */

static int64_t key_of(size_t bytes, const void *keys, int64_t i)
{
    if (bytes == 1) return ((const int8_t *)keys)[i];
    if (bytes == 2) return ((const int16_t *)keys)[i];
    return bytes == 4 ? ((const int32_t *)keys)[i] : ((const int64_t *)keys)[i];
}

void sliding_sort_plain(lmp_type type, void *sorted, int64_t window, const void *old, const void *fresh)
{
    const size_t bytes = lmp_type_bytes(type);
    const int64_t line = temporal_line_values(type);
    for (int64_t i = 0; i < line; i++) {
        int64_t j = 0;
        while (key_of(bytes, sorted, j * line + i) != key_of(bytes, old, i)) j++;
        const int64_t x = key_of(bytes, fresh, i);
        for (; j + 1 < window && key_of(bytes, sorted, (j + 1) * line + i) < x; j++)
            memcpy((char *)sorted + (size_t)(j * line + i) * bytes,
                   (char *)sorted + (size_t)((j + 1) * line + i) * bytes, bytes);
        for (; j > 0 && key_of(bytes, sorted, (j - 1) * line + i) > x; j--)
            memcpy((char *)sorted + (size_t)(j * line + i) * bytes,
                   (char *)sorted + (size_t)((j - 1) * line + i) * bytes, bytes);
        memcpy((char *)sorted + (size_t)(j * line + i) * bytes, &x, bytes);
    }
}
