/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Scores of results whose quality is known: the truth itself through filters, a recording that nothing was done to, and
 * the real thing; the same text for any threads, memory and blocks; and scores where much is missing or wrong.
 */
#include "score_support.h"

static lmp_engine *engine;

static int begin(void **state)
{
    if (io_setup(state) != 0) return -1;
    engine = engine_with(2, 1 << 28, 0);
    simulate(engine, NULL);
    run_file(engine, "sim.bdf", CLEANING, "clean.bdf");
    return 0;
}

static int end(void **state)
{
    lmp_engine_free(engine);
    return io_teardown(state);
}

/* A record that calls `result` the outcome of a chain on sim.bdf, by taking over the one of `of`. */
static void pretend(const char *result, const char *of, void (*change)(json_t *record))
{
    char name[100];
    snprintf(name, sizeof name, "%s.limpid.json", of);
    json_t *record = json_load_file(io_path(name), 0, NULL);
    assert_non_null(record);
    char before[700];
    snprintf(before, sizeof before, "%s", io_path("sim.bdf"));
    json_object_set_new(json_object_get(record, "input"), "path", json_string(before));
    if (change != NULL) change(record);
    snprintf(name, sizeof name, "%s.limpid.json", result);
    assert_int_equal(json_dump_file(record, io_path(name), 0), 0);
    json_decref(record);
}

/* ---- Against the truth ---- */

/* The truth through a chain is a perfect result of that chain: nothing but rounding to 24 bits is left, whatever the
 * chain does to rate and times. */
static void test_perfect_results(void **state)
{
    (void)state;
    static const char *const chains[] = {
        "highpass hz=1 ! lowpass hz=70",
        "highpass hz=0.5 method=butterworth ! notch hz=50",
        "bandpass low-hz=2 high-hz=90 ! resample rate=250",
        "crop 3-37 ! highpass hz=1 ! scale factor=2",
        "highpass hz=1 channels=Fp1,F3 ! upsample factor=2 ! downsample factor=4 ! crop 1.5-38",
    };
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        run_file(engine, "sim.truth.bdf", chains[i], "perfect.bdf");
        pretend("perfect.bdf", "perfect.bdf", NULL);
        json_t *json = score_json(engine, "perfect.bdf", NULL);
        if (!(number(json, "with_truth.error_uv") < 1e-3 && number(json, "with_truth.correlation") > 0.999999))
            fail_msg("%s: error %g uV", chains[i], number(json, "with_truth.error_uv"));
        assert_true(number(json, "with_truth.bands.0.error_uv") < 1e-3);
        assert_true(number(json, "with_truth.bands.0.low_hz") == 3 && number(json, "with_truth.bands.0.high_hz") == 60);
        assert_true(fabs(number(json, "with_truth.tones.0.transfer") - 1) < 1e-4);
        assert_true(fabs(number(json, "with_truth.tones.1.transfer") - 1) < 1e-4);
        assert_true(number(json, "with_truth.tones.1.hz") == 11.9);
        json_decref(json);
    }
}

/* Errors that are known: a result at nine tenths of the truth differs by a tenth of it. */
static void only_highpass(json_t *record)
{
    json_array_clear(json_object_get(record, "parameters"));
    json_array_append_new(json_object_get(record, "parameters"), json_pack("{s:s,s:s}", "step", "highpass", "hz", "1"));
}

static void test_known_error(void **state)
{
    (void)state;
    run_file(engine, "sim.truth.bdf", "highpass hz=1 ! scale factor=0.9", "weak.bdf");
    pretend("weak.bdf", "weak.bdf", only_highpass);
    json_t *json = score_json(engine, "weak.bdf", NULL);
    assert_true(fabs(number(json, "with_truth.error_uv") / number(json, "with_truth.reference_uv") - 0.1) < 1e-4);
    for (int band = 0; band < 2; band++) {
        char path[64];
        snprintf(path, sizeof path, "with_truth.bands.%d.error_uv", band);
        const double error = number(json, path);
        snprintf(path, sizeof path, "with_truth.bands.%d.reference_uv", band);
        assert_true(fabs(error / number(json, path) - 0.1) < 1e-4);
    }
    assert_true(number(json, "with_truth.correlation") > 0.999999);
    assert_true(fabs(number(json, "with_truth.tones.1.transfer") - 0.9) < 1e-4);
    assert_string_equal(json_string_value(look(json, "with_truth.truth_filtered_by")), "highpass hz=1");
    assert_int_equal(json_array_size(look(json, "with_truth.error_uv_per_channel")), 5);
    json_decref(json);
}

/* ---- The real thing ---- */

static void test_cleaned(void **state)
{
    (void)state;
    json_t *json = score_json(engine, "clean.bdf", NULL);
    assert_true(number(json, "scan.first_s") == 5 || fabs(number(json, "scan.first_s") - 5) < 1e-3);
    assert_true(fabs(number(json, "scan.period_s") - 0.12) < 1e-5);
    assert_string_equal(json_string_value(look(json, "scan.times_from")), "the provenance record");
    assert_true(number(json, "suppression.suppression_db") > 25);
    assert_true(fabs(number(json, "suppression.harmonics.0.hz") - 1 / 0.12) < 1e-3);
    assert_true(number(json, "suppression.harmonics.0.suppression_db") > 20);
    assert_true(number(json, "suppression.epoch_locked_residue_uv") <
                2 * number(json, "suppression.epoch_locked_residue_null_uv"));
    assert_true(number(json, "suppression.epoch_locked_before_uv") > 100);
    assert_true(number(json, "suppression.median_artifact_uv.before") >
                10 * number(json, "suppression.median_artifact_uv.after"));
    assert_true(fabs(number(json, "suppression.residual_ratio") - 1) < 0.3);
    assert_true(fabs(number(json, "preservation.band_power_vs_scan_free.2.ratio") - 1) < 0.6);
    assert_true(number(json, "preservation.band_power_vs_scan_free.2.low_hz") == 8);
    assert_true(number(json, "with_truth.bands.0.error_uv") < 0.4 * number(json, "with_truth.bands.0.reference_uv"));
    assert_true(number(json, "facetpy.rms_ratio.value") > 10);
    assert_true(strlen(json_string_value(look(json, "facetpy.snr.mended"))) > 40);
    assert_true(fabs(number(json, "facetpy.fft_niazy.value.slice.h1") -
                     number(json, "suppression.harmonics.0.suppression_db")) < 1e-9);
    assert_int_equal(json_array_size(look(json, "warnings")), 0);
    assert_int_equal(json_array_size(look(json, "channels")), 5);
    json_decref(json);
}

/* Nothing was done: everything is left, and all of it is locked. */
static void test_untouched(void **state)
{
    (void)state;
    run_file(engine, "sim.bdf", "", "same.bdf");
    json_t *json = score_json(engine, "same.bdf", NULL);
    assert_true(fabs(number(json, "suppression.suppression_db")) < 1e-6);
    assert_true(number(json, "suppression.epoch_locked_residue_uv") >
                50 * number(json, "suppression.epoch_locked_residue_null_uv"));
    assert_true(number(json, "suppression.residual_ratio") > 10);
    assert_true(number(json, "facetpy.rms_ratio.value") == 1);
    assert_true(number(json, "with_truth.error_uv") > 100);
    assert_string_equal(json_string_value(look(json, "scan.times_from")), "events that look like a scanner's triggers");
    json_decref(json);
}

/* Units must not matter: a result in another unit has the same ratios. */
static void test_no_floors(void **state)
{
    (void)state;
    static const char *const paths[] = {"facetpy.legacy_snr.value", "facetpy.rms_residual.value",
                                        "facetpy.fft_allen.value.Alpha", "facetpy.median_artifact_ratio.value",
                                        "suppression.residual_ratio"};
    run_file(engine, "clean.bdf", "scale factor=1e-3", "small.npy");
    pretend("small.npy", "clean.bdf", NULL);
    json_t *json = score_json(engine, "clean.bdf", NULL);
    const lmp_score_options options = {.struct_size = sizeof options, .before = NULL};
    json_t *small = score_json(engine, "small.npy", &options);
    for (size_t i = 1; i < sizeof paths / sizeof *paths; i++)
        assert_true(fabs(number(json, paths[i]) / number(small, paths[i]) - 1) < 1e-4);
    json_decref(json);
    json_decref(small);
}

/* ---- Same text ---- */

static void test_same_for_any_limits(void **state)
{
    (void)state;
    static const struct {
        int64_t threads;
        uint64_t memory;
        int64_t block;
    } limits[] = {{1, 1 << 28, 0}, {3, 1 << 28, 0},   {2, 6 << 20, 0},
                  {1, 3 << 20, 0}, {2, 1 << 28, 333}, {2, 1 << 28, 100000}};
    char *first = score_text(engine, "clean.bdf", NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        lmp_engine *other = engine_with(limits[i].threads, limits[i].memory, limits[i].block);
        char *text = score_text(other, "clean.bdf", NULL);
        assert_string_equal(first, text);
        lmp_text_free(text);
        lmp_engine_free(other);
    }
    lmp_text_free(first);
}

/* Whatever the limit, there is the same score or a sentence, and nothing is left behind. */
static void test_too_little_memory(void **state)
{
    (void)state;
    char *whole = score_text(engine, "clean.bdf", NULL);
    int64_t n_refused = 0;
    bool done = false;
    for (uint64_t memory = 4096; !done; memory += 29000) {
        lmp_engine *small = engine_with(2, memory, 0);
        char *text = NULL;
        lmp_error err = {0};
        const lmp_status status = lmp_score(small, io_path("clean.bdf"), NULL, &text, &err);
        assert_true(memory < 8 << 20 && (status == LMP_OK || status == LMP_ERR_MEMORY));
        done = status == LMP_OK;
        if (done)
            assert_string_equal(text, whole);
        else
            assert_non_null(strstr(err.text, "--memory"));
        n_refused += !done;
        lmp_text_free(text);
        lmp_engine_free(small);
    }
    assert_true(n_refused > 20);
    lmp_text_free(whole);
}

/* ---- Where much is missing ---- */

static void test_without_record(void **state)
{
    (void)state;
    run_file(engine, "clean.bdf", "", "bare.bdf");
    assert_int_equal(unlink(io_path("bare.bdf.limpid.json")), 0);
    json_t *json = score_json(engine, "bare.bdf", NULL);
    assert_true(is_warned(json, "no provenance record"));
    assert_true(json_is_null(look(json, "before")) && json_is_null(look(json, "with_truth")));
    assert_true(json_is_null(look(json, "suppression.harmonics.0.suppression_db")));
    assert_true(number(json, "suppression.residual_ratio") > 0);
    assert_string_equal(json_string_value(look(json, "scan.times_from")), "triggers in the result");
    json_decref(json);

    char before[700], truth[700];
    snprintf(before, sizeof before, "%s", io_path("sim.bdf"));
    snprintf(truth, sizeof truth, "%s", io_path("sim.truth.bdf"));
    const lmp_score_options options = {.struct_size = sizeof options,
                                       .before = before,
                                       .truth = truth,
                                       .pattern = "S  1",
                                       .bands = "4-30",
                                       .tones = "11.9"};
    json = score_json(engine, "bare.bdf", &options);
    assert_true(is_warned(json, "Which filters"));
    assert_int_equal(json_array_size(look(json, "with_truth.bands")), 1);
    assert_int_equal(json_array_size(look(json, "with_truth.tones")), 1);
    assert_true(number(json, "suppression.suppression_db") > 25);
    json_decref(json);
}

/* A recording without triggers: filters are compared all the same. */
static void test_without_scan(void **state)
{
    (void)state;
    static double values[2 * 10000];
    const lmp_io *npy = NULL;
    extern const lmp_io lmp_io_npy;
    npy = &lmp_io_npy;
    for (int i = 0; i < 20000; i++) values[i] = sin(i * 0.1) + (i % 17);
    const lmp_channel channels[] = {
        {.name = "1", .unit = "uV", .transducer = "", .filtering = "", .stored_rate_hz = 500},
        {.name = "2", .unit = "uV", .transducer = "", .filtering = "", .stored_rate_hz = 500}};
    lmp_stream stream = {
        .format = {
            .kind = LMP_SIGNALS, .type = LMP_FLOAT64, .n_times = 10000, .rate_hz = 500, .subject = "", .session = ""}};
    const lmp_write_options write = {0};
    assert_int_equal(lmp_stream_set_channels(&stream, channels, 2, NULL), LMP_OK);
    assert_int_equal(io_write(npy, io_path("plain.npy"), &stream, &write, values, 10000, NULL), LMP_OK);
    stream_clear(&stream);
    run_file(engine, "plain.npy", "highpass hz=1", "filtered.npy");
    json_t *json = score_json(engine, "filtered.npy", NULL);
    assert_true(json_is_null(look(json, "scan")) && json_is_null(look(json, "suppression")) &&
                json_is_null(look(json, "facetpy")));
    assert_true(is_warned(json, "When the scanner scanned is not known"));
    assert_true(json_is_string(look(json, "before")));
    json_decref(json);
}

static void refuse(const char *result, const lmp_score_options *options, lmp_status status, const char *word)
{
    char *text = NULL;
    lmp_error err = {0};
    const lmp_status got = lmp_score(engine, io_path(result), options, &text, &err);
    if (got != status || strstr(err.text, word) == NULL)
        fail_msg("status %d, '%s'; wanted %d, '%s'", got, err.text, status, word);
    assert_null(text);
}

static void test_refusals(void **state)
{
    (void)state;
    const lmp_score_options zero = {0}, no_truth = {.struct_size = sizeof zero, .truth = "/nonexistent"},
                            no_before = {.struct_size = sizeof zero, .before = "/nonexistent"},
                            no_record = {.struct_size = sizeof zero, .record = "/nonexistent"},
                            bad_bands = {.struct_size = sizeof zero, .bands = "3-60,7"},
                            bad_order = {.struct_size = sizeof zero, .bands = "60-3"},
                            bad_tones = {.struct_size = sizeof zero, .tones = "3,x"},
                            no_label = {.struct_size = sizeof zero, .pattern = "nonsense"};
    refuse("nothing.bdf", NULL, LMP_ERR_IO, "nothing.bdf");
    refuse("clean.bdf", &zero, LMP_ERR_USAGE, "struct_size");
    refuse("clean.bdf", &no_truth, LMP_ERR_IO, "/nonexistent");
    refuse("clean.bdf", &no_before, LMP_ERR_IO, "/nonexistent");
    refuse("clean.bdf", &no_record, LMP_ERR_IO, "/nonexistent");
    refuse("clean.bdf", &bad_bands, LMP_ERR_USAGE, "3-60,62-108");
    refuse("clean.bdf", &bad_order, LMP_ERR_USAGE, "60-3");
    refuse("clean.bdf", &bad_tones, LMP_ERR_USAGE, "3,x");
    refuse("clean.bdf", &no_label, LMP_ERR_INPUT, "nonsense");
}

/* ---- Records that lie ---- */

static void scramble(json_t *record)
{
    json_t *steps = json_object_get(record, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *step = json_array_get(steps, i), *wild = json_array();
        static const double times[] = {-1e300, 1e300, 0, 1e-300, 3, 3, 3.0000001, 7, 1e15};
        for (size_t k = 0; k < sizeof times / sizeof *times; k++) json_array_append_new(wild, json_real(times[k]));
        json_array_append_new(wild, json_string("text"));
        json_array_append_new(wild, json_null());
        json_object_set(step, "onset_s", wild);
        json_object_set(step, "added_s", wild);
        json_object_set(step, "status", wild);
        json_object_set(step, "gain", wild);
        json_object_set_new(step, "length_s", json_real(1e300));
        json_object_set_new(step, "template_length", json_real(1e12));
        json_decref(wild);
    }
    json_object_set_new(json_object_get(record, "input"), "samples", json_string("many"));
}

static void wrong_types(json_t *record)
{
    json_object_set_new(record, "steps", json_integer(3));
    json_object_set_new(record, "parameters", json_string("none"));
    json_object_set_new(record, "input", json_array());
    json_object_set_new(record, "warnings", json_object());
    json_object_set_new(record, "output", json_null());
}

static void wrong_chain(json_t *record)
{
    json_t *chain = json_object_get(record, "parameters");
    json_array_append_new(chain, json_integer(7));
    json_array_append_new(chain, json_pack("{s:s,s:s}", "step", "highpass", "hz", "-3"));
    json_array_append_new(chain, json_pack("{s:s}", "step", "no such step"));
    json_array_append_new(chain, json_pack("{s:s,s:s}", "step", "crop", "range", "99999999-"));
}

/* Whatever a record says, there is a score or a sentence. */
static void test_lying_records(void **state)
{
    (void)state;
    static void (*const changes[])(json_t *) = {scramble, wrong_types, wrong_chain};
    run_file(engine, "clean.bdf", "", "lied.bdf");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char *text = NULL;
        lmp_error err = {0};
        pretend("lied.bdf", "clean.bdf", changes[i]);
        const lmp_status status = lmp_score(engine, io_path("lied.bdf"), NULL, &text, &err);
        assert_true(status == LMP_OK ? text != NULL : err.text[0] != '\0');
        lmp_text_free(text);
        char html[700];
        snprintf(html, sizeof html, "%s", io_path("lied.html"));
        assert_true(lmp_report(engine, io_path("lied.bdf"), NULL, html, 1, &err) == status);
    }
    static const char *const texts[] = {"", "{", "[]", "3", "{\"steps\": [[[[]]]]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        io_put_text("lied.bdf.limpid.json", texts[i]);
        json_t *json = score_json(engine, "lied.bdf", NULL);
        json_decref(json);
    }
}

/* Every read that fails is an error with a sentence, or is survived where the file was only looked for. */
static void test_read_faults(void **state)
{
    (void)state;
    int64_t n_failed = 0;
    for (int64_t nth = 1; nth < 4000; nth += 1 + nth / 10) {
        char *text = NULL;
        lmp_error err = {0};
        os_fault_inject(nth, 0);
        const lmp_status status = lmp_score(engine, io_path("clean.bdf"), NULL, &text, &err);
        os_fault_inject(0, 0);
        assert_true(status == LMP_OK ? text != NULL : err.text[0] != '\0');
        n_failed += status != LMP_OK;
        lmp_text_free(text);
    }
    assert_true(n_failed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_perfect_results),   cmocka_unit_test(test_known_error),
        cmocka_unit_test(test_cleaned),           cmocka_unit_test(test_untouched),
        cmocka_unit_test(test_no_floors),         cmocka_unit_test(test_same_for_any_limits),
        cmocka_unit_test(test_too_little_memory), cmocka_unit_test(test_without_record),
        cmocka_unit_test(test_without_scan),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_lying_records),     cmocka_unit_test(test_read_faults),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
