/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Images moved by fractions of a pixel: kernels against their plain reference, whole shifts, valid windows, rounding,
 * NaN, every number type. Results are compared with other programs by oracle_warp.py.
 */
#include "core/budget.h"
#include "kernels/shift_bicubic.h"
#include "kernels/shift_bilinear.h"
#include "movie/image_shift.h"
#include "movie/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                 LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
enum { N_TYPES = sizeof types / sizeof *types, MOST_VALUES = 16384 };

static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* Noise over the whole range of integers up to 32 bits; of 64 bits and floats up to a million. */
static void fill(lmp_type type, void *image, int64_t n)
{
    uint32_t seed = 11;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t low = next_number(&seed), high = next_number(&seed);
        if (number_is_float(type))
            number_put_float(type, image, i, (double)low / 16 - 5e5);
        else
            number_put_integer(type, image, i, lmp_type_bytes(type) < 8 ? (int64_t)(high << 20 ^ low) : low);
    }
}

/* ---- Kernels ---- */

static void compare_kernels(shift_area *a, const char *kernel)
{
    static union {
        double aligned;
        char bytes[MOST_VALUES * 8];
    } made, expected;
    const size_t row_bytes = strcmp(kernel, "bicubic") == 0 ? shift_bicubic_row_bytes(a->values, a->colours)
                                                            : shift_bilinear_row_bytes(a->type, a->values);
    void *row = aligned_alloc(64, (row_bytes + 63) / 64 * 64);
    assert_non_null(row);
    memset(&made, 7, sizeof made);
    memset(&expected, 7, sizeof expected);
    a->out = &made;
    if (strcmp(kernel, "bicubic") == 0)
        shift_bicubic(a, row);
    else
        shift_bilinear(a, row);
    a->out = &expected;
    if (strcmp(kernel, "bicubic") == 0)
        shift_bicubic_plain(a);
    else
        shift_bilinear_plain(a);
    if (memcmp(&made, &expected, sizeof made) != 0)
        fail_msg("%s: type %d, %lld values, colours %lld, parts %g %g", kernel, (int)a->type, (long long)a->values,
                 (long long)a->colours, a->part_y, a->part_x);
    free(row);
}

static void kernels_are_those_of_the_reference(void **state)
{
    enum { ROW = 110, ROWS = 9 };
    static const double parts[] = {0, 0.5, 0.37, 1e-9, 1 - 1e-9};
    static double in[ROW * ROWS];
    (void)state;
    for (int k = 0; k < N_TYPES; k++) {
        fill(types[k], in, ROW * ROWS);
        for (int64_t values = 3; values <= 99; values += 3)
            for (int p = 0; p < 25; p++) {
                const int64_t colours = values % 2 == 0 ? 3 : 1;
                shift_area a = {.type = types[k],
                                .in = (char *)in + (size_t)(ROW + colours) * lmp_type_bytes(types[k]),
                                .in_row = ROW,
                                .out_row = values + 2,
                                .rows = 5,
                                .values = values,
                                .colours = colours,
                                .part_y = parts[p / 5],
                                .part_x = parts[p % 5]};
                compare_kernels(&a, "bilinear");
                compare_kernels(&a, "bicubic");
            }
    }
}

/* ---- Whole images ---- */

/* Moves a window and checks that nothing beyond it is written, and that the promised memory is the one taken. */
static void move(const image_shift_spec *spec, const void *in, double dy, double dx, const image_window *w, void *out)
{
    enum { GUARD = 64 };
    lmp_budget *budget = NULL;
    image_shift *s = NULL;
    const size_t bytes = (size_t)(w->height * w->width * spec->n_colours) * lmp_type_bytes(spec->type);
    char *guarded = malloc(bytes + GUARD);
    assert_non_null(guarded);
    memset(guarded, 0x5a, bytes + GUARD);
    assert_int_equal(budget_new(image_shift_bytes(spec) + image_shift_scratch_bytes(spec) + 256, &budget, NULL),
                     LMP_OK);
    assert_int_equal(image_shift_open(spec, budget, &s, NULL), LMP_OK);
    void *scratch = NULL;
    assert_int_equal(lmp_take(budget, image_shift_scratch_bytes(spec), &scratch, NULL), LMP_OK);
    image_shift_move(s, in, dy, dx, w, guarded, scratch);
    for (int i = 0; i < GUARD; i++) assert_int_equal(guarded[bytes + (size_t)i], 0x5a);
    memcpy(out, guarded, bytes);
    lmp_give(budget, scratch);
    image_shift_close(s, budget);
    assert_int_equal(budget_used(budget), 0);
    budget_free(budget);
    free(guarded);
}

static image_window all_of(const image_shift_spec *spec)
{
    return (image_window){0, 0, spec->height, spec->width};
}

static void whole_shifts_copy(void **state)
{
    enum { H = 13, W = 41 };
    static const int64_t shifts[][2] = {{0, 0}, {1, 0}, {0, -1}, {3, -5}, {-12, 40}, {-13, 0}, {2, 41}, {-1000000, 5}};
    static double in[H * W * 3], out[H * W * 3];
    (void)state;
    for (int k = 0; k < N_TYPES; k++)
        for (int method = 0; method < 3; method++)
            for (int64_t colours = 1; colours <= 3; colours += 2) {
                const image_shift_spec spec = {types[k], H, W, colours, (image_shift_method)method, 5};
                const image_window all = all_of(&spec);
                const size_t pixel = (size_t)colours * lmp_type_bytes(types[k]);
                double five[3];
                fill(types[k], in, H * W * colours);
                for (int64_t c = 0; c < 3; c++)
                    if (number_is_float(types[k]))
                        number_put_float(types[k], five, c, 5);
                    else
                        number_put_integer(types[k], five, c, 5);
                for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++) {
                    const int64_t dy = shifts[i][0], dx = shifts[i][1];
                    move(&spec, in, (double)dy, (double)dx, &all, out);
                    for (int64_t y = 0; y < H; y++)
                        for (int64_t x = 0; x < W; x++) {
                            const bool inside = y - dy >= 0 && y - dy < H && x - dx >= 0 && x - dx < W;
                            const char *expected =
                                inside ? (char *)in + (size_t)((y - dy) * W + x - dx) * pixel : (char *)five;
                            assert_memory_equal((char *)out + (size_t)(y * W + x) * pixel, expected, pixel);
                        }
                }
            }
}

/* Which pixels become fill, against the definition, and that the valid window is their rectangle. */
static void valid_pixels_are_those_whose_neighbours_are_inside(void **state)
{
    enum { H = 9, W = 11 };
    static const double shifts[] = {0, 0.25, -0.25, 2, -3, 2.5, -3.5, 1e-12, -1e-7, 8, 10.5, -40, 7.75, -0.999999999};
    enum { N = sizeof shifts / sizeof *shifts };
    (void)state;
    for (int method = 0; method < 3; method++)
        for (int i = 0; i < N * N; i++) {
            const image_shift_spec spec = {LMP_FLOAT32, H, W, 1, (image_shift_method)method, (double)NAN};
            const double d[2] = {shifts[i / N], shifts[i % N]};
            const image_window all = all_of(&spec), valid = image_shift_valid(&spec, &d[0], &d[1], 1);
            float in[H * W], out[H * W];
            for (int k = 0; k < H * W; k++) in[k] = (float)(k % 7);
            move(&spec, in, d[0], d[1], &all, out);
            for (int64_t y = 0; y < H; y++)
                for (int64_t x = 0; x < W; x++) {
                    bool inside = true;
                    for (int axis = 0; axis < 2; axis++) {
                        const double at = (double)(axis == 0 ? y : x) - d[axis], size = axis == 0 ? H : W;
                        const double reach = method == IMAGE_SHIFT_BICUBIC && fabs(at - nearbyint(at)) > 1e-10 ? 1 : 0;
                        inside &= at >= reach - 1e-10 && at <= size - 1 - reach + 1e-10;
                    }
                    assert_int_equal(inside, !isnan(out[y * W + x]));
                    assert_int_equal(inside, y >= valid.y && y < valid.y + valid.height && x >= valid.x &&
                                                 x < valid.x + valid.width);
                }
        }
}

static void valid_windows_of_many_shifts(void **state)
{
    const image_shift_spec spec = {LMP_UINT8, 20, 30, 1, IMAGE_SHIFT_BILINEAR, 0};
    const double dy[] = {0.5, -2, 3}, dx[] = {-4.25, 1, 0}, far[] = {0, (double)INFINITY, 0}, wide[] = {29, -29, 0};
    (void)state;
    const image_window w = image_shift_valid(&spec, dy, dx, 3), none = image_shift_valid(&spec, dy, far, 3);
    assert_true(w.y == 3 && w.height == 15 && w.x == 1 && w.width == 24);
    assert_true(none.height == 0 && none.width == 0);
    assert_int_equal(image_shift_valid(&spec, dy, wide, 3).height, 0);
    const image_window all = image_shift_valid(&spec, NULL, NULL, 0);
    assert_true(all.y == 0 && all.x == 0 && all.height == 20 && all.width == 30);
}

static void windows_are_parts_of_the_whole(void **state)
{
    enum { H = 17, W = 50 };
    static const image_window windows[] = {{0, 0, 17, 50}, {3, 5, 9, 40}, {0, 49, 17, 1}, {16, 0, 1, 50}, {8, 8, 1, 1}};
    static double in[H * W * 3], whole[H * W * 3], part[H * W * 3];
    (void)state;
    for (int k = 0; k < N_TYPES; k++)
        for (int method = 0; method < 3; method++)
            for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
                const image_shift_spec spec = {types[k], H, W, 3, (image_shift_method)method, 1};
                const image_window all = all_of(&spec), *w = &windows[i];
                const size_t pixel = 3 * lmp_type_bytes(types[k]);
                fill(types[k], in, H * W * 3);
                move(&spec, in, 1.3, -2.6, &all, whole);
                move(&spec, in, 1.3, -2.6, w, part);
                for (int64_t y = 0; y < w->height; y++)
                    assert_memory_equal((char *)part + (size_t)(y * w->width) * pixel,
                                        (char *)whole + (size_t)((w->y + y) * W + w->x) * pixel,
                                        (size_t)w->width * pixel);
            }
}

/* ---- Numbers ---- */

static void halves_go_to_even(void **state)
{
    const double pairs[][3] = {{0, 1, 0}, {1, 2, 2}, {2, 3, 2}, {100, 103, 102}, {126, 127, 126}, {5, 5, 5}};
    (void)state;
    for (int k = 0; k < 8; k++)
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
            for (int method = 0; method < 2; method++) {
                const bool cubic = method == IMAGE_SHIFT_BICUBIC;
                const image_shift_spec spec = {types[k], 1, cubic ? 4 : 2, 1, (image_shift_method)method, 0};
                const image_window last = {0, cubic ? 2 : 1, 1, 1};
                int64_t in[4], out[1];
                for (int64_t x = 0; x < spec.width; x++)
                    number_put_integer(types[k], in, x, (int64_t)pairs[i][x < spec.width / 2 ? 0 : 1]);
                move(&spec, in, 0, 0.5, &last, out);
                assert_true(number_get(types[k], out, 0) == pairs[i][2]);
            }
}

static void overshoot_is_cut_at_the_ends(void **state)
{
    enum { W = 12 };
    (void)state;
    for (int k = 0; k < 8; k++)
        for (int method = 1; method < 3; method++) {
            const image_shift_spec spec = {types[k], 1, W, 1, (image_shift_method)method, 0};
            const bool is_signed =
                types[k] == LMP_INT8 || types[k] == LMP_INT16 || types[k] == LMP_INT32 || types[k] == LMP_INT64;
            const int bits = 8 * (int)lmp_type_bytes(types[k]);
            const uint64_t highest = is_signed ? (1ULL << (bits - 1)) - 1 : bits == 64 ? ~0ULL : (1ULL << bits) - 1;
            const int64_t lowest = is_signed ? -(int64_t)highest - 1 : 0;
            const image_window inside = {0, 2, 1, W - 4};
            int64_t in[W], out[W];
            for (int64_t x = 0; x < W; x++) number_put_integer(types[k], in, x, x < 6 ? lowest : (int64_t)highest);
            move(&spec, in, 0, 0.25, &inside, out);
            for (int64_t x = 0; x < W - 4; x++) {
                const double got = number_get(types[k], out, x);
                assert_true(x + 2 < 6 ? got < (double)highest / 2 : got > (double)highest / 2);
            }
            assert_true(number_get(types[k], out, 3) == (double)lowest ||
                        number_get(types[k], out, 4) == (double)highest ||
                        number_get(types[k], out, 5) == (double)highest);
        }
}

static void constants_stay(void **state)
{
    enum { N = 24 * 37 };
    (void)state;
    for (int k = 0; k < N_TYPES; k++)
        for (int method = 0; method < 3; method++) {
            const image_shift_spec spec = {types[k], 24, 37, 1, (image_shift_method)method, 0};
            const image_window inside = {3, 3, 18, 31};
            static double in[N], out[N];
            for (int i = 0; i < N; i++)
                if (number_is_float(types[k]))
                    number_put_float(types[k], in, i, 0.1 + 1 / 3.0);
                else
                    number_put_integer(types[k], in, i, 97);
            move(&spec, in, 0.3, -1.7, &inside, out);
            assert_memory_equal(out, in, (size_t)(inside.height * inside.width) * lmp_type_bytes(types[k]));
        }
}

/* Bytes: at most 0.02 off before rounding, whatever the parts. */
static void bytes_are_rounded_from_the_exact_value(void **state)
{
    enum { H = 40, W = 50 };
    const image_shift_spec spec = {LMP_UINT8, H, W, 1, IMAGE_SHIFT_BILINEAR, 0};
    const image_window inside = {1, 1, H - 1, W - 1};
    uint8_t in[H * W], out[H * W];
    (void)state;
    fill(LMP_UINT8, in, H * W);
    for (int i = 0; i < 50; i++) {
        const double v = i / 50.0 + 1e-5, u = fmod(i * 0.618, 1);
        move(&spec, in, 1 - v, 1 - u, &inside, out);
        for (int64_t y = 0; y < H - 1; y++)
            for (int64_t x = 0; x < W - 1; x++) {
                const uint8_t *a = in + y * W + x;
                const double top = a[0] + u * (a[1] - a[0]), low = a[W] + u * (a[W + 1] - a[W]);
                assert_true(fabs(out[y * (W - 1) + x] - (top + v * (low - top))) <= 0.52);
            }
    }
}

/* A NaN spreads to its neighbours' results and no farther; a whole shift along an axis does not look sideways. */
static void nan_spreads_to_its_neighbours_alone(void **state)
{
    enum { H = 16, W = 18 };
    static const double shifts[][2] = {{0.5, 0.5}, {0.25, 0}, {0, -0.75}, {1, -2}};
    static const double values[] = {(double)NAN, (double)INFINITY};
    (void)state;
    for (int k = N_TYPES - 2; k < N_TYPES; k++)
        for (int method = 0; method < 3; method++)
            for (int i = 0; i < 8; i++) {
                const image_shift_spec spec = {types[k], H, W, 1, (image_shift_method)method, 0};
                const image_window all = all_of(&spec);
                const double *d = shifts[i / 2];
                double in[H * W], out[H * W];
                fill(types[k], in, H * W);
                number_put_float(types[k], in, 7 * W + 8, values[i % 2]);
                move(&spec, in, d[0], d[1], &all, out);
                for (int64_t y = 0; y < H; y++)
                    for (int64_t x = 0; x < W; x++) {
                        const double far_y = fabs((double)y - d[0] - 7), far_x = fabs((double)x - d[1] - 8);
                        const double reach = method == IMAGE_SHIFT_BICUBIC ? 2 : 1;
                        const bool touched = (far_y == 0 || (d[0] != floor(d[0]) && far_y < reach)) &&
                                             (far_x == 0 || (d[1] != floor(d[1]) && far_x < reach));
                        assert_int_equal(touched, !isfinite(number_get(types[k], out, y * W + x)));
                    }
            }
}

/* Waves that do not end with the frame, far from its edges: what the mirrored edges leave of them decays inwards. */
static void fourier_moves_waves(void **state)
{
    enum { H = 40, W = 60, EDGE = 8 };
    const image_shift_spec spec = {LMP_FLOAT64, H, W, 1, IMAGE_SHIFT_FOURIER, 0};
    const image_window inside = {EDGE, EDGE, H - 2 * EDGE, W - 2 * EDGE};
    static double in[H * W], out[H * W];
    (void)state;
    for (int i = 0; i < H * W; i++) in[i] = 1e6 + 100 * sin(0.9 * (i % W) + 0.3) * cos(0.7 * (i / W));
    move(&spec, in, 2.3, -1.6, &inside, out);
    for (int64_t y = EDGE; y < H - EDGE; y++)
        for (int64_t x = EDGE; x < W - EDGE; x++) {
            const double wave = 100 * sin(0.9 * ((double)x + 1.6) + 0.3) * cos(0.7 * ((double)y - 2.3));
            assert_true(fabs(out[(y - EDGE) * inside.width + x - EDGE] - 1e6 - wave) < 3);
        }
}

/* ---- Refusals ---- */

static void fills_must_fit(void **state)
{
    lmp_error err = {0};
    (void)state;
    assert_int_equal(image_shift_check_fill("test", LMP_UINT8, 255, &err), LMP_OK);
    assert_int_equal(image_shift_check_fill("test", LMP_UINT8, 256, &err), LMP_ERR_USAGE);
    assert_string_equal(err.text, "test: fill=256 does not fit the movie's whole numbers from 0 to 255: choose one of "
                                  "these, or convert the movie before");
    assert_int_equal(image_shift_check_fill("test", LMP_INT16, 0.5, &err), LMP_ERR_USAGE);
    assert_int_equal(image_shift_check_fill("test", LMP_INT16, (double)NAN, &err), LMP_ERR_USAGE);
    assert_int_equal(image_shift_check_fill("test", LMP_INT64, 0x1p63, &err), LMP_ERR_USAGE);
    assert_int_equal(image_shift_check_fill("test", LMP_UINT64, -1, &err), LMP_ERR_USAGE);
    assert_int_equal(image_shift_check_fill("test", LMP_FLOAT32, 1e39, &err), LMP_ERR_USAGE);
    assert_int_equal(image_shift_check_fill("test", LMP_FLOAT32, (double)NAN, &err), LMP_OK);
    assert_int_equal(image_shift_check_fill("test", LMP_FLOAT64, 1e39, &err), LMP_OK);
}

static void opening_fails_without_memory(void **state)
{
    (void)state;
    for (int method = 0; method < 3; method++) {
        const image_shift_spec spec = {LMP_UINT8, 30, 40, 1, (image_shift_method)method, 0};
        lmp_budget *budget = NULL;
        image_shift *s = NULL;
        assert_int_equal(budget_new(image_shift_bytes(&spec) - 1, &budget, NULL), LMP_OK);
        assert_int_equal(image_shift_open(&spec, budget, &s, NULL), LMP_ERR_MEMORY);
        assert_int_equal(budget_used(budget), 0);
        budget_free(budget);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_are_those_of_the_reference),
        cmocka_unit_test(whole_shifts_copy),
        cmocka_unit_test(valid_pixels_are_those_whose_neighbours_are_inside),
        cmocka_unit_test(valid_windows_of_many_shifts),
        cmocka_unit_test(windows_are_parts_of_the_whole),
        cmocka_unit_test(halves_go_to_even),
        cmocka_unit_test(overshoot_is_cut_at_the_ends),
        cmocka_unit_test(constants_stay),
        cmocka_unit_test(bytes_are_rounded_from_the_exact_value),
        cmocka_unit_test(nan_spreads_to_its_neighbours_alone),
        cmocka_unit_test(fourier_moves_waves),
        cmocka_unit_test(fills_must_fit),
        cmocka_unit_test(opening_fails_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
