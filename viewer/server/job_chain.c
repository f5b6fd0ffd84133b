/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_chain.c: from what the page asked to a chain of the library, and to what one would type for it.
 */
#include "job_chain.h"

#include <limits.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

const json_t *job_chain_step(const json_t *steps, const char *name)
{
    size_t i;
    json_t *step;
    json_array_foreach((json_t *)steps, i, step)
    {
        const char *its_name = json_string_value(json_object_get(step, "name"));
        if (its_name != NULL && strcmp(its_name, name) == 0) return step;
    }
    return NULL;
}

static bool names_file(const json_t *step, const char *key)
{
    size_t i;
    json_t *param;
    json_array_foreach(json_object_get(step, "params"), i, param)
    {
        const char *name = json_string_value(json_object_get(param, "name"));
        const char *type = json_string_value(json_object_get(param, "type"));
        if (name != NULL && type != NULL && strcmp(name, key) == 0) return strcmp(type, "file") == 0;
    }
    return false;
}

/* ---- Building ------------------------------------------------------------------------------------------------ */

/* What a parameter that names a file stands for. */
static lmp_status resolve(server *s, const char *key, const char *value, const char *folder, char path[PATH_MAX],
                          lmp_error *err)
{
    if (value[0] != '@') {
        snprintf(path, PATH_MAX, "%s", value);
        return value[0] == '\0' || path_is_allowed(s, value, false, err) ? LMP_OK : err->status;
    }
    if (!job_name_is_good(value + 1))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%.60s: \"%.80s\" is no name of a file: use a-z, 0-9, _, - and . behind the @", key, value);
    if (folder != NULL)
        snprintf(path, PATH_MAX, "%s/%s", folder, value + 1);
    else
        snprintf(path, PATH_MAX, "%s", value + 1);
    return LMP_OK;
}

static lmp_status set_param(server *s, const json_t *step, const char *key, const char *value, const char *folder,
                            lmp_chain *chain, lmp_error *err)
{
    char path[PATH_MAX];
    if (!names_file(step, key)) return lmp_chain_set(chain, key, value, err);
    const lmp_status status = resolve(s, key, value, folder, path, err);
    return status == LMP_OK ? lmp_chain_set(chain, key, path, err) : status;
}

static lmp_status add_step(server *s, const json_t *steps, const json_t *item, const char *folder, lmp_chain *chain,
                           lmp_error *err)
{
    const char *key, *name = json_string_value(json_object_get(item, "step"));
    json_t *value;
    const json_t *step = job_chain_step(steps, name);
    lmp_status status = lmp_chain_add(chain, name, err);
    json_object_foreach(json_object_get(item, "params"), key, value)
    {
        if (status == LMP_OK) status = set_param(s, step, key, json_string_value(value), folder, chain, err);
    }
    return status;
}

static bool is_sink(const json_t *steps, const json_t *item)
{
    const json_t *step = job_chain_step(steps, json_string_value(json_object_get(item, "step")));
    const char *grain = json_string_value(json_object_get(step, "grain"));
    return grain != NULL && strcmp(grain, "sink") == 0;
}

lmp_status job_chain_add(server *s, const json_t *steps, const job_request *q, const char *folder, lmp_chain *chain,
                         lmp_error *err)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)q->chain, i, item)
    {
        if (q->is_preview && is_sink(steps, item))
            return lmp_fail(err, LMP_ERR_USAGE, "a preview writes no files: leave out %s or run the chain",
                            json_string_value(json_object_get(item, "step")));
        const lmp_status status = add_step(s, steps, item, folder, chain, err);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}

lmp_status job_chain_write(lmp_chain *chain, const char *path, const char *type, lmp_error *err)
{
    lmp_status status = lmp_chain_add(chain, "write", err);
    if (status == LMP_OK) status = lmp_chain_set(chain, "path", path, err);
    if (status == LMP_OK && type != NULL) status = lmp_chain_set(chain, "type", type, err);
    return status;
}

/* Times to a millionth of a sample, so that they are rounded back to these samples. */
lmp_status job_chain_cut(lmp_chain *chain, const lmp_format *format, const job_request *q, lmp_error *err)
{
    char range[96];
    const int64_t end = q->part_first + q->part_count;
    if (q->part_count == 0) return LMP_OK;
    if (q->part_first > format->n_times || q->part_count > format->n_times - q->part_first)
        return lmp_fail(err, LMP_ERR_USAGE, "a part of %lld from %lld on was asked for, the recording has %lld",
                        (long long)q->part_count, (long long)q->part_first, (long long)format->n_times);
    const bool is_movie = format->kind == LMP_MOVIE;
    if (is_movie)
        snprintf(range, sizeof range, "%lld:%lld", (long long)q->part_first, (long long)end);
    else
        snprintf(range, sizeof range, "%.12f-%.12f", (double)q->part_first / format->rate_hz,
                 (double)end / format->rate_hz);
    const lmp_status status = lmp_chain_add(chain, is_movie ? "frames" : "crop", err);
    return status == LMP_OK ? lmp_chain_set(chain, "range", range, err) : status;
}

bool job_chain_ends_in_tables(const json_t *steps, const job_request *q)
{
    const char *key;
    json_t *value;
    const json_t *last = json_array_get(q->chain, json_array_size(q->chain) - 1);
    const json_t *step = job_chain_step(steps, json_string_value(json_object_get(last, "step")));
    const char *grain = json_string_value(json_object_get(step, "grain"));
    if (grain == NULL || strcmp(grain, "none") != 0) return false;
    json_object_foreach(json_object_get(last, "params"), key, value)
    {
        const char *text = json_string_value(value);
        if (names_file(step, key) && text[0] == '@' && json_object_get(q->files, text + 1) == NULL) return true;
    }
    return false;
}

/* ---- As one would type it ------------------------------------------------------------------------------------ */

lmp_status job_chain_text(server *s, const json_t *steps, const job_request *q, bool as_yaml, char **text,
                          lmp_error *err)
{
    lmp_chain *chain = NULL;
    lmp_status status = lmp_chain_new(server_engine(s), &chain, err);
    if (status == LMP_OK) status = job_chain_add(s, steps, q, NULL, chain, err);
    char *made = NULL;
    if (status == LMP_OK) made = as_yaml ? lmp_chain_to_yaml(chain, 0) : lmp_chain_to_text(chain);
    if (status == LMP_OK && made == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a chain");
    lmp_chain_free(chain);
    if (status == LMP_OK) *text = made;
    return status;
}

/* In single quotes where a shell would need them. */
static void print_word(FILE *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/%@";
    if (text[0] != '\0' && strspn(text, plain) == strlen(text)) {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    fputc('\'', out);
}

static void print_option(FILE *out, const char *name, const char *value)
{
    if (value == NULL) return;
    fprintf(out, " --%s ", name);
    print_word(out, value);
}

static void print_options(FILE *out, const lmp_open_options *how)
{
    if (how->rate_hz > 0) fprintf(out, " --rate %.10g", how->rate_hz);
    if (how->scale_uv > 0) fprintf(out, " --scale-uv %.10g", how->scale_uv);
    if (how->size_ratio > 0) fprintf(out, " --size %.10g", how->size_ratio);
    if (how->salvage) fputs(" --salvage", out);
    if (how->grey) fputs(" --grey", out);
    print_option(out, "kind", how->kind == LMP_SIGNALS ? "signals" : how->kind == LMP_MOVIE ? "movie" : NULL);
    print_option(out, "dataset", how->dataset);
    print_option(out, "group", how->group);
    print_option(out, "broken", how->skip_broken ? "skip" : NULL);
    print_option(out, "sizes", how->crop_to_least ? "crop" : NULL);
}

char *job_chain_command(const opened *source, const char *chain, const char *out)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    if (file == NULL) return NULL;
    fputs("limpid run ", file);
    print_word(file, source->path);
    print_options(file, &source->how);
    print_option(file, "events", source->events);
    fprintf(file, " %s", chain);
    if (out != NULL) fputs(" ! write ", file);
    if (out != NULL) print_word(file, out);
    (void)fclose(file);
    return text;
}
