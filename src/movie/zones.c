/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zones.c: the zones file, checked number by number.
 */
#include "movie/zones.h"

#include "os/os.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 16 << 20, MOST_POINTS = 100000, MOST_TOTAL_SPANS = 1 << 23 };
static const double MOST_COORDINATE = 1e9, LEAST_COORDINATE = 1e-9;

/* Who reads what, for messages. */
typedef struct reading {
    const char *step, *path;
    char what[200]; /* "traces: zone "cell 1" of Z.json" */
    lmp_error *err;
} reading;

static const char *const shape_names[ZONE_SHAPES] = {"polygon", "rectangle", "ellipse", "pixel", "line", "polyline"};

const char *zone_shape_name(zone_shape shape)
{
    return shape_names[shape];
}

static lmp_status no_memory(const reading *r)
{
    return lmp_fail(r->err, LMP_ERR_MEMORY, "the system has no memory left for the zones of %s", r->path);
}

/* ---- Values ---- */

static lmp_status take_coordinate(const reading *r, const json_t *value, const char *key, double *to)
{
    if (!json_is_number(value))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s must be a number of pixels", r->what, key);
    *to = json_number_value(value);
    if (!(fabs(*to) <= MOST_COORDINATE))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s is %g, but must lie within +-1e9", r->what, key, *to);
    if (fabs(*to) < LEAST_COORDINATE) *to = 0;
    return LMP_OK;
}

static lmp_status take_key(const reading *r, const json_t *from, const char *key, double *to)
{
    const json_t *value = json_object_get(from, key);
    if (value == NULL) return lmp_fail(r->err, LMP_ERR_INPUT, "%s: give \"%s\"", r->what, key);
    return take_coordinate(r, value, key, to);
}

static lmp_status take_point(const reading *r, const json_t *point, double *to)
{
    if (!json_is_array(point) || json_array_size(point) != 2)
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: each of its points must be [x, y]", r->what);
    lmp_status status = take_coordinate(r, json_array_get(point, 0), "the x of a point", &to[0]);
    if (status == LMP_OK) status = take_coordinate(r, json_array_get(point, 1), "the y of a point", &to[1]);
    return status;
}

static lmp_status take_points(const reading *r, const json_t *from, zone *z)
{
    static const size_t least[ZONE_SHAPES] = {3, 0, 0, 1, 2, 2},
                        most[ZONE_SHAPES] = {MOST_POINTS, 0, 0, 1, 2, MOST_POINTS};
    const json_t *points = json_object_get(from, "points");
    const size_t n = json_array_size(points);
    if (!json_is_array(points))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s is a %s: give its \"points\" as [[x, y], ...]", r->what,
                        shape_names[z->shape]);
    if (n < least[z->shape] || n > most[z->shape])
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s has %zu points, but a %s has %s%zu", r->what, n,
                        shape_names[z->shape],
                        least[z->shape] == most[z->shape] ? ""
                        : n < least[z->shape]             ? "at least "
                                                          : "at most ",
                        n < least[z->shape] ? least[z->shape] : most[z->shape]);
    z->points = calloc(2 * n, sizeof *z->points);
    if (z->points == NULL) return no_memory(r);
    z->n_points = (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        const lmp_status status = take_point(r, json_array_get(points, i), z->points + 2 * i);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}

/* ---- Shapes ---- */

static lmp_status take_box(const reading *r, const json_t *from, zone *z)
{
    lmp_status status = take_key(r, from, "x", &z->x);
    if (status == LMP_OK) status = take_key(r, from, "y", &z->y);
    if (status == LMP_OK) status = take_key(r, from, "width", &z->width);
    if (status == LMP_OK) status = take_key(r, from, "height", &z->height);
    const json_t *angle = json_object_get(from, "angle");
    if (status == LMP_OK && angle != NULL) status = take_coordinate(r, angle, "angle", &z->angle);
    if (status != LMP_OK) return status;
    if (z->width < 0 || z->height < 0)
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: its width and height must not be negative", r->what);
    if (z->shape == ZONE_ELLIPSE && (z->width == 0 || z->height == 0))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: an ellipse needs a width and height above 0, else draw a line",
                        r->what);
    if (z->shape == ZONE_ELLIPSE) return LMP_OK;
    z->n_points = 4;
    z->points = calloc(8, sizeof *z->points);
    return z->points != NULL ? LMP_OK : no_memory(r);
}

static lmp_status take_pixel(const reading *r, const json_t *from, zone *z)
{
    lmp_status status;
    if (json_object_get(from, "points") != NULL) {
        status = take_points(r, from, z);
    } else {
        z->points = calloc(2, sizeof *z->points);
        if (z->points == NULL) return no_memory(r);
        z->n_points = 1;
        status = take_key(r, from, "x", &z->points[0]);
        if (status == LMP_OK) status = take_key(r, from, "y", &z->points[1]);
    }
    if (status != LMP_OK) return status;
    if (z->points[0] != floor(z->points[0]) || z->points[1] != floor(z->points[1]))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: column %.9g and row %.9g of a pixel must be whole numbers", r->what,
                        z->points[0], z->points[1]);
    return LMP_OK;
}

static lmp_status take_shape(const reading *r, const json_t *from, zone *z)
{
    const char *word = json_string_value(json_object_get(from, "shape"));
    int found = 0;
    while (word != NULL && found < ZONE_SHAPES && strcmp(word, shape_names[found]) != 0) found++;
    if (word == NULL || found == ZONE_SHAPES)
        return lmp_fail(r->err, LMP_ERR_INPUT,
                        "%s: its \"shape\" must be polygon, rectangle, ellipse, pixel, line or polyline", r->what);
    z->shape = (zone_shape)found;
    switch (z->shape) {
    case ZONE_RECTANGLE:
    case ZONE_ELLIPSE:
        return take_box(r, from, z);
    case ZONE_PIXEL:
        return take_pixel(r, from, z);
    default:
        return take_points(r, from, z);
    }
}

/* ---- Zones ---- */

static bool is_fit_name(const char *name)
{
    if (name == NULL || name[0] == '\0' || strlen(name) > 100) return false;
    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) return false;
    return true;
}

static lmp_status take_name(reading *r, const json_t *from, size_t i, zone *z)
{
    if (!json_is_object(from))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: entry %zu of %s must be an object with name and shape", r->step,
                        i + 1, r->path);
    const char *name = json_string_value(json_object_get(from, "name"));
    if (!is_fit_name(name))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: zone %zu of %s needs a \"name\" of 1 to 100 printable characters",
                        r->step, i + 1, r->path);
    snprintf(r->what, sizeof r->what, "%s: zone \"%s\"", r->step, name);
    z->name = strdup(name);
    return z->name != NULL ? LMP_OK : no_memory(r);
}

static lmp_status take_zone(reading *r, const json_t *from, size_t i, int64_t width, int64_t height, bool outside,
                            zone *z)
{
    lmp_status status = take_name(r, from, i, z);
    if (status == LMP_OK) status = take_shape(r, from, z);
    if (status == LMP_OK) status = zone_fill(z, width, height, r->what, r->err);
    if (status != LMP_OK || z->n_pixels > 0 || outside) return status;
    return lmp_fail(
        r->err, LMP_ERR_INPUT,
        "%s holds no pixel of the image of %lld x %lld: move or enlarge it (pixel centres are whole numbers)", r->what,
        (long long)width, (long long)height);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static lmp_status check_names(const reading *r, const zones *z)
{
    const char **names = calloc((size_t)z->count + 1, sizeof *names);
    if (names == NULL) return no_memory(r);
    for (int64_t i = 0; i < z->count; i++) names[i] = z->items[i].name;
    qsort(names, (size_t)z->count, sizeof *names, by_name);
    lmp_status status = LMP_OK;
    for (int64_t i = 1; i < z->count && status == LMP_OK; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            status = lmp_fail(r->err, LMP_ERR_INPUT, "%s: two zones of %s are called \"%s\": rename one", r->step,
                              r->path, names[i]);
    free(names);
    return status;
}

static lmp_status take_zones(reading *r, const json_t *list, int64_t width, int64_t height, bool outside, zones *z)
{
    const size_t n = json_array_size(list);
    int64_t spans = 0;
    if (n == 0) return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s holds no zone: draw at least one", r->step, r->path);
    z->items = calloc(n, sizeof *z->items);
    if (z->items == NULL) return no_memory(r);
    for (size_t i = 0; i < n; i++) {
        z->count++;
        const lmp_status status = take_zone(r, json_array_get(list, i), i, width, height, outside, &z->items[i]);
        if (status != LMP_OK) return status;
        spans += z->items[i].n_spans;
        if (spans > MOST_TOTAL_SPANS)
            return lmp_fail(r->err, LMP_ERR_INPUT,
                            "%s: the zones of %s are too many for images of this size: split them", r->step, r->path);
    }
    return check_names(r, z);
}

static lmp_status take_file(reading *r, const json_t *root, int64_t width, int64_t height, bool outside, zones *z)
{
    const json_t *list = json_is_object(root) ? json_object_get(root, "zones") : root;
    if (!json_is_array(list))
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s must be a list of zones, or an object whose \"zones\" is one",
                        r->step, r->path);
    const json_t *size = json_is_object(root) ? json_object_get(root, "pixel_size_um") : NULL;
    if (size != NULL) {
        z->pixel_size_um = json_is_number(size) ? json_number_value(size) : -1;
        if (!(z->pixel_size_um > 0 && isfinite(z->pixel_size_um)))
            return lmp_fail(r->err, LMP_ERR_INPUT, "%s: pixel_size_um in %s must be a number above 0", r->step,
                            r->path);
    }
    return take_zones(r, list, width, height, outside, z);
}

lmp_status zones_parse(const char *step, const char *path, const char *text, size_t size, int64_t width, int64_t height,
                       bool outside, zones *made, lmp_error *err)
{
    reading r = {.step = step, .path = path, .err = err};
    json_error_t problem;
    if (width < 1 || height < 1 || width > INT32_MAX || height > INT32_MAX)
        return lmp_fail(err, LMP_ERR_INPUT, "%s: zones cannot lie on an image of %lld x %lld", step, (long long)width,
                        (long long)height);
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s: %s is no JSON: line %d: %s", step, path, problem.line, problem.text);
    zones z = {0};
    const lmp_status status = take_file(&r, root, width, height, outside, &z);
    json_decref(root);
    if (status == LMP_OK)
        *made = z;
    else
        zones_free(&z);
    return status;
}

/* ---- Files ---- */

static lmp_status read_text(const char *step, const char *path, char **text, size_t *size, lmp_error *err)
{
    os_file file;
    os_file_info info = {0};
    int failed = os_file_open_read(path, &file);
    if (failed != 0)
        return lmp_fail(err, LMP_ERR_IO, "%s: the zones file %s cannot be opened: %s", step, path, strerror(failed));
    failed = os_file_stat(file, &info);
    lmp_status status = LMP_OK;
    *text = NULL;
    if (failed == 0 && (!info.is_regular || info.size > MOST_BYTES))
        status =
            lmp_fail(err, LMP_ERR_INPUT, "%s: the zones file %s must be a regular file of at most 16 MB", step, path);
    else if (failed == 0 && (*text = malloc((size_t)info.size + 1)) == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    else if (failed == 0)
        failed = os_file_read(file, 0, *text, (size_t)info.size, size);
    (void)os_file_close(file);
    if (failed != 0)
        status = lmp_fail(err, LMP_ERR_IO, "%s: the zones file %s cannot be read: %s", step, path, strerror(failed));
    if (status == LMP_OK) return LMP_OK;
    free(*text);
    return status;
}

lmp_status zones_read(const char *step, const char *path, int64_t width, int64_t height, bool outside, zones *made,
                      lmp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    lmp_status status = read_text(step, path, &text, &size, err);
    if (status != LMP_OK) return status;
    status = zones_parse(step, path, text, size, width, height, outside, made, err);
    free(text);
    return status;
}

lmp_status zones_whole(int64_t width, int64_t height, zones *made, lmp_error *err)
{
    static const char all[] =
        "[{\"name\": \"all\", \"shape\": \"rectangle\", \"x\": 0, \"y\": 0, \"width\": %lld, \"height\": %lld}]";
    char text[sizeof all + 60];
    const int size = snprintf(text, sizeof text, all, (long long)(width - 1), (long long)(height - 1));
    return zones_parse("zones", "the whole image", text, (size_t)size, width, height, false, made, err);
}

void zones_free(zones *z)
{
    for (int64_t i = 0; i < z->count; i++) {
        free(z->items[i].name);
        free(z->items[i].points);
        free(z->items[i].spans);
    }
    free(z->items);
    *z = (zones){0};
}

const zone *zones_find(const zones *z, const char *name)
{
    for (int64_t i = 0; i < z->count; i++)
        if (strcmp(z->items[i].name, name) == 0) return &z->items[i];
    return NULL;
}

size_t zones_bytes(const zones *z)
{
    size_t bytes = 0;
    for (int64_t i = 0; i < z->count; i++) bytes += (size_t)z->items[i].n_spans * sizeof(zone_span);
    return bytes;
}
