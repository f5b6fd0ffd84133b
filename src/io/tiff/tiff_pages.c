/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_pages.c: the pages of a TIFF file that are the frames of a movie.
 *
 * The chain of directories is a linked list in the file, so a damaged one may run in a circle. Circles are found as
 * Brent does it: the walk keeps one directory that it has passed and moves it on at every power of two. Chains of
 * directories that overlap without being a circle end when their bytes exceed those of the file several times.
 */
#include "io/tiff/tiff_pages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHARING = 4 }; /* pages may share short lists, as of bits */

typedef struct walk {
    tiff_window *window;
    tiff_pages *pages;
    int64_t room;              /* of the table */
    int64_t n_seen, n_reduced; /* directories; of those, reduced ones */
    int64_t passed, next_pass; /* a directory that was passed; when to keep the next one */
    int64_t bytes;             /* of all directories */
    bool has_ended;
} walk;

/* ---- One page --------------------------------------------------------------------------------------------- */

bool tiff_pages_fit(const tiff_pages *pages, const tiff_ifd *ifd, const tiff_kind *kind)
{
    return ifd->width == pages->first.width && ifd->height == pages->first.height && kind->type == pages->kind.type &&
           kind->colours == pages->kind.colours && ifd->orientation == pages->first.orientation;
}

static const char *name_type(lmp_type type)
{
    static const char *const names[] = {"",      "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    return names[type];
}

static lmp_status refuse_other(const walk *w, const tiff_ifd *ifd, const tiff_kind *kind, lmp_error *err)
{
    const tiff_pages *p = w->pages;
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s: page %" PRId64 " has %" PRId64 " x %" PRId64 " pixels of %s in %" PRId64
                    " colours, the first one %" PRId64 " x %" PRId64 " of %s in %" PRId64
                    "; split the file, or salvage it (--salvage) to keep the pages before",
                    w->window->file->input.path, w->n_seen, ifd->width, ifd->height, name_type(kind->type),
                    kind->colours, p->first.width, p->first.height, name_type(p->kind.type), p->kind.colours);
}

static lmp_status add_page(walk *w, const tiff_ifd *ifd, const tiff_kind *kind, lmp_error *err)
{
    tiff_pages *p = w->pages;
    if (p->count == w->room) {
        const int64_t room = w->room == 0 ? 16 : 2 * w->room;
        tiff_page *table = realloc(p->table, (size_t)room * sizeof *table);
        if (table == NULL)
            return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the pages of %s",
                            w->window->file->input.path);
        p->table = table;
        w->room = room;
    }
    const bool is_direct = kind->way == TIFF_DIRECT;
    p->table[p->count++] = (tiff_page){.ifd = ifd->at, .data = is_direct ? kind->data : -1};
    p->is_direct &= is_direct;
    p->is_converted |= kind->way == TIFF_CONVERTED;
    if (!is_direct && kind->chunk_bytes > p->chunk_bytes) p->chunk_bytes = kind->chunk_bytes;
    return LMP_OK;
}

static lmp_status take_page(walk *w, const tiff_ifd *ifd, lmp_error *err)
{
    tiff_kind kind;
    if (ifd->is_reduced) {
        w->n_reduced++;
        return LMP_OK;
    }
    const lmp_status status = tiff_kind_find(w->window, ifd, w->n_seen, &kind, err);
    if (status != LMP_OK) return status;
    if (w->pages->count == 0) {
        w->pages->first = *ifd;
        w->pages->kind = kind;
    } else if (!tiff_pages_fit(w->pages, ifd, &kind)) {
        return refuse_other(w, ifd, &kind, err);
    }
    return add_page(w, ifd, &kind, err);
}

/* ---- The chain -------------------------------------------------------------------------------------------- */

static lmp_status check_chain(walk *w, const tiff_ifd *ifd, lmp_error *err)
{
    const file_input *input = &w->window->file->input;
    w->bytes += ifd->bytes;
    if (ifd->next == w->passed || ifd->next == ifd->at || w->bytes / MOST_SHARING > input->info.size)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s: the chain of its pages runs in a circle behind page %" PRId64
                        "; get the file again, or salvage it (--salvage) to keep the first pages",
                        input->path, w->n_seen);
    if (ifd->next >= input->info.size)
        return lmp_fail(
            err, LMP_ERR_INPUT,
            "%s is cut short: page %" PRId64 " is said to be at %" PRId64
            ", behind the end of the file; get the complete file again, or salvage it (--salvage) to keep the pages "
            "before",
            input->path, w->n_seen + 1, ifd->next);
    if (w->n_seen == w->next_pass) {
        w->passed = ifd->at;
        w->next_pass *= 2;
    }
    return LMP_OK;
}

static lmp_status step(walk *w, int64_t *at, char **warnings, lmp_error *err)
{
    tiff_ifd ifd;
    w->n_seen++;
    lmp_status status = tiff_ifd_read(w->window, *at, w->n_seen, &ifd, err);
    if (status == LMP_OK) status = take_page(w, &ifd, err);
    if (status != LMP_OK) return status;
    if (ifd.next_is_cut)
        file_warn(warnings, "the file ends within the directory of page %" PRId64 ": taken as the last one", w->n_seen);
    *at = ifd.next;
    w->has_ended = ifd.next == 0;
    return w->has_ended ? LMP_OK : check_chain(w, &ifd, err);
}

/* Pages at equal distances need no table. */
static void lay_out(tiff_pages *p)
{
    if (!p->is_direct) return;
    const int64_t frame = tiff_kind_frame_bytes(&p->first, &p->kind);
    p->data = p->table[0].data;
    p->stride = p->count > 1 ? p->table[1].data - p->data : frame;
    if (p->stride < frame) return;
    for (int64_t i = 1; i < p->count; i++)
        if (p->table[i].data - p->table[i - 1].data != p->stride) return;
    free(p->table);
    p->table = NULL;
}

lmp_status tiff_pages_find(tiff_window *window, bool salvage, tiff_pages *pages, char **warnings, lmp_error *err)
{
    walk w = {.window = window, .pages = pages, .next_pass = 1};
    int64_t at = window->file->first_ifd;
    lmp_status status = LMP_OK;
    *pages = (tiff_pages){.is_direct = true};
    while (status == LMP_OK && !w.has_ended) status = step(&w, &at, warnings, err);
    if (status == LMP_ERR_INPUT && salvage && pages->count > 0) {
        file_warn(warnings, "only the first %" PRId64 " pages are sound and alike: the others are left out",
                  pages->count);
        status = LMP_OK;
    }
    if (status == LMP_OK && pages->count == 0)
        status =
            lmp_fail(err, LMP_ERR_INPUT, "%s holds reduced images (thumbnails) only; open the file they were made from",
                     window->file->input.path);
    if (status != LMP_OK) {
        tiff_pages_free(pages);
        return status;
    }
    if (w.n_reduced > 0)
        file_warn(warnings, "%" PRId64 " reduced pages (thumbnails) or masks are left out", w.n_reduced);
    lay_out(pages);
    return LMP_OK;
}

void tiff_pages_free(tiff_pages *pages)
{
    free(pages->table);
    pages->table = NULL;
}

lmp_status tiff_pages_extend(const tiff_file *file, int64_t n_planes, bool salvage, tiff_pages *pages, char **warnings,
                             lmp_error *err)
{
    if (pages->count != 1 || !pages->is_direct || pages->table != NULL || n_planes < 2) return LMP_OK;
    const int64_t frame = tiff_kind_frame_bytes(&pages->first, &pages->kind);
    const int64_t most = (file->input.info.size - pages->data) / frame;
    if (most < 2) return LMP_OK; /* a page taken out of a stack, with the description of the stack */
    if (n_planes > most && !salvage)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is cut short: it says that it holds %" PRId64 " images and has bytes for %" PRId64
                        "; get the complete file again, or salvage it (--salvage) to keep those",
                        file->input.path, n_planes, most);
    if (n_planes > most)
        file_warn(warnings, "cut short: %" PRId64 " of %" PRId64 " images are left out", n_planes - most, n_planes);
    pages->count = n_planes > most ? most : n_planes;
    pages->stride = frame;
    return LMP_OK;
}
