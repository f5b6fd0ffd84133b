/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_image_load.c: grey, smaller, upright: against the definition, pixel by pixel.
 */
#include "io/image/image_load.h"

#include "io/image/image_exif.h"
#include "io_support.h"

enum { MOST = 24 * 24 * 4 };

static image_load plan(lmp_format *format, int64_t orientation, bool grey, double ratio)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    image_load load;
    lmp_error err = {0};
    options.grey = grey;
    options.size_ratio = ratio;
    if (image_load_shape("x.tif", format, orientation, &options, &load, &err) != LMP_OK) fail_msg("%s", err.text);
    return load;
}

static void refuse(lmp_format format, double ratio, bool grey, lmp_status status, const char *word)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    image_load load;
    lmp_error err = {0};
    options.grey = grey;
    options.size_ratio = ratio;
    assert_int_equal(image_load_shape("x.tif", &format, 1, &options, &load, &err), status);
    assert_non_null(strstr(err.text, word));
    assert_non_null(strstr(err.text, "x.tif"));
}

static void refuses_what_makes_no_sense(void **state)
{
    const lmp_format sound = {.type = LMP_UINT8, .height = 5, .width = 7, .n_colours = 3};
    lmp_format format = sound;
    (void)state;
    refuse(sound, 1.5, false, LMP_ERR_USAGE, "1.5");
    refuse(sound, -0.5, false, LMP_ERR_USAGE, "-0.5");
    refuse(sound, (double)NAN, false, LMP_ERR_USAGE, "nan");
    format.height = 0;
    refuse(format, 1, false, LMP_ERR_INPUT, "nothing");
    format = sound;
    format.n_colours = 5;
    refuse(format, 1, false, LMP_ERR_INPUT, "5 colours");
    format = sound;
    format.height = format.width = 50000;
    refuse(format, 1, false, LMP_ERR_INPUT, "2^31");
    format = sound;
    format.type = LMP_INT64;
    refuse(format, 0.5, false, LMP_ERR_USAGE, "64 bits");
    refuse(format, 0, true, LMP_ERR_USAGE, "64 bits");
    (void)plan(&format, 3, false, 0); /* turning is no arithmetic */
}

static void plans_shapes(void **state)
{
    lmp_format format = {.type = LMP_UINT16, .height = 5, .width = 7, .n_colours = 4};
    (void)state;
    image_load load = plan(&format, 6, false, 0.5);
    assert_int_equal(format.height, 4); /* halves up: 3.5 */
    assert_int_equal(format.width, 3);  /* 2.5 */
    assert_int_equal(format.n_colours, 3);
    assert_false(image_load_is_plain(&load));
    format = (lmp_format){.type = LMP_UINT8, .height = 5, .width = 700, .n_colours = 2};
    load = plan(&format, 0, false, 0.001);
    assert_int_equal(format.height, 1);
    assert_int_equal(format.width, 1);
    assert_int_equal(format.n_colours, 1);
    format = (lmp_format){.type = LMP_INT64, .height = 5, .width = 7, .n_colours = 3};
    load = plan(&format, 1, false, 0);
    assert_true(image_load_is_plain(&load));
    assert_int_equal(image_load_bytes(&load), 5 * 7 * 3 * 8);
    assert_int_equal(image_load_scratch_bytes(&load), 0);
}

/* ---- Against the definition ------------------------------------------------------------------------------- */

static double get(lmp_type type, const void *values, int64_t i)
{
    switch (type) {
    case LMP_INT8:
        return ((const int8_t *)values)[i];
    case LMP_UINT8:
        return ((const uint8_t *)values)[i];
    case LMP_INT16:
        return ((const int16_t *)values)[i];
    case LMP_UINT16:
        return ((const uint16_t *)values)[i];
    case LMP_INT32:
        return ((const int32_t *)values)[i];
    case LMP_UINT32:
        return ((const uint32_t *)values)[i];
    case LMP_FLOAT32:
        return (double)((const float *)values)[i];
    default:
        return ((const double *)values)[i];
    }
}

static void put(lmp_type type, void *values, int64_t i, uint32_t random)
{
    switch (type) {
    case LMP_INT8:
    case LMP_UINT8:
        ((uint8_t *)values)[i] = (uint8_t)random;
        break;
    case LMP_INT16:
    case LMP_UINT16:
        ((uint16_t *)values)[i] = (uint16_t)random;
        break;
    case LMP_INT32:
    case LMP_UINT32:
        ((uint32_t *)values)[i] = random;
        break;
    case LMP_FLOAT32:
        ((float *)values)[i] = (float)random / 1000.0F;
        break;
    default:
        ((double *)values)[i] = random / 1000.0;
    }
}

static bool is_real(lmp_type type)
{
    return type == LMP_FLOAT32 || type == LMP_FLOAT64;
}

/* A decoded pixel in the colours that are loaded. */
static double colour_at(const image_load *load, const void *decoded, int64_t y, int64_t x, int64_t c)
{
    const int64_t at = (y * load->decoded_width + x) * load->decoded_colours;
    if (load->n_colours == 3 || load->decoded_colours < 3) return get(load->type, decoded, at + c);
    const double sum = 299 * get(load->type, decoded, at) + 587 * get(load->type, decoded, at + 1) +
                       114 * get(load->type, decoded, at + 2);
    return is_real(load->type) ? sum / 1000 : floor((2 * sum + 1000) / 2000);
}

static double overlap(int64_t n_in, int64_t n_out, int64_t i, int64_t j)
{
    const double begin = fmax((double)i * (double)n_in, (double)j * (double)n_out);
    const double end = fmin((double)(i + 1) * (double)n_in, (double)(j + 1) * (double)n_out);
    return fmax(0, end - begin);
}

static double small_at(const image_load *load, const void *decoded, int64_t y, int64_t x, int64_t c)
{
    const int64_t h = load->decoded_height, w = load->decoded_width;
    double sum = 0;
    for (int64_t j = 0; j < h; j++)
        for (int64_t i = 0; i < w; i++) {
            const double weight = overlap(h, load->small_height, y, j) * overlap(w, load->small_width, x, i);
            if (weight > 0) sum += weight * colour_at(load, decoded, j, i, c);
        }
    const double mean = sum / (double)(h * w);
    return is_real(load->type) ? mean : floor(mean + 0.5);
}

/* Where EXIF 2.3 (table of tag 274) sees pixel (y, x) of a small image of h x w. */
static int64_t seen_at(const image_load *load, int64_t y, int64_t x)
{
    const int64_t h = load->small_height - 1, w = load->small_width - 1;
    const int64_t places[9][2] = {{0, 0}, {y, x},     {y, w - x},     {h - y, w - x}, {h - y, x},
                                  {x, y}, {x, h - y}, {w - x, h - y}, {w - x, y}};
    return places[load->orientation][0] * load->width + places[load->orientation][1];
}

static void check(lmp_type type, int64_t h, int64_t w, int64_t colours, int64_t orientation, bool grey, double ratio)
{
    static double decoded[MOST], frame[MOST], pieces[MOST], scratch[4 * MOST];
    lmp_format format = {.type = type, .height = h, .width = w, .n_colours = colours};
    const image_load load = plan(&format, orientation, grey, ratio);
    const size_t row_bytes = (size_t)(w * colours) * lmp_type_bytes(type);
    uint32_t random = (uint32_t)(h * 1000 + w);
    lmp_budget *budget = NULL;
    lmp_error err = {0};
    image_rows rows;
    for (int64_t i = 0; i < h * w * colours; i++) put(type, decoded, i, random = random * 1664525 + 1013904223);
    assert_int_equal(budget_new(1 << 24, &budget, NULL), LMP_OK);
    assert_int_equal(image_load_finish(&load, decoded, row_bytes, frame, budget, &err), LMP_OK);
    assert_int_equal(budget_used(budget), 0);
    budget_free(budget);
    assert_true(image_load_scratch_bytes(&load) <= sizeof scratch);
    image_rows_begin(&rows, &load, scratch, pieces);
    for (int64_t r = 0; r < h;) {
        const int64_t n = r + 3 > h ? h - r : 3;
        image_rows_add(&rows, (const char *)decoded + (size_t)r * row_bytes, row_bytes, n);
        r += n;
    }
    assert_memory_equal(frame, pieces, image_load_bytes(&load));
    for (int64_t y = 0; y < load.small_height; y++)
        for (int64_t x = 0; x < load.small_width; x++)
            for (int64_t c = 0; c < load.n_colours; c++) {
                const double wanted = small_at(&load, decoded, y, x, c);
                const double got = get(type, frame, seen_at(&load, y, x) * load.n_colours + c);
                const double tolerance = type == LMP_FLOAT32   ? 1e-7 * fabs(wanted)
                                         : type == LMP_FLOAT64 ? 1e-14 * fabs(wanted)
                                                               : 0;
                if (!(fabs(got - wanted) <= tolerance))
                    fail_msg("type %d, %d x %d x %d, orientation %d, ratio %g: (%d, %d, %d) is %.17g, wanted %.17g",
                             type, (int)h, (int)w, (int)colours, (int)orientation, ratio, (int)y, (int)x, (int)c, got,
                             wanted);
            }
}

static void loads_all_types(void **state)
{
    static const lmp_type types[] = {LMP_INT8,  LMP_UINT8,  LMP_INT16,   LMP_UINT16,
                                     LMP_INT32, LMP_UINT32, LMP_FLOAT32, LMP_FLOAT64};
    (void)state;
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
        for (int64_t colours = 1; colours <= 4; colours++)
            for (int64_t grey = 0; grey < 2; grey++) {
                check(types[t], 9, 13, colours, 1, grey != 0, 0);
                check(types[t], 9, 13, colours, 1, grey != 0, 0.4);
                check(types[t], 16, 8, colours, 6, grey != 0, 0.25);
            }
}

static void turns_eight_ways(void **state)
{
    static const double ratios[] = {1, 0.9, 0.5, 0.37, 0.01};
    (void)state;
    for (int64_t orientation = 1; orientation <= 8; orientation++)
        for (size_t r = 0; r < 5; r++)
            for (int64_t colours = 1; colours <= 3; colours += 2)
                check(LMP_UINT8, 11, 18, colours, orientation, false, ratios[r]);
    check(LMP_UINT16, 1, 1, 1, 5, false, 0.5);
    check(LMP_UINT16, 1, 19, 1, 8, false, 0.5);
}

static void copies_64_bits(void **state)
{
    const int64_t decoded[2][3] = {{INT64_MAX, 1, INT64_MIN}, {4, 5, 6}};
    lmp_format format = {.type = LMP_INT64, .height = 2, .width = 3, .n_colours = 1};
    int64_t frame[6];
    lmp_error err = {0};
    (void)state;
    const image_load load = plan(&format, 3, false, 0);
    assert_int_equal(image_load_finish(&load, decoded, 24, frame, NULL, &err), LMP_OK);
    assert_true(frame[0] == 6 && frame[3] == INT64_MIN && frame[5] == INT64_MAX);
}

static void keeps_nan_and_infinity_apart(void **state)
{
    const float decoded[4][4] = {{NAN, 1, 2, 3}, {4, 5, 6, 7}, {1, 1, INFINITY, 2}, {1, 1, 2, 2}};
    lmp_format format = {.type = LMP_FLOAT32, .height = 4, .width = 4, .n_colours = 1};
    const image_load load = plan(&format, 1, false, 0.5);
    float frame[4], scratch[256];
    image_rows rows;
    (void)state;
    assert_true(image_load_scratch_bytes(&load) <= sizeof scratch);
    image_rows_begin(&rows, &load, scratch, frame);
    image_rows_add(&rows, decoded, sizeof decoded[0], 4);
    assert_true(isnan(frame[0]) && frame[1] == 4.5F && frame[2] == 1 && isinf(frame[3]));
}

/* A codec that makes 2 x 2 pixels one: what is left to do agrees with averaging whole blocks. */
static void goes_on_from_a_smaller_decode(void **state)
{
    lmp_format format = {.type = LMP_UINT8, .height = 9, .width = 12, .n_colours = 1};
    image_load load = plan(&format, 1, false, 0.25);
    const uint8_t decoded[5][6] = {{10, 10, 20, 20, 30, 30},
                                   {10, 10, 20, 20, 30, 30},
                                   {40, 40, 50, 50, 60, 60},
                                   {40, 40, 50, 50, 60, 60},
                                   {90, 90, 90, 90, 90, 90}};
    uint8_t frame[6];
    double scratch[64];
    image_rows rows;
    (void)state;
    assert_false(image_load_decode_by(&load, 16));
    assert_true(image_load_decode_by(&load, 2));
    assert_int_equal(load.decoded_height, 5);
    assert_int_equal(load.small_height, 2);
    assert_true(image_load_scratch_bytes(&load) <= sizeof scratch);
    image_rows_begin(&rows, &load, scratch, frame);
    image_rows_add(&rows, decoded, 6, 5);
    /* 4.5 rows of the file each: 4 of the first value and half a row of the next; 3.5 and the last row. */
    assert_int_equal(frame[0], 13); /* (4 * 10 + 0.5 * 40) / 4.5 = 13.3 */
    assert_int_equal(frame[3], 51); /* (3.5 * 40 + 1 * 90) / 4.5 = 51.1 */
    assert_int_equal(frame[5], 67);
}

/* ---- EXIF ------------------------------------------------------------------------------------------------- */

static void parses_exif(void **state)
{
    static const uint8_t big[] = "MM\0\x2A\0\0\0\x08\0\x02"
                                 "\x01\x0F\0\x02\0\0\0\x04HIK\0"
                                 "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
    static const uint8_t little[] = "II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0";
    image_exif exif;
    (void)state;
    image_exif_parse(big, sizeof big - 1, &exif);
    assert_int_equal(exif.orientation, 6);
    assert_string_equal(exif.maker, "HIK");
    image_exif_parse(little, sizeof little - 1, &exif);
    assert_int_equal(exif.orientation, 8);
    assert_string_equal(exif.maker, "");
    for (size_t n = 0; n < sizeof big - 1; n++) {
        uint8_t *part = malloc(n + 1); /* what is read behind it shows under the address sanitizer */
        memcpy(part, big, n);
        image_exif_parse(part, n, &exif);
        assert_int_equal(exif.orientation, 1);
        free(part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_makes_no_sense),
        cmocka_unit_test(plans_shapes),
        cmocka_unit_test(loads_all_types),
        cmocka_unit_test(turns_eight_ways),
        cmocka_unit_test(copies_64_bits),
        cmocka_unit_test(keeps_nan_and_infinity_apart),
        cmocka_unit_test(goes_on_from_a_smaller_decode),
        cmocka_unit_test(parses_exif),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
