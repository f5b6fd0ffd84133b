/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ranks by bisection over bits. Counters are as wide as the keys and are emptied before they can overflow, so that a
 * vector of 32 bytes compares and counts 32 numbers of 8 bits, 8 floats, or 4 doubles.
 */
#include "kernels/temporal_rank.h"

#include "kernels/temporal_types.h"

#include <string.h>

int64_t temporal_line_values(lmp_type type)
{
    return TEMPORAL_LINE / (int64_t)lmp_type_bytes(type);
}

int64_t temporal_lines(lmp_type type, int64_t values)
{
    const int64_t per_line = temporal_line_values(type);
    return (values + per_line - 1) / per_line;
}

/* ---- Keys ---- */

#define KEY_SIGNED(key, bits, x)   ((key)(x))
#define KEY_UNSIGNED(key, bits, x) ((key)((x) ^ (bits)((bits)1 << (8 * sizeof(bits) - 1))))

/* Magnitudes of negative floats are turned round; written in unsigned arithmetic. */
#define FLIPPED(key, bits, b)                                                                                          \
    ((key)((b) ^ ((bits)((key)(b) >> (8 * sizeof(bits) - 1)) & (bits) ~((bits)1 << (8 * sizeof(bits) - 1)))))

#define STORE_INTEGERS(name, type, key, bits, to_key)                                                                  \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, char *keys, size_t line_stride)                        \
    {                                                                                                                  \
        enum { LINE = TEMPORAL_LINE / sizeof(type) };                                                                  \
        for (int64_t first = 0; first < stack->values; first += LINE, keys += line_stride)                             \
            for (int64_t k = 0; k < stack->frames; k++) {                                                              \
                const type *f = STACK_FRAME(type, stack, k) + first;                                                   \
                key *to = (key *)(void *)(keys + k * TEMPORAL_LINE);                                                   \
                const int64_t n = stack->values - first < LINE ? stack->values - first : LINE;                         \
                if (n == LINE)                                                                                         \
                    for (int64_t i = 0; i < LINE; i++) to[i] = to_key(key, bits, f[i]);                                \
                else                                                                                                   \
                    for (int64_t i = 0; i < n; i++) to[i] = to_key(key, bits, f[i]);                                   \
            }                                                                                                          \
        return false;                                                                                                  \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, char *keys, size_t line_stride), (stack, keys, line_stride))

#define STORE_FLOATS(name, type, key, bits, largest)                                                                   \
    KERNEL_INLINE bool name##_body(const temporal_stack *stack, char *keys, size_t line_stride)                        \
    {                                                                                                                  \
        enum { LINE = TEMPORAL_LINE / sizeof(type) };                                                                  \
        key spoilt = 0;                                                                                                \
        for (int64_t first = 0; first < stack->values; first += LINE, keys += line_stride)                             \
            for (int64_t k = 0; k < stack->frames; k++) {                                                              \
                const type *f = STACK_FRAME(type, stack, k) + first;                                                   \
                key *to = (key *)(void *)(keys + k * TEMPORAL_LINE);                                                   \
                const int64_t n = stack->values - first < LINE ? stack->values - first : LINE;                         \
                type x[LINE] = {0};                                                                                    \
                bits b[LINE];                                                                                          \
                if (n == LINE)                                                                                         \
                    memcpy(x, f, sizeof x);                                                                            \
                else                                                                                                   \
                    memcpy(x, f, (size_t)n * sizeof *f);                                                               \
                memcpy(b, x, sizeof b);                                                                                \
                for (int64_t i = 0; i < LINE; i++) {                                                                   \
                    const key is_nan = x[i] != x[i] ? -1 : 0;                                                          \
                    spoilt |= is_nan;                                                                                  \
                    to[i] = is_nan ? largest : FLIPPED(key, bits, b[i]);                                               \
                }                                                                                                      \
            }                                                                                                          \
        return spoilt != 0;                                                                                            \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const temporal_stack *stack, char *keys, size_t line_stride), (stack, keys, line_stride))

STORE_INTEGERS(store_i8, int8_t, int8_t, uint8_t, KEY_SIGNED)
STORE_INTEGERS(store_u8, uint8_t, int8_t, uint8_t, KEY_UNSIGNED)
STORE_INTEGERS(store_i16, int16_t, int16_t, uint16_t, KEY_SIGNED)
STORE_INTEGERS(store_u16, uint16_t, int16_t, uint16_t, KEY_UNSIGNED)
STORE_INTEGERS(store_i32, int32_t, int32_t, uint32_t, KEY_SIGNED)
STORE_INTEGERS(store_u32, uint32_t, int32_t, uint32_t, KEY_UNSIGNED)
STORE_INTEGERS(store_i64, int64_t, int64_t, uint64_t, KEY_SIGNED)
STORE_INTEGERS(store_u64, uint64_t, int64_t, uint64_t, KEY_UNSIGNED)
STORE_FLOATS(store_f32, float, int32_t, uint32_t, INT32_MAX)
STORE_FLOATS(store_f64, double, int64_t, uint64_t, INT64_MAX)

#define ALL_STORES(use)                                                                                                \
    use(LMP_INT8, i8) use(LMP_UINT8, u8) use(LMP_INT16, i16) use(LMP_UINT16, u16) use(LMP_INT32, i32)                  \
        use(LMP_UINT32, u32) use(LMP_INT64, i64) use(LMP_UINT64, u64) use(LMP_FLOAT32, f32) use(LMP_FLOAT64, f64)

#define CASE_STORE(code, suffix)                                                                                       \
    case code:                                                                                                         \
        return KERNEL_PICK(store_##suffix, (stack, keys, line_stride));

bool temporal_store_keys(const temporal_stack *stack, void *keys, size_t line_stride)
{
    switch (stack->type) {
        ALL_STORES(CASE_STORE)
    case LMP_INT24:
        break;
    }
    return false;
}

#define CASE_STORE_PLAIN(code, suffix)                                                                                 \
    case code:                                                                                                         \
        return store_##suffix##_narrow(stack, keys, line_stride);

bool temporal_store_keys_plain(const temporal_stack *stack, void *keys, size_t line_stride)
{
    switch (stack->type) {
        ALL_STORES(CASE_STORE_PLAIN)
    case LMP_INT24:
        break;
    }
    return false;
}

#define OPEN_KEYS(key, bits, expression)                                                                               \
    for (int64_t i = 0; i < count; i++) {                                                                              \
        const bits b = ((bits *)keys)[i];                                                                              \
        ((key *)keys)[i] = expression;                                                                                 \
    }                                                                                                                  \
    break

void temporal_open_keys(lmp_type type, void *keys, int64_t count)
{
    switch (type) {
    case LMP_UINT8:
        OPEN_KEYS(int8_t, uint8_t, KEY_UNSIGNED(int8_t, uint8_t, b));
    case LMP_UINT16:
        OPEN_KEYS(int16_t, uint16_t, KEY_UNSIGNED(int16_t, uint16_t, b));
    case LMP_UINT32:
        OPEN_KEYS(int32_t, uint32_t, KEY_UNSIGNED(int32_t, uint32_t, b));
    case LMP_UINT64:
        OPEN_KEYS(int64_t, uint64_t, KEY_UNSIGNED(int64_t, uint64_t, b));
    case LMP_FLOAT32:
        OPEN_KEYS(int32_t, uint32_t, FLIPPED(int32_t, uint32_t, b));
    case LMP_FLOAT64:
        OPEN_KEYS(int64_t, uint64_t, FLIPPED(int64_t, uint64_t, b));
    case LMP_INT8:
    case LMP_INT16:
    case LMP_INT24:
    case LMP_INT32:
    case LMP_INT64:
        break;
    }
}

/* ---- Search ---- */

/* Where the lanes of a comparison hold. */
#define CHOOSE(where, a, b) (((where) & (a)) | (~(where) & (b)))

/* `batch`: frames that a counter as wide as a key can count. */
#define RANK(name, key, bits, batch)                                                                                   \
    typedef key name##_vector __attribute__((vector_size(32), aligned(32), may_alias));                                \
    typedef bits name##_counter __attribute__((vector_size(32), aligned(32), may_alias));                              \
    enum { name##_LINE = TEMPORAL_LINE / sizeof(key) };                                                                \
                                                                                                                       \
    /* totals[i]: how many keys of place i are below limits[i]. */                                                     \
    KERNEL_INLINE void name##_count(const key *keys, int64_t frames, const key *limits, uint32_t *totals)              \
    {                                                                                                                  \
        const name##_vector *v = (const name##_vector *)(const void *)keys;                                            \
        const name##_vector limit_a = ((const name##_vector *)(const void *)limits)[0];                                \
        const name##_vector limit_b = ((const name##_vector *)(const void *)limits)[1];                                \
        memset(totals, 0, name##_LINE * sizeof *totals);                                                               \
        for (int64_t first = 0; first < frames; first += (batch)) {                                                    \
            const int64_t end = frames - first < (batch) ? frames : first + (batch);                                   \
            name##_counter a = {0}, b = {0};                                                                           \
            for (int64_t t = first; t < end; t++) {                                                                    \
                a -= (name##_counter)(v[2 * t] < limit_a);                                                             \
                b -= (name##_counter)(v[2 * t + 1] < limit_b);                                                         \
            }                                                                                                          \
            bits counted[name##_LINE];                                                                                 \
            memcpy(counted, &a, sizeof a);                                                                             \
            memcpy((char *)counted + sizeof a, &b, sizeof b);                                                          \
            for (int i = 0; i < name##_LINE; i++) totals[i] += (uint32_t)counted[i];                                   \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    /* Bits in which any two keys of a place differ; the lowest key of each. */                                        \
    KERNEL_INLINE bits name##_spread(const key *keys, int64_t frames, key *lowest)                                     \
    {                                                                                                                  \
        const name##_vector *v = (const name##_vector *)(const void *)keys;                                            \
        name##_vector low_a = v[0], low_b = v[1], high_a = low_a, high_b = low_b;                                      \
        for (int64_t t = 1; t < frames; t++) {                                                                         \
            const name##_vector a = v[2 * t], b = v[2 * t + 1];                                                        \
            low_a = CHOOSE(a < low_a, a, low_a);                                                                       \
            low_b = CHOOSE(b < low_b, b, low_b);                                                                       \
            high_a = CHOOSE(a > high_a, a, high_a);                                                                    \
            high_b = CHOOSE(b > high_b, b, high_b);                                                                    \
        }                                                                                                              \
        ((name##_vector *)(void *)lowest)[0] = low_a;                                                                  \
        ((name##_vector *)(void *)lowest)[1] = low_b;                                                                  \
        const name##_vector differ = (low_a ^ high_a) | (low_b ^ high_b);                                              \
        bits any = 0;                                                                                                  \
        for (int i = 0; i < name##_LINE / 2; i++) any |= (bits)differ[i];                                              \
        return any;                                                                                                    \
    }                                                                                                                  \
                                                                                                                       \
    /* The key of the next rank: the same again if there are more of it, else the least of those above. */             \
    KERNEL_INLINE void name##_next(const key *keys, int64_t frames, const uint32_t *ranks, const key *found,           \
                                   key *next, key largest)                                                             \
    {                                                                                                                  \
        const name##_vector *v = (const name##_vector *)(const void *)keys;                                            \
        const name##_vector found_a = ((const name##_vector *)(const void *)found)[0];                                 \
        const name##_vector found_b = ((const name##_vector *)(const void *)found)[1];                                 \
        const name##_vector most = largest - (name##_vector){0};                                                       \
        name##_vector least_a = most, least_b = most;                                                                  \
        for (int64_t t = 0; t < frames; t++) {                                                                         \
            const name##_vector a = CHOOSE(v[2 * t] > found_a, v[2 * t], most);                                        \
            const name##_vector b = CHOOSE(v[2 * t + 1] > found_b, v[2 * t + 1], most);                                \
            least_a = CHOOSE(a < least_a, a, least_a);                                                                 \
            least_b = CHOOSE(b < least_b, b, least_b);                                                                 \
        }                                                                                                              \
        ((name##_vector *)(void *)next)[0] = least_a;                                                                  \
        ((name##_vector *)(void *)next)[1] = least_b;                                                                  \
        uint32_t below[name##_LINE]; /* of the key above: those up to the one found */                                 \
        name##_count(keys, frames, next, below);                                                                       \
        for (int i = 0; i < name##_LINE; i++)                                                                          \
            if (below[i] > ranks[i] + 1 || found[i] == largest) next[i] = found[i];                                    \
    }                                                                                                                  \
                                                                                                                       \
    KERNEL_INLINE bool name##_body(const key *keys, int64_t frames, const uint32_t *ranks, key *found, key *next,      \
                                   key largest)                                                                        \
    {                                                                                                                  \
        __attribute__((aligned(64))) key at[name##_LINE], limits[name##_LINE], above[name##_LINE];                     \
        uint32_t totals[name##_LINE];                                                                                  \
        bits bit = 1, mask = name##_spread(keys, frames, at);                                                          \
        while (bit <= mask / 2) bit = (bits)(bit * 2);                                                                 \
        const bits below = mask == 0 ? 0 : (bits)(bit - 1 + bit);                                                      \
        for (int i = 0; i < name##_LINE; i++) at[i] = (key)((bits)at[i] & (bits)~below);                               \
        /* The sign bit is the highest: set in the lower half. */                                                      \
        const bits sign = (bits)((bits)1 << (8 * sizeof(bits) - 1));                                                   \
        if (below & sign)                                                                                              \
            for (int i = 0; i < name##_LINE; i++) at[i] = (key)sign;                                                   \
        for (; mask != 0 && bit != 0; bit /= 2) {                                                                      \
            for (int i = 0; i < name##_LINE; i++) limits[i] = (key)((bits)at[i] + bit);                                \
            name##_count(keys, frames, limits, totals);                                                                \
            for (int i = 0; i < name##_LINE; i++)                                                                      \
                if (totals[i] <= ranks[i]) at[i] = limits[i];                                                          \
        }                                                                                                              \
        memcpy(found, at, sizeof at);                                                                                  \
        if (next != NULL) {                                                                                            \
            name##_next(keys, frames, ranks, at, above, largest);                                                      \
            memcpy(next, above, sizeof above);                                                                         \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(name, (const key *keys, int64_t frames, const uint32_t *ranks, key *found, key *next, key largest),   \
                 (keys, frames, ranks, found, next, largest))

RANK(rank_8, int8_t, uint8_t, 255)
RANK(rank_16, int16_t, uint16_t, 65535)
RANK(rank_32, int32_t, uint32_t, INT32_MAX)
RANK(rank_64, int64_t, uint64_t, INT32_MAX)

void temporal_rank(lmp_type type, const void *keys, int64_t frames, const uint32_t *ranks, void *found, void *next)
{
    switch (lmp_type_bytes(type)) {
    case 1:
        KERNEL_PICK(rank_8, (keys, frames, ranks, found, next, INT8_MAX));
        break;
    case 2:
        KERNEL_PICK(rank_16, (keys, frames, ranks, found, next, INT16_MAX));
        break;
    case 4:
        KERNEL_PICK(rank_32, (keys, frames, ranks, found, next, INT32_MAX));
        break;
    default:
        KERNEL_PICK(rank_64, (keys, frames, ranks, found, next, INT64_MAX));
    }
}

/* ---- Plain reference ---- */

static int64_t key_at(size_t bytes, const void *keys, int64_t i)
{
    if (bytes == 1) return ((const int8_t *)keys)[i];
    if (bytes == 2) return ((const int16_t *)keys)[i];
    return bytes == 4 ? ((const int32_t *)keys)[i] : ((const int64_t *)keys)[i];
}

/* The key that fewer than rank + 1 are below, and at least rank + 1 are not above. */
static int64_t find_plain(size_t bytes, const void *keys, int64_t frames, int64_t place, int64_t line, int64_t rank)
{
    for (int64_t t = 0; t < frames; t++) {
        const int64_t candidate = key_at(bytes, keys, t * line + place);
        int64_t below = 0, equal = 0;
        for (int64_t u = 0; u < frames; u++) {
            below += key_at(bytes, keys, u * line + place) < candidate;
            equal += key_at(bytes, keys, u * line + place) == candidate;
        }
        if (below <= rank && rank < below + equal) return candidate;
    }
    return (int64_t)(UINT64_MAX >> (65 - 8 * bytes));
}

void temporal_rank_plain(lmp_type type, const void *keys, int64_t frames, const uint32_t *ranks, void *found,
                         void *next)
{
    const size_t bytes = lmp_type_bytes(type);
    const int64_t line = temporal_line_values(type);
    for (int64_t i = 0; i < line; i++) {
        const int64_t at = find_plain(bytes, keys, frames, i, line, ranks[i]);
        memcpy((char *)found + (size_t)i * bytes, &at, bytes);
        const int64_t after = find_plain(bytes, keys, frames, i, line, (int64_t)ranks[i] + 1);
        if (next != NULL) memcpy((char *)next + (size_t)i * bytes, &after, bytes);
    }
}
