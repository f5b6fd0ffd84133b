/* SPDX-License-Identifier: BSD-3-Clause
 *
 * digest_set.c: fingerprints of many files, a file for each worker at a time.
 */
#include "core/digest_set.h"

#include "core/budget.h"
#include "os/os.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a list of files");
}

/* ---- Lists ---- */

bool name_list_add(name_list *list, char *name)
{
    if (name != NULL && list->count == list->room) {
        const int64_t room = list->room == 0 ? 64 : list->room * 2;
        char **more = realloc(list->names, (size_t)room * sizeof *more);
        if (more == NULL) {
            free(name);
            return false;
        }
        list->names = more;
        list->room = room;
    }
    if (name != NULL) list->names[list->count++] = name;
    return name != NULL;
}

void name_list_clear(name_list *list)
{
    for (int64_t i = 0; i < list->count; i++) free(list->names[i]);
    free(list->names);
    *list = (name_list){0};
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name) < 0 ? NULL : path;
}

typedef struct visitor {
    name_list *list;
    const char *below; /* "": the folder itself */
    bool out_of_memory;
} visitor;

static bool visit(void *user, const char *name)
{
    visitor *v = user;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return true;
    v->out_of_memory = !name_list_add(v->list, join(v->below, name));
    return !v->out_of_memory;
}

/* What is directly in a folder below `folder`. */
static lmp_status list_entries(const char *folder, const char *below, name_list *entries, lmp_error *err)
{
    visitor v = {.list = entries, .below = below};
    char *path = below[0] == '\0' ? strdup(folder) : join(folder, below);
    if (path == NULL) return no_memory(err);
    const int failed = os_directory_visit(path, visit, &v);
    const lmp_status status =
        failed == 0 ? LMP_OK : lmp_fail(err, LMP_ERR_IO, "the folder %s cannot be read: %s", path, strerror(failed));
    free(path);
    return status == LMP_OK && v.out_of_memory ? no_memory(err) : status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Folders are looked into where they stand in the list, and leave it. */
lmp_status name_list_folder(const char *folder, name_list *list, lmp_error *err)
{
    lmp_status status = list_entries(folder, "", list, err);
    for (int64_t i = 0; i < list->count && status == LMP_OK;) {
        os_file_info info;
        char *name = list->names[i], *path = join(folder, name);
        const bool is_folder = path != NULL && os_path_stat(path, &info) == 0 && info.is_directory;
        if (path == NULL) status = no_memory(err);
        free(path);
        if (!is_folder) {
            i++;
            continue;
        }
        list->names[i] = list->names[--list->count];
        status = list_entries(folder, name, list, err);
        free(name);
    }
    if (status == LMP_OK && list->count > 1)
        qsort(list->names, (size_t)list->count, sizeof *list->names, compare_names);
    if (status != LMP_OK) name_list_clear(list);
    return status;
}

/* ---- Fingerprints ---- */

typedef struct set {
    const char *folder;
    const name_list *list;
    lmp_budget *budget;
    char (*texts)[DIGEST_TEXT];
    os_mutex *lock; /* guards the rest */
    int64_t failed; /* the lowest file that failed, or the count */
    lmp_status status;
    lmp_error error;
} set;

static lmp_status digest_one(const set *s, int64_t i, lmp_error *err)
{
    digest *d = NULL;
    char *path = join(s->folder, s->list->names[i]);
    lmp_status status = path == NULL ? no_memory(err) : digest_new(path, false, &d, err);
    free(path);
    if (status != LMP_OK) return status;
    for (int64_t piece = 0; piece < digest_piece_count(d) && status == LMP_OK; piece++)
        status = digest_piece(d, piece, s->budget, err);
    if (status == LMP_OK) digest_text(d, s->texts[i]);
    digest_free(d);
    return status;
}

static void keep_failure(set *s, int64_t i, lmp_status status, const lmp_error *error)
{
    os_mutex_lock(s->lock);
    if (i < s->failed) {
        s->failed = i;
        s->status = status;
        memcpy(&s->error, error, sizeof *error);
    }
    os_mutex_unlock(s->lock);
}

static void digest_job(void *user, int64_t i, int64_t worker)
{
    (void)worker;
    set *s = user;
    lmp_error error = {0};
    os_mutex_lock(s->lock);
    const bool is_wanted = i < s->failed;
    os_mutex_unlock(s->lock);
    const lmp_status status = is_wanted ? digest_one(s, i, &error) : LMP_OK;
    if (status != LMP_OK) keep_failure(s, i, status, &error);
}

static lmp_status combine(const set *s, char text[DIGEST_TEXT], lmp_error *err)
{
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL) return no_memory(err);
    XXH3_128bits_reset(state);
    for (int64_t i = 0; i < s->list->count; i++) {
        XXH3_128bits_update(state, s->list->names[i], strlen(s->list->names[i]) + 1);
        XXH3_128bits_update(state, s->texts[i], strlen(s->texts[i]) + 1);
    }
    const XXH128_hash_t all = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    snprintf(text, DIGEST_TEXT, "xxh3-128/set:%016" PRIx64 "%016" PRIx64, (uint64_t)all.high64, (uint64_t)all.low64);
    return LMP_OK;
}

lmp_status digest_set(const char *folder, const name_list *list, pool *workers, lmp_budget *budget,
                      char text[DIGEST_TEXT], lmp_error *err)
{
    set s = {.folder = folder, .list = list, .budget = budget, .lock = os_mutex_new(), .failed = list->count};
    s.texts = calloc((size_t)list->count + 1, sizeof *s.texts);
    lmp_status status = s.texts == NULL || s.lock == NULL ? no_memory(err) : LMP_OK;
    if (status == LMP_OK) {
        pool_run(workers, list->count, digest_job, NULL, &s);
        status = s.status;
        if (status != LMP_OK && err != NULL) *err = s.error;
    }
    if (status == LMP_OK) status = combine(&s, text, err);
    os_mutex_free(s.lock);
    free(s.texts);
    return status;
}
