/* SPDX-License-Identifier: BSD-3-Clause
 *
 * denoise: its methods are those of smooth, with other defaults; anisotropic diffusion against the equation, spelled
 * out pixel by pixel in double. oracle_preprocess.py compares with other programs.
 */
#include "frame_expect.h"

#include "math/image_diffuse.h"

#include <stdio.h>

extern const lmp_step lmp_step_denoise, lmp_step_smooth;

#define NO (double)NAN

static drive_movie noise(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours)
{
    drive_movie made = drive_movie_new(type, n_times, height, width, n_colours);
    uint32_t seed = 11;
    for (int64_t i = 0; i < n_times * height * width * n_colours; i++) {
        seed = seed * 1664525u + 1013904223u;
        drive_movie_set(&made, i, (double)((seed >> 20) % 120));
    }
    return made;
}

static void same_as_smooth(const char *ours, const char *theirs, const drive_movie *in)
{
    drive_movie a, b;
    drive_movie_all_cuts(&lmp_step_denoise, ours, in, &a);
    drive_movie_all_cuts(&lmp_step_smooth, theirs, in, &b);
    assert_int_equal(a.type, in->type);
    for (int64_t i = 0; i < in->n_times * in->height * in->width * in->n_colours; i++)
        assert_true(drive_movie_get(&a, i) == drive_movie_get(&b, i));
    drive_movie_free(&a);
    drive_movie_free(&b);
}

static void methods_are_those_of_smooth(void **state)
{
    static const lmp_type types[] = {LMP_UINT8, LMP_INT16, LMP_FLOAT32};
    (void)state;
    for (int t = 0; t < 3; t++) {
        drive_movie in = noise(types[t], 2, 11, 13, t == 0 ? 3 : 1);
        same_as_smooth("", "method=median size=7", &in);
        same_as_smooth("size=3", "method=median size=3", &in);
        same_as_smooth("gaussian", "sigma=1.4", &in);
        same_as_smooth("bilateral sigma-value=9", "method=bilateral sigma=1.4 size=7 sigma-value=9", &in);
        drive_movie_free(&in);
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of what is there in the window around a value of a movie of one frame, by sorting. */
static double median_there(const drive_movie *m, int64_t at, int64_t radius)
{
    double window[15 * 15];
    const int64_t colours = m->n_colours, y = at / colours / m->width, x = at / colours % m->width;
    size_t n = 0;
    for (int64_t j = y - radius; j <= y + radius; j++)
        for (int64_t i = x - radius; i <= x + radius; i++) {
            const int64_t pixel = image_mirror(j, m->height) * m->width + image_mirror(i, m->width);
            const double value = drive_movie_get(m, pixel * colours + at % colours);
            if (isfinite(value)) window[n++] = value;
        }
    qsort(window, n, sizeof *window, compare);
    return (double)(float)((window[(n - 1) / 2] + window[n / 2]) / 2);
}

static void medians_leave_missing_values_out(void **state)
{
    (void)state;
    for (int64_t colours = 1; colours <= 3; colours += 2)
        for (int64_t every = 2; every < 400; every *= 5) {
            drive_movie in = noise(LMP_FLOAT32, 1, 17, 23, colours), out;
            for (int64_t i = every / 2; i < 17 * 23 * colours; i += every)
                drive_movie_set(&in, i, i % 3 == 0 ? (double)INFINITY : NO);
            for (int64_t radius = 1; radius <= 7; radius++) {
                char words[16];
                snprintf(words, sizeof words, "size=%d", (int)(2 * radius + 1));
                drive_movie_all_cuts(&lmp_step_denoise, words, &in, &out);
                for (int64_t i = 0; i < 17 * 23 * colours; i++) {
                    const double x = drive_movie_get(&in, i), got = drive_movie_get(&out, i);
                    if (isfinite(x))
                        assert_true(got == median_there(&in, i, radius));
                    else
                        assert_true(isnan(x) ? isnan(got) : got == x);
                }
                drive_movie_free(&out);
            }
            drive_movie_free(&in);
        }
}

static void refusals(void **state)
{
    (void)state;
    drive_movie in = noise(LMP_UINT8, 1, 5, 5, 1);
    expect_refusal(&lmp_step_denoise, "size=6", &in, "denoise: size=6");
    expect_refusal(&lmp_step_denoise, "gaussian size=7", &in, "sigma=1.4");
    expect_refusal(&lmp_step_denoise, "bilateral", &in, "sigma-value");
    expect_refusal(&lmp_step_denoise, "anisotropic gamma=0.3", &in, "gamma");
    drive_movie_all_faults(&lmp_step_denoise, "anisotropic", &in);
    drive_movie_all_faults(&lmp_step_denoise, "", &in);
    drive_movie_free(&in);
}

/* ---- Diffusion ------------------------------------------------------------------------------------------------- */

static void exponentials_are_exact(void **state)
{
    (void)state;
    for (int i = 0; i < 87000; i++) {
        const float z = 0.001f * (float)i;
        const double exact = exp(-(double)z);
        assert_true(fabs((double)diffuse_exp(z) - exact) <= 2e-7);
    }
    assert_true(diffuse_exp(87) == 0 && diffuse_exp(INFINITY) == 0 && diffuse_exp(0) == 1);
}

static void flows_equal_their_reference(void **state)
{
    enum { N = 150 };
    (void)state;
    float a[N], b[N], fast[N], plain[N];
    for (int i = 0; i < N; i++) {
        a[i] = (float)(i * i % 37);
        b[i] = i % 11 == 3 ? NAN : i % 13 == 5 ? INFINITY : (float)(i * 7 % 101);
    }
    b[0] = 3e38f;
    for (int k = CONDUCT_EXPONENTIAL; k <= CONDUCT_TUKEY; k++)
        for (int64_t n = 1; n <= N; n++) {
            diffuse_flow((diffuse_conductance)k, a, b, n, 0.001f, fast);
            diffuse_flow_plain((diffuse_conductance)k, a, b, n, 0.001f, plain);
            for (int64_t i = 0; i < n; i++) assert_true(fast[i] == plain[i]);
        }
}

static double conductance(int option, double d, double kappa)
{
    const double q = d / kappa * (d / kappa);
    if (option == 1) return exp(-q);
    if (option == 2) return 1 / (1 + q);
    return q <= 2 ? 0.5 * (1 - q / 2) * (1 - q / 2) : 0;
}

/* One iteration of a grey image. */
static void diffuse(int option, double kappa, double gamma, int64_t height, int64_t width, const double *u, double *to)
{
    static const int dy[] = {-1, 1, 0, 0}, dx[] = {0, 0, -1, 1};
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                const int64_t j = y + dy[k], i = x + dx[k];
                if (j < 0 || j >= height || i < 0 || i >= width) continue;
                const double d = u[j * width + i] - u[y * width + x];
                if (d - d == 0) sum += conductance(option, d, kappa) * d;
            }
            to[y * width + x] = u[y * width + x] + gamma * sum;
        }
}

static void diffusion_is_that_of_the_equation(void **state)
{
    enum { H = 9, W = 14, ROUNDS = 5 };
    (void)state;
    drive_movie in = noise(LMP_FLOAT32, 1, H, W, 1), out;
    drive_movie_set(&in, 40, NO);
    drive_movie_set(&in, 77, (double)INFINITY);
    for (int option = 1; option <= 3; option++) {
        double u[2][H * W];
        char words[80];
        for (int64_t i = 0; i < H * W; i++) u[0][i] = drive_movie_get(&in, i);
        for (int k = 0; k < ROUNDS; k++) diffuse(option, 30, 0.2, H, W, u[k % 2], u[(k + 1) % 2]);
        snprintf(words, sizeof words, "anisotropic niter=%d kappa=30 gamma=0.2 option=%d", ROUNDS, option);
        drive_movie_all_cuts(&lmp_step_denoise, words, &in, &out);
        for (int64_t i = 0; i < H * W; i++) {
            const double got = drive_movie_get(&out, i), want = u[ROUNDS % 2][i];
            assert_true(fabs(got - want) < 1e-4 || (isnan(got) && isnan(want)) || (isinf(got) && got == want));
        }
        drive_movie_free(&out);
    }
    expect_record(&lmp_step_denoise, "anisotropic", &in, "\"missing_values_ignored\":2");
    drive_movie_free(&in);
}

static void diffusion_keeps_the_mean(void **state)
{
    (void)state;
    drive_movie in = noise(LMP_FLOAT32, 1, 12, 15, 3), out;
    drive_movie_all_cuts(&lmp_step_denoise, "anisotropic niter=40 gamma=0.25 kappa=20", &in, &out);
    for (int64_t c = 0; c < 3; c++) {
        double before = 0, after = 0;
        for (int64_t i = c; i < 12 * 15 * 3; i += 3) {
            before += drive_movie_get(&in, i);
            after += drive_movie_get(&out, i);
        }
        assert_true(fabs(before - after) < 1e-5 * before);
    }
    drive_movie_free(&out);
    drive_movie_free(&in);
}

/* Noise goes, the edge stays: the mean square of noise falls below a third, the step keeps 95 % of its height. */
static void diffusion_spares_edges(void **state)
{
    enum { H = 32, W = 40 };
    (void)state;
    drive_movie in = noise(LMP_FLOAT32, 1, H, W, 1), out;
    for (int64_t i = 0; i < H * W; i++)
        drive_movie_set(&in, i, drive_movie_get(&in, i) / 12 + (i % W < W / 2 ? 0 : 200));
    drive_movie_all_cuts(&lmp_step_denoise, "anisotropic niter=10 gamma=0.2 kappa=20", &in, &out);
    double before = 0, after = 0, left = 0, right = 0;
    for (int64_t i = 0; i < H * W; i++) {
        const double level = i % W < W / 2 ? 5 : 205;
        before += (drive_movie_get(&in, i) - level) * (drive_movie_get(&in, i) - level);
        after += (drive_movie_get(&out, i) - level) * (drive_movie_get(&out, i) - level);
        if (i % W == W / 2 - 1) left += drive_movie_get(&out, i) / H;
        if (i % W == W / 2) right += drive_movie_get(&out, i) / H;
    }
    assert_true(after < before / 3);
    assert_true(right - left > 190);
    drive_movie_free(&out);
    drive_movie_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_are_those_of_smooth),
        cmocka_unit_test(medians_leave_missing_values_out),
        cmocka_unit_test(refusals),
        cmocka_unit_test(exponentials_are_exact),
        cmocka_unit_test(flows_equal_their_reference),
        cmocka_unit_test(diffusion_is_that_of_the_equation),
        cmocka_unit_test(diffusion_keeps_the_mean),
        cmocka_unit_test(diffusion_spares_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
