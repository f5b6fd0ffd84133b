/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_edf.c: EDF, EDF+, BDF and BDF+ files, read.
 */
#include "edf_support.h"

#include <jansson.h>
#include <pthread.h>

static const lmp_open_options to_salvage = {.struct_size = sizeof to_salvage, .salvage = 1};

/* ---- Samples ---------------------------------------------------------------------------------------------- */

static void reads_samples(void **state)
{
    (void)state;
    for (int is_bdf = 0; is_bdf < 2; is_bdf++) {
        const made_file file = made_mixed(is_bdf == 1);
        lmp_source source;
        io_open(made_io(&file), made_put_file(&file, "a.edf"), NULL, &source);
        const lmp_format *f = &source.stream.format;
        assert_int_equal(f->n_times, 700);
        assert_int_equal(f->n_channels, 4);
        assert_int_equal(f->type, is_bdf ? LMP_INT24 : LMP_INT16);
        assert_true(f->rate_hz == 200);
        assert_true(f->start_unix_s == 1579838756.0);
        assert_string_equal(f->channels[2].unit, "uV");
        assert_string_equal(f->channels[3].unit, "DegC");
        assert_string_equal(f->channels[0].transducer, "electrode");
        assert_string_equal(f->channels[0].filtering, "HP:0.1Hz");
        assert_int_equal(f->channels[0].role, LMP_ROLE_EEG);
        assert_int_equal(f->channels[1].role, LMP_ROLE_SLOW);
        assert_int_equal(f->channels[2].role, LMP_ROLE_ECG);
        assert_true(f->channels[1].stored_rate_hz == 66 && f->channels[3].stored_rate_hz == 2);
        assert_true(f->channels[2].physical_min == 5000 && f->channels[2].scale < 0);
        assert_null(source.warnings);
        assert_string_equal(source.format_name, is_bdf ? "BDF" : "EDF");
        assert_int_equal(source.time_grain, 100);
        double *values = io_read_all(&source);
        for (int i = 0; i < 4; i++)
            for (int64_t t = 0; t < 700; t++)
                if (values[i * 700 + t] != made_truth(&file, i, 100, t, i == 2 ? 1000 : 1))
                    fail_msg("lane %d, time %d: %.17g", i, (int)t, values[i * 700 + t]);
        free(values);
        io_close(&source);
    }
}

typedef struct reader {
    lmp_source *source;
    const double *all;
    uint64_t seed;
    int n_wrong;
} reader;

/* Stretches and choices of lanes at random, against what was read at once. */
static void *read_at_random(void *user)
{
    reader *r = user;
    const lmp_format *f = &r->source->stream.format;
    lmp_budget *budget = NULL;
    r->n_wrong += budget_new(1 << 24, &budget, NULL) != LMP_OK;
    double *room = malloc((size_t)(f->n_times * f->n_channels) * sizeof *room);
    for (int turn = 0; turn < 300 && room != NULL; turn++) {
        int64_t lanes[EDF_MADE_SIGNALS], n = 0;
        void *out[EDF_MADE_SIGNALS];
        const int64_t first = (int64_t)(next_random(&r->seed) % (uint64_t)f->n_times);
        const int64_t rest = f->n_times - first, count = (int64_t)(next_random(&r->seed) % (uint64_t)(rest + 1));
        for (int64_t i = 0; i < f->n_channels; i++) {
            if (next_random(&r->seed) % 2 == 0) continue;
            lanes[n] = i;
            out[n] = room + n * count;
            n++;
        }
        const lmp_read_request request = {first, count, n, lanes, out};
        r->n_wrong += r->source->read(r->source->state, &request, budget, NULL) != LMP_OK;
        for (int64_t i = 0; i < n; i++)
            r->n_wrong += memcmp(out[i], r->all + lanes[i] * f->n_times + first, (size_t)count * sizeof(double)) != 0;
    }
    r->n_wrong += room == NULL || budget_used(budget) > IO_VIEW_BYTES;
    budget_free(budget);
    free(room);
    return NULL;
}

static void reads_anywhere_from_threads(void **state)
{
    (void)state;
    made_file files[3] = {made_mixed(false), made_mixed(true), made_mixed(true)};
    files[2].records = 3; /* records of more than one view */
    files[2].signals[0].samples = 150000;
    files[2].signals[1].samples = 149999;
    files[2].signals[3].samples = 50000;
    for (int k = 0; k < 3; k++) {
        lmp_source source;
        io_open(made_io(&files[k]), made_put_file(&files[k], "a.edf"), NULL, &source);
        double *all = io_read_all(&source);
        reader readers[4];
        pthread_t threads[4];
        for (int i = 0; i < 4; i++) {
            readers[i] = (reader){&source, all, (uint64_t)i, 0};
            assert_int_equal(pthread_create(&threads[i], NULL, read_at_random, &readers[i]), 0);
        }
        for (int i = 0; i < 4; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_int_equal(readers[i].n_wrong, 0);
        }
        free(all);
        io_close(&source);
    }
}

/* Codes of the Status signal stay what they are, with all 24 bits. */
static void keeps_status_codes(void **state)
{
    (void)state;
    made_file file = {.is_bdf = true,
                      .records = 2,
                      .signals = {{.label = "Fz", .samples = 10},
                                  {.label = "Status",
                                   .unit = "Boolean",
                                   .physical_min = "-262144",
                                   .physical_max = "262143",
                                   .samples = 10}}};
    lmp_source source;
    io_open(&lmp_io_bdf, made_put_file(&file, "a.bdf"), NULL, &source);
    assert_int_equal(source.stream.format.channels[1].role, LMP_ROLE_STIM);
    assert_true(source.stream.format.channels[1].scale == 1);
    double *values = io_read_all(&source);
    for (int t = 0; t < 20; t++) assert_true(values[20 + t] == made_value(&file, 1, t));
    free(values);
    io_close(&source);
}

/* More than the 10 MB that some readers refuse, in a file that is mostly a hole. */
static void reads_large_records(void **state)
{
    (void)state;
    made_file file = {.is_bdf = true,
                      .records = 0,
                      .n_records = "3",
                      .duration = "30",
                      .signals = {{.label = "a", .samples = 2000000}, {.label = "b", .samples = 2000000}}};
    lmp_source source;
    lmp_budget *budget = NULL;
    const char *path = made_put_file(&file, "a.bdf");
    assert_int_equal(truncate(path, 768 + 3 * INT64_C(12000000)), 0);
    io_open(&lmp_io_bdf, path, NULL, &source);
    assert_int_equal(source.stream.format.n_times, 6000000);
    double *values = malloc(4000000 * sizeof *values);
    const int64_t lane = 1;
    void *out = values;
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK); /* one record is far more than this */
    const lmp_read_request request = {1000000, 4000000, 1, &lane, &out};
    assert_int_equal(source.read(source.state, &request, budget, NULL), LMP_OK);
    const lmp_channel *c = &source.stream.format.channels[1];
    for (int t = 0; t < 4000000; t++) assert_true(values[t] == c->physical_min - c->scale * c->digital_min);
    free(values);
    budget_free(budget);
    io_close(&source);
}

/* ---- Annotations ------------------------------------------------------------------------------------------ */

static void expect_events(const lmp_source *source, int n, const lmp_event *wanted)
{
    const lmp_event *got = source->stream.events;
    for (int i = 0; i < n && i < source->stream.n_events; i++)
        if (got[i].onset_s != wanted[i].onset_s || got[i].duration_s != wanted[i].duration_s ||
            strcmp(got[i].label, wanted[i].label) != 0)
            fail_msg("event %d is %.17g %.17g '%s'", i, got[i].onset_s, got[i].duration_s, got[i].label);
    assert_int_equal(source->stream.n_events, n);
}

static void reads_annotations(void **state)
{
    (void)state;
    static const char *const notes[] = {
        "+0.394531||^+0.5|start|^",
        "+0.394531~2.5|later|and again|^", /* the first tells the time */
        "+1.394531||spoken at the start|^",
        "^^+1.9|\xE4\xB8\xAD\xE6\x96\x87|^+0.1|before|^", /* UTF-8; zeros between */
        "+2.394531||^+2.4|M\xFCller|^+3~|no duration|^",
        "+2,5~0,25|comma|^nonsense^+4|unfinished",
    };
    made_file file = {.reserved = "EDF+C",
                      .records = 3,
                      .notes = notes,
                      .signals = {{.label = "Fz", .samples = 10},
                                  {.label = "EDF Annotations", .samples = 30},
                                  {.label = "EDF Annotations", .samples = 30}}};
    const lmp_event wanted[] = {{0.1 - 0.394531, 0, "before", 0},  {0, 2.5, "later", 0},
                                {0, 2.5, "and again", 0},          {0.105469, 0, "start", 0},
                                {1, 0, "spoken at the start", 0},  {1.505469, 0, "\xE4\xB8\xAD\xE6\x96\x87", 0},
                                {2.005469, 0, "M\xC3\xBCller", 0}, {2.105469, 0.25, "comma", 0},
                                {2.605469, 0, "no duration", 0},   {3.605469, 0, "unfinished", 0}};
    lmp_source source;
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    expect_events(&source, sizeof wanted / sizeof wanted[0], wanted);
    assert_int_equal(source.stream.format.n_channels, 1);
    assert_true(fabs(source.stream.format.start_unix_s - 1579838756.394531) < 1e-6);
    assert_string_equal(source.format_name, "EDF+C");
    assert_non_null(strstr(source.warnings, "1 lists"));
    io_close(&source);
}

static void reads_many_annotations(void **state)
{
    (void)state;
    enum { RECORDS = 500, EACH = 64 };
    made_file file = {.reserved = "EDF+C",
                      .records = RECORDS,
                      .signals = {{.label = "Fz", .samples = 4}, {.label = "EDF Annotations", .samples = 1000}}};
    const char **notes = malloc(RECORDS * sizeof *notes);
    assert_non_null(notes);
    for (int r = 0; r < RECORDS; r++) {
        char *text = malloc(2000);
        assert_non_null(text);
        int n = sprintf(text, "+%d||^", r);
        for (int i = 0; i < EACH; i++) n += sprintf(text + n, "+%d.%06d|R%d|^", r, i * 15625, i % 3);
        notes[r] = text;
    }
    file.notes = notes;
    lmp_source source;
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_int_equal(source.stream.n_events, RECORDS * EACH);
    for (int i = 0; i < RECORDS * EACH; i++) assert_true(source.stream.events[i].onset_s == i / 64.0);
    assert_null(source.warnings);
    io_close(&source);
    for (int r = 0; r < RECORDS; r++) free((char *)notes[r]);
    free(notes);
}

static void reads_files_of_annotations_only(void **state)
{
    (void)state;
    static const char *const notes[] = {"+0||^+0~30630|Sleep stage W|^+30630~120|Sleep stage 1|^"};
    made_file file = {.reserved = "EDF+C",
                      .records = 1,
                      .duration = "0",
                      .notes = notes,
                      .signals = {{.label = "EDF Annotations", .samples = 100}}};
    const lmp_event wanted[] = {{0, 30630, "Sleep stage W", 0}, {30630, 120, "Sleep stage 1", 0}};
    lmp_source source;
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    expect_events(&source, 2, wanted);
    assert_int_equal(source.stream.format.n_channels, 0);
    assert_int_equal(source.stream.format.n_times, 0);
    assert_null(source.warnings);
    io_close(&source);
}

/* ---- Gaps ------------------------------------------------------------------------------------------------- */

static void reads_gapped_files(void **state)
{
    (void)state;
    static const char *const contiguous[] = {"+0.5||^", "+1.5||^", "+2.52||^", "+3.52||^+4|x|^"}; /* 20 ms: rounding */
    made_file file = made_gapped(contiguous);
    lmp_source source;
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    expect_events(&source, 1, &(lmp_event){3.5, 0, "x", 0});
    assert_string_equal(source.format_name, "EDF+D");
    assert_null(source.warnings);
    io_close(&source);

    /* Record 3 starts 10 s late, record 4 another 2.5 s. */
    static const char *const notes[] = {"+0.5||^+0.75|a|^", "+1.5||^+1.75~10|across|^+5|in the gap|^",
                                        "+12.5||^+13|b|^", "+16||^+16.5|c|^+20|after|^"};
    const lmp_event wanted[] = {{0.25, 0, "a", 0},         {1.25, 0.75, "across", 0}, {2, 0, "in the gap", 0},
                                {2, 0, "BAD_ACQ_SKIP", 0}, {2.5, 0, "b", 0},          {3, 0, "BAD_ACQ_SKIP", 0},
                                {3.5, 0, "c", 0},          {7, 0, "after", 0}};
    file = made_gapped(notes);
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    expect_events(&source, 8, wanted);
    assert_int_equal(source.stream.format.n_times, 40);
    assert_non_null(strstr(source.warnings, "2 gaps, 12.5 s"));
    const json_t *gaps = json_object_get(source.facts, "gaps");
    assert_int_equal(json_array_size(gaps), 2);
    assert_true(json_real_value(json_object_get(json_array_get(gaps, 0), "at_s")) == 2);
    assert_true(json_real_value(json_object_get(json_array_get(gaps, 1), "skipped_s")) == 2.5);
    io_close(&source);
}

static void judges_record_times(void **state)
{
    (void)state;
    static const char *const backwards[] = {"+0||^", "+1||^", "+0.5||^+1|x|^", "+3||^"};
    made_file file = made_gapped(backwards);
    lmp_source source;
    io_refuse(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, LMP_ERR_INPUT, "record 3 starts before");
    io_open(&lmp_io_edf, io_path("a.edf"), &to_salvage, &source);
    assert_int_equal(source.stream.format.n_times, 40);
    assert_non_null(strstr(source.warnings, "continuous"));
    io_close(&source);

    static const char *const silent[] = {"+0||^", "^", "^", "+3||^+3.5|x|^"};
    file = made_gapped(silent);
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    expect_events(&source, 1, &(lmp_event){3.5, 0, "x", 0});
    assert_non_null(strstr(source.warnings, "2 data records do not tell"));
    io_close(&source);

    file.signals[1].label = NULL; /* gaps, but nobody says where */
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_non_null(strstr(source.warnings, "gaps"));
    io_close(&source);

    static const char *const late[] = {"+0||^", "+5||^", "+6||^", "+7||^"};
    file = made_gapped(late);
    file.reserved = "EDF+C"; /* which has no gaps, whatever the annotations say */
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_int_equal(source.stream.n_events, 0);
    assert_non_null(strstr(source.warnings, "continuous"));
    io_close(&source);
}

static void detects(void **state)
{
    (void)state;
    const made_file edf = made_mixed(false), bdf = made_mixed(true);
    size_t size;
    uint8_t *e = made_bytes(&edf, &size), *b = made_bytes(&bdf, &size);
    assert_int_equal(lmp_io_edf.detect(e, 4096, "x"), 100);
    assert_int_equal(lmp_io_bdf.detect(b, 4096, "x"), 100);
    assert_int_equal(lmp_io_edf.detect(b, 4096, "x.edf"), 0);
    assert_int_equal(lmp_io_bdf.detect(e, 4096, "x"), 0);
    assert_true(lmp_io_edf.detect(e, 4096, "x.bdf") > lmp_io_bdf.detect(e, 4096, "x.bdf"));
    assert_true(lmp_io_edf.detect((const uint8_t *)"junk", 4, "x.edf") > 0);
    assert_int_equal(lmp_io_edf.detect((const uint8_t *)"junk", 4, "x.txt"), 0);
    assert_int_equal(lmp_io_edf.detect((const uint8_t *)"", 0, "x"), 0);
    free(e);
    free(b);
}

/* ---- Shared recordings ------------------------------------------------------------------------------------ */

static void reads_shared_recordings(void **state)
{
    (void)state;
    static const struct {
        const char *name, *format;
        int64_t n_times, n_channels, n_events;
        double rate_hz;
    } cases[] = {
        {"pyedflib/data/test_generator.edf", "EDF+C", 120000, 11, 2, 200},
        {"pyedflib/data/test_legacy.edf", "EDF", 120000, 11, 2, 200},
        {"pyedflib/data/test_subsecond.edf", "EDF+C", 89344, 1, 4, 128},
        {"pyedflib/data/test_utf8.edf", "EDF+C", 89344, 1, 5, 128},
        {"pyedflib/data/test_generator.bdf", "BDF+C", 30000, 5, 0, 1000},
        {"pyedflib/data/test_generator_datarec_generator_0_5.bdf", "BDF+C", 60000, 5, 0, 2000},
        {"pyedflib/data/test_generator_datarec_generator_2.bdf", "BDF+C", 15000, 5, 0, 500},
        {"edfio/TEST_DATA/SC4001EC-Hypnogram.edf", "EDF+C", 0, 0, 154, 0},
        {"edfio/TEST_DATA/SC4001EC-Hypnogram.bdf", "BDF+C", 0, 0, 154, 0},
        {"edfio/TEST_DATA/short_psg.edf", "EDF", 30000, 7, 0, 100},
        {"edfio/TEST_DATA/short_psg.bdf", "BDF", 30000, 7, 0, 100},
        {"edfio/TEST_DATA/mne_test.edf", "EDF+C", 3072, 139, 5, 512},
        {"edfio/TEST_DATA/mne_test.bdf", "BDF+C", 3072, 139, 5, 512},
        {"edfio/TEST_DATA/test_subsecond.edf", "EDF+C", 89344, 1, 4, 128},
        {"edfio/TEST_DATA/test_subsecond.bdf", "BDF+C", 89344, 1, 4, 128},
        {"mne_io/edf/tests/data/test.edf", "EDF+C", 3072, 139, 5, 512},
        {"mne_io/edf/tests/data/test.bdf", "BDF", 2048, 73, 0, 2048},
        {"mne_io/edf/tests/data/test_uneven_samp.edf", "EDF", 11000, 2, 0, 100},
        {"mne_io/edf/tests/data/test_stim_channel.edf", "EDF+C", 120000, 3, 0, 200},
        {"mne_io/edf/tests/data/test_edf_stim_channel.edf", "EDF", 1228, 25, 0, 128},
        {"mne_io/edf/tests/data/test_bdf_stim_channel.bdf", "BDF", 5000, 4, 0, 500},
        {"mne_io/edf/tests/data/duplicate_channel_labels.edf", "EDF+C", 2500, 3, 0, 250},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lmp_source source;
        io_open(&lmp_io_edf, io_shared(cases[i].name), NULL, &source);
        const lmp_format *f = &source.stream.format;
        if (strcmp(source.format_name, cases[i].format) != 0 || f->n_times != cases[i].n_times ||
            f->n_channels != cases[i].n_channels || source.stream.n_events != cases[i].n_events ||
            f->rate_hz != cases[i].rate_hz)
            fail_msg("%s: %s, %d times, %d channels, %d events, %g Hz", cases[i].name, source.format_name,
                     (int)f->n_times, (int)f->n_channels, (int)source.stream.n_events, f->rate_hz);
        if (f->n_channels > 0) free(io_read_stretch(&source, 0, f->n_times));
        io_close(&source);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_samples),
        TEST(reads_anywhere_from_threads),
        TEST(keeps_status_codes),
        TEST(reads_large_records),
        TEST(reads_annotations),
        TEST(reads_many_annotations),
        TEST(reads_files_of_annotations_only),
        TEST(reads_gapped_files),
        TEST(judges_record_times),
        TEST(detects),
        TEST(reads_shared_recordings),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
