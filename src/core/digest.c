/* SPDX-License-Identifier: BSD-3-Clause
 *
 * digest.c: fingerprints of files, a piece at a time.
 */
#include "core/digest.h"

#include "core/budget.h"
#include "core/digest_written.h"
#include "core/lost_inputs.h"
#include "kernels/xxh3.h"
#include "os/os.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct digest {
    os_file file;
    bool maps;
    int64_t size, n_pieces;
    char *path;
    XXH128_canonical_t *pieces;
};

lmp_status digest_new(const char *path, bool maps, digest **made, lmp_error *err)
{
    digest *d = calloc(1, sizeof *d);
    if (d == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a digest");
    d->maps = maps;
    os_file_info info = {0};
    int failed = os_file_open_read(path, &d->file);
    if (failed != 0) {
        free(d);
        return lmp_fail(err, LMP_ERR_IO, "%s cannot be opened: %s", path, strerror(failed));
    }
    failed = os_file_stat(d->file, &info);
    d->size = info.size;
    d->n_pieces = (info.size + DIGEST_PIECE - 1) / DIGEST_PIECE;
    d->path = strdup(path);
    d->pieces = calloc((size_t)d->n_pieces + 1, sizeof *d->pieces);
    if (failed != 0 || d->path == NULL || d->pieces == NULL) {
        digest_free(d);
        return failed != 0 ? lmp_fail(err, LMP_ERR_IO, "%s cannot be read: %s", path, strerror(failed))
                           : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a digest");
    }
    *made = d;
    return LMP_OK;
}

int64_t digest_piece_count(const digest *d)
{
    return d->n_pieces;
}

static lmp_status cannot_read(const digest *d, int failed, lmp_error *err)
{
    if (failed == 0 || failed == ENODATA) return lost_fail(d->path, err);
    return lmp_fail(err, LMP_ERR_IO, "%s cannot be read: %s", d->path, strerror(failed));
}

static lmp_status map_piece(const digest *d, int64_t at, size_t size, lmp_budget *budget, XXH128_hash_t *hash,
                            lmp_error *err)
{
    lmp_status status = budget_reserve(budget, size, err);
    if (status != LMP_OK) return status;
    os_mapping mapping;
    const uint64_t losses = os_lost_count();
    const int failed = os_file_map(d->file, at, size, &mapping);
    if (failed == 0) {
        os_mapping_touch(mapping.bytes, size);
        *hash = xxh3_128(mapping.bytes, size);
        os_mapping_end(&mapping);
        status = lost_check(losses, status, err);
    } else {
        status = cannot_read(d, failed, err);
    }
    budget_release(budget, size);
    return status;
}

static lmp_status read_piece(const digest *d, int64_t at, int64_t end, lmp_budget *budget, XXH128_hash_t *hash,
                             lmp_error *err)
{
    void *bytes;
    lmp_status status = budget_take_raw(budget, DIGEST_PART, &bytes, err);
    if (status != LMP_OK) return status;
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL) status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a digest");
    if (status == LMP_OK) XXH3_128bits_reset(state);
    for (; at < end && status == LMP_OK; at += DIGEST_PART) {
        const size_t want = (size_t)(end - at < DIGEST_PART ? end - at : DIGEST_PART);
        size_t got = 0;
        const int failed = os_file_read(d->file, at, bytes, want, &got);
        if (failed != 0 || got != want)
            status = cannot_read(d, failed, err);
        else
            XXH3_128bits_update(state, bytes, got);
    }
    if (status == LMP_OK) *hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    lmp_give(budget, bytes);
    return status;
}

void digest_place(const digest *d, int64_t piece, int64_t *first, int64_t *end)
{
    *first = piece * DIGEST_PIECE;
    *end = *first + DIGEST_PIECE < d->size ? *first + DIGEST_PIECE : d->size;
}

void digest_piece_at(digest *d, int64_t piece, const void *bytes)
{
    int64_t first, end;
    digest_place(d, piece, &first, &end);
    XXH128_canonicalFromHash(&d->pieces[piece], xxh3_128(bytes, (size_t)(end - first)));
}

lmp_status digest_piece(digest *d, int64_t piece, lmp_budget *budget, lmp_error *err)
{
    int64_t at, end;
    digest_place(d, piece, &at, &end);
    XXH128_hash_t hash;
    const lmp_status status =
        d->maps ? map_piece(d, at, (size_t)(end - at), budget, &hash, err) : read_piece(d, at, end, budget, &hash, err);
    if (status == LMP_OK) XXH128_canonicalFromHash(&d->pieces[piece], hash);
    return status;
}

void digest_text(const digest *d, char text[DIGEST_TEXT])
{
    const XXH128_hash_t all = XXH3_128bits(d->pieces, (size_t)d->n_pieces * sizeof *d->pieces);
    snprintf(text, DIGEST_TEXT, "xxh3-128/4M:%016" PRIx64 "%016" PRIx64, (uint64_t)all.high64, (uint64_t)all.low64);
}

void digest_free(digest *d)
{
    if (d == NULL) return;
    (void)os_file_close(d->file);
    free(d->pieces);
    free(d->path);
    free(d);
}

typedef struct whole {
    digest *d;
    const digest_written *known;
    lmp_budget *budget;
    lmp_status *status; /* per worker: the first failure */
    lmp_error *errors;
} whole;

static void digest_job(void *user, int64_t i, int64_t worker)
{
    whole *w = user;
    int64_t first, end;
    digest_place(w->d, i, &first, &end);
    const bool is_whole = end - first == DIGEST_PIECE;
    if (is_whole && w->known != NULL && digest_written_piece(w->known, i, &w->d->pieces[i])) return;
    if (w->status[worker] == LMP_OK) w->status[worker] = digest_piece(w->d, i, w->budget, &w->errors[worker]);
}

lmp_status digest_file(const char *path, const digest_written *known, pool *workers, lmp_budget *budget,
                       char text[DIGEST_TEXT], lmp_error *err)
{
    const size_t n = (size_t)pool_worker_count(workers);
    whole w = {
        .known = known, .budget = budget, .status = calloc(n, sizeof *w.status), .errors = calloc(n, sizeof *w.errors)};
    lmp_status status = w.status == NULL || w.errors == NULL
                            ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a digest")
                            : digest_new(path, budget_room(budget) >= n * DIGEST_PIECE, &w.d, err);
    if (status == LMP_OK) {
        pool_run(workers, digest_piece_count(w.d), digest_job, NULL, &w);
        for (size_t i = 0; i < n && status == LMP_OK; i++) {
            status = w.status[i];
            if (status != LMP_OK && err != NULL) *err = w.errors[i];
        }
        if (status == LMP_OK) digest_text(w.d, text);
    }
    digest_free(w.d);
    free(w.status);
    free(w.errors);
    return status;
}
