/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_notes.c: what the description of the first page says about a movie.
 *
 * ImageJ writes lines of key=value. OME-TIFF holds XML, of which only the attributes of the first Pixels element are
 * looked at (OME model, schema 2016-06): SizeC, SizeZ, SizeT, DimensionOrder, PhysicalSizeX and Y, TimeIncrement.
 */
#include "io/tiff/tiff_notes.h"

#include "io/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_TEXT = 4 << 20, ROOM = 64 };

/* ---- Texts ------------------------------------------------------------------------------------------------ */

/* The start of the description, ended by 0; NULL if there is none. */
static char *read_text(tiff_window *window, const tiff_field *field)
{
    const bool is_text = field->count > 0 && (field->type == 1 || field->type == 2 || field->type == 7);
    const size_t n = !is_text ? 0 : field->count > MOST_TEXT ? MOST_TEXT : (size_t)field->count;
    char *text = n == 0 ? NULL : malloc(n + 1);
    size_t got = 0;
    if (text == NULL) return NULL;
    if (os_file_read(window->file->input.file, field->at, text, n, &got) != 0) got = 0;
    text[got] = '\0';
    return text;
}

static void copy_text(const char *from, size_t n, char to[ROOM])
{
    if (n > ROOM - 1) n = ROOM - 1;
    memcpy(to, from, n);
    to[n] = '\0';
}

static double positive(const char *text)
{
    double value = 0;
    return decimal_parse(text, 0, &value) && value > 0 ? value : 0;
}

static int64_t at_least_one(const char *text)
{
    int64_t value = 0;
    return decimal_parse_integer(text, &value) && value > 0 ? value : 1;
}

/* Micrometres of a unit of length; 0 if it is none. */
static double micrometres(const char *unit)
{
    static const struct {
        const char *name;
        double um;
    } known[] = {{"um", 1},          {"micron", 1},     {"microns", 1},  {"\xC2\xB5m", 1},    {"\xCE\xBCm", 1},
                 {"\xB5m", 1},       {"\\u00B5m", 1},   {"nm", 1e-3},    {"mm", 1e3},         {"cm", 1e4},
                 {"m", 1e6},         {"meter", 1e6},    {"inch", 25400}, {"in", 25400},       {"pm", 1e-6},
                 {"\xC3\x85", 1e-4}, {"micrometer", 1}, {"dm", 1e5},     {"nanometer", 1e-3}, {"millimeter", 1e3}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(unit, known[i].name) == 0) return known[i].um;
    return 0;
}

static double seconds(const char *unit)
{
    static const struct {
        const char *name;
        double s;
    } known[] = {{"", 1},      {"s", 1},       {"sec", 1},   {"second", 1},       {"seconds", 1},
                 {"ms", 1e-3}, {"msec", 1e-3}, {"us", 1e-6}, {"\xC2\xB5s", 1e-6}, {"\xCE\xBCs", 1e-6},
                 {"ns", 1e-9}, {"min", 60},    {"h", 3600},  {"hour", 3600},      {"minute", 60}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(unit, known[i].name) == 0) return known[i].s;
    return 0;
}

/* Planes of all channels and slices share the interval of a frame. */
static double rate_of(const tiff_notes *notes, double interval_s)
{
    const double rate = interval_s > 0 ? (double)notes->channels * (double)notes->slices / interval_s : 0;
    return isfinite(rate) ? rate : 0;
}

/* ---- ImageJ ----------------------------------------------------------------------------------------------- */

static bool find_line(const char *text, const char *key, char value[ROOM])
{
    const size_t n = strlen(key);
    for (const char *line = text; line != NULL && *line != '\0';) {
        const size_t length = strcspn(line, "\r\n");
        if (length > n && strncmp(line, key, n) == 0 && line[n] == '=') {
            copy_text(line + n + 1, length - n - 1, value);
            return true;
        }
        line += length + strspn(line + length, "\r\n");
    }
    value[0] = '\0';
    return false;
}

static void read_imagej(const char *text, tiff_notes *notes, double *unit_um)
{
    char value[ROOM], unit[ROOM];
    notes->is_imagej = true;
    if (find_line(text, "images", value)) notes->images = at_least_one(value);
    if (find_line(text, "channels", value)) notes->channels = at_least_one(value);
    if (find_line(text, "slices", value)) notes->slices = at_least_one(value);
    if (find_line(text, "frames", value)) notes->frames = at_least_one(value);
    strcpy(notes->order, "CZT");
    if (find_line(text, "unit", unit)) *unit_um = micrometres(unit);
    (void)find_line(text, "tunit", unit);
    double interval = find_line(text, "finterval", value) ? positive(value) * seconds(unit) : 0;
    if (interval == 0 && find_line(text, "fps", value) && positive(value) > 0) interval = 1 / positive(value);
    notes->rate_hz = rate_of(notes, interval);
}

/* ---- OME -------------------------------------------------------------------------------------------------- */

/* Attributes of the first Pixels element, whatever the prefix of its name; NULL if there is none. */
static const char *find_pixels(const char *text, size_t *length)
{
    for (const char *at = strstr(text, "Pixels"); at != NULL; at = strstr(at + 6, "Pixels")) {
        if (at == text || (at[-1] != '<' && at[-1] != ':') || strchr(" \t\r\n", at[6]) == NULL || at[6] == '\0')
            continue;
        *length = strcspn(at + 6, ">");
        return at + 6;
    }
    return NULL;
}

static bool find_attribute(const char *text, size_t length, const char *key, char value[ROOM])
{
    const size_t n = strlen(key);
    for (size_t i = 1; i + n + 2 < length; i++) {
        if (strncmp(text + i, key, n) != 0 || strchr(" \t\r\n", text[i - 1]) == NULL) continue;
        size_t at = i + n;
        at += strspn(text + at, " \t\r\n");
        if (text[at] != '=') continue;
        at += 1 + strspn(text + at + 1, " \t\r\n");
        const char quote = text[at];
        if (quote != '"' && quote != '\'') continue;
        const char *end = strchr(text + at + 1, quote);
        if (end == NULL) return false;
        copy_text(text + at + 1, (size_t)(end - text) - at - 1, value);
        return true;
    }
    value[0] = '\0';
    return false;
}

static double ome_length(const char *pixels, size_t n, const char *key, const char *unit_key)
{
    char value[ROOM], unit[ROOM];
    if (!find_attribute(pixels, n, key, value)) return 0;
    return positive(value) * (find_attribute(pixels, n, unit_key, unit) ? micrometres(unit) : 1);
}

/* SizeC counts the colours of a pixel, too. */
static void read_ome(const char *text, int64_t samples, tiff_notes *notes)
{
    char value[ROOM], unit[ROOM];
    size_t n = 0;
    const char *pixels = find_pixels(text, &n);
    if (pixels == NULL) return;
    notes->is_ome = true;
    if (find_attribute(pixels, n, "SizeC", value)) notes->channels = at_least_one(value);
    if (notes->channels % samples == 0) notes->channels /= samples;
    if (find_attribute(pixels, n, "SizeZ", value)) notes->slices = at_least_one(value);
    if (find_attribute(pixels, n, "SizeT", value)) notes->frames = at_least_one(value);
    strcpy(notes->order, "CZT");
    if (find_attribute(pixels, n, "DimensionOrder", value) && strlen(value) == 5 && strspn(value, "XYCZT") == 5)
        strcpy(notes->order, value + 2);
    notes->pixel_width_um = ome_length(pixels, n, "PhysicalSizeX", "PhysicalSizeXUnit");
    notes->pixel_height_um = ome_length(pixels, n, "PhysicalSizeY", "PhysicalSizeYUnit");
    if (!find_attribute(pixels, n, "TimeIncrement", value)) return;
    (void)find_attribute(pixels, n, "TimeIncrementUnit", unit);
    notes->rate_hz = rate_of(notes, positive(value) * seconds(unit));
}

/* ---- Both, and resolution --------------------------------------------------------------------------------- */

/* Dots per inch up to the finest printers mean paper or screens, or nothing. */
static bool is_of_paper(double per_unit, int64_t unit)
{
    return unit == 2 && per_unit <= 2400;
}

/* Micrometres per pixel from so many pixels per unit. */
static double pixel_um(tiff_window *window, const tiff_field *field, int64_t unit, double unit_um)
{
    const double per_unit = tiff_field_number(window, field);
    if (unit_um == 0 && !is_of_paper(per_unit, unit)) unit_um = unit == 2 ? 25400 : unit == 3 ? 1e4 : 0;
    const double um = per_unit > 0 ? unit_um / per_unit : 0;
    return isfinite(um) ? um : 0;
}

void tiff_notes_read(tiff_window *window, const tiff_ifd *ifd, tiff_notes *notes)
{
    double unit_um = 0;
    *notes = (tiff_notes){.channels = 1, .slices = 1, .frames = 1};
    char *text = read_text(window, &ifd->description);
    if (text != NULL && strncmp(text, "ImageJ=", 7) == 0) read_imagej(text, notes, &unit_um);
    if (text != NULL && (strstr(text, "<OME") != NULL || strstr(text, ":OME") != NULL))
        read_ome(text, ifd->samples, notes);
    free(text);
    if (notes->pixel_width_um == 0)
        notes->pixel_width_um = pixel_um(window, &ifd->resolution_x, ifd->resolution_unit, unit_um);
    if (notes->pixel_height_um == 0)
        notes->pixel_height_um = pixel_um(window, &ifd->resolution_y, ifd->resolution_unit, unit_um);
}
