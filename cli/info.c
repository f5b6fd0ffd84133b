/* SPDX-License-Identifier: BSD-3-Clause
 *
 * info.c: limpid info: what is in a recording.
 */
#include "cli.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char *role_name(lmp_role role)
{
    static const char *const names[] = {"eeg", "eog", "ecg", "emg", "misc", "stim", "slow"};
    return names[role];
}

static const char *type_name(lmp_type type)
{
    static const char *const names[] = {"?",     "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    return names[type];
}

/* Events by label: count, first, and the typical distance. */
static json_t *events_json(const lmp_recording *recording)
{
    int64_t n;
    const lmp_event *events = lmp_recording_get_events(recording, &n);
    json_t *labels = json_object();
    for (int64_t i = 0; i < n; i++) {
        json_t *label = json_object_get(labels, events[i].label);
        if (label == NULL) {
            label = json_pack("{s:i,s:f,s:f}", "count", 0, "first_s", events[i].onset_s, "last_s", events[i].onset_s);
            json_object_set_new(labels, events[i].label, label);
        }
        json_integer_set(json_object_get(label, "count"), json_integer_value(json_object_get(label, "count")) + 1);
        json_real_set(json_object_get(label, "last_s"), events[i].onset_s);
    }
    return labels;
}

static json_t *channels_json(const lmp_format *f)
{
    json_t *array = json_array();
    for (int64_t i = 0; i < f->n_channels; i++) {
        const lmp_channel *c = &f->channels[i];
        json_array_append_new(array,
                              json_pack("{s:s,s:s,s:s,s:f,s:f,s:f,s:f}", "name", c->name, "unit", c->unit, "role",
                                        role_name(c->role), "stored_rate_hz", c->stored_rate_hz, "step", c->scale,
                                        "physical_min", c->physical_min, "physical_max", c->physical_max));
    }
    return array;
}

static void add_signals(const lmp_format *f, json_t *o)
{
    json_object_set_new(o, "samples", json_integer(f->n_times));
    json_object_set_new(o, "subject", json_string(f->subject != NULL ? f->subject : ""));
    json_object_set_new(o, "session", json_string(f->session != NULL ? f->session : ""));
    json_object_set_new(o, "n_channels", json_integer(f->n_channels));
    json_object_set_new(o, "channels", channels_json(f));
    json_object_set_new(o, "bytes_as_float64", json_integer((json_int_t)(f->n_times * f->n_channels * 8)));
}

static double movie_bytes(const lmp_format *f)
{
    return (double)f->n_times * (double)f->height * (double)f->width * (double)f->n_colours *
           (double)lmp_type_bytes(f->type);
}

static json_t *number_or_null(double value, bool is_known)
{
    return is_known ? json_real(value) : json_null();
}

/* The files of a folder or pattern; null for a single file. */
static json_t *series_json(const lmp_recording *r)
{
    char *text = lmp_recording_facts(r);
    json_t *facts = text == NULL ? NULL : json_loads(text, 0, NULL);
    lmp_text_free(text);
    if (json_object_get(facts, "n_files") != NULL) return facts;
    json_decref(facts);
    return json_null();
}

static void add_movie(const lmp_recording *r, const lmp_format *f, json_t *o)
{
    json_object_set_new(o, "frames", json_integer(f->n_times));
    json_object_set_new(o, "height", json_integer(f->height));
    json_object_set_new(o, "width", json_integer(f->width));
    json_object_set_new(o, "colours", json_integer(f->n_colours));
    json_object_set_new(o, "pixel_width_um", number_or_null(f->pixel_width_um, f->pixel_width_um > 0));
    json_object_set_new(o, "pixel_height_um", number_or_null(f->pixel_height_um, f->pixel_height_um > 0));
    json_object_set_new(o, "bytes_in_memory", json_integer((json_int_t)movie_bytes(f)));
    json_object_set_new(o, "series", series_json(r));
}

/* On the disk; 0 if that is not said (folders of other formats than series). */
static double stored_bytes(const lmp_recording *r, const json_t *json)
{
    struct stat file;
    const json_t *series = json_object_get(json, "series");
    if (json_is_object(series)) return json_number_value(json_object_get(series, "bytes"));
    return stat(lmp_recording_get_path(r), &file) == 0 && S_ISREG(file.st_mode) ? (double)file.st_size : 0;
}

/* Movies from files whose times are known have those; else frames are equally spaced. */
static double movie_duration_s(const lmp_format *f)
{
    const double frame_s = f->rate_hz > 0 ? 1 / f->rate_hz : 0;
    const double last =
        f->frame_numbers != NULL && f->n_times > 0 ? (double)f->frame_numbers[f->n_times - 1] + 1 : (double)f->n_times;
    if (f->frame_times_s == NULL || f->n_times < 1) return last * frame_s;
    return f->frame_times_s[f->n_times - 1] - f->frame_times_s[0] + frame_s;
}

static json_t *info_json(const lmp_recording *r)
{
    const lmp_format *f = lmp_recording_get_format(r);
    const bool is_movie = f->kind == LMP_MOVIE;
    const double duration_s = is_movie ? movie_duration_s(f) : f->rate_hz > 0 ? (double)f->n_times / f->rate_hz : 0;
    int64_t n_events;
    (void)lmp_recording_get_events(r, &n_events);
    json_t *o = json_object();
    json_object_set_new(o, "path", json_string(lmp_recording_get_path(r)));
    json_object_set_new(o, "format", json_string(lmp_recording_get_format_name(r)));
    json_object_set_new(o, "kind", json_string(is_movie ? "movie" : "signals"));
    json_object_set_new(o, "type", json_string(type_name(f->type)));
    json_object_set_new(o, "rate_hz", json_real(f->rate_hz));
    json_object_set_new(o, "duration_s", number_or_null(duration_s, duration_s > 0));
    json_object_set_new(o, "start_unix_s", number_or_null(f->start_unix_s, isfinite(f->start_unix_s)));
    if (is_movie)
        add_movie(r, f, o);
    else
        add_signals(f, o);
    json_object_set_new(o, "n_events", json_integer(n_events));
    json_object_set_new(o, "events", events_json(r));
    json_object_set_new(o, "file_bytes", json_integer((json_int_t)stored_bytes(r, o)));
    json_object_set_new(o, "warnings", json_string(lmp_recording_get_warnings(r)));
    return o;
}

static void print_channels(const lmp_format *f)
{
    static const lmp_role roles[] = {LMP_ROLE_EEG,  LMP_ROLE_EOG,  LMP_ROLE_ECG, LMP_ROLE_EMG,
                                     LMP_ROLE_MISC, LMP_ROLE_STIM, LMP_ROLE_SLOW};
    for (size_t r = 0; r < sizeof roles / sizeof *roles; r++) {
        int64_t n = 0;
        for (int64_t i = 0; i < f->n_channels; i++) n += f->channels[i].role == roles[r];
        if (n == 0) continue;
        printf("  %-9s %lld:", role_name(roles[r]), (long long)n);
        int64_t shown = 0;
        for (int64_t i = 0; i < f->n_channels; i++) {
            if (f->channels[i].role != roles[r]) continue;
            if (shown++ == 12) {
                printf(" ...");
                break;
            }
            printf(" %s", f->channels[i].name);
        }
        printf("\n");
    }
}

static void print_events(const json_t *labels)
{
    const char *label;
    json_t *o;
    int shown = 0;
    json_object_foreach((json_t *)(uintptr_t)labels, label, o)
    {
        const double count = json_number_value(json_object_get(o, "count"));
        const double first = json_number_value(json_object_get(o, "first_s")),
                     last = json_number_value(json_object_get(o, "last_s"));
        if (shown++ == 20) {
            printf("  ... and %zu more labels (--json lists them)\n", json_object_size(labels) - 20);
            return;
        }
        printf("  %6.0f  \"%s\" from %.3f s to %.3f s", count, label, first, last);
        if (count > 1) printf(", every %.6g s on average", (last - first) / (count - 1));
        printf("\n");
    }
}

static void print_signals(const lmp_format *f)
{
    char length[32], memory[32];
    printf("  %lld channels x %lld samples at %.10g Hz = %s\n", (long long)f->n_channels, (long long)f->n_times,
           f->rate_hz, cli_seconds(f->rate_hz > 0 ? (double)f->n_times / f->rate_hz : 0, length));
    printf("  %s if it were held in memory as doubles; limpid streams it within --memory\n",
           cli_bytes((double)f->n_times * (double)f->n_channels * 8, memory));
    print_channels(f);
}

static void print_series(const json_t *series)
{
    const json_t *files = json_object_get(series, "files");
    const size_t n = json_array_size(files);
    if (n == 0) return;
    const long long all = (long long)json_integer_value(json_object_get(series, "n_files"));
    const char *first = json_string_value(json_array_get(files, 0)),
               *last = json_string_value(json_array_get(files, n - 1));
    if (all == 1)
        printf("  1 file: %s\n", first);
    else if ((long long)n == all)
        printf("  %lld files: %s ... %s\n", all, first, last);
    else
        printf("  %lld files: %s ...\n", all, first);
}

static void print_movie(const lmp_format *f, const json_t *json)
{
    char text[32];
    const double duration_s = json_number_value(json_object_get(json, "duration_s"));
    const double stored = json_number_value(json_object_get(json, "file_bytes"));
    printf("  %lld frame%s x %lld high x %lld wide, %s\n", (long long)f->n_times, f->n_times == 1 ? "" : "s",
           (long long)f->height, (long long)f->width, f->n_colours == 3 ? "in colour" : "grey");
    if (f->rate_hz > 0)
        printf("  %.10g frames per second = %s\n", f->rate_hz, cli_seconds(duration_s, text));
    else if (f->n_times > 1)
        printf("  frame rate unknown: give it with --rate\n");
    if (f->pixel_width_um > 0)
        printf("  a pixel is %.6g um high, %.6g um wide\n", f->pixel_height_um, f->pixel_width_um);
    print_series(json_object_get(json, "series"));
    if (stored > 0) printf("  %s on the disk\n", cli_bytes(stored, text));
    printf("  %s if it were held in memory as %s; limpid streams it within --memory\n", cli_bytes(movie_bytes(f), text),
           type_name(f->type));
}

static void print_info(const lmp_recording *r, const json_t *json)
{
    const lmp_format *f = lmp_recording_get_format(r);
    char when[40] = "";
    if (!isnan(f->start_unix_s)) {
        const time_t start = (time_t)f->start_unix_s;
        struct tm utc;
        if (gmtime_r(&start, &utc) != NULL) strftime(when, sizeof when, ", begun %Y-%m-%d %H:%M:%S", &utc);
    }
    printf("%s: %s, %s%s\n", lmp_recording_get_path(r), lmp_recording_get_format_name(r), type_name(f->type), when);
    if (f->kind == LMP_MOVIE)
        print_movie(f, json);
    else
        print_signals(f);
    print_events(json_object_get(json, "events"));
    for (const char *w = lmp_recording_get_warnings(r); *w != '\0';) {
        const size_t n = strcspn(w, "\n");
        printf("  warning: %.*s\n", (int)n, w);
        w += n + (w[n] == '\n');
    }
}

int cmd_info(cli *c)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    if (c->n_words < 1) return cli_usage("limpid info needs a file");
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    json_t *all = json_array();
    for (int64_t i = 0; i < c->n_words; i++) {
        lmp_recording *recording = NULL;
        if (cli_open(c, engine, c->words[i], &recording, &err) != LMP_OK) {
            code = cli_fail(&err);
            continue; /* the other files are still told about */
        }
        json_t *json = info_json(recording);
        if (!c->json) print_info(recording, json);
        json_array_append_new(all, json);
        lmp_recording_close(recording);
    }
    if (c->json && json_array_size(all) > 0) {
        char *text =
            json_dumps(c->n_words == 1 ? json_array_get(all, 0) : all, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
        puts(text != NULL ? text : "");
        free(text);
    }
    json_decref(all);
    lmp_engine_free(engine);
    return code;
}
