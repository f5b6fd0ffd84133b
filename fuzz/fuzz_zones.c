/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_zones.c: zones files of any bytes: refused with a sentence, or spans that lie inside the image, in order.
 */
#include "movie/zone_geometry.h"
#include "movie/zones.h"

#include "replay.h"

enum { WIDTH = 37, HEIGHT = 29 };

static void check_zone(const zone *z)
{
    int64_t count = 0;
    for (int64_t i = 0; i < z->n_spans; i++) {
        const zone_span *s = &z->spans[i];
        if (s->y < 0 || s->y >= HEIGHT || s->x0 < 0 || s->x0 > s->x1 || s->x1 >= WIDTH) abort();
        if (i > 0 && (s->y < s[-1].y || (s->y == s[-1].y && s->x0 <= s[-1].x1 + 1))) abort();
        count += s->x1 - s->x0 + 1;
    }
    if (count != z->n_pixels || z->name == NULL) abort();
    const zone_geometry g = zone_geometry_take(z, 0.5, 2);
    if (!(g.area >= 0) || !(g.perimeter >= 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    zones z;
    lmp_error err = {0};
    const char *path = replay_put("zones.json", bytes, size);
    const lmp_status status = zones_read("fuzz", path, WIDTH, HEIGHT, true, &z, &err);
    if (status != LMP_OK && err.text[0] == '\0') abort();
    if (status != LMP_OK) return 0;
    for (int64_t i = 0; i < z.count; i++) check_zone(&z.items[i]);
    zones_free(&z);
    return 0;
}
