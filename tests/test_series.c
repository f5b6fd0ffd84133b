/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_series.c: folders and patterns of files as one movie, with a format of a few lines of our own.
 */
#include "io/series/series.h"

#include "core/recording.h"
#include "io/series/series_cache.h"
#include "io/series/series_names.h"
#include "io_support.h"

#include <stdatomic.h>

/* ---- A format: one line of text, "TOY type height width colours frames seed rate broken-frame" -------------- */

typedef struct toy {
    int type, height, width, colours, frames, seed, broken;
    double rate_hz;
    char path[600];
} toy;

static atomic_llong n_open, most_open, n_opened;

static unsigned toy_value(int seed, int64_t frame, int64_t i)
{
    return ((unsigned)seed * 41u + (unsigned)frame * 7u + (unsigned)i * 3u) & 255u;
}

static lmp_status toy_read(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const toy *t = state;
    const int64_t row = out->width * out->n_colours;
    (void)budget;
    assert_true(out->first >= 0 && out->count > 0 && out->first + out->count <= t->frames);
    assert_int_equal(out->width, t->width);
    for (int64_t f = 0; f < out->count; f++) {
        if (out->first + f == t->broken) return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be decoded", t->path);
        char *to = (char *)out->data + (size_t)f * out->stride;
        for (int64_t i = 0; i < out->rows * row; i++) {
            const unsigned v = toy_value(t->seed, out->first + f, out->row * row + i);
            if (t->type == LMP_UINT8)
                ((uint8_t *)to)[i] = (uint8_t)v;
            else
                ((uint16_t *)(void *)to)[i] = (uint16_t)(v * 256);
        }
    }
    return LMP_OK;
}

static void toy_close(void *state)
{
    atomic_fetch_sub(&n_open, 1);
    free(state);
}

/* Frame f at 0.5 + 0.01 f^2 seconds. */
static void set_toy_times(lmp_stream *stream)
{
    double times_s[16];
    assert_true(stream->format.n_times <= 16);
    for (int f = 0; f < stream->format.n_times; f++) times_s[f] = 0.5 + 0.01 * f * f;
    assert_int_equal(lmp_stream_set_frames(stream, NULL, times_s, NULL), LMP_OK);
}

static lmp_status toy_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    toy t = {.broken = -1};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const int n = fscanf(file, "TOY %d %d %d %d %d %d %lf %d", &t.type, &t.height, &t.width, &t.colours, &t.frames,
                         &t.seed, &t.rate_hz, &t.broken);
    fclose(file);
    if (n < 8) return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged", path);
    if (options->grey) t.colours = 1;
    snprintf(t.path, sizeof t.path, "%s", path);
    source->stream.format = (lmp_format){.kind = LMP_MOVIE,
                                         .type = (lmp_type)t.type,
                                         .n_times = t.frames,
                                         .rate_hz = t.rate_hz,
                                         .height = t.height,
                                         .width = t.width,
                                         .n_colours = t.colours,
                                         .start_unix_s = (double)NAN};
    source->format_name = "toy";
    if (t.seed >= 1000) set_toy_times(&source->stream);
    if (t.rate_hz > 100 && asprintf(&source->warnings, "%s: fast\nIt is %s.", path, t.seed > 2 ? "new" : "old") < 0)
        fail();
    source->bytes_per_time = 8;
    source->reads_rows = true;
    source->read_frames = toy_read;
    source->close = toy_close;
    source->state = memcpy(malloc(sizeof t), &t, sizeof t);
    atomic_fetch_add(&n_opened, 1);
    const long long now = atomic_fetch_add(&n_open, 1) + 1;
    if (now > atomic_load(&most_open)) atomic_store(&most_open, now);
    return LMP_OK;
}

static int toy_detect(const uint8_t *head, size_t n, const char *path)
{
    (void)path;
    return n > 4 && memcmp(head, "TOY ", 4) == 0 ? 90 : 0;
}

static const lmp_io toy_io = {.name = "toy",
                              .summary = "A toy.",
                              .kind = LMP_MOVIE,
                              .extensions = "toy",
                              .can_read = true,
                              .detect = toy_detect,
                              .open = toy_open};

/* A format of signals, which a folder never holds. */
static lmp_status wave_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    (void)path, (void)options, (void)err;
    source->stream.format = (lmp_format){.kind = LMP_SIGNALS, .type = LMP_INT16, .n_times = 5, .n_channels = 1};
    return LMP_OK;
}

static int wave_detect(const uint8_t *head, size_t n, const char *path)
{
    (void)path;
    return n > 3 && memcmp(head, "WAV", 3) == 0 ? 90 : 0;
}

static const lmp_io wave_io = {.name = "wave",
                               .kind = LMP_SIGNALS,
                               .extensions = "wav",
                               .can_read = true,
                               .detect = wave_detect,
                               .open = wave_open};

enum { N_TOYS = 4 };
static const lmp_io *const toys[N_TOYS];

static int folder_detect(const uint8_t *head, size_t n, const char *path)
{
    (void)head, (void)path;
    return n == 0;
}

static lmp_status folder_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    return series_open(toys, path, options, source, err);
}

static const lmp_io folder_io = {.name = "toys",
                                 .kind = LMP_MOVIE,
                                 .extensions = "",
                                 .can_read = true,
                                 .is_folder = true,
                                 .has_groups = true,
                                 .detect = folder_detect,
                                 .open = folder_open};

static const lmp_io *const toys[N_TOYS] = {&toy_io, &wave_io, &folder_io, NULL};

/* ---- Help ------------------------------------------------------------------------------------------------- */

static void put_toy(const char *name, lmp_type type, int height, int width, int frames, int seed)
{
    char text[100];
    snprintf(text, sizeof text, "TOY %d %d %d 1 %d %d 20 -1\n", (int)type, height, width, frames, seed);
    io_put_text(name, text);
}

static void put_image(const char *name, int seed)
{
    put_toy(name, LMP_UINT8, 4, 6, 1, seed);
}

static void put_broken(const char *name)
{
    io_put_text(name, "TOY 2 4\n");
}

static lmp_engine *new_engine(int64_t threads, uint64_t memory)
{
    static const lmp_step *const no_steps[] = {NULL};
    static const lmp_simulator *const no_simulators[] = {NULL};
    static const lmp_preset *const no_presets[] = {NULL};
    const engine_catalog catalog = {
        .steps = {no_steps, NULL}, .formats = toys, .simulators = no_simulators, .presets = no_presets};
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.threads = threads;
    options.memory_limit = memory;
    lmp_engine *engine = NULL;
    lmp_error err = {0};
    if (engine_new(&options, &catalog, &engine, &err) != LMP_OK) fail_msg("%s", err.text);
    return engine;
}

typedef struct opened {
    lmp_engine *engine;
    lmp_recording *recording;
    const lmp_format *format;
} opened;

static opened open_toys(const char *path, const lmp_open_options *options, int64_t threads)
{
    opened o = {.engine = new_engine(threads, 64 << 20)};
    lmp_error err = {0};
    if (lmp_recording_open(o.engine, path, options, &o.recording, &err) != LMP_OK) fail_msg("%s", err.text);
    o.format = lmp_recording_get_format(o.recording);
    return o;
}

static void close_toys(opened *o)
{
    lmp_recording_close(o->recording);
    lmp_engine_free(o->engine);
    assert_int_equal(atomic_load(&n_open), 0);
}

static void refuse(const char *path, const lmp_open_options *options, lmp_status status, const char *word)
{
    lmp_open_options none = LMP_OPTIONS(lmp_open_options);
    io_refuse(&folder_io, path, options == NULL ? &none : options, status, word);
    assert_int_equal(atomic_load(&n_open), 0);
}

/* Frame f of the movie is frame `at` of the toy of `seed` and of that width. */
static void check_frame(const opened *o, int64_t f, int seed, int64_t at, int64_t width)
{
    uint8_t pixels[64];
    lmp_error err = {0};
    const int64_t n = o->format->height * o->format->width;
    assert_true(n <= 64);
    if (lmp_recording_read_frames(o->recording, f, 1, pixels, &err) != LMP_OK) fail_msg("%s", err.text);
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(pixels[i], toy_value(seed, at, i / o->format->width * width + i % o->format->width));
}

/* ---- Names ------------------------------------------------------------------------------------------------ */

static void orders_naturally(void **state)
{
    static const char *const ordered[] = {"0",
                                          "00",
                                          "1",
                                          "1.tif",
                                          "2",
                                          "10",
                                          "A1",
                                          "a01",
                                          "a1",
                                          "a1b",
                                          "A2",
                                          "a10",
                                          "a99999999999999999999998",
                                          "a99999999999999999999999",
                                          "a100000000000000000000000",
                                          "b",
                                          "ba",
                                          "c-2",
                                          "c_1"};
    const int n = sizeof ordered / sizeof *ordered;
    (void)state;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            const int order = series_compare(ordered[i], ordered[k]);
            if ((order < 0) != (i < k) || (order > 0) != (i > k))
                fail_msg("%s and %s: %d", ordered[i], ordered[k], order);
        }
}

static void knows_how_files_are_named(void **state)
{
    (void)state;
    assert_int_equal(series_cluster_of("12.tif"), SERIES_NUMBERED);
    assert_int_equal(series_cluster_of("img_0042.tif"), SERIES_NUMBERED);
    assert_int_equal(series_cluster_of("frame9.tif"), SERIES_NUMBERED); /* frame10 is in the same series */
    assert_int_equal(series_cluster_of("run.0007"), SERIES_NUMBERED);
    assert_int_equal(series_cluster_of("t=20_run=3.tif"), SERIES_SCHEMA);
    assert_int_equal(series_cluster_of("laser off.tif"), SERIES_SCHEMA);
    assert_int_equal(series_cluster_of("overview.tif"), SERIES_PLAIN);
    assert_int_equal(series_cluster_of("a.tif"), SERIES_PLAIN);
}

static void groups_are_called_as_they_are_asked_for(void **state)
{
    char text[64];
    series_group group = {.ending = ".TIF", .cluster = SERIES_NUMBERED};
    (void)state;
    assert_string_equal(series_print_group(&group, text), "numbered *.tif");
    assert_true(series_fits(text, "img_01.tif") && series_fits(text, "IMG_01.Tif"));
    assert_false(series_fits(text, "img.tif") || series_fits(text, "img_01.png"));
    group = (series_group){.ending = ".png"};
    assert_string_equal(series_print_group(&group, text), "*.png");
    assert_true(series_fits(text, "img.PNG"));
    group = (series_group){.ending = ""};
    assert_true(series_fits(series_print_group(&group, text), "img"));
    assert_false(series_fits(text, "img.png"));
}

/* ---- Folders and patterns --------------------------------------------------------------------------------- */

static void reads_a_folder_in_natural_order(void **state)
{
    (void)state;
    put_image("img10.toy", 10);
    put_image("img2.toy", 2);
    put_image("IMG1.TOY", 1);
    put_image(".img3.toy", 3);
    io_put_text("img2.toy.limpid.json", "TOY 2 4 6 1 1 77 20 -1\n");
    io_put_text("notes.txt", "notes");
    opened o = open_toys(io_path(""), NULL, 2);
    assert_int_equal(o.format->kind, LMP_MOVIE);
    assert_int_equal(o.format->n_times, 3);
    assert_null(o.format->frame_numbers);
    assert_true(o.format->rate_hz == 20);
    assert_string_equal(lmp_recording_get_format_name(o.recording), "toy series");
    assert_string_equal(lmp_recording_get_warnings(o.recording), "");
    check_frame(&o, 0, 1, 0, 6);
    check_frame(&o, 1, 2, 0, 6);
    check_frame(&o, 2, 10, 0, 6);
    char *facts = lmp_recording_facts(o.recording);
    assert_non_null(strstr(facts, "\"n_files\": 3"));
    assert_non_null(strstr(facts, "img10.toy"));
    lmp_text_free(facts);
    close_toys(&o);
}

static void joins_movies_in_order(void **state)
{
    (void)state;
    for (int i = 1; i <= 12; i++) {
        char name[32];
        snprintf(name, sizeof name, "msCam%d.toy", i);
        put_toy(name, LMP_UINT8, 3, 5, i, i);
    }
    put_toy("behavCam1.toy", LMP_UINT8, 9, 9, 4, 99);
    opened o = open_toys(io_path("msCam*.toy"), NULL, 3);
    assert_int_equal(o.format->n_times, 78);
    uint8_t all[78 * 15];
    assert_int_equal(lmp_recording_read_frames(o.recording, 0, 78, all, NULL), LMP_OK);
    for (int file = 1, f = 0; file <= 12; file++)
        for (int at = 0; at < file; at++, f++)
            for (int i = 0; i < 15; i++) assert_int_equal(all[f * 15 + i], toy_value(file, at, i));
    uint8_t some[17 * 15];
    assert_int_equal(lmp_recording_read_frames(o.recording, 20, 17, some, NULL), LMP_OK);
    assert_memory_equal(some, all + 20 * 15, sizeof some);
    close_toys(&o);
    refuse(io_path("msCam*.avi"), NULL, LMP_ERR_IO, "no file fits");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "--group");
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    options.group = "MSCAM*";
    o = open_toys(io_path(""), &options, 1);
    assert_int_equal(o.format->n_times, 78);
    close_toys(&o);
}

/* Frames at times of their own, and frames at 20 Hz: a file goes on one frame later than the last one ended. */
static void joins_times(void **state)
{
    static const double wanted[] = {0, 0.01, 0.04, 0.09, 0.14, 0.19, 0.20};
    (void)state;
    put_toy("m1.toy", LMP_UINT8, 4, 6, 3, 1000);
    put_toy("m2.toy", LMP_UINT8, 4, 6, 2, 2);
    put_toy("m3.toy", LMP_UINT8, 4, 6, 2, 1000);
    opened o = open_toys(io_path("m*.toy"), NULL, 1);
    assert_int_equal(o.format->n_times, 7);
    assert_non_null(o.format->frame_times_s);
    for (int f = 0; f < 7; f++) assert_true(fabs(o.format->frame_times_s[f] - wanted[f]) < 1e-12);
    close_toys(&o);
}

static void reads_bands_of_rows(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "m%d.toy", i);
        put_toy(name, LMP_UINT16, 7, 5, 3, i);
    }
    lmp_source source;
    lmp_budget *budget = NULL;
    uint16_t rows[8][12]; /* two rows of five pixels; the rest stays */
    memset(rows, 0xEE, sizeof rows);
    io_open(&folder_io, io_path(""), NULL, &source);
    assert_true(source.reads_rows);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    const lmp_frames out = {.first = 2,
                            .count = 8,
                            .row = 3,
                            .rows = 2,
                            .width = 5,
                            .n_colours = 1,
                            .type = LMP_UINT16,
                            .data = rows,
                            .stride = sizeof rows[0]};
    assert_int_equal(source.read_frames(source.state, &out, budget, NULL), LMP_OK);
    for (int f = 0; f < 8; f++) {
        const int at = f + 2;
        for (int i = 0; i < 10; i++) assert_int_equal(rows[f][i], 256 * toy_value(at / 3, at % 3, 15 + i));
        assert_int_equal(rows[f][10], 0xEEEE);
    }
    budget_free(budget);
    io_close(&source);
}

static void refuses_several_series(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    for (int i = 1; i <= 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "run_%02d.toy", i);
        put_image(name, i);
        snprintf(name, sizeof name, "run_%02d.ply", i);
        put_image(name, i + 50);
    }
    put_image("background.toy", 9);
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "'numbered *.toy' (5 files), 'plain *.toy' (1 file)");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "'*.ply' (5 files)");
    options.group = "*.ply";
    opened o = open_toys(io_path(""), &options, 1);
    assert_int_equal(o.format->n_times, 5);
    check_frame(&o, 4, 55, 0, 6);
    close_toys(&o);
    options.group = "numbered *.toy";
    o = open_toys(io_path(""), &options, 1);
    assert_int_equal(o.format->n_times, 5);
    check_frame(&o, 0, 1, 0, 6);
    close_toys(&o);
    options.group = "*.bmp";
    refuse(io_path(""), &options, LMP_ERR_INPUT, "*.bmp");
}

/* What cameras write beside their movies: no series of its own, unless there is nothing else. */
static void tables_count_where_there_are_no_images(void **state)
{
    (void)state;
    put_image("timeStamps.csv", 1);
    opened o = open_toys(io_path(""), NULL, 1);
    check_frame(&o, 0, 1, 0, 6);
    close_toys(&o);
    put_image("b.toy", 2);
    o = open_toys(io_path(""), NULL, 1);
    assert_int_equal(o.format->n_times, 1);
    check_frame(&o, 0, 2, 0, 6);
    close_toys(&o);
}

static void refuses_what_is_no_series(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "without images or movies");
    io_put_text("a.wav", "WAVE");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "without images or movies");
    refuse(io_path("*.wav"), NULL, LMP_ERR_INPUT, "holds signals");
    put_image("a.toy", 1);
    options.kind = LMP_SIGNALS;
    refuse(io_path(""), &options, LMP_ERR_USAGE, "signals are opened file by file");
    refuse(io_path("no*folder/a.toy"), NULL, LMP_ERR_IO, "wildcards");
    /* A name that is a pattern and a dangling link: a broken file, not a series of series. */
    assert_int_equal(symlink("nowhere*", io_path("b*.toy")), 0);
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "b*.toy");
}

/* ---- Files that do not fit -------------------------------------------------------------------------------- */

static void refuses_or_crops_other_sizes(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    put_toy("a1.toy", LMP_UINT8, 4, 6, 1, 1);
    put_toy("a2.toy", LMP_UINT8, 3, 7, 2, 2);
    put_toy("a3.toy", LMP_UINT8, 3, 6, 1, 3);
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "a1.toy is 4 x 6");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "a2.toy is 3 x 7");
    options.crop_to_least = 1;
    opened o = open_toys(io_path(""), &options, 2);
    assert_int_equal(o.format->height, 3);
    assert_int_equal(o.format->width, 6);
    assert_non_null(strstr(lmp_recording_get_warnings(o.recording), "3 x 6"));
    check_frame(&o, 0, 1, 0, 6);
    check_frame(&o, 1, 2, 0, 7);
    check_frame(&o, 2, 2, 1, 7);
    check_frame(&o, 3, 3, 0, 6);
    close_toys(&o);
}

static void refuses_other_types_and_colours(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    put_image("a1.toy", 1);
    put_toy("a2.toy", LMP_UINT16, 4, 6, 1, 2);
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "a1.toy holds uint8");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "a2.toy holds uint16");
    io_put_text("a2.toy", "TOY 2 4 6 3 1 2 20 -1\n");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "--grey");
    options.grey = 1;
    opened o = open_toys(io_path(""), &options, 1);
    assert_int_equal(o.format->n_times, 2);
    close_toys(&o);
}

static void other_rates_are_told(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    put_image("a1.toy", 1);
    io_put_text("a2.toy", "TOY 2 4 6 1 1 2 30 -1\n");
    opened o = open_toys(io_path(""), NULL, 1);
    assert_true(o.format->rate_hz == 20);
    assert_non_null(strstr(lmp_recording_get_warnings(o.recording), "a2.toy has another frame rate"));
    close_toys(&o);
    io_put_text("a1.toy", "TOY 2 4 6 1 1 2 0 -1\n");
    io_put_text("a2.toy", "TOY 2 4 6 1 1 2 0 -1\n");
    options.rate_hz = 12.5;
    o = open_toys(io_path(""), &options, 1);
    assert_true(o.format->rate_hz == 12.5);
    close_toys(&o);
}

static void says_each_warning_once(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[32], text[64];
        snprintf(name, sizeof name, "a%d.toy", i);
        snprintf(text, sizeof text, "TOY 2 4 6 1 1 %d 200 -1\n", i);
        io_put_text(name, text);
    }
    char wanted[1024];
    snprintf(wanted, sizeof wanted,
             "%s: fast (and so of 4 more files)\nIt is old. (and so of 2 more files)\n"
             "It is new. (and so of 1 more file)",
             io_path("a0.toy"));
    opened o = open_toys(io_path("*.toy"), NULL, 1);
    assert_string_equal(lmp_recording_get_warnings(o.recording), wanted);
    close_toys(&o);
}

static void refuses_or_skips_broken_files(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    for (int i = 0; i < 30; i++) {
        char name[32];
        snprintf(name, sizeof name, "a%02d.toy", i);
        if (i % 2 == 0)
            put_broken(name);
        else
            put_image(name, i);
    }
    io_put_text("a03.toy", "TOY 2 4 6 1 1 3 20 0\n"); /* opens, but cannot be decoded */
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "15 of the 30 files");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "a00.toy is damaged");
    refuse(io_path(""), NULL, LMP_ERR_INPUT, "--broken skip");
    options.skip_broken = 1;
    opened o = open_toys(io_path(""), &options, 2);
    assert_int_equal(o.format->n_times, 14);
    assert_non_null(o.format->frame_numbers);
    const char *warnings = lmp_recording_get_warnings(o.recording);
    assert_non_null(strstr(warnings, "16 of 30 files"));
    assert_non_null(strstr(warnings, "a03.toy cannot be decoded"));
    assert_non_null(strstr(warnings, "6 more"));
    for (int64_t f = 0, file = 1; f < 14; f++, file += 2) {
        if (file == 3) file = 5;
        assert_int_equal(o.format->frame_numbers[f], file);
        check_frame(&o, f, (int)file, 0, 6);
    }
    close_toys(&o);
}

static void skips_broken_movies(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    (void)state;
    put_toy("m1.toy", LMP_UINT8, 4, 6, 3, 1);
    io_put_text("m2.toy", "TOY 2 4 6 1 50 2 20 49\n");
    put_toy("m3.toy", LMP_UINT8, 4, 6, 2, 3);
    options.skip_broken = 1;
    opened o = open_toys(io_path(""), &options, 2);
    assert_int_equal(o.format->n_times, 5);
    assert_null(o.format->frame_numbers);
    check_frame(&o, 3, 3, 0, 6);
    close_toys(&o);
    put_broken("m1.toy");
    put_broken("m3.toy");
    refuse(io_path(""), &options, LMP_ERR_INPUT, "3 of the 3 files");
}

/* A frame that cannot be decoded fails the reading of it alone; the lowest one is told, whatever the threads. */
static void the_lowest_failure_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        char name[32], text[64];
        snprintf(name, sizeof name, "a%03d.toy", i);
        snprintf(text, sizeof text, "TOY 2 4 6 1 1 %d 20 %d\n", i, i >= 101 && i % 3 == 0 ? 0 : -1);
        io_put_text(name, text);
    }
    uint8_t *pixels = malloc(200 * 24);
    for (int64_t threads = 1; threads <= 4; threads++) {
        lmp_error err = {0};
        opened o = open_toys(io_path(""), NULL, threads);
        assert_int_equal(lmp_recording_read_frames(o.recording, 0, 102, pixels, &err), LMP_OK);
        assert_int_equal(lmp_recording_read_frames(o.recording, 0, 200, pixels, &err), LMP_ERR_INPUT);
        assert_non_null(strstr(err.text, "a102.toy"));
        close_toys(&o);
    }
    free(pixels);
}

static void sees_files_that_change(void **state)
{
    uint8_t pixels[24];
    lmp_error err = {0};
    (void)state;
    put_image("a1.toy", 1);
    put_image("a2.toy", 2);
    opened o = open_toys(io_path(""), NULL, 1);
    put_toy("a2.toy", LMP_UINT8, 5, 6, 1, 2);
    assert_int_equal(lmp_recording_read_frames(o.recording, 1, 1, pixels, &err), LMP_ERR_INPUT);
    assert_non_null(strstr(err.text, "a2.toy has changed"));
    check_frame(&o, 0, 1, 0, 6);
    put_image("a2.toy", 4);
    check_frame(&o, 1, 4, 0, 6);
    close_toys(&o);
}

/* ---- Many files ------------------------------------------------------------------------------------------- */

static void keeps_few_files_open(void **state)
{
    enum { N = 500 };
    (void)state;
    for (int i = 0; i < N; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.toy", i);
        put_image(name, i);
    }
    uint8_t *pixels = malloc(N * 24), *again = malloc(N * 24);
    for (int64_t threads = 1; threads <= 8; threads *= 2) {
        opened o = open_toys(io_path(""), NULL, threads);
        atomic_store(&most_open, 0);
        memset(pixels, 0, N * 24);
        assert_int_equal(lmp_recording_read_frames(o.recording, 0, N, pixels, NULL), LMP_OK);
        for (int f = 0; f < N; f++)
            for (int i = 0; i < 24; i++) assert_int_equal(pixels[f * 24 + i], toy_value(f, 0, i));
        assert_int_equal(lmp_recording_read_frames(o.recording, 0, N, again, NULL), LMP_OK);
        assert_memory_equal(pixels, again, N * 24);
        assert_true(atomic_load(&most_open) <= 64);
        close_toys(&o);
    }
    free(pixels);
    free(again);
}

typedef struct hammer {
    series_cache *cache;
    int seed;
    atomic_int wrong;
} hammer;

static lmp_status open_number(const void *user, int64_t i, lmp_source *source, lmp_error *err)
{
    (void)user;
    if (i % 7 == 6) return lmp_fail(err, LMP_ERR_INPUT, "member %lld is broken", (long long)i);
    const long long now = atomic_fetch_add(&n_open, 1) + 1;
    if (now > atomic_load(&most_open)) atomic_store(&most_open, now);
    source->stream.format.n_times = i;
    source->state = malloc(1);
    source->close = toy_close;
    return LMP_OK;
}

static void borrow_many(void *user)
{
    hammer *h = user;
    unsigned x = (unsigned)h->seed;
    for (int n = 0; n < 2000; n++) {
        x = x * 1664525u + 1013904223u;
        const int64_t i = (int64_t)(x >> 16) % 20;
        const lmp_source *source = NULL;
        const lmp_status status = series_cache_borrow(h->cache, i, &source, NULL);
        if ((status == LMP_OK) != (i % 7 != 6)) atomic_store(&h->wrong, 1);
        if (status != LMP_OK) continue;
        if (source->stream.format.n_times != i) atomic_store(&h->wrong, 2);
        series_cache_return(h->cache, source);
    }
}

/* Six threads want 20 members of which 3 may be open. */
static void lends_to_many_threads(void **state)
{
    hammer hammers[6];
    os_thread *threads[6];
    (void)state;
    atomic_store(&most_open, 0);
    series_cache *cache = series_cache_new(3, open_number, NULL);
    for (int i = 0; i < 6; i++) {
        hammers[i] = (hammer){.cache = cache, .seed = i + 1};
        assert_int_equal(os_thread_start(borrow_many, &hammers[i], &threads[i]), 0);
    }
    for (int i = 0; i < 6; i++) {
        os_thread_join(threads[i]);
        assert_int_equal(hammers[i].wrong, 0);
    }
    series_cache_free(cache);
    assert_int_equal(atomic_load(&n_open), 0);
    assert_true(atomic_load(&most_open) <= 3);
}

static void keeps_what_was_used_last(void **state)
{
    const lmp_source *source = NULL;
    (void)state;
    series_cache *cache = series_cache_new(2, open_number, NULL);
    static const int64_t order[] = {0, 1, 0, 2, 0, 2, 1};
    static const long long opened_by_then[] = {1, 2, 2, 3, 3, 3, 4};
    long long closed = 0;
    for (int i = 0; i < 7; i++) {
        const long long before = atomic_load(&n_open);
        assert_int_equal(series_cache_borrow(cache, order[i], &source, NULL), LMP_OK);
        series_cache_return(cache, source);
        const bool has_opened = opened_by_then[i] > (i > 0 ? opened_by_then[i - 1] : 0);
        closed += has_opened && before == 2;
        assert_int_equal(atomic_load(&n_open), opened_by_then[i] - closed);
    }
    series_cache_free(cache);
}

/* ---- Frames of any recording ------------------------------------------------------------------------------ */

static void reads_frames_within_bounds(void **state)
{
    uint8_t pixels[240];
    lmp_error err = {0};
    (void)state;
    put_toy("m.toy", LMP_UINT8, 4, 6, 10, 1);
    opened o = open_toys(io_path("m.toy"), NULL, 2); /* a file, not a series */
    assert_string_equal(lmp_recording_get_format_name(o.recording), "toy");
    assert_int_equal(lmp_recording_read_frames(o.recording, 0, 10, pixels, &err), LMP_OK);
    assert_int_equal(lmp_recording_read_frames(o.recording, 10, 0, pixels, &err), LMP_OK);
    assert_int_equal(lmp_recording_read_frames(o.recording, 5, 6, pixels, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_recording_read_frames(o.recording, -1, 1, pixels, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_recording_read_frames(o.recording, INT64_MAX, 1, pixels, &err), LMP_ERR_USAGE);
    close_toys(&o);
    io_put_text("w.wav", "WAVE");
    o = open_toys(io_path("w.wav"), NULL, 1);
    assert_int_equal(lmp_recording_read_frames(o.recording, 0, 1, pixels, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "holds signals"));
    close_toys(&o);
}

/* Lends what lies there, with gaps between the frames. */
static uint8_t lent_frames[20][32];
static atomic_int n_lent;

static lmp_status lend(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames, void **lent,
                       lmp_error *err)
{
    (void)state, (void)count, (void)budget, (void)err;
    atomic_fetch_add(&n_lent, 1);
    frames->data = lent_frames[first];
    frames->stride = sizeof lent_frames[0];
    *lent = NULL;
    return LMP_OK;
}

static void lend_end(void *state, void *lent)
{
    (void)state, (void)lent;
    atomic_fetch_sub(&n_lent, 1);
}

static void copies_what_is_lent(void **state)
{
    uint8_t pixels[20 * 24];
    (void)state;
    for (int f = 0; f < 20; f++)
        for (int i = 0; i < 32; i++) lent_frames[f][i] = (uint8_t)toy_value(1, f, i);
    lmp_engine *engine = new_engine(3, 1 << 20);
    lmp_recording r = {.engine = engine, .path = (char[]){"lent"}};
    r.source.stream.format =
        (lmp_format){.kind = LMP_MOVIE, .type = LMP_UINT8, .n_times = 20, .height = 4, .width = 6, .n_colours = 1};
    r.source.view = lend;
    r.source.view_end = lend_end;
    assert_int_equal(lmp_recording_read_frames(&r, 0, 20, pixels, NULL), LMP_OK);
    for (int f = 0; f < 20; f++)
        for (int i = 0; i < 24; i++) assert_int_equal(pixels[f * 24 + i], toy_value(1, f, i));
    assert_int_equal(atomic_load(&n_lent), 0);
    lmp_engine_free(engine);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup(test, io_fresh)
    const struct CMUnitTest tests[] = {
        EACH(orders_naturally),
        EACH(knows_how_files_are_named),
        EACH(groups_are_called_as_they_are_asked_for),
        EACH(reads_a_folder_in_natural_order),
        EACH(joins_movies_in_order),
        EACH(joins_times),
        EACH(reads_bands_of_rows),
        EACH(refuses_several_series),
        EACH(tables_count_where_there_are_no_images),
        EACH(refuses_what_is_no_series),
        EACH(refuses_or_crops_other_sizes),
        EACH(refuses_other_types_and_colours),
        EACH(other_rates_are_told),
        EACH(says_each_warning_once),
        EACH(refuses_or_skips_broken_files),
        EACH(skips_broken_movies),
        EACH(the_lowest_failure_is_told),
        EACH(sees_files_that_change),
        EACH(keeps_few_files_open),
        EACH(lends_to_many_threads),
        EACH(keeps_what_was_used_last),
        EACH(reads_frames_within_bounds),
        EACH(copies_what_is_lent),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
