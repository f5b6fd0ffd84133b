/* SPDX-License-Identifier: BSD-3-Clause
 *
 * measure.c: how long, large and pointed the drawn zones are. The movie passes as it is.
 */
#include "movie/zone_geometry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct measure_params {
    char *zones, *table;
    double pixel_um;
} measure_params;

static const lmp_param params[] = {
    {"zones", LMP_PARAM_FILE, offsetof(measure_params, zones), NULL, 0, 0, "", NULL, "Zones file (JSON)."},
    {"table", LMP_PARAM_FILE, offsetof(measure_params, table), NULL, 0, 0, "", NULL, "CSV file for the results."},
    {"pixel-um", LMP_PARAM_NUMBER, offsetof(measure_params, pixel_um), "0", 0, 1e6, "um", NULL,
     "Width and height of a pixel; 0: what the zones file says, else the recording."},
    {0},
};

typedef struct measure_shared {
    zones z;
    double scale_x, scale_y; /* micrometres per pixel; 0: unknown */
} measure_shared;

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const measure_params *p = values;
    zones z;
    const lmp_status status = zones_read("measure", p->zones, in->format.width, in->format.height, true, &z, err);
    if (status != LMP_OK) return status;
    zones_free(&z);
    plan->shared_bytes = sizeof(measure_shared);
    plan->table_path = p->table;
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    const measure_params *p = values;
    const lmp_format *f = &in->format;
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(measure_shared), &memory, err);
    if (status != LMP_OK) return status;
    measure_shared *s = memory;
    status = zones_read("measure", p->zones, f->width, f->height, true, &s->z, err);
    if (status != LMP_OK) {
        lmp_give(budget, s);
        return status;
    }
    const double both = p->pixel_um > 0 ? p->pixel_um : s->z.pixel_size_um;
    s->scale_x = both > 0 ? both : f->pixel_width_um;
    s->scale_y = both > 0 ? both : f->pixel_height_um;
    *shared = s;
    return LMP_OK;
}

/* ---- The table ---- */

static void put_geometry(lmp_table *table, const zone_geometry *g)
{
    const double numbers[] = {g->perimeter, g->area, g->left, g->top, g->width, g->height, g->x, g->y};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) lmp_table_number(table, numbers[i]);
}

/* Numbers with spaces between them, in one field. */
static lmp_status put_list(lmp_table *table, const zone *z, double scale_x, double scale_y, bool is_angles,
                           lmp_error *err)
{
    const int64_t n = zone_edge_count(z);
    char *text = calloc((size_t)n + 1, 32), *end = text;
    if (text == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a table");
    for (int64_t i = 0; i < n; i++) {
        const double value = is_angles ? zone_angle(z, i, scale_x, scale_y) : zone_edge_length(z, i, scale_x, scale_y);
        if (!isnan(value)) end += snprintf(end, 32, "%s%.9g", end > text ? " " : "", value);
    }
    lmp_table_text(table, text);
    free(text);
    return LMP_OK;
}

static lmp_status put_zone(const measure_shared *s, const zone *z, lmp_table *table, lmp_error *err)
{
    const bool is_known = s->scale_x > 0 && s->scale_y > 0;
    const double x = is_known ? s->scale_x : 1, y = is_known ? s->scale_y : 1;
    const zone_geometry pixels = zone_geometry_take(z, 1, 1), micrometres = zone_geometry_take(z, x, y);
    lmp_table_text(table, z->name);
    lmp_table_text(table, zone_shape_name(z->shape));
    lmp_table_number(table, (double)z->n_pixels);
    put_geometry(table, &pixels);
    lmp_table_number(table, is_known ? micrometres.perimeter : (double)NAN);
    lmp_table_number(table, is_known ? micrometres.area : (double)NAN);
    lmp_status status = put_list(table, z, 1, 1, false, err);
    if (status == LMP_OK) status = put_list(table, z, x, y, true, err);
    lmp_table_end_row(table);
    return status;
}

static lmp_status tabulate(const void *shared, lmp_table *table, lmp_error *err)
{
    const measure_shared *s = shared;
    lmp_table_columns(table, "name,shape,pixels,perimeter_px,area_px2,left_px,top_px,width_px,height_px,centroid_x_px,"
                             "centroid_y_px,perimeter_um,area_um2,edges_px,angles_deg");
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < s->z.count && status == LMP_OK; i++) status = put_zone(s, &s->z.items[i], table, err);
    return status;
}

static void record(const void *shared, lmp_record *record)
{
    const measure_shared *s = shared;
    lmp_record_number(record, "zones", (double)s->z.count);
    lmp_record_number(record, "pixel_width_um", s->scale_x);
    lmp_record_number(record, "pixel_height_um", s->scale_y);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    zones_free(&((measure_shared *)shared)->z);
    lmp_give(budget, shared);
}

const lmp_step lmp_step_measure = {
    .struct_size = sizeof(lmp_step),
    .name = "measure",
    .summary = "Lengths, angles, areas and centroids of drawn zones, as a table.",
    .doc =
        "Writes a CSV table with a row for each zone of the file `zones` (see `limpid help traces`): name, shape, "
        "number of pixels inside the image, and of the drawn shape perimeter (of a line its length), area, bounding "
        "box, centroid, the lengths of its edges and the angles inside, in the order of its points. The movie passes "
        "unchanged.\n\n"
        "The area of a polygon is |sum(x_i y_(i+1) - x_(i+1) y_i)| / 2: where outlines cross, parts that go round the "
        "other way count negative. Angles lie between 0 and 360 degrees, above 180 where the outline points inwards; "
        "they are those of the specimen where the size of a pixel is known and its width and height differ. The "
        "perimeter of an ellipse comes from the arithmetic-geometric mean of its axes, to full precision. The "
        "centroid is that of the area, and of the line where there is none.\n\n"
        "Micrometres need the size of a pixel: `pixel-um`, else `pixel_size_um` in the zones file, else what the "
        "recording says; those fields stay empty without.\n",
    .known_as = "Measure tool (BLITZ), Analyze > Measure (ImageJ), skimage.measure.regionprops",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_NONE,
    .params = params,
    .params_size = sizeof(measure_params),
    .plan = plan,
    .open = open_shared,
    .tabulate = tabulate,
    .record = record,
    .close = close_shared,
};
