/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_edf.c: EDF, EDF+, BDF and BDF+ files, read.
 */
#include "edf_support.h"

#include <jansson.h>
#include <pthread.h>

static const lmp_open_options to_salvage = {.struct_size = sizeof to_salvage, .salvage = 1};

/* Ordinary files of both kinds: three rates that do not divide each other, three units, a gain below 0. */
static made_file mixed(bool is_bdf)
{
    return (made_file){
        .is_bdf = is_bdf,
        .records = 7,
        .duration = "0.5",
        .signals = {{.label = "Fz", .samples = 100},
                    {.label = "slow", .samples = 33},
                    {.label = "ECG", .unit = "mV", .physical_min = "5", .physical_max = "-5", .samples = 100},
                    {.label = "Temp",
                     .unit = "DegC",
                     .physical_min = "34",
                     .physical_max = "40.25",
                     .digital_min = "-2849",
                     .digital_max = "2731",
                     .samples = 1}}};
}

/* ---- Samples ---------------------------------------------------------------------------------------------- */

static void reads_samples(void **state)
{
    (void)state;
    for (int is_bdf = 0; is_bdf < 2; is_bdf++) {
        const made_file file = mixed(is_bdf == 1);
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

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
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
    made_file files[3] = {mixed(false), mixed(true), mixed(true)};
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

static made_file gapped(const char *const *notes)
{
    return (made_file){.reserved = "EDF+D",
                       .records = 4,
                       .notes = notes,
                       .signals = {{.label = "Fz", .samples = 10}, {.label = "EDF Annotations", .samples = 40}}};
}

static void reads_gapped_files(void **state)
{
    (void)state;
    static const char *const contiguous[] = {"+0.5||^", "+1.5||^", "+2.52||^", "+3.52||^+4|x|^"}; /* 20 ms: rounding */
    made_file file = gapped(contiguous);
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
    file = gapped(notes);
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
    made_file file = gapped(backwards);
    lmp_source source;
    io_refuse(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, LMP_ERR_INPUT, "record 3 starts before");
    io_open(&lmp_io_edf, io_path("a.edf"), &to_salvage, &source);
    assert_int_equal(source.stream.format.n_times, 40);
    assert_non_null(strstr(source.warnings, "continuous"));
    io_close(&source);

    static const char *const silent[] = {"+0||^", "^", "^", "+3||^+3.5|x|^"};
    file = gapped(silent);
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    expect_events(&source, 1, &(lmp_event){3.5, 0, "x", 0});
    assert_non_null(strstr(source.warnings, "2 data records do not tell"));
    io_close(&source);

    file.signals[1].label = NULL; /* gaps, but nobody says where */
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_non_null(strstr(source.warnings, "gaps"));
    io_close(&source);

    static const char *const late[] = {"+0||^", "+5||^", "+6||^", "+7||^"};
    file = gapped(late);
    file.reserved = "EDF+C"; /* which has no gaps, whatever the annotations say */
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_int_equal(source.stream.n_events, 0);
    assert_non_null(strstr(source.warnings, "continuous"));
    io_close(&source);
}

/* ---- Files cut short, or too long ------------------------------------------------------------------------- */

static void salvages(void **state)
{
    (void)state;
    made_file file = mixed(false);
    lmp_source source;
    file.n_records = "9";
    const char *path = made_put_file(&file, "a.edf");
    io_refuse(&lmp_io_edf, path, NULL, LMP_ERR_INPUT, "announces 9 data records, 7 are complete");
    io_refuse(&lmp_io_edf, path, NULL, LMP_ERR_INPUT, "--salvage");
    io_open(&lmp_io_edf, path, &to_salvage, &source);
    assert_int_equal(source.stream.format.n_times, 700);
    assert_non_null(strstr(source.warnings, "7 of 9"));
    double *values = io_read_all(&source);
    assert_true(values[699] == made_truth(&file, 0, 100, 699, 1));
    free(values);
    io_close(&source);
}

static void counts_records_itself(void **state)
{
    (void)state;
    static const char *const unknown[] = {"-1", "0", "", "x"};
    for (int k = 0; k < 4; k++) {
        made_file file = mixed(false);
        lmp_source source;
        file.n_records = unknown[k];
        const char *path = made_put_file(&file, "a.edf");
        assert_int_equal(truncate(path, 1280 + 7 * 468 - 5), 0);
        io_open(&lmp_io_edf, path, NULL, &source);
        assert_int_equal(source.stream.format.n_times, 600);
        assert_non_null(strstr(source.warnings, "makes 6"));
        io_close(&source);
        assert_int_equal(truncate(path, 1280 + 300), 0);
        io_refuse(&lmp_io_edf, path, &to_salvage, LMP_ERR_INPUT, "no complete data record");
    }
}

static void ignores_what_follows(void **state)
{
    (void)state;
    made_file file = mixed(false);
    lmp_source source;
    file.n_records = "5";
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_int_equal(source.stream.format.n_times, 500);
    assert_non_null(strstr(source.warnings, "936 bytes follow"));
    io_close(&source);
}

/* ---- Headers ---------------------------------------------------------------------------------------------- */

static void survives_odd_headers(void **state)
{
    (void)state;
    made_file file = {.records = 2,
                      .duration = "1,0",
                      .date = "31/02/20",
                      .recording = "my recording",
                      .patient = "M\xFCller\x01",
                      .signals = {{.label = "C3", .physical_min = "-1,5", .physical_max = "1E2", .samples = 10},
                                  {.label = "C3", .physical_min = "5", .physical_max = "5", .samples = 10},
                                  {.label = "",
                                   .unit = "\x83\xCA"
                                           "V",
                                   .digital_min = "7",
                                   .digital_max = "7",
                                   .samples = 10},
                                  {.label = "D", .unit = "\xB5V", .physical_max = "much", .samples = 10},
                                  {.label = "E", .unit = "", .samples = 10},
                                  {.label = "Resp", .unit = "", .samples = 10},
                                  {.label = "none", .samples = 0}}};
    lmp_source source;
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    const lmp_channel *c = source.stream.format.channels;
    assert_int_equal(source.stream.format.n_channels, 6);
    assert_true(isnan(source.stream.format.start_unix_s));
    assert_string_equal(source.stream.format.subject, "M\xC3\xBCller");
    assert_string_equal(source.stream.format.session, "my recording");
    assert_string_equal(c[0].name, "C3-0");
    assert_string_equal(c[1].name, "C3-1");
    assert_string_equal(c[2].name, "signal 3");
    assert_true(c[0].physical_min == -1.5 && c[0].physical_max == 100);
    for (int i = 1; i < 4; i++) { /* no range: the integers themselves */
        assert_true(c[i].scale == 1 && c[i].role == LMP_ROLE_MISC && c[i].unit[0] == '\0');
        assert_non_null(strstr(source.warnings, "no usable range"));
    }
    assert_string_equal(c[4].unit, "uV"); /* the unit of old files that state none */
    assert_string_equal(c[5].unit, "");
    assert_non_null(strstr(source.warnings, "not a date"));
    assert_non_null(strstr(source.warnings, "2 signals are called \"C3\""));
    assert_non_null(strstr(source.warnings, "no samples"));
    double *values = io_read_all(&source);
    for (int t = 0; t < 20; t++) assert_true(values[20 + t] == made_value(&file, 1, t));
    free(values);
    io_close(&source);
}

static void knows_start_times(void **state)
{
    (void)state;
    static const struct {
        const char *date, *time, *recording;
        double unix_s; /* below 0: unknown */
    } cases[] = {
        {"01.01.85", "00.00.00", "", 473385600},
        {"01.01.85", "00.00.00", "Startdate X X X X", -1},
        {"31.12.84", "23.59.59", "", 3629145599},
        {"29.02.00", "12:30:15", "", 951827415},
        {"01.01.yy", "00.00.00", "Startdate 02-MAR-2090 X X X", 3792096000},
        {"24.01.20", "04.05.56", "Startdate 24-jan-2020 X X X", 1579838756},
        {"24.01.20", "25.05.56", "Startdate 24-JAN-2020 X X X", -1},
        {"00.00.00", "00.00.00", "", -1},
        {"29.02.01", "00.00.00", "", -1},
        {"", "", "", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        made_file file = mixed(false);
        lmp_source source;
        file.date = cases[i].date;
        file.time = cases[i].time;
        file.recording = cases[i].recording;
        io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
        const double got = source.stream.format.start_unix_s;
        if (cases[i].unix_s < 0 ? !isnan(got) : got != cases[i].unix_s) fail_msg("case %d gives %.1f", (int)i, got);
        io_close(&source);
    }
}

static void finds_the_header_end(void **state)
{
    (void)state;
    made_file file = mixed(false);
    lmp_source source;
    size_t size;
    uint8_t *bytes = made_bytes(&file, &size);
    /* A header that is longer than usual and says so. */
    uint8_t *longer = calloc(1, size + 512);
    assert_non_null(longer);
    memcpy(longer, bytes, 1280);
    memcpy(longer + 1280 + 512, bytes + 1280, size - 1280);
    memcpy(longer + 184, "1792    ", 8);
    io_put("a.edf", longer, size + 512);
    io_open(&lmp_io_edf, io_path("a.edf"), NULL, &source);
    assert_non_null(strstr(source.warnings, "1792"));
    double *values = io_read_all(&source);
    assert_true(values[0] == made_truth(&file, 0, 100, 0, 1));
    free(values);
    io_close(&source);
    /* One that says nonsense. */
    memcpy(bytes + 184, "77      ", 8);
    io_put("a.edf", bytes, size);
    io_open(&lmp_io_edf, io_path("a.edf"), NULL, &source);
    assert_non_null(strstr(source.warnings, "77"));
    io_close(&source);
    free(bytes);
    free(longer);
}

static void refuses_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        int offset;
        const char *text, *word;
    } cases[] = {
        {0, "1       ", "neither EDF nor BDF"},
        {252, "0   ", "how many signals"},
        {252, "many", "how many signals"},
        {252, "-1  ", "how many signals"},
        {252, "9999", "inside its header"},
        {244, "-1      ", "duration"},
        {244, "long    ", "duration"},
        {244, "nan     ", "duration"},
        {244, "1E300   ", "impossible"},
        {1120, "-5      ", "samples per record"},
        {1120, "x       ", "samples per record"},
        {1120, "99999999", "no complete data record"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const made_file file = mixed(false);
        size_t size;
        uint8_t *bytes = made_bytes(&file, &size);
        memcpy(bytes + cases[i].offset, cases[i].text, strlen(cases[i].text));
        io_put("a.edf", bytes, size);
        free(bytes);
        io_refuse(&lmp_io_edf, io_path("a.edf"), NULL, LMP_ERR_INPUT, cases[i].word);
    }
    io_put("a.edf", "0       ", 8);
    io_refuse(&lmp_io_edf, io_path("a.edf"), NULL, LMP_ERR_INPUT, "too few");
    io_refuse(&lmp_io_edf, io_path("absent.edf"), NULL, LMP_ERR_IO, "absent.edf");
}

static void survives_a_record_of_0_s(void **state)
{
    (void)state;
    made_file file = mixed(false);
    lmp_source source;
    file.duration = "0";
    io_open(&lmp_io_edf, made_put_file(&file, "a.edf"), NULL, &source);
    assert_true(source.stream.format.rate_hz == 100);
    assert_non_null(strstr(source.warnings, "1 second"));
    io_close(&source);
}

static void detects(void **state)
{
    (void)state;
    const made_file edf = mixed(false), bdf = mixed(true);
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

/* ---- Faults and damage ------------------------------------------------------------------------------------ */

static made_file annotated(void)
{
    static const char *const notes[] = {"+0||^+0.5|a|^", "+1||^+1.5~1|b|^", "+2||^", "+3||^+3|c|^"};
    made_file file = gapped(notes);
    file.signals[2] = (made_signal){.label = "Cz", .samples = 7};
    return file;
}

static void reports_failed_reads(void **state)
{
    (void)state;
    const made_file file = annotated();
    const char *path = made_put_file(&file, "a.edf");
    for (int nth = 1; nth <= 3; nth++) { /* header, signals, annotations */
        os_fault_inject(nth, 0);
        io_refuse(&lmp_io_edf, path, NULL, LMP_ERR_IO, "a.edf");
    }
    os_fault_inject(0, 0);
    lmp_source source;
    io_open(&lmp_io_edf, path, NULL, &source);
    lmp_budget *budget = NULL;
    const int64_t lane = 0;
    double values[40];
    void *out = values;
    const lmp_read_request request = {0, 40, 1, &lane, &out};
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    os_fault_inject(1, 0);
    assert_int_equal(source.read(source.state, &request, budget, NULL), LMP_ERR_IO);
    budget_fail_at(budget, 1);
    assert_int_equal(source.read(source.state, &request, budget, NULL), LMP_ERR_MEMORY);
    assert_int_equal(truncate(path, 1200), 0);
    assert_int_equal(source.read(source.state, &request, budget, NULL), LMP_ERR_INPUT);
    assert_int_equal(budget_used(budget), 0);
    budget_free(budget);
    io_close(&source);
}

/* Whatever is in the file: it opens and reads, or is refused with a sentence. */
static bool try_file(const char *path)
{
    bool opened = false;
    for (int64_t salvage = 0; salvage < 2; salvage++) {
        const lmp_open_options options = {.struct_size = sizeof options, .salvage = salvage};
        lmp_source source = {0};
        lmp_error err = {0};
        if (edf_open(path, &options, &source, &err) != LMP_OK) {
            assert_true(err.text[0] != '\0' && source.stream.own == NULL && source.warnings == NULL);
            continue;
        }
        opened = true;
        const lmp_format *f = &source.stream.format;
        assert_true(f->n_channels == 0 ? f->n_times == 0 : f->n_times > 0 && f->rate_hz > 0);
        if (f->n_channels > 0) free(io_read_stretch(&source, 0, f->n_times < 300 ? f->n_times : 300));
        io_close(&source);
    }
    return opened;
}

static void survives_truncation(void **state)
{
    (void)state;
    const made_file file = annotated();
    size_t size;
    uint8_t *bytes = made_bytes(&file, &size);
    int n_opened = 0;
    for (size_t n = 0; n <= size; n += n < 1024 ? 13 : 1) {
        io_put("a.edf", bytes, n);
        n_opened += try_file(io_path("a.edf"));
    }
    assert_int_equal(n_opened, 3 * (int)(2 * (10 + 40 + 7)) + 1); /* from the end of the first record on */
    free(bytes);
}

static void survives_mutation(void **state)
{
    (void)state;
    static const char interesting[] = "0123456789-+.,E \x14\x15|XD\xFF";
    made_file files[2] = {annotated(), mixed(true)};
    uint64_t seed = 7;
    int n_opened = 0;
    for (int turn = 0; turn < 3000; turn++) {
        size_t size;
        uint8_t *bytes = made_bytes(&files[turn % 2], &size);
        for (int k = 0; k <= turn % 5; k++) {
            const size_t at = next_random(&seed) % (turn % 3 == 0 ? size : 256 + 4 * 256);
            bytes[at] =
                (uint8_t)(next_random(&seed) % 2 == 0 ? (uint64_t)interesting[next_random(&seed) % sizeof interesting]
                                                      : next_random(&seed));
        }
        io_put("a.edf", bytes, size);
        n_opened += try_file(io_path("a.edf"));
        free(bytes);
    }
    assert_true(n_opened > 500);
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
        TEST(salvages),
        TEST(counts_records_itself),
        TEST(ignores_what_follows),
        TEST(survives_odd_headers),
        TEST(knows_start_times),
        TEST(finds_the_header_end),
        TEST(refuses_in_one_sentence),
        TEST(survives_a_record_of_0_s),
        TEST(detects),
        TEST(reports_failed_reads),
        TEST(survives_truncation),
        TEST(survives_mutation),
        TEST(reads_shared_recordings),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
