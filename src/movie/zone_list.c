/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_list.c: zones for callers of the library.
 */
#include "movie/zone_list.h"

#include "core/recording.h"

#include <stdlib.h>
#include <string.h>

lmp_status lmp_zones_new(const lmp_recording *recording, const char *json, int allow_empty, lmp_zones **made,
                         lmp_error *err)
{
    const lmp_format *f = &recording->source.stream.format;
    if (f->kind != LMP_MOVIE)
        return lmp_fail(err, LMP_ERR_USAGE, "%s holds signals: zones lie on the images of movies", recording->path);
    lmp_zones *z = calloc(1, sizeof *z);
    if (z == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for zones");
    z->width = f->width;
    z->height = f->height;
    const lmp_status status =
        zones_parse("zones", "the text given", json, strlen(json), f->width, f->height, allow_empty != 0, &z->set, err);
    if (status != LMP_OK)
        free(z);
    else
        *made = z;
    return status;
}

void lmp_zones_free(lmp_zones *z)
{
    if (z == NULL) return;
    zones_free(&z->set);
    free(z);
}

int64_t lmp_zones_count(const lmp_zones *z)
{
    return z->set.count;
}

const char *lmp_zones_get_name(const lmp_zones *z, int64_t i)
{
    return i >= 0 && i < z->set.count ? z->set.items[i].name : NULL;
}

const lmp_span *lmp_zones_get_spans(const lmp_zones *z, int64_t i, int64_t *n_spans)
{
    const bool is_there = i >= 0 && i < z->set.count;
    *n_spans = is_there ? z->set.items[i].n_spans : 0;
    return is_there ? z->set.items[i].spans : NULL;
}
