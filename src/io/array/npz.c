/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npz.c: arrays in NumPy's zip files (.npz).
 *
 * A stored member (numpy.savez) is an .npy inside the file and is read in place. A deflated one (savez_compressed) is
 * unpacked into a scratch file while it is first read: see unpack.h. What a member unpacks to is bounded by the array
 * that its header announces, and that by what deflate can make of its packed bytes.
 */
#include "io/array/npz.h"

#include "core/path.h"

#include "io/array/array_movie.h"
#include "io/array/npy_array.h"
#include "io/image/image_load_source.h"
#include "io/unpack.h"
#include "io/array/zip.h"

#include "core/budget.h"
#include "core/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEFLATE_RATIO = 1032 }; /* 258 bytes from 2 bits */

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

/* Length of a member's name without ".npy"; 0 if it is no array. */
static size_t array_name_length(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".npy") == 0 ? n - 4 : 0;
}

/* ---- A member opened -------------------------------------------------------------------------------------- */

typedef struct opened {
    file_input input; /* the file itself, or the scratch file */
    unpack *unpack;   /* NULL: stored */
    char *folder;     /* of the scratch file */
    char *label;
    npy_part part;
} opened;

static void close_opened(opened *o)
{
    file_input_close(&o->input);
    unpack_free(o->unpack);
    free(o->folder);
    free(o->label);
}

static lmp_status check_member(const char *label, const zip_member *member, lmp_error *err)
{
    if (member->is_encrypted) return lmp_fail(err, LMP_ERR_INPUT, "%s is encrypted; save it without a password", label);
    if (member->method != ZIP_STORED && member->method != ZIP_DEFLATED)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is packed with method %" PRId64
                        ", limpid reads stored and deflated members: save it with numpy.savez",
                        label, member->method);
    const bool is_possible = member->method == ZIP_STORED ? member->size == member->packed_size
                                                          : member->size / MOST_DEFLATE_RATIO <= member->packed_size;
    return is_possible ? LMP_OK
                       : lmp_fail(err, LMP_ERR_INPUT, "%s announces %" PRId64 " bytes in %" PRId64 ": it is damaged",
                                  label, member->size, member->packed_size);
}

/* A zip file that is open. */
typedef struct archive {
    const char *path, *scratch_dir;
    file_input file;
    zip_directory directory;
} archive;

static lmp_status open_member(const archive *a, const zip_member *member, opened *o, lmp_error *err)
{
    int64_t offset = 0;
    *o = (opened){.input = {.file = {-1}}};
    const size_t n = array_name_length(member->name);
    if (asprintf(&o->label, "array \"%.*s\" of %s", (int)(n < 100 ? n : 100), member->name, a->path) < 0) {
        o->label = NULL;
        return no_memory(a->path, err);
    }
    lmp_status status = check_member(o->label, member, err);
    if (status == LMP_OK) status = zip_find_bytes(&a->file, &a->directory, member, &offset, err);
    if (status == LMP_OK && member->method == ZIP_STORED) {
        status = file_input_open(a->path, &o->input, err);
        o->part = (npy_part){.begin = offset, .size = member->size};
    } else if (status == LMP_OK) {
        const unpack_stretch stretch = {.path = a->path,
                                        .label = o->label,
                                        .scratch_dir = a->scratch_dir,
                                        .offset = offset,
                                        .packed_size = member->packed_size,
                                        .size = member->size,
                                        .crc = member->crc};
        status = unpack_new(&stretch, &o->unpack, &o->input, &o->folder, err);
        o->part = (npy_part){.size = member->size, .fetch = unpack_fetch, .user = o->unpack};
    }
    o->part.input = &o->input;
    o->part.label = o->label;
    if (status != LMP_OK) close_opened(o);
    return status;
}

/* ---- Which member ----------------------------------------------------------------------------------------- */

/* Whether a member can be what the options want. */
static lmp_status try_member(const archive *a, const zip_member *member, const lmp_open_options *options,
                             lmp_error *err)
{
    opened o;
    npy_header header = {0};
    array_shape shape;
    char *warnings = NULL;
    lmp_status status = open_member(a, member, &o, err);
    if (status != LMP_OK) return status;
    status = npy_array_load_header(&o.part, &header, err);
    if (status == LMP_OK)
        status = array_shape_choose(o.label, header.n_dimensions, header.shape, options, &shape, &warnings, err);
    if (status == LMP_OK && shape.kind == LMP_SIGNALS && !(options->rate_hz > 0))
        status =
            lmp_fail(err, LMP_ERR_INPUT, "%s is signals and does not say its rate; give it in Hz with --rate", o.label);
    free(warnings);
    close_opened(&o);
    return status;
}

/* The names of the arrays, for sentences; cut. */
static const char *list_arrays(const zip_directory *directory, char text[160])
{
    size_t used = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < directory->n_members && used < 120; i++) {
        const char *name = directory->members[i].name;
        const size_t n = array_name_length(name);
        if (n == 0) continue;
        used += (size_t)snprintf(text + used, 160 - used, "%s%.*s", used > 0 ? ", " : "", (int)(n < 30 ? n : 30), name);
    }
    return text;
}

static lmp_status find_named(const archive *a, const char *wanted, const zip_member **found, lmp_error *err)
{
    char names[160];
    for (int64_t i = 0; i < a->directory.n_members; i++) {
        const zip_member *member = &a->directory.members[i];
        const size_t n = array_name_length(member->name);
        if (n == 0) continue;
        if (strcmp(member->name, wanted) != 0 && (strlen(wanted) != n || strncmp(member->name, wanted, n) != 0))
            continue;
        *found = member;
        return LMP_OK;
    }
    return lmp_fail(err, LMP_ERR_USAGE, "%s holds no array \"%s\"; there are: %s", a->path, wanted,
                    list_arrays(&a->directory, names));
}

static lmp_status find_largest(const archive *a, const lmp_open_options *options, const zip_member **found,
                               char **warnings, lmp_error *err)
{
    char names[160];
    int64_t n_arrays = 0;
    lmp_status failed = LMP_OK;
    *found = NULL;
    for (int64_t i = 0; i < a->directory.n_members; i++) {
        const zip_member *member = &a->directory.members[i];
        if (array_name_length(member->name) == 0) continue;
        n_arrays++;
        if (*found != NULL && member->size <= (*found)->size) continue;
        const lmp_status status = try_member(a, member, options, err);
        if (status == LMP_OK)
            *found = member;
        else
            failed = status;
    }
    if (n_arrays == 0) return lmp_fail(err, LMP_ERR_INPUT, "%s holds no array of NumPy's", a->path);
    if (*found == NULL && n_arrays == 1) return failed; /* err says why */
    if (*found == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds no array that limpid can read; there are: %s", a->path,
                        list_arrays(&a->directory, names));
    if (n_arrays > 1)
        file_warn(warnings, "%s holds %" PRId64 " arrays (%s); the largest that fits is read: %.*s", a->path, n_arrays,
                  list_arrays(&a->directory, names), (int)array_name_length((*found)->name), (*found)->name);
    return LMP_OK;
}

/* ---- Reading what is unpacked on the way ------------------------------------------------------------------ */

typedef struct unpacked {
    lmp_source inner; /* reads the scratch file */
    unpack *unpack;
} unpacked;

static lmp_status read_signals(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err)
{
    const unpacked *u = state;
    const matrix_source *inner = u->inner.state;
    const matrix_layout *layout = &inner->layout;
    const int64_t bytes = layout->n_lanes * layout->n_times * (int64_t)sample_get_info(layout->type)->bytes;
    const lmp_status status = unpack_fetch(u->unpack, layout->offset + bytes, err);
    return status == LMP_OK ? u->inner.read(u->inner.state, request, budget, err) : status;
}

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const unpacked *u = state;
    const lmp_status status = unpack_fetch(u->unpack, array_movie_needs(u->inner.state, out->first + out->count), err);
    return status == LMP_OK ? u->inner.read_frames(u->inner.state, out, budget, err) : status;
}

static lmp_status lend(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames, void **lent,
                       lmp_error *err)
{
    const unpacked *u = state;
    const lmp_status status = unpack_fetch(u->unpack, array_movie_needs(u->inner.state, first + count), err);
    return status == LMP_OK ? u->inner.view(u->inner.state, first, count, budget, frames, lent, err) : status;
}

static void end_lending(void *state, void *lent)
{
    const unpacked *u = state;
    u->inner.view_end(u->inner.state, lent);
}

static void close_unpacked(void *state)
{
    unpacked *u = state;
    u->inner.close(u->inner.state);
    unpack_free(u->unpack);
    free(u);
}

static const char *data_path(void *state)
{
    const unpacked *u = state;
    return u->inner.data_path(u->inner.state);
}

/* Puts the unpacking in front of what reads the scratch file. */
static lmp_status wrap(opened *o, lmp_source *source, lmp_error *err)
{
    unpacked *u = calloc(1, sizeof *u);
    if (u == NULL) return no_memory(o->label, err);
    *u = (unpacked){.inner = *source, .unpack = o->unpack};
    o->unpack = NULL;
    source->state = u;
    if (source->read != NULL) source->read = read_signals;
    if (source->read_frames != NULL) source->read_frames = read_frames;
    if (source->view != NULL) {
        source->view = lend;
        source->view_end = end_lending;
    }
    source->close = close_unpacked;
    source->data_path = data_path;
    return LMP_OK;
}

static void warn_scratch(const opened *o, int64_t size, char **warnings)
{
    char text[16];
    file_warn(warnings, "%s is deflated; while it is read it is unpacked into a scratch file of %s in %s", o->label,
              budget_print_size((double)size, text), o->folder);
}

/* ---- Opening ---------------------------------------------------------------------------------------------- */

static lmp_status open_chosen(const archive *a, const zip_member *member, const lmp_open_options *options,
                              char **warnings, lmp_source *source, lmp_error *err)
{
    opened o;
    lmp_status status = open_member(a, member, &o, err);
    if (status != LMP_OK) return status;
    lmp_open_options whole = *options;
    whole.salvage = 0; /* a zip is complete or has no directory */
    status = npy_array_open(&o.part, &whole, source, err);
    if (status == LMP_OK && o.unpack != NULL) {
        warn_scratch(&o, member->size, warnings);
        status = wrap(&o, source, err);
        if (status != LMP_OK) {
            source->close(source->state);
            stream_clear(&source->stream);
            free(source->warnings);
        }
    }
    close_opened(&o);
    return status;
}

static lmp_status open_npz(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    archive a = {.path = path, .scratch_dir = source->limits.scratch_dir};
    const zip_member *member = NULL;
    char *warnings = NULL;
    lmp_status status = file_input_open(path, &a.file, err);
    if (status != LMP_OK) return status;
    status = zip_open(&a.file, &a.directory, err);
    if (status == LMP_OK && options->dataset != NULL)
        status = find_named(&a, options->dataset, &member, err);
    else if (status == LMP_OK)
        status = find_largest(&a, options, &member, &warnings, err);
    if (status == LMP_OK) status = open_chosen(&a, member, options, &warnings, source, err);
    zip_close(&a.directory);
    file_input_close(&a.file);
    if (status == LMP_OK) {
        source->format_name = "NumPy zip";
        if (source->warnings != NULL) file_warn(&warnings, "%s", source->warnings);
        free(source->warnings);
        source->warnings = warnings;
        warnings = NULL;
    }
    free(warnings);
    return status == LMP_OK ? image_load_source(path, options, source, err) : status;
}

static int detect_npz(const uint8_t *head, size_t n, const char *path)
{
    const bool is_zip = n >= 4 && head[0] == 'P' && head[1] == 'K' && (head[2] == 3 || head[2] == 5);
    const bool is_named = path_has_extension(path, "npz");
    return is_zip ? (is_named ? 100 : 10) : is_named ? 30 : 0;
}

const lmp_io lmp_io_npz = {
    .name = "NumPy zip",
    .summary = "Arrays of numbers as numpy.savez and savez_compressed save them; --dataset names one, else the largest "
               "is read.",
    .kind = 0, /* both */
    .extensions = "npz",
    .has_datasets = true,
    .can_read = true,
    .detect = detect_npz,
    .open = open_npz,
};
