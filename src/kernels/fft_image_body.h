/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_image_body.h: images from real numbers to half a spectrum and back. After fft_turn_body.h.
 *
 * Two real lines are transformed as the real and imaginary part of one, and told apart by the symmetry of either's
 * spectrum. Forward, columns come first: lanes are neighbours in a row, nothing need be transposed. Columns x and
 * x + half of the width go together. Of the result, rows 0 to height / 2 are transposed, LANES at a time, and
 * transformed; the other rows of the spectrum are their mirror images.
 *
 * Inverse, columns come first too, so that of their result only rows within reach need be transposed and transformed;
 * rows 2 i and 2 i + 1 go together. Real and imaginary parts are exchanged on the way, which makes the same work the
 * inverse.
 */

/* ---- Forward ---- */

/* LANES numbers of a row from x on; 0 beyond its end. */
INLINE TARGET LANES_T NAME(load_row)(const float *row, int64_t x, int64_t columns)
{
    if (x + LANES <= columns) return AT_C(row + x);
    float part[LANES] = {0};
    for (int64_t i = 0; x + i < columns; i++) part[i] = row[x + i];
    return AT_C(part);
}

TARGET static void NAME(load_columns)(const fft_image *plan, const image_part *image, int64_t x, float *work)
{
    const int64_t half = (plan->width + 1) / 2, columns = image->columns;
    for (int64_t y = 0; y < image->rows; y++, work += PAIR) {
        const float *row = image->data + y * image->stride;
        AT(work) = NAME(load_row)(row, x, columns < half ? columns : half);
        AT(work + LANES) = NAME(load_row)(row, x + half, columns);
    }
    memset(work, 0, (size_t)((plan->height - image->rows) * PAIR) * sizeof *work);
}

/* Columns x on and x + half on, transformed, in `work`. */
TARGET static void NAME(transform_columns)(const fft_image *plan, const image_part *image, int64_t x, float *work)
{
    const int64_t half = (plan->width + 1) / 2;
    if (image->rows == plan->height && x + LANES <= half && x + half + LANES <= image->columns) {
        const SOURCE from = {image->data + x, image->data + x + half, image->stride};
        NAME(transform_from)(&plan->columns, &from, work);
    } else {
        NAME(load_columns)(plan, image, x, work);
        NAME(transform)(&plan->columns, work);
    }
}

/* Twice what belongs to the real line, or the imaginary one, of frequency k, given z of k and of -k. */
INLINE TARGET LANES_T NAME(take_part)(int part, const float *z, const float *mirrored)
{
    switch (part) {
    case 0:
        return AT_C(z) + AT_C(mirrored);
    case 1:
        return AT_C(z + LANES) - AT_C(mirrored + LANES);
    case 2:
        return AT_C(z + LANES) + AT_C(mirrored + LANES);
    default:
        return AT_C(mirrored) - AT_C(z);
    }
}

/* Stores the frequencies of z, mirrored by those of `back`, of `count` columns as number x of lines and following ones;
 * part as above. */
INLINE TARGET void NAME(store_turned)(int part, const float *const *z, const float *const *back, int64_t count,
                                      float *line)
{
    LANES_T v[LANES];
    UNROLL for (int i = 0; i < LANES; i++) v[i] = NAME(take_part)(part, z[i], back[i]) * 0.5F;
    NAME(transpose)(v);
    line += part % 2 * LANES;
    if (count >= LANES) {
        UNROLL for (int i = 0; i < LANES; i++) AT(line + i * PAIR) = v[i];
        return;
    }
    for (int64_t i = 0; i < count; i++) AT(line + i * PAIR) = v[i];
}

/* Numbers x and x + half of all lines from columns x on and x + half on. */
TARGET static void NAME(turn_columns)(const fft_image *plan, const float *work, int64_t x, float *lines)
{
    const int64_t width = plan->width, half = (width + 1) / 2;
    for (int64_t k = 0; k <= plan->height / 2; k += LANES, lines += width * PAIR) {
        const float *z[LANES], *back[LANES];
        for (int i = 0; i < LANES; i++) {
            z[i] = work + plan->columns.order[k + i] * PAIR;
            back[i] = work + plan->columns.mirrored[k + i] * PAIR;
        }
        float *first = lines + x * PAIR, *second = first + half * PAIR;
        NAME(store_turned)(0, z, back, half - x, first);
        NAME(store_turned)(1, z, back, half - x, first);
        NAME(store_turned)(2, z, back, width - half - x, second);
        NAME(store_turned)(3, z, back, width - half - x, second);
    }
}

/* Frequencies k on of every column of the spectrum, and those that mirror them. */
TARGET static void NAME(store_spectrum)(const fft_image *plan, const float *lines, int64_t k, float *spectrum)
{
    const int64_t height = plan->height, width = plan->width, lanes = LANES;
    const int64_t count = height / 2 + 1 - k < lanes ? height / 2 + 1 - k : lanes;
    /* Mirrored: not 0, not half of an even height. */
    const int64_t skip = k == 0 ? 1 : 0, end = (height - 1) / 2 + 1 - k < lanes ? (height - 1) / 2 + 1 - k : lanes;
    float pairs[2 * LANES] __attribute__((aligned(64)));
    for (int64_t f = 0; f <= width / 2; f++, spectrum += 2 * height) {
        const float *z = lines + plan->rows.order[f] * PAIR, *back = lines + plan->rows.mirrored[f] * PAIR;
        const NUMBER x = {AT_C(z), AT_C(z + LANES)}, mirrored = {AT_C(back), -AT_C(back + LANES)};
        if (count == lanes) {
            NAME(store_pairs)(&x, spectrum + 2 * k);
        } else {
            NAME(store_pairs)(&x, pairs);
            NAME(copy_part)(pairs, spectrum + 2 * k, 2 * count);
        }
        if (skip == 0 && end == lanes) {
            NAME(store_pairs_back)(&mirrored, spectrum + 2 * (height - k - LANES + 1));
        } else if (end > skip) {
            NAME(store_pairs_back)(&mirrored, pairs);
            NAME(copy_part)(pairs + 2 * (LANES - end), spectrum + 2 * (height - k - end + 1), 2 * (end - skip));
        }
    }
}

TARGET static void NAME(forward)(const fft_image *plan, const image_part *image, float *spectrum, float *scratch)
{
    const int64_t half = (plan->width + 1) / 2;
    float *work = scratch, *lines = work + PAIR * (plan->height + 1);
    for (int64_t x = 0; x < half; x += LANES) {
        NAME(transform_columns)(plan, image, x, work);
        NAME(turn_columns)(plan, work, x, lines);
    }
    for (int64_t k = 0; k <= plan->height / 2; k += LANES, lines += plan->width * PAIR) {
        NAME(transform)(&plan->rows, lines);
        NAME(store_spectrum)(plan, lines, k, spectrum);
    }
}

/* ---- Inverse ---- */

/* Columns f on of the spectrum: numbers k of all of them lie together, imaginary parts, then real parts. */
TARGET static void NAME(load_spectrum)(const fft_image *plan, const float *spectrum, int64_t f, float *work)
{
    const int64_t floats = 2 * plan->height, bins = plan->width / 2 + 1;
    const float *column[LANES];
    for (int i = 0; i < LANES; i++) column[i] = spectrum + (f + i < bins ? f + i : bins - 1) * floats;
    int64_t t = 0;
    for (; t + LANES <= floats; t += LANES) {
        LANES_T v[LANES];
        UNROLL for (int i = 0; i < LANES; i++) v[i] = AT_C(column[i] + t);
        NAME(transpose)(v);
        UNROLL for (int i = 0; i < LANES; i++) AT(work + ((t + i) ^ 1) * LANES) = v[i];
    }
    for (; t < floats; t++)
        for (int i = 0; i < LANES; i++) work[(t ^ 1) * LANES + i] = column[i][t];
}

/* Columns 0 and width / 2 of a real image are real: what else is in them would get into another row. */
TARGET static void NAME(clear_imaginary)(const fft_image *plan, int64_t f, float *work)
{
    for (int64_t i = 0; i < LANES; i++) {
        if (f + i != 0 && 2 * (f + i) != plan->width) continue;
        for (int64_t y = 0; y < plan->height; y++) work[2 * y * LANES + i] = 0;
    }
}

/* Imaginary and real part of a + i b (0, 1) and of conj(a) + i conj(b) (2, 3). */
INLINE TARGET LANES_T NAME(join)(int part, const float *a, const float *b)
{
    switch (part) {
    case 0:
        return AT_C(a) + AT_C(b + LANES);
    case 1:
        return AT_C(a + LANES) - AT_C(b);
    case 2:
        return AT_C(b + LANES) - AT_C(a);
    default:
        return AT_C(a + LANES) + AT_C(b);
    }
}

/* Numbers of `count` frequencies of LANES lines, one for each pair of rows. */
INLINE TARGET void NAME(store_joined)(int part, const float *const *a, const float *const *b, int64_t skip,
                                      int64_t count, float *line, int64_t step)
{
    LANES_T v[LANES];
    UNROLL for (int i = 0; i < LANES; i++) v[i] = NAME(join)(part, a[i], b[i]);
    NAME(transpose)(v);
    line += part % 2 * LANES;
    if (skip == 0 && count >= LANES) {
        UNROLL for (int i = 0; i < LANES; i++) AT(line + i * step) = v[i];
        return;
    }
    for (int64_t i = skip; i < count && i < LANES; i++) AT(line + i * step) = v[i];
}

/* Pairs of rows of which one or two are within reach: those before `first`, and those from `second` on. */
typedef struct NAME(pairs) {
    int64_t count, first, second;
} NAME(pairs);

#define PAIRS NAME(pairs)

TARGET static PAIRS NAME(find_pairs)(const fft_image *plan)
{
    const int64_t all = (plan->height + 1) / 2, first = plan->reach / 2 + 1, second = (plan->height - plan->reach) / 2;
    if (first >= second) return (PAIRS){all, all, all};
    return (PAIRS){first + all - second, first, second};
}

INLINE TARGET int64_t NAME(pair_at)(const PAIRS *pairs, int64_t i)
{
    const int64_t at = i < pairs->count ? i : pairs->count - 1;
    return at < pairs->first ? at : at - pairs->first + pairs->second;
}

/* Frequencies f on of all lines, from the transformed columns. Row `height` of `work` is 0. */
TARGET static void NAME(join_rows)(const fft_image *plan, const PAIRS *pairs, const float *work, int64_t f,
                                   float *lines)
{
    const int64_t width = plan->width, height = plan->height;
    for (int64_t s = 0; s < pairs->count; s += LANES, lines += width * PAIR) {
        const float *a[LANES], *b[LANES];
        for (int i = 0; i < LANES; i++) {
            const int64_t y = 2 * NAME(pair_at)(pairs, s + i);
            a[i] = work + plan->columns.order[y] * PAIR;
            b[i] = work + (y + 1 < height ? plan->columns.order[y + 1] : height) * PAIR;
        }
        float *first = lines + f * PAIR, *mirrored = lines + (width - f) * PAIR;
        NAME(store_joined)(0, a, b, 0, width / 2 + 1 - f, first, PAIR);
        NAME(store_joined)(1, a, b, 0, width / 2 + 1 - f, first, PAIR);
        const int64_t skip = f == 0 ? 1 : 0, count = (width - 1) / 2 + 1 - f;
        NAME(store_joined)(2, a, b, skip, count, mirrored, -PAIR);
        NAME(store_joined)(3, a, b, skip, count, mirrored, -PAIR);
    }
}

/* LANES numbers from x on of the rows that are the real parts of lines, or the imaginary ones. */
INLINE TARGET void NAME(store_rows)(const fft_image *plan, const float *lines, int64_t x, float *const *rows)
{
    const int64_t left = plan->width - x;
    LANES_T v[LANES];
    UNROLL for (int i = 0; i < LANES; i++) v[i] = AT_C(lines + plan->rows.order[x + i] * PAIR);
    NAME(transpose)(v);
    for (int i = 0; i < LANES; i++) {
        if (rows[i] == NULL) continue;
        if (left >= LANES) {
            AT(rows[i] + x) = v[i];
        } else {
            const LANES_T some = v[i];
            NAME(copy_part)((const float *)&some, rows[i] + x, left);
        }
    }
}

TARGET static void NAME(store_image)(const fft_image *plan, const PAIRS *pairs, const float *lines, int64_t s,
                                     float *image)
{
    for (int odd = 0; odd < 2; odd++) {
        float *rows[LANES];
        for (int64_t i = 0; i < LANES; i++) {
            const int64_t y = 2 * NAME(pair_at)(pairs, s + i) + odd;
            const bool is_near = y < plan->height && (y <= plan->reach || y >= plan->height - plan->reach);
            rows[i] = is_near && s + i < pairs->count ? image + y * plan->width : NULL;
        }
        for (int64_t x = 0; x < plan->width; x += LANES) NAME(store_rows)(plan, lines + (1 - odd) * LANES, x, rows);
    }
}

TARGET static void NAME(inverse)(const fft_image *plan, const float *spectrum, float *image, float *scratch)
{
    const PAIRS pairs = NAME(find_pairs)(plan);
    float *work = scratch, *lines = work + PAIR * (plan->height + 1);
    memset(work + PAIR * plan->height, 0, PAIR * sizeof *work);
    for (int64_t f = 0; f <= plan->width / 2; f += LANES) {
        NAME(load_spectrum)(plan, spectrum, f, work);
        NAME(transform)(&plan->columns, work);
        NAME(clear_imaginary)(plan, f, work);
        NAME(join_rows)(plan, &pairs, work, f, lines);
    }
    for (int64_t s = 0; s < pairs.count; s += LANES, lines += plan->width * PAIR) {
        NAME(transform)(&plan->rows, lines);
        NAME(store_image)(plan, &pairs, lines, s, image);
    }
}
