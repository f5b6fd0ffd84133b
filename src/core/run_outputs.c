/* SPDX-License-Identifier: BSD-3-Clause
 *
 * run_outputs.c: which files a run makes, what they may not be, and how they get their names.
 *
 * A step makes a recording (of one or more files) with a record beside it, or a table. All of them are looked at before
 * anything is computed: an hour later is too late to learn that a name is taken, or that a table was the input.
 */
#include "core/run_outputs.h"

#include "core/budget.h"
#include "core/record.h"
#include "core/stream.h"
#include "core/table.h"
#include "os/os.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- The files of a step ---- */

typedef enum output_role { OUTPUT_DATA, OUTPUT_TABLE, OUTPUT_IMAGE, OUTPUT_RECORD } output_role;

/* The i-th file that a step makes; caller frees; NULL past the last. */
static char *output_file(const lmp_run *run, const plan_step *ps, int64_t i, output_role *role)
{
    const lmp_step_plan *plan = &ps->plan;
    if (ps->step->grain == LMP_GRAIN_SINK) {
        char *file = sink_file(run->engine, plan->sink_path, i);
        *role = OUTPUT_DATA;
        if (file != NULL || run->options.no_provenance != 0) return file;
        char *before = sink_file(run->engine, plan->sink_path, i - 1);
        *role = OUTPUT_RECORD;
        file = before != NULL ? record_path(plan->sink_path) : NULL;
        free(before);
        return file;
    }
    const int64_t n_tables = plan->table_path != NULL && ps->step->tabulate != NULL;
    *role = i < n_tables ? OUTPUT_TABLE : OUTPUT_IMAGE;
    if (i < n_tables) return strdup(plan->table_path);
    const bool makes_image = plan->image_path != NULL && ps->step->paint != NULL && i == n_tables;
    return makes_image ? strdup(plan->image_path) : NULL;
}

int64_t lmp_run_output_count(const lmp_run *run)
{
    int64_t n = 0;
    for (int64_t s = 0; s < run->plan->n_steps; s++) {
        output_role role;
        char *file;
        for (int64_t i = 0; (file = output_file(run, &run->plan->steps[s], i, &role)) != NULL; i++) {
            n += role != OUTPUT_RECORD;
            free(file);
        }
    }
    return n;
}

/* ---- The input is never changed ---- */

static bool is_same_file(const os_file_info *a, const os_file_info *b)
{
    return a->device == b->device && a->inode == b->inode;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* However the folders are spelt. */
static bool is_same_path(const char *a, const char *b)
{
    os_file_info at, bt;
    if (strcmp(name_of(a), name_of(b)) != 0) return false;
    char *da = os_path_directory(a), *db = os_path_directory(b);
    const bool same =
        da != NULL && db != NULL &&
        (strcmp(da, db) == 0 || (os_path_stat(da, &at) == 0 && os_path_stat(db, &bt) == 0 && is_same_file(&at, &bt)));
    free(da);
    free(db);
    return same;
}

/* Where a recording is several files of one stem, all files of that stem with its format's endings belong to it. */
static bool is_beside_input(const lmp_recording *recording, const char *path)
{
    const lmp_io *io = recording->io;
    const char *dot = strrchr(path, '.'), *stem = strrchr(recording->path, '.');
    if (io == NULL || io->companions == NULL || dot == NULL || stem == NULL) return false;
    for (const char *ending = io->extensions; ending != NULL;) {
        const size_t n = strcspn(ending, "|");
        if (strlen(dot + 1) == n && strncasecmp(dot + 1, ending, n) == 0) {
            char *renamed = NULL;
            const bool same = asprintf(&renamed, "%.*s%s", (int)(dot - path), path, stem) >= 0 &&
                              is_same_path(renamed, recording->path);
            free(renamed);
            return same;
        }
        ending = ending[n] == '|' ? ending + n + 1 : NULL;
    }
    return false;
}

/* Of recordings that are folders, or hold such: whether the path lies in one of them. */
static bool is_inside_input(const lmp_source *source, const char *path)
{
    enum { MOST_FOLDERS = 128 };
    os_file_info here, above;
    bool found = false;
    char *folder = source->is_member != NULL ? os_path_directory(path) : NULL;
    for (int i = 0; i < MOST_FOLDERS && folder != NULL && !found && os_path_stat(folder, &here) == 0; i++) {
        char *up = NULL;
        found = source->is_member(source->state, folder);
        const bool ends =
            asprintf(&up, "%s/..", folder) < 0 || os_path_stat(up, &above) != 0 || is_same_file(&here, &above);
        free(folder);
        folder = up;
        if (ends) break;
    }
    free(folder);
    return found;
}

static bool is_input(const lmp_recording *recording, const char *path)
{
    os_file_info out, in;
    const lmp_source *source = &recording->source;
    if (recording->path[0] == '\0') return false;
    if (is_beside_input(recording, path) || is_inside_input(source, path)) return true;
    if (os_path_stat(path, &out) != 0) return false;
    const char *const inputs[] = {recording->path, source->data_path != NULL ? source->data_path(source->state) : NULL};
    for (size_t i = 0; i < 2; i++)
        if (inputs[i] != NULL && os_path_stat(inputs[i], &in) == 0 && is_same_file(&in, &out)) return true;
    return source->is_member != NULL && source->is_member(source->state, path);
}

/* The folder that is the recording, or in which its pattern looks; NULL if it is one file. Caller frees. */
static char *input_folder(const lmp_recording *recording)
{
    os_file_info info;
    const bool is_there = os_path_stat(recording->path, &info) == 0;
    if (recording->path[0] == '\0' || (is_there && !info.is_directory)) return NULL;
    return is_there ? strdup(recording->path) : os_path_directory(recording->path);
}

/* True if numbered files of this name would stand among those of a recording of many files. */
static bool is_among_inputs(const lmp_run *run, const char *path, lmp_kind kind)
{
    const lmp_io *io = NULL;
    os_file_info in, out;
    if (engine_find_writer(run->engine, path, kind, &io, NULL) != LMP_OK || !io->is_sequence) return false;
    char *to = os_path_directory(path), *from = input_folder(run->recording);
    const bool same = to != NULL && from != NULL && os_path_stat(to, &out) == 0 && os_path_stat(from, &in) == 0 &&
                      is_same_file(&in, &out);
    free(to);
    free(from);
    return same;
}

static lmp_status check_not_input(const lmp_run *run, const plan_step *ps, const char *file, output_role role,
                                  lmp_error *err)
{
    if (role == OUTPUT_DATA && is_among_inputs(run, file, ps->in.format.kind))
        return lmp_fail(err, LMP_ERR_USAGE, "%s would put numbered files among those of the input: name another folder",
                        file);
    if (!is_input(run->recording, file)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "the output %s is the input: limpid never changes its input, choose another name", file);
}

/* ---- Each has a name of its own ---- */

static bool step_makes(const lmp_run *run, const plan_step *ps, int64_t before, const char *path)
{
    bool found = false;
    output_role role;
    char *file;
    for (int64_t i = 0; i < before && !found && (file = output_file(run, ps, i, &role)) != NULL; i++) {
        found = is_same_path(file, path);
        free(file);
    }
    return found;
}

/* Against the files of the steps before, and a record against the data beside it. */
static lmp_status check_own_name(const lmp_run *run, const plan_step *ps, int64_t i, const char *file, output_role role,
                                 lmp_error *err)
{
    bool found = role == OUTPUT_RECORD && step_makes(run, ps, i, file);
    for (int64_t k = 0; k < ps->index && !found; k++) found = step_makes(run, &run->plan->steps[k], INT64_MAX, file);
    if (!found) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "%s is written twice in this chain: give each output its own name", file);
}

/* ---- It can be written ---- */

static lmp_status check_table(const char *path, bool overwrite, lmp_error *err)
{
    os_file_info info;
    char *folder = os_path_directory(path);
    if (folder == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    const bool is_folder = os_path_stat(folder, &info) == 0 && info.is_directory;
    free(folder);
    if (!is_folder) return lmp_fail(err, LMP_ERR_IO, "the table %s cannot be written: its folder does not exist", path);
    if (os_path_stat(path, &info) != 0) return LMP_OK;
    if (!info.is_regular)
        return lmp_fail(err, LMP_ERR_USAGE, "the table %s cannot be written: that is not a file, name one", path);
    if (!overwrite)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or add --overwrite", path);
    return LMP_OK;
}

static lmp_status check_step(const lmp_run *run, const plan_step *ps, lmp_error *err)
{
    const bool overwrite = run->options.overwrite != 0;
    lmp_status status = LMP_OK;
    output_role role;
    char *file;
    for (int64_t i = 0; status == LMP_OK && (file = output_file(run, ps, i, &role)) != NULL; i++) {
        status = check_not_input(run, ps, file, role, err);
        if (status == LMP_OK) status = check_own_name(run, ps, i, file, role, err);
        if (status == LMP_OK && role == OUTPUT_TABLE) status = check_table(file, overwrite, err);
        if (status == LMP_OK && role == OUTPUT_IMAGE)
            status = sink_check_path(run->engine, file, LMP_MOVIE, overwrite, err);
        free(file);
    }
    if (status == LMP_OK && ps->step->grain == LMP_GRAIN_SINK)
        status = sink_check_path(run->engine, ps->plan.sink_path, ps->in.format.kind, overwrite, err);
    return status;
}

lmp_status run_check_outputs(const lmp_run *run, lmp_error *err)
{
    for (int64_t i = 0; i < run->plan->n_steps; i++) {
        const lmp_status status = check_step(run, &run->plan->steps[i], err);
        if (status == LMP_OK) continue;
        if (err != NULL) err->step = (int32_t)i;
        return status;
    }
    return LMP_OK;
}

/* ---- Names are given ---- */

static json_t *run_facts(const lmp_run *run)
{
    int64_t spooled = 0;
    for (int64_t i = 0; i < run->plan->n_steps; i++)
        if (run->sinks[i] != NULL) spooled += sink_spooled_bytes(run->sinks[i]);
    return json_pack("{s:f,s:f,s:I,s:I,s:I,s:I,s:I,s:I}", "seconds", run->wall_s, "cpu_seconds", run->cpu_s, "threads",
                     (json_int_t)pool_worker_count(run->workers), "memory_limit", (json_int_t)run->engine->memory_limit,
                     "memory_peak", (json_int_t)budget_peak(run->budget), "block_length",
                     (json_int_t)run->plan->block_length, "groups", (json_int_t)run->plan->n_groups, "scratch_bytes",
                     (json_int_t)spooled);
}

/* Of one file, of several, or of all in a folder. */
static lmp_status digest_output(lmp_run *run, const sink *s, name_list *files, char text[DIGEST_TEXT], lmp_error *err)
{
    os_file_info info;
    const char *path = sink_data_path(s);
    const bool is_folder = path == NULL && os_path_stat(sink_path(s), &info) == 0 && info.is_directory;
    lmp_status status = sink_list_files(s, files, err);
    if (status != LMP_OK || (files->count == 0 && path == NULL && !is_folder)) return status;
    if (files->count == 0 && !is_folder) return digest_file(path, sink_digest(s), run->workers, run->budget, text, err);
    name_list inside = {0};
    char *folder = is_folder ? strdup(sink_path(s)) : os_path_directory(sink_path(s));
    if (folder == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a digest");
    if (is_folder) status = name_list_folder(folder, &inside, err);
    if (status == LMP_OK)
        status = digest_set(folder, is_folder ? &inside : files, run->workers, run->budget, text, err);
    name_list_clear(&inside);
    free(folder);
    return status;
}

static lmp_status write_record(lmp_run *run, const plan_step *ps, json_t *facts_of_run, lmp_error *err)
{
    char fingerprint[DIGEST_TEXT] = "";
    name_list files = {0};
    lmp_status status = digest_output(run, run->sinks[ps->index], &files, fingerprint, err);
    if (status != LMP_OK) {
        name_list_clear(&files);
        return status;
    }
    const record_facts facts = {.recording = run->recording,
                                .chain = run->chain,
                                .command = run->command,
                                .input_digest = run->input_digest,
                                .no_input_digest = run->no_input_digest,
                                .steps = run->steps,
                                .warnings = run->warnings,
                                .run = facts_of_run,
                                .data_path = sink_data_path(run->sinks[ps->index]),
                                .files = &files};
    json_decref(run->record);
    run->record = record_new(&facts, &ps->in, ps->plan.sink_path, fingerprint);
    name_list_clear(&files);
    char *path = record_path(ps->plan.sink_path);
    status = path == NULL || run->record == NULL
                 ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the provenance record")
                 : record_write(run->record, path, err);
    free(path);
    return status;
}

static lmp_format format_of_image(lmp_type type, int64_t height, int64_t width)
{
    return (lmp_format){.kind = LMP_MOVIE,
                        .type = type,
                        .n_times = 1,
                        .height = height,
                        .width = width,
                        .n_colours = 1,
                        .start_unix_s = NAN,
                        .subject = "",
                        .session = ""};
}

/* A movie of one frame. */
static lmp_status write_frame(const lmp_run *run, const char *path, const lmp_format *format, const lmp_frames *frame,
                              lmp_error *err)
{
    const lmp_stream stream = {.format = *format};
    const lmp_write_options write = {0};
    const sink_options options = {.engine = run->engine,
                                  .path = path,
                                  .write = &write,
                                  .stream = &stream,
                                  .overwrite = run->options.overwrite != 0};
    sink *s = NULL;
    lmp_status status = sink_open(&options, &s, err);
    if (status == LMP_OK) status = sink_write_frames(s, frame, run->budget, err);
    if (status == LMP_OK) status = sink_finish(s, run->workers, run->budget, err);
    sink_close(s);
    return status;
}

static lmp_status write_array(const lmp_run *run, const char *path, lmp_table *table, lmp_error *err)
{
    const double *values = NULL;
    int64_t n_rows = 0, n_columns = 0;
    const lmp_status status = table_array(table, path, &values, &n_rows, &n_columns, err);
    if (status != LMP_OK) return status;
    const lmp_format format = format_of_image(LMP_FLOAT64, n_rows, n_columns);
    const lmp_frames frame = stream_frames(&format, 0, 1, (void *)values);
    return write_frame(run, path, &format, &frame, err);
}

static lmp_status write_table(const lmp_run *run, const plan_step *ps, lmp_error *err)
{
    lmp_table *table = NULL;
    const char *path = ps->plan.table_path;
    lmp_status status = ps->plan.table_is_array ? table_new_array(&table, err) : table_new(&table, err);
    if (status == LMP_OK) status = ps->step->tabulate(ps->shared, table, err);
    if (status == LMP_OK)
        status = ps->plan.table_is_array ? write_array(run, path, table, err)
                                         : table_write(table, path, run->options.overwrite != 0, err);
    table_free(table);
    return status;
}

static lmp_status write_image(const lmp_run *run, const plan_step *ps, lmp_error *err)
{
    const lmp_step_plan *plan = &ps->plan;
    lmp_format format = format_of_image(LMP_FLOAT32, plan->image_height, plan->image_width);
    format.pixel_width_um = ps->in.format.pixel_width_um;
    format.pixel_height_um = ps->in.format.pixel_height_um;
    lmp_frames image = stream_frames(&format, 0, 1, NULL);
    lmp_status status = lmp_take(run->budget, image.stride, &image.data, err);
    if (status == LMP_OK) status = ps->step->paint(ps->shared, &image, err);
    if (status == LMP_OK) status = write_frame(run, plan->image_path, &format, &image, err);
    lmp_give(run->budget, image.data);
    return status;
}

/* How many steps' outputs of each kind have their names. */
typedef struct named {
    int64_t sinks, tables, images, records;
} named;

static lmp_status name_sinks(lmp_run *run, named *n, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (; n->sinks < run->plan->n_steps && status == LMP_OK; n->sinks += status == LMP_OK)
        if (run->sinks[n->sinks] != NULL) status = sink_finish(run->sinks[n->sinks], run->workers, run->budget, err);
    return status;
}

static lmp_status name_tables(lmp_run *run, named *n, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (; n->tables < run->plan->n_steps && status == LMP_OK; n->tables += status == LMP_OK) {
        const plan_step *ps = &run->plan->steps[n->tables];
        if (ps->plan.table_path != NULL && ps->step->tabulate != NULL) status = write_table(run, ps, err);
    }
    return status;
}

static lmp_status name_images(lmp_run *run, named *n, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (; n->images < run->plan->n_steps && status == LMP_OK; n->images += status == LMP_OK) {
        const plan_step *ps = &run->plan->steps[n->images];
        if (ps->plan.image_path != NULL && ps->step->paint != NULL) status = write_image(run, ps, err);
    }
    return status;
}

static lmp_status name_records(lmp_run *run, named *n, lmp_error *err)
{
    if (run->options.no_provenance != 0) return LMP_OK;
    lmp_status status = LMP_OK;
    json_t *facts = run_facts(run);
    for (; n->records < run->plan->n_steps && status == LMP_OK; n->records += status == LMP_OK)
        if (run->sinks[n->records] != NULL) status = write_record(run, &run->plan->steps[n->records], facts, err);
    json_decref(facts);
    return status;
}

/* Steps whose turn had not come, or failed, have named nothing. */
static void withdraw(const lmp_run *run, const named *n)
{
    for (int64_t s = 0; s < run->plan->n_steps; s++) {
        const plan_step *ps = &run->plan->steps[s];
        output_role role;
        char *file;
        const bool is_sink_named = run->sinks[s] != NULL && s < n->sinks;
        const bool has_data = is_sink_named && !sink_withdraw(run->sinks[s]);
        for (int64_t i = 0; (file = output_file(run, ps, i, &role)) != NULL; i++) {
            const bool is_named = (role == OUTPUT_DATA && has_data) || (role == OUTPUT_TABLE && s < n->tables) ||
                                  (role == OUTPUT_IMAGE && s < n->images) || (role == OUTPUT_RECORD && s < n->records);
            os_file_info info;
            if (is_named && os_path_stat(file, &info) == 0)
                (void)(info.is_directory ? os_folder_remove(file) : os_path_remove(file));
            free(file);
        }
    }
}

lmp_status run_finish_outputs(lmp_run *run, double cpu_before_s, lmp_error *err)
{
    named n = {0};
    lmp_status status = name_sinks(run, &n, err);
    if (status == LMP_OK) status = name_tables(run, &n, err);
    if (status == LMP_OK) status = name_images(run, &n, err);
    run->wall_s = os_clock_s() - run->started_s;
    run->cpu_s = os_cpu_s() - cpu_before_s;
    if (status == LMP_OK) status = name_records(run, &n, err);
    if (status != LMP_OK) withdraw(run, &n);
    return status;
}
