/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_edf_parts.c: what EDF reading and writing are made of: decimals, dates, integers, annotations, records, ranges.
 */
#include "io/edf/edf_annotations.h"
#include "io/edf/edf_decimal.h"
#include "io/edf/edf_identity.h"
#include "io/edf/edf_layout.h"
#include "io/edf/edf_range.h"
#include "io/edf/edf_samples.h"
#include "io_support.h"

/* ---- Decimals --------------------------------------------------------------------------------------------- */

static void parses_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t used;
        double value;
    } cases[] = {{"+0", 2, 0},
                 {"-1.25|", 5, -1.25},
                 {"3,5x", 3, 3.5},
                 {".5", 2, 0.5},
                 {"12.", 3, 12},
                 {"", 0, 0},
                 {"+", 0, 0},
                 {"x1", 0, 0},
                 {"1e5", 1, 1},
                 {"0.1.2", 3, 0.1},
                 {"-0.000001", 9, -1e-6},
                 {"123456789012345678", 18, 123456789012345678.0},
                 {"1234567890123456789", 0, 0},
                 {"0.12345678901234567890123", 25, 0.123456789012345678}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        edf_decimal d = {0};
        assert_int_equal(edf_decimal_parse(cases[i].text, strlen(cases[i].text), &d), cases[i].used);
        if (fabs(edf_decimal_value(d) - cases[i].value) > fabs(cases[i].value) * 1e-15) fail_msg("%s", cases[i].text);
    }
}

static void prints_decimals(void **state)
{
    (void)state;
    static const struct {
        double x;
        int most;
        const char *text;
    } cases[] = {{0, 6, "+0"},
                 {-0.0, 6, "+0"},
                 {1.5, 6, "+1.5"},
                 {0.1, 12, "+0.1"},
                 {-2.25, 1, "-2.2"},
                 {1 / 3.0, 6, "+0.333333"},
                 {100, 3, "+100"},
                 {1e15, 12, "+1000000000000000"},
                 {12345.000001, 12, "+12345.000001"}};
    char text[EDF_DECIMAL_ROOM];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        edf_decimal d;
        assert_true(edf_decimal_from(cases[i].x, cases[i].most, &d));
        edf_decimal_print(d, true, text);
        assert_string_equal(text, cases[i].text);
    }
    edf_decimal d;
    assert_false(edf_decimal_from((double)NAN, 3, &d));
    assert_false(edf_decimal_from(1e18, 3, &d));
    edf_decimal_print((edf_decimal){INT64_MIN, 3}, false, text);
    assert_string_equal(text, "-9223372036854775.808");
}

static void adds_decimals_exactly(void **state)
{
    (void)state;
    edf_decimal sum;
    assert_true(edf_decimal_add((edf_decimal){1, 1}, (edf_decimal){2, 1}, &sum)); /* 0.1 + 0.2 */
    assert_true(edf_decimal_value(sum) == 0.3);
    assert_true(edf_decimal_times((edf_decimal){100001, 6}, 10000000, &sum)); /* record ten million */
    assert_true(sum.mantissa == 1000010 && sum.decimals == 0);
    assert_false(edf_decimal_times((edf_decimal){INT64_MAX / 2, 0}, 3, &sum));
    assert_false(edf_decimal_add((edf_decimal){INT64_MAX, 0}, (edf_decimal){1, 0}, &sum));
    assert_false(edf_decimal_add((edf_decimal){INT64_MAX, 0}, (edf_decimal){1, 5}, &sum));
}

static void rounds_fields_outward(void **state)
{
    (void)state;
    static const double values[] = {0,         1,          -1,          0.1,     -0.1,      1 / 3.0,
                                    -1 / 3.0,  123456.789, -123456.789, 9999999, 99999999,  -9999999,
                                    1234567.8, -1234567.8, 1e-5,        -1e-7,   175921.25, -99999.95};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (int up = 0; up < 2; up++)
            for (int exponent = 0; exponent < 2; exponent++) {
                char text[EDF_FIELD_ROOM];
                double got;
                if (!edf_field_outward(values[i], up, exponent, text, &got)) continue;
                assert_true(strlen(text) <= 8 && strtod(text, NULL) == got);
                assert_true(up ? got >= values[i] : got <= values[i]);
                assert_true(fabs(got - values[i]) <= fmax(1e-6, fabs(values[i])) * (exponent ? 1 : 1e-5) + 1e-5);
            }
    char text[EDF_FIELD_ROOM];
    double got;
    assert_false(edf_field_outward(1e9, true, false, text, &got));
    assert_false(edf_field_outward(-99999999, false, false, text, &got));
    assert_true(edf_field_outward(1e9 + 1, true, true, text, &got));
    assert_string_equal(text, "1.0001E9");
    assert_true(edf_field_outward(-1.5e-13, false, true, text, &got));
    assert_string_equal(text, "-1.5E-13");
    assert_true(edf_field_outward(-1.51e-13, false, true, text, &got));
    assert_string_equal(text, "-1.6E-13");
    assert_false(edf_field_outward((double)NAN, false, true, text, &got));
    assert_false(edf_field_outward((double)INFINITY, false, false, text, &got));
}

/* ---- Identification --------------------------------------------------------------------------------------- */

static void prints_identifications(void **state)
{
    (void)state;
    static const char *const patients[][2] = {
        {"", "X X X X"},
        {"X X X X", "X X X X"},
        {"MCH-0234567 F 02-MAY-1951 Haagse_Harry", "MCH-0234567 F 02-MAY-1951 Haagse_Harry"},
        {"X F X Female_33yr and more", "X F X Female_33yr and more"},
        {"Hans M\xC3\xBCller ", "X X X Hans_M_ller"},
        {"X Q X X", "X X X X_Q_X_X"},
        {"X F 31-FEB-1998 X", "X X X X_F_31-FEB-1998_X"},
        {"a  b c d", "X X X a__b_c_d"},
    };
    char text[EDF_ID + 1];
    for (size_t i = 0; i < sizeof patients / sizeof patients[0]; i++) {
        edf_identity_print_patient(patients[i][0], text);
        assert_string_equal(text, patients[i][1]);
    }
    const double start = 1579838756;
    static const char *const sessions[][2] = {
        {"", "Startdate 24-JAN-2020 X X X"},
        {"Startdate 01-JAN-1999 EMG561 BK/JOP Sony. MNC R Median",
         "Startdate 24-JAN-2020 EMG561 BK/JOP Sony. MNC R Median"},
        {"Startdate X X X X", "Startdate 24-JAN-2020 X X X"},
        {"sub-01 rest", "Startdate 24-JAN-2020 X X sub-01_rest"},
    };
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
        edf_identity_print_recording(sessions[i][0], start, text);
        assert_string_equal(text, sessions[i][1]);
    }
    edf_identity_print_recording("", (double)NAN, text);
    assert_string_equal(text, "Startdate X X X X");
    char longest[200];
    memset(longest, 'a', sizeof longest);
    longest[199] = '\0';
    edf_identity_print_recording(longest, start, text);
    assert_int_equal(strlen(text), 80);
    edf_identity_print_patient(longest, text);
    assert_int_equal(strlen(text), 80);
    edf_identity_to_ascii("\xC2\xB5V \xCE\xBC \xC2\xB0"
                          "C \xE2\x82\xAC\x01",
                          20, text);
    assert_string_equal(text, "uV u degC __");
    edf_identity_to_ascii("12345678", 4, text);
    assert_string_equal(text, "1234");
}

/* Every start comes back from what is printed for it. */
static void prints_starts(void **state)
{
    (void)state;
    static const double starts[] = {1579838756, 473385600, 473385599, 3629145599, 3629145600, 0,
                                    -1,         -5e9,      951827415, 4102444800, 946684799};
    char date[EDF_DATE + 1], time[EDF_DATE + 1], recording[EDF_ID + 1];
    bool odd;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        edf_identity_print_start(starts[i], date, time);
        edf_identity_print_recording("", starts[i], recording);
        assert_true(edf_identity_start(date, time, recording, &odd) == starts[i]);
        assert_false(odd);
        const bool has_year = starts[i] >= 473385600 && starts[i] <= 3629145599;
        assert_int_equal(strcmp(date + 6, "yy") == 0, !has_year);
        if (has_year) assert_true(edf_identity_start(date, time, "", &odd) == starts[i]);
    }
    edf_identity_print_start((double)NAN, date, time);
    assert_string_equal(date, "01.01.85");
    assert_string_equal(time, "00.00.00");
    assert_true(isnan(edf_identity_start(date, time, "Startdate X X X X", &odd)));
    assert_false(odd);
}

/* ---- Integers --------------------------------------------------------------------------------------------- */

static void codes_integers(void **state)
{
    (void)state;
    enum { MOST = 1600 };
    static uint8_t bytes[3 * MOST + 8];
    static double values[MOST];
    for (int width = 2; width <= 3; width++) {
        const int n_bits = 8 * width;
        const edf_scaling s = {0.1, -7.3};
        for (int count = 0; count < MOST; count = count < 20 ? count + 1 : 2 * count + 7) {
            int32_t lowest = INT32_MAX, highest = INT32_MIN, least = INT32_MAX, most = INT32_MIN;
            for (int i = 0; i < count; i++) {
                const uint32_t mixed = (uint32_t)i * 2654435761u;
                const int32_t digital = (int32_t)(mixed >> (32 - n_bits)) - (1 << (n_bits - 1));
                values[i] = s.scale * (digital + (i % 3 - 1) * 0.49) + s.offset;
                least = digital < least ? digital : least;
                most = digital > most ? digital : most;
            }
            memset(bytes, 0xA5, sizeof bytes);
            assert_int_equal(edf_encode(values, count, width, &s, bytes + 1, &lowest, &highest), count);
            assert_int_equal(bytes[0], 0xA5); /* nothing beyond either end */
            assert_int_equal(bytes[1 + width * count], 0xA5);
            assert_true(lowest == least && highest == most);
            edf_decode(bytes + 1, width, count, &s, values);
            for (int i = 0; i < count; i++) { /* the plain way */
                int32_t word = 0;
                for (int b = 0; b < width; b++) word |= bytes[1 + width * i + b] << (8 * b);
                if (word >= 1 << (n_bits - 1)) word -= 1 << n_bits;
                const uint32_t mixed = (uint32_t)i * 2654435761u;
                assert_int_equal(word, (int32_t)(mixed >> (32 - n_bits)) - (1 << (n_bits - 1)));
                assert_true(values[i] == s.scale * word + s.offset);
            }
        }
    }
}

static void finds_what_does_not_fit(void **state)
{
    (void)state;
    static uint8_t bytes[3 * 2000];
    static double values[2000];
    const edf_scaling s = {1, 0};
    const double wrong[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e300, -1e18, 1e10, 40000,
                            -32768.6,    32767.5};
    int32_t lowest = 0, highest = 0;
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++)
        for (int at = 0; at < 2000; at += 333) {
            memset(values, 0, sizeof values);
            values[at] = wrong[k];
            assert_int_equal(edf_encode(values, 2000, 2, &s, bytes, &lowest, &highest), at);
        }
    values[0] = 8388607.5;
    assert_int_equal(edf_encode(values, 1, 3, &s, bytes, &lowest, &highest), 0);
    const double fits[] = {-32768.5, 32767.49, -8388608.5, 8388607.49};
    for (int k = 0; k < 4; k++)
        assert_int_equal(edf_encode(&fits[k], 1, k < 2 ? 2 : 3, &s, bytes, &lowest, &highest), 1);
    assert_true(lowest == -8388608 && highest == 8388607);
}

/* ---- Annotations ------------------------------------------------------------------------------------------ */

typedef struct collected {
    int n;
    double onsets[2000], durations[2000];
    char texts[2000][64];
} collected;

static lmp_status collect(void *user, const edf_annotation *a)
{
    collected *c = user;
    if (a->size == 0) return LMP_OK;
    assert_true(c->n < 2000);
    c->onsets[c->n] = edf_decimal_value(a->onset);
    c->durations[c->n] = a->duration_s;
    snprintf(c->texts[c->n++], 64, "%.*s", (int)a->size, a->text);
    return LMP_OK;
}

/* Every event comes back, whatever their number and place; in its own record where that has room. */
static void shares_out_annotations(void **state)
{
    (void)state;
    static const struct {
        int n_events, n_records;
        double spread_s; /* onsets from 0 to this */
    } cases[] = {{0, 5, 1},   {1, 5, 3},       {300, 5, 5},    {300, 5, 0.1},
                 {300, 1, 5}, {7, 1000, 1000}, {2000, 31, 31}, {40, 3, 500}};
    static collected c;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const int n = cases[k].n_events, n_records = cases[k].n_records;
        lmp_event *events = calloc((size_t)n + 1, sizeof *events);
        assert_non_null(events);
        for (int i = 0; i < n; i++)
            events[i] = (lmp_event){i * cases[k].spread_s / n, i % 4 == 0 ? i / 7.0 : 0,
                                    i % 5 == 0 ? "a longer label" : "R", i};
        edf_notes notes;
        const edf_decimal first = {394531, 6};
        assert_int_equal(edf_notes_new(events, n, first, (edf_decimal){1, 0}, n_records, 3, &notes, NULL), LMP_OK);
        assert_int_equal(notes.record_bytes % 3, 0);
        uint8_t *bytes = malloc(notes.record_bytes);
        assert_non_null(bytes);
        c.n = 0;
        int64_t n_damaged = 0, n_at_home = 0;
        for (int r = 0; r < n_records; r++) {
            char time[40];
            edf_notes_print(&notes, r, bytes);
            snprintf(time, sizeof time, "+%d.394531\x14\x14", r);
            assert_memory_equal(bytes, time, strlen(time) + 1);
            const int before = c.n;
            assert_int_equal(edf_annotations_parse(bytes, notes.record_bytes, collect, &c, &n_damaged), LMP_OK);
            for (int i = before; i < c.n; i++) n_at_home += (int)events[i].onset_s == r;
        }
        assert_int_equal(c.n, n);
        assert_int_equal(n_damaged, 0);
        for (int i = 0; i < n; i++) {
            assert_true(fabs(c.onsets[i] - 0.394531 - events[i].onset_s) < 1e-11);
            assert_true(fabs(c.durations[i] - events[i].duration_s) < 1e-11);
            assert_string_equal(c.texts[i], events[i].label);
        }
        if (k == 5) assert_int_equal(n_at_home, n);
        free(bytes);
        free(events);
        edf_notes_free(&notes);
    }
}

static void prints_odd_events(void **state)
{
    (void)state;
    static collected c;
    lmp_error err = {0};
    const lmp_event odd[] = {{-1.5, -1,
                              "a\x14"
                              "b\x15",
                              0},
                             {0, (double)NAN, "", 0},
                             {0, 0, "", 77},
                             {1e6 + 1 / 3.0, 0, "c", 0}};
    edf_notes notes;
    assert_int_equal(edf_notes_new(odd, 4, (edf_decimal){0}, (edf_decimal){0}, 1, 2, &notes, &err), LMP_OK);
    uint8_t *bytes = malloc(notes.record_bytes);
    assert_non_null(bytes);
    edf_notes_print(&notes, 0, bytes);
    int64_t n_damaged = 0;
    c.n = 0;
    assert_int_equal(edf_annotations_parse(bytes, notes.record_bytes, collect, &c, &n_damaged), LMP_OK);
    assert_int_equal(c.n, 4);
    assert_string_equal(c.texts[0], "a b ");
    assert_true(c.onsets[0] == -1.5 && c.durations[0] == 0);
    assert_string_equal(c.texts[1], " ");
    assert_string_equal(c.texts[2], "77");
    assert_true(fabs(c.onsets[3] - odd[3].onset_s) < 1e-9);
    free(bytes);
    edf_notes_free(&notes);
    const lmp_event impossible = {(double)NAN, 0, "x", 0};
    assert_int_equal(edf_notes_new(&impossible, 1, (edf_decimal){0}, (edf_decimal){1, 0}, 1, 2, &notes, &err),
                     LMP_ERR_USAGE);
    assert_null(notes.bytes);
}

/* ---- Records ---------------------------------------------------------------------------------------------- */

static void finds_exact_records(void **state)
{
    (void)state;
    static const double rates[] = {250,        256,      512,    1000,      5000,           20000,    2048.5,
                                   1000 / 3.0, 1e6 / 15, 0.1,    12.8,      2000 / 7.0,     1.0 / 30, 1000 / 1.024,
                                   128.05,     999.99,   4999.5, 500 / 9.0, 1228 / 9.59375, 32768};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        for (int64_t n_times = 1; n_times < 3000000; n_times = 7 * n_times + 3) {
            edf_layout l;
            lmp_error err = {0};
            if (edf_layout_choose(rates[i], n_times, 1, 128, &l, &err) != LMP_OK) fail_msg("%s", err.text);
            char text[EDF_FIELD_ROOM];
            assert_true(edf_field_print(l.record, text));
            assert_true((double)l.samples / strtod(text, NULL) == rates[i]);
            assert_true(l.n_records * l.samples >= n_times && (l.n_records - 1) * l.samples < n_times);
        }
    edf_layout l;
    lmp_error err = {0};
    const double impossible[] = {100 * sqrt(2), 333.33333333, 5000.0000001};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(edf_layout_choose(impossible[i], 100000, 1, 128, &l, &err), LMP_ERR_USAGE);
        assert_non_null(strstr(err.text, "resample"));
    }
    int64_t p, q;
    assert_false(edf_layout_find_fraction((double)NAN, &p, &q));
    assert_false(edf_layout_find_fraction(0, &p, &q));
    assert_true(edf_layout_find_fraction(1000 / 3.0, &p, &q) && p == 1000 && q == 3);
}

static void chooses_sensible_records(void **state)
{
    (void)state;
    static const struct {
        double rate_hz;
        int64_t n_times, multiple;
        double bytes_per_time, record_s;
        int64_t samples;
    } cases[] = {
        {250, 250 * 60, 1, 64, 1, 250},          /* whole seconds where all fits */
        {250, 250 * 60 + 125, 1, 64, 0.5, 125},  /* or the last record full */
        {1000, 60000, 1, 128, 0.48, 480},        /* at most 61440 bytes */
        {5000, 5000 * 60, 1, 128, 1, 5000},      /* or more, where that makes records too short */
        {5000, 5000 * 60, 1, 100000, 0.02, 100}, /* but 10 MB */
        {2048.5, 4097 * 10, 1, 128, 2, 4097},    /* the shortest there is */
        {100, 30000, 100, 6, 1, 100},            /* whole samples of slow channels */
        {1000, 7, 1, 128, 0.007, 7},             /* shorter than any record */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        edf_layout l;
        assert_int_equal(
            edf_layout_choose(cases[i].rate_hz, cases[i].n_times, cases[i].multiple, cases[i].bytes_per_time, &l, NULL),
            LMP_OK);
        if (l.samples != cases[i].samples || edf_decimal_value(l.record) != cases[i].record_s)
            fail_msg("case %d: %d samples in %g s", (int)i, (int)l.samples, edf_decimal_value(l.record));
    }
    lmp_error err = {0};
    edf_layout l;
    assert_int_equal(edf_layout_choose(1e-4, INT64_C(1) << 40, 1, 2, &l, &err), LMP_ERR_USAGE); /* too many records */
}

/* ---- Ranges ----------------------------------------------------------------------------------------------- */

static lmp_channel channel_of(double low, double high, double least, double most)
{
    return (lmp_channel){.name = "x",
                         .unit = "uV",
                         .role = LMP_ROLE_EEG,
                         .physical_min = low,
                         .physical_max = high,
                         .digital_min = least,
                         .digital_max = most,
                         .scale = (high - low) / (most - least)};
}

/* The header fields say what the numbers say, and hold what is asked for. */
static void check_range(const edf_range *r, int bits, double lowest, double highest)
{
    const edf_scaling s = edf_range_scaling(r);
    assert_true(strlen(r->physical_min_text) <= 8 && strlen(r->physical_max_text) <= 8);
    assert_true(strtod(r->physical_min_text, NULL) == r->physical_min);
    assert_true(strtod(r->physical_max_text, NULL) == r->physical_max);
    assert_true(r->digital_min < r->digital_max);
    assert_true(r->digital_min >= -(1 << (bits - 1)) && r->digital_max < 1 << (bits - 1));
    const double ends[2] = {lowest, highest};
    for (int i = 0; i < 2; i++) {
        const double digital = nearbyint((ends[i] - s.offset) / s.scale);
        assert_true(digital >= (double)r->digital_min && digital <= (double)r->digital_max);
    }
}

static void embeds_integer_grids(void **state)
{
    (void)state;
    const lmp_channel channels[] = {
        channel_of(-3276.8, 3276.7, -32768, 32767),
        channel_of(-1000, 1000, -32768, 32767),
        channel_of(8711, -8711, -32768, 32767),
        channel_of(-16384, 16383.5, -32768, 32767),
        channel_of(-187.5, 187.5, -2048, 2047),
        channel_of(-6553.4, 6553.4, -32767, 32767),
        channel_of(34, 40, -2849, 2731),
        channel_of(175921, 175946, -32768, 32767),
    };
    for (size_t k = 0; k < sizeof channels / sizeof channels[0]; k++) {
        const lmp_channel *c = &channels[k];
        const double offset = c->physical_min - c->scale * c->digital_min;
        for (int share = 1; share <= 256; share *= 2) { /* how much of its range the data take */
            const double middle = (c->physical_min + c->physical_max) / 2;
            const double half = fabs(c->physical_max - c->physical_min) / 2 / share * 0.999;
            for (int bits = 16; bits <= 24; bits += 8) {
                edf_range r;
                assert_true(edf_range_embed_data(c, bits, middle - half, middle + half, &r));
                check_range(&r, bits, middle - half, middle + half);
                const edf_scaling s = edf_range_scaling(&r);
                assert_true(s.scale == ldexp(c->scale, -r.finer));
                for (double d = c->digital_min; d <= c->digital_max; d++) {
                    const double value = c->scale * d + offset;
                    if (value < middle - half || value > middle + half) continue;
                    assert_true(s.scale * nearbyint((value - s.offset) / s.scale) + s.offset == value);
                }
                /* A grid of decimals is refined as far as the bits go, but for one. */
                if (bits == 16 && k == 0) assert_true(ldexp(2 * half, r.finer) / c->scale > 65535 / 4.0);
            }
        }
        edf_range r;
        assert_true(edf_range_embed(c, 16, 24, &r));
        assert_int_equal(r.finer, 6);
        check_range(&r, 24, fmin(c->physical_min, c->physical_max), fmax(c->physical_min, c->physical_max));
    }
}

static void knows_what_has_no_grid(void **state)
{
    (void)state;
    edf_range r;
    lmp_channel c = channel_of(-3276.8, 3276.7, -32768, 32767);
    c.scale = 0;
    assert_false(edf_range_embed(&c, 16, 24, &r) || edf_range_embed_data(&c, 16, -1, 1, &r));
    c = channel_of(-3276.8, 3276.7, -32768, 32767);
    c.scale *= 1 + 1e-9; /* not what the header would say */
    assert_false(edf_range_embed(&c, 16, 24, &r) || edf_range_embed_data(&c, 16, -1, 1, &r));
    c = channel_of(-1.23456789e5, 1e5, -32768, 32767); /* too many digits */
    assert_false(edf_range_embed(&c, 16, 24, &r));
    c = channel_of(-262144, 262143, -8388608, 8388607);
    assert_true(edf_range_embed(&c, 24, 24, &r) && r.finer == 0);
    assert_false(edf_range_embed(&c, 24, 16, &r));
    assert_false(edf_range_embed_data(&c, 16, -5000, 5000, &r)); /* more than 16 bits */
    assert_false(edf_range_embed_data(&c, 24, (double)NAN, (double)NAN, &r));
    /* A format that computes its range from a resolution: off by a rounding error, which is no matter. */
    c = (lmp_channel){.scale = 0.1,
                      .physical_min = 0.1 * -32768,
                      .physical_max = 0.1 * 32767,
                      .digital_min = -32768,
                      .digital_max = 32767};
    assert_true(edf_range_embed(&c, 16, 24, &r));
    assert_string_equal(r.physical_min_text, "-3276.8");
}

static void covers_ranges(void **state)
{
    (void)state;
    static const double ranges[][2] = {{-123.456789, 98.7654321},
                                       {0, 0},
                                       {5, 5},
                                       {-0.1, -0.1},
                                       {1e-9, 3e-9},
                                       {-1e-13, 2e-13},
                                       {-9e9, 1e10},
                                       {1e7, 1.2e7},
                                       {-99999.99, 1},
                                       {12.3456789, 12.3456789},
                                       {-1e-5, 1e-5},
                                       {-9999999, 0},
                                       {0, 1e-300},
                                       {-1e30, 0},
                                       {1 / 3.0, 1 / 3.0 + 1e-9}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        for (int bits = 16; bits <= 24; bits += 8) {
            edf_range r;
            const double low = ranges[i][0], high = ranges[i][1];
            if (!edf_range_cover(bits, low, high, &r)) fail_msg("%g to %g", low, high);
            check_range(&r, bits, low, high);
            assert_true(r.physical_min <= low && r.physical_max >= high);
            /* No more than half of the integers are wasted, unless 8 characters cannot say it better. */
            const double extent = r.physical_max - r.physical_min, digits = fmax(fabs(low), fabs(high));
            assert_true(extent <= 2 * (high - low) || extent <= fmax(2.1e-6, digits * 1e-5) || low == high);
        }
    edf_range r;
    assert_true(edf_range_cover(16, (double)NAN, (double)NAN, &r));
    assert_true(edf_range_cover(16, 5, 5, &r) && r.physical_min == 5); /* a flat channel keeps its value */
    assert_false(edf_range_cover(16, -1e308, 1e308, &r));
    assert_false(edf_range_cover(16, 0, (double)INFINITY, &r));
}

static void covers_codes(void **state)
{
    (void)state;
    edf_range r;
    assert_true(edf_range_codes(16, 0, 255, &r));
    assert_true(edf_range_scaling(&r).scale == 1 && edf_range_scaling(&r).offset == 0);
    assert_true(edf_range_codes(16, 65280, 130000, &r));
    check_range(&r, 16, 65280, 130000);
    assert_true(edf_range_scaling(&r).scale == 1);
    assert_false(edf_range_codes(16, -1, 65536, &r));
    assert_false(edf_range_codes(16, 1e9, 1e9 + 1, &r));
    assert_true(edf_range_codes(24, -8388608, 8388607, &r));
    assert_string_equal(r.physical_min_text, "-8388608");
}

static void extends_ranges(void **state)
{
    (void)state;
    const lmp_channel c = channel_of(-3276.8, 3276.7, -32768, 32767);
    edf_range r, before;
    assert_true(edf_range_embed(&c, 16, 24, &r));
    before = r;
    edf_range_extend(&c, 24, r.digital_min, r.digital_max, &r);
    assert_memory_equal(&r, &before, sizeof r);
    edf_range_extend(&c, 24, r.digital_min, r.digital_max + 1, &r);
    check_range(&r, 24, -3276.8, 3276.8);
    assert_true(r.digital_max > before.digital_max);
    assert_true(edf_range_scaling(&r).scale == edf_range_scaling(&before).scale);
    assert_true(edf_range_scaling(&r).offset == edf_range_scaling(&before).offset);
    r = before;
    edf_range_extend(&c, 24, -8388608, 8388607, &r); /* no whole ranges there: stays */
    assert_memory_equal(&r, &before, sizeof r);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(parses_decimals),       TEST(prints_decimals),         TEST(adds_decimals_exactly),
        TEST(rounds_fields_outward), TEST(prints_identifications),  TEST(prints_starts),
        TEST(codes_integers),        TEST(finds_what_does_not_fit), TEST(shares_out_annotations),
        TEST(prints_odd_events),     TEST(finds_exact_records),     TEST(chooses_sensible_records),
        TEST(embeds_integer_grids),  TEST(knows_what_has_no_grid),  TEST(covers_ranges),
        TEST(covers_codes),          TEST(extends_ranges),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
