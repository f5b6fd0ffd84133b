/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Zones: membership against arithmetic on whole numbers, edges, refusals.
 */
#include "movie/exact.h"
#include "movie/zones.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

__extension__ typedef __int128 wide;

enum { W = 24, H = 20 };

static uint64_t random_bits(uint64_t *seed)
{
    *seed += 0x9E3779B97F4A7C15ULL;
    uint64_t x = *seed;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/* Fills `inside` and checks the rules of spans: sorted, apart, within the image, counted. */
static void paint(const zone *z, uint8_t inside[H][W])
{
    int64_t count = 0;
    memset(inside, 0, H * W);
    for (int64_t i = 0; i < z->n_spans; i++) {
        const zone_span *s = &z->spans[i];
        assert_true(s->x0 >= 0 && s->x0 <= s->x1 && s->x1 < W && s->y >= 0 && s->y < H);
        if (i > 0) assert_true(s->y > s[-1].y || (s->y == s[-1].y && s->x0 > s[-1].x1 + 1));
        for (int32_t x = s->x0; x <= s->x1; x++) inside[s->y][x] = 1;
        count += s->x1 - s->x0 + 1;
    }
    assert_int_equal(count, z->n_pixels);
}

static lmp_status parse(const char *text, zones *z, lmp_error *err)
{
    return zones_parse("traces", "Z.json", text, strlen(text), W, H, false, z, err);
}

static void paint_text(const char *text, uint8_t inside[H][W])
{
    zones z;
    lmp_error err = {0};
    if (parse(text, &z, &err) != LMP_OK) fail_msg("%s", err.text);
    paint(&z.items[0], inside);
    zones_free(&z);
}

/* ---- Polygons against whole numbers ---- */

static int sign(wide x)
{
    return (x > 0) - (x < 0);
}

/* Is the point in the polygon or on its edge? All in units of a pixel / scale. */
static bool contains_slowly(const int64_t (*points)[2], int64_t n, int64_t x, int64_t y)
{
    bool inside = false;
    for (int64_t i = 0; i < n; i++) {
        const int64_t *a = points[i], *b = points[(i + 1) % n];
        const wide cross = (wide)(b[0] - a[0]) * (y - a[1]) - (wide)(b[1] - a[1]) * (x - a[0]);
        const wide dot = (wide)(x - a[0]) * (x - b[0]) + (wide)(y - a[1]) * (y - b[1]);
        if (cross == 0 && dot <= 0) return true;
        if ((a[1] > y) != (b[1] > y) && sign(cross) == (b[1] > a[1] ? 1 : -1)) inside = !inside;
    }
    return inside;
}

static void check_polygon(const int64_t (*points)[2], int64_t n, int bits)
{
    double coordinates[32];
    uint8_t inside[H][W];
    zone z = {.shape = ZONE_POLYGON, .points = coordinates, .n_points = n};
    for (int64_t i = 0; i < 2 * n; i++) coordinates[i] = ldexp((double)points[i / 2][i % 2], -bits);
    assert_int_equal(zone_fill(&z, W, H, "zone", NULL), LMP_OK);
    paint(&z, inside);
    for (int64_t y = 0; y < H; y++)
        for (int64_t x = 0; x < W; x++)
            assert_int_equal(inside[y][x], contains_slowly(points, n, x << bits, y << bits));
    free(z.spans);
}

/* Few bits make vertices, edges and rows meet; many make edges pass by centres at 2^-44 of a pixel. */
static void polygons_are_those_of_whole_numbers(void **state)
{
    static const int bits_of[] = {0, 1, 2, 10, 44};
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 4000; round++) {
        const int bits = bits_of[round % 5];
        const int64_t n = 3 + (int64_t)(random_bits(&seed) % 8), room = (int64_t)36 << bits;
        int64_t points[16][2];
        for (int64_t i = 0; i < n; i++) {
            points[i][0] = (int64_t)(random_bits(&seed) % (uint64_t)room) - ((int64_t)6 << bits);
            points[i][1] = (int64_t)(random_bits(&seed) % (uint64_t)room) - ((int64_t)6 << bits);
        }
        check_polygon((const int64_t(*)[2])points, n, bits);
    }
}

/* Thin triangles whose long edge passes through or just beside pixel centres. */
static void edges_that_graze_centres(void **state)
{
    (void)state;
    for (int64_t shift = -3; shift <= 3; shift++)
        for (int64_t slope = 1; slope < 5; slope++) {
            const int64_t one = (int64_t)1 << 44;
            const int64_t points[3][2] = {
                {-one, -one * slope + shift}, {9 * one, 9 * one * slope - shift}, {0, 40 * one}};
            check_polygon(points, 3, 44);
        }
}

/* ---- Shapes ---- */

static int count_of(const char *text)
{
    uint8_t inside[H][W];
    int count = 0;
    paint_text(text, inside);
    for (int i = 0; i < H * W; i++) count += inside[i / W][i % W];
    return count;
}

#define RECTANGLE(x, y, w, h, a)                                                                                       \
    "[{\"name\": \"r\", \"shape\": \"rectangle\", \"x\": " #x ", \"y\": " #y ", \"width\": " #w ", \"height\": " #h    \
    ", \"angle\": " #a "}]"
#define ELLIPSE(x, y, w, h, a)                                                                                         \
    "[{\"name\": \"e\", \"shape\": \"ellipse\", \"x\": " #x ", \"y\": " #y ", \"width\": " #w ", \"height\": " #h      \
    ", \"angle\": " #a "}]"
#define SHAPE(shape, points) "[{\"name\": \"s\", \"shape\": \"" shape "\", \"points\": " points "}]"

static void rectangles(void **state)
{
    uint8_t a[H][W], b[H][W];
    (void)state;
    assert_int_equal(count_of(RECTANGLE(2, 3, 4, 5, 0)), 5 * 6);
    assert_int_equal(count_of(RECTANGLE(2.5, 3.5, 4, 5, 0)), 4 * 5);
    assert_int_equal(count_of(RECTANGLE(2, 3, 0, 0, 0)), 1);
    assert_int_equal(count_of(RECTANGLE(-5, -5, 100, 100, 0)), W * H);
    paint_text(RECTANGLE(4, 2, 9, 3, 90), a);
    paint_text(RECTANGLE(7, -1, 3, 9, 0), b);
    assert_memory_equal(a, b, sizeof a);
    paint_text(RECTANGLE(4, 2, 9, 3, 180), a);
    paint_text(RECTANGLE(4, 2, 9, 3, -360), b);
    assert_memory_equal(a, b, sizeof a);
    /* Clockwise as seen, y down: the end of a flat bar at the right goes down. */
    paint_text(RECTANGLE(2, 9.5, 18, 1, 30), a);
    assert_true(a[13][17] && !a[6][17] && a[6][5]);
}

static bool in_ellipse(int64_t x, int64_t y, int64_t cx, int64_t cy, int64_t w, int64_t h)
{
    const int64_t u = (2 * x - cx) * h, v = (2 * y - cy) * w;
    return u * u + v * v <= w * w * h * h;
}

/* Boxes of whole numbers: doubled coordinates are whole. */
static void ellipses_are_those_of_whole_numbers(void **state)
{
    (void)state;
    for (int w = 1; w < 22; w++)
        for (int h = 1; h < 18; h++) {
            zone z = {.shape = ZONE_ELLIPSE, .x = 1, .y = 2, .width = w, .height = h};
            uint8_t inside[H][W];
            assert_int_equal(zone_fill(&z, W, H, "zone", NULL), LMP_OK);
            paint(&z, inside);
            for (int64_t i = 0; i < H * W; i++)
                assert_int_equal(inside[i / W][i % W], in_ellipse(i % W, i / W, 2 + w, 4 + h, w, h));
            free(z.spans);
        }
    assert_int_equal(count_of(ELLIPSE(2, 2, 10, 10, 0)), 81); /* x^2 + y^2 <= 25 */
    assert_int_equal(count_of(ELLIPSE(2, 5, 16, 6, 90)), count_of(ELLIPSE(7, 0, 6, 16, 0)));
}

static void turned_ellipses_lie_in_their_turned_box(void **state)
{
    uint8_t ellipse[H][W], box[H][W];
    (void)state;
    paint_text(ELLIPSE(3, 6, 17, 6, 25), ellipse);
    paint_text(RECTANGLE(3, 6, 17, 6, 25), box);
    for (int i = 0; i < H * W; i++) assert_true(ellipse[i / W][i % W] <= box[i / W][i % W]);
    assert_true(ellipse[9][11] && ellipse[12][18] && !ellipse[6][18]);
}

static void paths(void **state)
{
    uint8_t inside[H][W];
    (void)state;
    assert_int_equal(count_of(SHAPE("line", "[[2, 3], [9, 3]]")), 8);
    assert_int_equal(count_of(SHAPE("line", "[[2, 3.5], [9, 3.5]]")), 16);
    assert_int_equal(count_of(SHAPE("line", "[[2, 3], [9, 10]]")), 8);
    assert_int_equal(count_of(SHAPE("polyline", "[[2, 3], [9, 3], [9, 12]]")), 17);
    assert_int_equal(count_of(SHAPE("line", "[[4, 4], [4, 4]]")), 1);
    paint_text(SHAPE("line", "[[0.3, 1.2], [19.7, 13.9]]"), inside);
    const double dx = 19.4, dy = 12.7;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            double t = ((x - 0.3) * dx + (y - 1.2) * dy) / (dx * dx + dy * dy);
            t = fmin(fmax(t, 0), 1);
            const double far = hypot(x - 0.3 - t * dx, y - 1.2 - t * dy);
            if (fabs(far - 0.5) > 1e-9) assert_int_equal(inside[y][x], far < 0.5);
        }
}

static void even_odd_and_edges(void **state)
{
    uint8_t inside[H][W];
    (void)state;
    assert_int_equal(count_of(SHAPE("polygon", "[[1, 1], [5, 1], [5, 5], [1, 5]]")), 25);
    assert_int_equal(count_of(SHAPE("polygon", "[[1, 1], [5, 1], [5, 5], [1, 5], [1, 1]]")), 25);
    paint_text(SHAPE("polygon", "[[0, 0], [10, 10], [10, 0], [0, 10]]"), inside); /* a bow tie */
    assert_true(inside[5][5] && inside[5][1] && inside[5][9] && !inside[1][5] && !inside[9][5]);
    paint_text(SHAPE("polygon", "[[3, 3], [3, 3], [3, 3]]"), inside);
    assert_true(inside[3][3]);
    assert_int_equal(count_of(SHAPE("pixel", "[[23, 19]]")), 1);
    assert_int_equal(count_of("[{\"name\": \"p\", \"shape\": \"pixel\", \"x\": 0, \"y\": 7}]"), 1);
    assert_int_equal(count_of(SHAPE("polygon", "[[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]]")), W * H);
}

/* ---- Refusals ---- */

static void refused(const char *text, const char *part)
{
    zones z;
    lmp_error err = {0};
    assert_int_not_equal(parse(text, &z, &err), LMP_OK);
    if (strstr(err.text, part) == NULL) fail_msg("%s\nrefuses with: %s\nwithout: %s", text, err.text, part);
}

static void refusals(void **state)
{
    (void)state;
    refused("", "no JSON");
    refused("{\"zones\": 3}", "list of zones");
    refused("[]", "no zone");
    refused("[3]", "entry 1");
    refused("[{\"shape\": \"pixel\"}]", "name");
    refused("[{\"name\": \"\", \"shape\": \"pixel\"}]", "name");
    refused("[{\"name\": \"a\\nb\", \"shape\": \"pixel\", \"x\": 1, \"y\": 1}]", "printable");
    refused("[{\"name\": \"a\", \"shape\": \"star\"}]", "polygon, rectangle");
    refused("[{\"name\": \"a\", \"shape\": \"polygon\"}]", "points");
    refused(SHAPE("polygon", "[[1, 1], [2, 2]]"), "at least 3");
    refused(SHAPE("line", "[[1, 1], [2, 2], [3, 3]]"), "has 2");
    refused(SHAPE("polygon", "[[1, 1], [2, 2], [3]]"), "[x, y]");
    refused(SHAPE("polygon", "[[1, 1], [2, 2], [3, \"4\"]]"), "number");
    refused(SHAPE("polygon", "[[1, 1], [2, 2], [3, 1e10]]"), "1e9");
    refused(SHAPE("pixel", "[[1.5, 2]]"), "whole");
    refused(SHAPE("pixel", "[[24, 2]]"), "no pixel");
    refused(RECTANGLE(1, 1, -1, 1, 0), "negative");
    refused(ELLIPSE(1, 1, 0, 1, 0), "above 0");
    refused(RECTANGLE(0.2, 0.2, 0.5, 0.5, 0), "no pixel");
    refused("[{\"name\": \"a\", \"shape\": \"rectangle\", \"x\": 1, \"y\": 1, \"width\": 3}]", "height");
    refused("[{\"name\": \"a\", \"shape\": \"pixel\", \"x\": 1, \"y\": 1}, {\"name\": \"a\", \"shape\": \"pixel\", "
            "\"x\": 2, "
            "\"y\": 1}]",
            "rename");
    refused("[{\"name\": \"a\", \"name\": \"b\", \"shape\": \"pixel\", \"x\": 1, \"y\": 1}]", "JSON");
    refused("{\"pixel_size_um\": 0, \"zones\": []}", "pixel_size_um");
}

static void accepted(void **state)
{
    zones z;
    lmp_error err = {0};
    (void)state;
    assert_int_equal(
        parse("{\"pixel_size_um\": 0.65, \"made_by\": 3, \"zones\": [{\"name\": \"a\", \"colour\": \"red\", "
              "\"shape\": \"pixel\", \"x\": 1, \"y\": 1}]}",
              &z, &err),
        LMP_OK);
    assert_true(z.pixel_size_um == 0.65 && z.count == 1);
    assert_non_null(zones_find(&z, "a"));
    assert_null(zones_find(&z, "b"));
    zones_free(&z);
    const char *outside = SHAPE("pixel", "[[24, 2]]");
    assert_int_equal(zones_parse("traces", "Z", outside, strlen(outside), W, H, true, &z, &err), LMP_OK);
    assert_int_equal(z.items[0].n_pixels, 0);
    zones_free(&z);
    assert_int_equal(zones_whole(W, H, &z, &err), LMP_OK);
    assert_int_equal(z.items[0].n_pixels, W * H);
    zones_free(&z);
}

static void sums_do_not_round(void **state)
{
    exact a, b;
    (void)state;
    exact_difference(&a, 1e9, 1e-9);
    exact_multiply(&b, &a, &a);
    exact_set(&a, 1e18);
    exact_subtract(&b, &b, &a); /* -2 + 1e-18 */
    exact_set(&a, 2);
    exact_add(&b, &b, &a);
    assert_int_not_equal(exact_sign(&b), 0);
    exact_subtract(&b, &b, &b);
    assert_int_equal(exact_sign(&b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons_are_those_of_whole_numbers),
        cmocka_unit_test(edges_that_graze_centres),
        cmocka_unit_test(rectangles),
        cmocka_unit_test(ellipses_are_those_of_whole_numbers),
        cmocka_unit_test(turned_ellipses_lie_in_their_turned_box),
        cmocka_unit_test(paths),
        cmocka_unit_test(even_odd_and_edges),
        cmocka_unit_test(refusals),
        cmocka_unit_test(accepted),
        cmocka_unit_test(sums_do_not_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
