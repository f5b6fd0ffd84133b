/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series.c: a folder, or the files that fit a pattern, as one movie.
 *
 * Which files: series_names.c and series_choose.c. What they hold: series_scan.c. Whether they fit together:
 * series_join.c. Here frames are read: each file through its own format, straight into its place. Of a file a path and
 * the number of its first frame are kept; files are opened when they are read, a bounded number at a time, so a series
 * may have more of them than the system lets be open.
 */
#include "io/series/series.h"

#include "core/budget.h"
#include "core/recording.h"
#include "core/stream.h"
#include "io/list.h"
#include "io/series/series_cache.h"
#include "io/series/series_choose.h"
#include "io/series/series_join.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many as may be read at the same time. Video decoders hold many frames each, and are read one after the other. */
enum { MOST_OPEN = 64, MOST_OPEN_IN_ORDER = 2 };

typedef struct series {
    series_opening how;
    series_list files;
    char *dataset;
    series_joined joined;
    series_cache *cache;
    lmp_format format;
    char format_name[64];
} series;

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* Opens a file again and checks that it is still what it was when the series was opened. */
static lmp_status open_member(const void *user, int64_t i, lmp_source *source, lmp_error *err)
{
    const series *s = user;
    const series_member *m = &s->joined.members[i];
    const lmp_io *io = m->io;
    const lmp_status status = series_open_file(&s->how, m->path, &io, source, err);
    if (status != LMP_OK) return status;
    const lmp_format *f = &source->stream.format;
    const bool same_size = s->joined.is_cropped ? f->height >= s->format.height && f->width >= s->format.width
                                                : f->height == s->format.height && f->width == s->format.width;
    if (same_size && f->kind == LMP_MOVIE && f->type == s->format.type && f->n_colours == s->format.n_colours &&
        f->n_times == m[1].first - m->first)
        return LMP_OK;
    source_clear(source);
    return lmp_fail(err, LMP_ERR_INPUT, "%s has changed since it was opened: open the series again", m->path);
}

/* Whole images one by one into counted memory, and their top left part into place. */
static lmp_status read_cropped(const lmp_source *source, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const lmp_format *f = &source->stream.format;
    const size_t pixel = (size_t)f->n_colours * lmp_type_bytes(f->type);
    const size_t whole_row = (size_t)f->width * pixel, row = (size_t)out->width * pixel;
    const size_t whole = stream_instant_bytes(&source->stream);
    void *room = NULL;
    lmp_status status = budget_take_raw(budget, whole, &room, err);
    for (int64_t i = 0; i < out->count && status == LMP_OK; i++) {
        const lmp_frames image = stream_frames(f, out->first + i, 1, room);
        char *to = (char *)out->data + (size_t)i * out->stride;
        status = source_read_frames(source, &image, budget, err);
        for (int64_t y = 0; y < out->rows && status == LMP_OK; y++)
            memcpy(to + (size_t)y * row, (const char *)room + (size_t)(out->row + y) * whole_row, row);
    }
    lmp_give(budget, room);
    return status;
}

static lmp_status read_member(series *s, int64_t i, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const lmp_source *source = NULL;
    lmp_status status = series_cache_borrow(s->cache, i, &source, err);
    if (status != LMP_OK) return status;
    const lmp_format *f = &source->stream.format;
    status = f->height == s->format.height && f->width == s->format.width ? source_read_frames(source, out, budget, err)
                                                                          : read_cropped(source, out, budget, err);
    series_cache_return(s->cache, source);
    return status;
}

/* The member that holds a frame. */
static int64_t find_member(const series *s, int64_t frame)
{
    int64_t low = 0, high = s->joined.count;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (s->joined.members[middle].first <= frame)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Only a full decode finds what is broken behind a sound head: says how to leave such files out. */
static void add_way_out(lmp_status status, lmp_error *err)
{
    if (status != LMP_ERR_INPUT || err == NULL) return;
    const size_t n = strlen(err->text);
    snprintf(err->text + n, sizeof err->text - n, " (--broken skip leaves such files out)");
}

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    series *s = state;
    lmp_status status = LMP_OK;
    int64_t i = find_member(s, out->first);
    for (int64_t done = 0; done < out->count && status == LMP_OK; i++) {
        const series_member *m = &s->joined.members[i];
        lmp_frames part = *out;
        part.first = out->first + done - m->first;
        part.count = m[1].first - m->first - part.first;
        if (part.count > out->count - done) part.count = out->count - done;
        part.data = (char *)out->data + (size_t)done * out->stride;
        status = read_member(s, i, &part, budget, err);
        add_way_out(status, err);
        done += part.count;
    }
    return status;
}

static bool is_member(void *state, const char *path)
{
    const series *s = state;
    os_file_info asked, member;
    if (os_path_stat(path, &asked) != 0) return false;
    for (int64_t i = 0; i < s->joined.count; i++)
        if (os_path_stat(s->joined.members[i].path, &member) == 0 && member.device == asked.device &&
            member.inode == asked.inode)
            return true;
    return false;
}

/* ---- Opening ---------------------------------------------------------------------------------------------- */

static void close_series(void *state)
{
    series *s = state;
    series_cache_free(s->cache);
    free(s->joined.members);
    series_list_clear(&s->files);
    free(s->dataset);
    free(s);
}

/* "PNG series", if they are all of one format. */
static void name_format(series *s, const series_header *headers)
{
    const char *name = NULL;
    for (int64_t i = 0; i < s->files.count; i++) {
        if (headers[i].status != LMP_OK) continue;
        if (name == NULL) name = headers[i].format_name;
        if (name == NULL || headers[i].format_name == NULL || strcmp(name, headers[i].format_name) != 0) {
            snprintf(s->format_name, sizeof s->format_name, "series of several formats");
            return;
        }
    }
    snprintf(s->format_name, sizeof s->format_name, "%s series", name);
}

static lmp_status join_files(series *s, const char *path, const lmp_open_options *options, lmp_source *source,
                             lmp_error *err)
{
    series_header *headers = calloc((size_t)s->files.count + 1, sizeof *headers);
    if (headers == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    const bool decode = options->skip_broken != 0;
    lmp_status status = series_scan(&s->how, s->files.paths, s->files.count, decode, headers, err);
    if (status == LMP_OK)
        status = series_join(path, s->files.paths, s->files.count, headers, options, &s->joined, source, err);
    if (status == LMP_OK) name_format(s, headers);
    series_headers_free(headers, s->files.count);
    return status;
}

static lmp_status fill(series *s, const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    s->how.options = *options;
    s->how.options.group = NULL;
    s->how.options.kind = LMP_MOVIE;
    if (options->dataset != NULL) {
        s->how.options.dataset = s->dataset = strdup(options->dataset);
        if (s->dataset == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    }
    lmp_status status = series_choose(&s->how, path, options->group, &s->files, err);
    if (status == LMP_OK) status = join_files(s, path, options, source, err);
    if (status != LMP_OK) return status;
    s->format = source->stream.format;
    s->cache = series_cache_new(source->in_order ? MOST_OPEN_IN_ORDER : MOST_OPEN, open_member, s);
    if (s->cache == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    return LMP_OK;
}

lmp_status series_open(const lmp_io *const *formats, const char *path, const lmp_open_options *options,
                       lmp_source *source, lmp_error *err)
{
    if (options->kind == LMP_SIGNALS)
        return lmp_fail(err, LMP_ERR_USAGE, "%s is opened as a movie: signals are opened file by file", path);
    series *s = calloc(1, sizeof *s);
    if (s == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    s->how.formats = formats;
    s->how.limits = source_limits(source);
    const lmp_status status = fill(s, path, options, source, err);
    if (status != LMP_OK) {
        source_clear(source);
        close_series(s);
        return status;
    }
    source->format_name = s->format_name;
    source->state = s;
    source->read_frames = read_frames;
    source->is_member = is_member;
    source->close = close_series;
    return LMP_OK;
}

static lmp_status open_any(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    return series_open(io_formats, path, options, source, err);
}

/* Asked for folders and patterns alone; other formats of folders are surer of theirs. */
static int detect(const uint8_t *head, size_t n, const char *path)
{
    (void)head, (void)path;
    return n == 0 ? 1 : 0;
}

const lmp_io lmp_io_series = {
    .name = "series",
    .summary = "A folder, or files that fit a quoted pattern, as one movie: images or movies in natural order.",
    .kind = LMP_MOVIE,
    .extensions = "",
    .can_read = true,
    .is_folder = true,
    .has_datasets = true,
    .has_groups = true,
    .detect = detect,
    .open = open_any,
};
