/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Motion by patches: the kernel that warps against its plain reference, fields between nodes, nodes that do not fit,
 * what is learned of a movie's bending, patches that are displaced. Whole movies are compared by oracle_piecewise.py.
 */
#include "core/budget.h"
#include "kernels/warp_bilinear.h"
#include "movie/motion_patches.h"
#include "movie/motion_prior.h"
#include "movie/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                 LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
enum { N_TYPES = sizeof types / sizeof *types };

static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* -1 to 1, about normal. */
static double noise(uint32_t *seed)
{
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += (double)next_number(seed) / 0x1p23 - 1;
    return sum / 4;
}

static void fill_image(lmp_type type, void *image, int64_t n)
{
    uint32_t seed = 5;
    for (int64_t i = 0; i < n; i++) {
        if (number_is_float(type))
            number_put_float(type, image, i, (double)next_number(&seed) / 64 - 1e5);
        else
            number_put_integer(type, image, i, (int64_t)next_number(&seed));
    }
}

/* ---- The kernel ---- */

/* Gives how many pixels came from outside. */
static int compare_lines(lmp_type type, int64_t height, int64_t width, float reach)
{
    enum { MOST = 4096, GUARD = 16 };
    static float to_y[MOST], to_x[MOST];
    const size_t one = lmp_type_bytes(type), bytes = (size_t)width * one;
    /* Of exactly its size, so that a read beyond it is seen by the sanitizer and valgrind. */
    char *in = malloc((size_t)(height * width) * one), *made = malloc(bytes + GUARD), *plain = malloc(bytes + GUARD);
    double fill = 0;
    uint32_t seed = 3;
    int n_filled = 0;
    assert_true(in != NULL && made != NULL && plain != NULL && width <= MOST);
    fill_image(type, in, height * width);
    for (int64_t y = 0; y < height; y++) {
        for (int64_t x = 0; x < width; x++) {
            to_y[x] = reach * (float)noise(&seed);
            to_x[x] = x % 5 == 0 ? 0 : reach * (float)noise(&seed);
            if (x % 7 == 0) to_y[x] = floorf(to_y[x]);
            const double from_y = (double)y + (double)to_y[x], from_x = (double)x + (double)to_x[x];
            n_filled += from_y < 0 || from_y > (double)(height - 1) || from_x < 0 || from_x > (double)(width - 1);
        }
        warp_line line = {.type = type, .in = in, .height = height, .width = width, .y = y, .n = width};
        line.to_y = to_y;
        line.to_x = to_x;
        line.fill = &fill;
        memset(made, 0x5a, bytes + GUARD);
        memset(plain, 0x5a, bytes + GUARD);
        line.out = made;
        warp_bilinear(&line);
        line.out = plain;
        warp_bilinear_plain(&line);
        if (memcmp(made, plain, bytes + GUARD) != 0)
            fail_msg("type %d, %lld x %lld, row %lld", (int)type, (long long)height, (long long)width, (long long)y);
        for (int i = 0; i < GUARD; i++) assert_int_equal(made[bytes + (size_t)i], 0x5a);
    }
    free(in);
    free(made);
    free(plain);
    return n_filled;
}

static void kernel_is_its_reference(void **state)
{
    (void)state;
    for (int k = 0; k < N_TYPES; k++)
        for (int64_t width = 2; width < 40; width += 3) {
            (void)compare_lines(types[k], 2, width, 1);
            assert_true(compare_lines(types[k], 17, width, 6) > 0);
            assert_int_equal(compare_lines(types[k], 9, width, 0), 0);
        }
}

static void pixels_lie_between_their_neighbours(void **state)
{
    (void)state;
    const uint8_t in[6] = {10, 20, 30, 110, 120, 131}, fill = 7;
    const float to_y[5] = {0.5F, 0, 1, 1.01F, 0.25F}, to_x[5] = {0.5F, 0, 0, 0, -4.5F};
    uint8_t out[5];
    warp_line line = {LMP_UINT8, in, 2, 3, 0, 0, 3, to_y, to_x, &fill, out};
    warp_bilinear(&line);
    assert_int_equal(out[0], 65);
    assert_int_equal(out[1], 20);
    assert_int_equal(out[2], 131); /* the last row and column themselves are inside */
    line.n = 1;
    line.to_y = to_y + 3;
    line.to_x = to_x + 3;
    warp_bilinear(&line);
    assert_int_equal(out[0], fill);
    line.to_y = to_y + 4;
    line.to_x = to_x + 4;
    warp_bilinear(&line);
    assert_int_equal(out[0], fill);
}

/* ---- Fields ---- */

static void fields_are_smooth_and_pass_through_their_nodes(void **state)
{
    enum { N = 120 };
    const field_grid g = {3, 4, 20, 15, 30, 25};
    const field_scale how = {2, 1000, 0.5F};
    const float nodes[12] = {0, 3, -2, 4, 1, 1, 5, -3, 2, 0, -1, 2};
    float line[4], row[N], above[N];
    (void)state;
    for (int64_t j = 0; j < 3; j++) {
        field_row(&g, nodes, 20 + 30 * (double)j, 15, 76, &how, line, row);
        for (int64_t i = 0; i < 4; i++) assert_true(fabsf(row[25 * i] - (2 * nodes[j * 4 + i] + 0.5F)) < 1e-4F);
    }
    /* Slopes change little from pixel to pixel, also at nodes and at the ends. */
    field_row(&g, nodes, -10, -20, N, &how, line, above);
    for (double y = -9; y < 120; y++) {
        field_row(&g, nodes, y, -20, N, &how, line, row);
        for (int i = 1; i + 1 < N; i++) {
            assert_true(fabsf(row[i - 1] - 2 * row[i] + row[i + 1]) < 0.5F);
            assert_true(fabsf(row[i] - above[i]) < 2);
        }
        memcpy(above, row, sizeof row);
    }
    /* A piece of a row is that part of the row. */
    field_row(&g, nodes, 33, -20, N, &how, line, row);
    field_row(&g, nodes, 33, 17, 20, &how, line, above);
    for (int i = 0; i < 20; i++) assert_true(fabsf(above[i] - row[i + 37]) < 1e-4F);
}

static void fields_of_straight_lines_go_on_beyond_the_nodes(void **state)
{
    const field_grid g = {2, 3, 10, 10, 10, 10};
    const field_scale how = {1, 100, 0}, bounded = {1, 2, 0};
    const float nodes[6] = {0, 1, 2, 3, 4, 5};
    float line[3], row[60];
    (void)state;
    field_row(&g, nodes, -10, -10, 60, &how, line, row);
    for (int i = 0; i < 60; i++) assert_true(fabsf(row[i] - (-6 + ((float)i - 20) / 10)) < 1e-4F);
    field_row(&g, nodes, -10, -10, 60, &bounded, line, row);
    for (int i = 0; i < 60; i++) assert_true(row[i] >= -2 && row[i] <= 2);
    const field_grid one = {1, 1, 5, 5, 1, 1};
    field_row(&one, nodes + 4, 99, -3, 10, &how, line, row);
    for (int i = 0; i < 10; i++) assert_true(row[i] == 4);
}

static void nodes_that_do_not_fit_become_the_mean_of_their_neighbours(void **state)
{
    enum { N = 30 };
    const field_grid g = {5, 6, 0, 0, 1, 1};
    float y[N], x[N], other_y[N], other_x[N];
    uint8_t known[N], other[N];
    field_nodes nodes = {y, x, known}, work = {other_y, other_x, other};
    (void)state;
    for (int i = 0; i < N; i++) {
        y[i] = 0.1F * (float)(i / 6);
        x[i] = -0.2F * (float)(i % 6);
        known[i] = 1;
    }
    assert_int_equal(field_mend(&g, 0.7F, &nodes, &work), N); /* a slope is no outlier */
    assert_true(x[29] == -1.0F);
    y[14] = 3;
    known[0] = known[1] = known[6] = 0;
    y[0] = 77;
    assert_int_equal(field_mend(&g, 0.7F, &nodes, &work), N - 4);
    assert_true(fabsf(y[14] - 0.2F) < 1e-5F);
    assert_true(y[0] < 0.3F && x[0] < 0);
    memset(known, 0, sizeof known);
    assert_int_equal(field_mend(&g, 0.7F, &nodes, &work), 0);
    for (int i = 0; i < N; i++) assert_true(y[i] == 0 && x[i] == 0);
}

/* ---- What is learned ---- */

enum { ROWS = 7, COLUMNS = 9, NODES = ROWS * COLUMNS, SAMPLE = 40 };

/* A wave of a size that changes from frame to frame, and noise. */
static void make_sample(double bend, double spread, float *values)
{
    uint32_t seed = 9;
    for (int t = 0; t < SAMPLE; t++)
        for (int i = 0; i < 2 * NODES; i++) {
            const double phase = 0.5 * (i % NODES / COLUMNS) + 0.4 * (i % NODES % COLUMNS) + (i < NODES ? 0 : 1);
            values[t * 2 * NODES + i] = (float)(bend * sin(t * 0.7) * sin(phase) + spread * noise(&seed));
        }
}

static double error_of(double bend, double spread, field_prior *prior)
{
    const field_grid g = {ROWS, COLUMNS, 0, 0, 1, 1}, wide = prior_wide_grid(&g);
    float *values = malloc(SAMPLE * 2 * NODES * sizeof *values),
          *smoother = malloc((size_t)prior_smoother_floats(&g) * sizeof *smoother);
    double *work = malloc((size_t)prior_work_doubles(&g) * sizeof *work), sum = 0;
    uint8_t is_used[SAMPLE];
    float smooth[(ROWS + 2) * (COLUMNS + 2)];
    assert_true(values != NULL && smoother != NULL && work != NULL);
    memset(is_used, 1, sizeof is_used);
    make_sample(bend, spread, values);
    const field_sample sample = {values, is_used, SAMPLE, true};
    prior_learn(&g, &sample, work, smoother, prior);
    for (int t = 0; t < SAMPLE; t++) {
        prior_smooth(&g, smoother, values + t * 2 * NODES, smooth);
        for (int i = 0; i < NODES; i++) {
            const double truth = bend * sin(t * 0.7) * sin(0.5 * (i / COLUMNS) + 0.4 * (i % COLUMNS));
            sum += fabs((double)smooth[(i / COLUMNS + 1) * wide.columns + i % COLUMNS + 1] - truth);
        }
    }
    free(values);
    free(smoother);
    free(work);
    return sum / (SAMPLE * NODES);
}

static void movies_that_do_not_bend_are_left_rigid(void **state)
{
    field_prior prior;
    (void)state;
    assert_true(error_of(0, 0.3, &prior) < 0.02);
    assert_true(prior.deviation < 0.03 && prior.noise > 0.1);
    assert_true(error_of(0, 0, &prior) == 0);
}

static void fields_are_found_under_noise(void **state)
{
    field_prior prior;
    (void)state;
    const double error = error_of(1, 0.5, &prior); /* |noise| is 0.12 on average */
    assert_true(error < 0.08);
    assert_true(prior.deviation > 0.2 && prior.deviation < 1 && prior.length > 1.2);
    assert_true(error_of(1, 0.01, &prior) < 0.04);
}

static void no_frames_tell_nothing(void **state)
{
    const field_grid g = {2, 2, 0, 0, 1, 1};
    float values[8] = {0}, smoother[4 * 16], smooth[16];
    double work[64];
    const uint8_t is_used[1] = {0};
    const field_sample sample = {values, is_used, 1, true};
    field_prior prior;
    (void)state;
    prior_learn(&g, &sample, work, smoother, &prior);
    prior_smooth(&g, smoother, values, smooth);
    for (int i = 0; i < 16; i++) assert_true(smooth[i] == 0);
    values[0] = values[1] = values[2] = values[3] = 2;
    prior_smooth_blindly(&g, values, smooth);
    for (int i = 0; i < 16; i++) assert_true(smooth[i] == 2);
}

/* ---- Patches ---- */

enum { HEIGHT = 101, WIDTH = 131 };

static double texture(double y, double x)
{
    double sum = 0;
    for (int k = 1; k < 14; k++)
        sum += sin(0.9 * y * cos(k * 2.4) + 0.9 * x * sin(k * 2.4) + k * k) + sin(0.45 * (y * cos(k) + x * sin(k)) + k);
    return sum;
}

/* Displaced by (dy, dx), which grows to the right by `bend` over the width; noise alone in the right quarter. */
static void paint(float *image, double dy, double dx, double bend, double spread, bool has_hole)
{
    uint32_t seed = 21;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const double more = bend * x / WIDTH, seen = has_hole && x > WIDTH * 3 / 4 ? 0 : 1;
            image[y * WIDTH + x] = (float)(seen * texture(y - dy - more, x - dx) + spread * noise(&seed));
        }
}

typedef struct bench {
    lmp_budget *budget;
    patch_layout layout;
    patches *p;
    float *image, *targets, *scratch;
    field_nodes found;
} bench;

static void open_bench(bench *b)
{
    void *scratch = NULL;
    memset(b, 0, sizeof *b);
    b->layout = patch_layout_of(HEIGHT, WIDTH, 40, 20, 5);
    const size_t n = (size_t)(b->layout.rows * b->layout.columns);
    assert_int_equal(budget_new(UINT64_C(1) << 28, &b->budget, NULL), LMP_OK);
    assert_int_equal(patches_open(&b->layout, 0.8, 5, b->budget, &b->p, NULL), LMP_OK);
    assert_int_equal(lmp_take(b->budget, (size_t)patches_scratch_floats(&b->layout) * sizeof(float), &scratch, NULL),
                     LMP_OK);
    b->scratch = scratch;
    b->image = malloc(HEIGHT * WIDTH * sizeof(float));
    b->targets = aligned_alloc(64, (size_t)patches_target_floats(&b->layout) * sizeof(float));
    b->found = (field_nodes){malloc(n * sizeof(float)), malloc(n * sizeof(float)), malloc(n)};
    paint(b->image, 0, 0, 0, 0, false);
    patches_set_targets(b->p, b->image, b->scratch, b->targets);
}

static void close_bench(bench *b)
{
    patches_close(b->p, b->budget);
    lmp_give(b->budget, b->scratch);
    assert_int_equal(budget_room(b->budget), budget_limit(b->budget));
    budget_free(b->budget);
    free(b->image);
    free(b->targets);
    free(b->found.y);
    free(b->found.x);
    free(b->found.is_known);
}

static void patches_lie_where_their_content_is(void **state)
{
    bench b;
    (void)state;
    open_bench(&b);
    const field_grid g = patch_grid(&b.layout);
    assert_true(g.first_y < 20 && g.first_x < 20 && g.first_y > 0); /* the outermost reach beyond the image */
    for (int k = 0; k < 2; k++) {
        const double dy = k == 0 ? 0 : 1.3, dx = k == 0 ? 0 : -2.2, bend = k == 0 ? 0 : 2;
        paint(b.image, dy, dx, bend, 0.1, false);
        patches_match(b.p, b.targets, b.image, b.scratch, &b.found);
        for (int64_t i = 0; i < g.rows * g.columns; i++) {
            const double at = g.first_x + (double)(i % g.columns) * g.step_x;
            assert_true(b.found.is_known[i]);
            assert_true(fabs((double)b.found.y[i] - dy - bend * at / WIDTH) < (k == 0 ? 0.05 : 0.35));
            assert_true(fabs((double)b.found.x[i] - dx) < (k == 0 ? 0.05 : 0.35));
        }
    }
    close_bench(&b);
}

static void weak_patches_ask_their_neighbours_or_are_unknown(void **state)
{
    bench b;
    (void)state;
    open_bench(&b);
    const int64_t rows = b.layout.rows, columns = b.layout.columns;
    paint(b.image, 1, 2, 0, 0.5, true);
    patches_match(b.p, b.targets, b.image, b.scratch, &b.found);
    for (int64_t j = 0; j < rows; j++) /* neighbours see the texture */
        assert_true(fabsf(b.found.x[j * columns + columns - 3] - 2) < 0.5F);
    for (int64_t j = 0; j < rows; j++) {
        const int64_t at = j * columns + columns - 1;
        assert_true(!b.found.is_known[at] || fabsf(b.found.x[at] - 2) < 1);
    }
    memset(b.image, 0, HEIGHT * WIDTH * sizeof(float));
    patches_match(b.p, b.targets, b.image, b.scratch, &b.found);
    for (int64_t i = 0; i < rows * columns; i++) assert_int_equal(b.found.is_known[i], 0);
    for (int64_t i = 0; i < (int64_t)HEIGHT * WIDTH; i++) b.image[i] = NAN;
    patches_match(b.p, b.targets, b.image, b.scratch, &b.found);
    for (int64_t i = 0; i < rows * columns; i++) assert_int_equal(b.found.is_known[i], 0);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_is_its_reference),
        cmocka_unit_test(pixels_lie_between_their_neighbours),
        cmocka_unit_test(fields_are_smooth_and_pass_through_their_nodes),
        cmocka_unit_test(fields_of_straight_lines_go_on_beyond_the_nodes),
        cmocka_unit_test(nodes_that_do_not_fit_become_the_mean_of_their_neighbours),
        cmocka_unit_test(movies_that_do_not_bend_are_left_rigid),
        cmocka_unit_test(fields_are_found_under_noise),
        cmocka_unit_test(no_frames_tell_nothing),
        cmocka_unit_test(patches_lie_where_their_content_is),
        cmocka_unit_test(weak_patches_ask_their_neighbours_or_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
