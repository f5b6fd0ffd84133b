/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cih.c: Photron's camera information header.
 *
 * A .cih has lines "Key : Value" up to the first empty one. A .cihx holds XML between binary bytes: of that only
 * elements and their text are read, by the path of their names; attributes, entities and comments do not occur in what
 * is needed. Both are read into one table of fields.
 */
#include "io/cih.h"

#include "io/decimal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- Fields ----------------------------------------------------------------------------------------------- */

typedef enum field_kind { FIELD_WHOLE, FIELD_NUMBER, FIELD_TEXT, FIELD_SIDE } field_kind;

static const struct {
    const char *key;  /* in .cih */
    const char *path; /* in .cihx, below <cih> */
    field_kind kind;
    size_t offset;
} fields[] = {
    {"Image Width", "imageDataInfo/resolution/width", FIELD_WHOLE, offsetof(cih_header, width)},
    {"Image Height", "imageDataInfo/resolution/height", FIELD_WHOLE, offsetof(cih_header, height)},
    {"Total Frame", "frameInfo/totalFrame", FIELD_WHOLE, offsetof(cih_header, n_frames)},
    {"Color Bit", "imageDataInfo/colorInfo/bit", FIELD_WHOLE, offsetof(cih_header, bits)},
    {"EffectiveBit Depth", "imageDataInfo/effectiveBit/depth", FIELD_WHOLE, offsetof(cih_header, depth)},
    {"EffectiveBit Side", "imageDataInfo/effectiveBit/side", FIELD_SIDE, offsetof(cih_header, is_upper_side)},
    {"Record Rate(fps)", "recordInfo/recordRate", FIELD_NUMBER, offsetof(cih_header, rate_hz)},
    {"Save Step", "frameInfo/skipFrame", FIELD_WHOLE, offsetof(cih_header, step)},
    {"Start Frame", "frameInfo/startFrame", FIELD_WHOLE, offsetof(cih_header, start)},
    {"Color Type", "imageDataInfo/colorInfo/type", FIELD_TEXT, offsetof(cih_header, colour)},
    {"File Format", "imageFileInfo/fileFormat", FIELD_TEXT, offsetof(cih_header, format)},
    {"Camera Type", "deviceInfo/deviceName", FIELD_TEXT, offsetof(cih_header, camera)},
    {"Comment Text", "basicInfo/comment", FIELD_TEXT, offsetof(cih_header, comment)},
    {"Date", "fileInfo/date", FIELD_TEXT, offsetof(cih_header, date)},
    {"Time", "fileInfo/time", FIELD_TEXT, offsetof(cih_header, time)},
};

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n') text++;
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t' || text[n - 1] == '\r' || text[n - 1] == '\n')) n--;
    text[n] = '\0';
    return text;
}

enum { N_NEEDED = 4 }; /* the first fields; without the others a movie can be read */

/* False if a number that is needed is none. */
static bool set_field(cih_header *header, size_t i, char *value)
{
    void *at = (char *)header + fields[i].offset;
    value = trim(value);
    switch (fields[i].kind) {
    case FIELD_WHOLE:
        return decimal_parse_integer(value, at) || i >= N_NEEDED;
    case FIELD_NUMBER:
        (void)decimal_parse(value, 0, at);
        return true;
    case FIELD_SIDE:
        *(bool *)at = strcasecmp(value, "Higher") == 0 || strcasecmp(value, "Upper") == 0;
        return true;
    default:
        snprintf(at, CIH_TEXT, "%s", value);
        return true;
    }
}

static lmp_status fail_number(const char *path, const char *key, const char *value, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s says %s is \"%.40s\", which is no number; correct it there", path, key,
                    value);
}

/* ---- .cih ------------------------------------------------------------------------------------------------- */

static lmp_status parse_lines(char *text, const char *path, cih_header *header, lmp_error *err)
{
    for (char *line = text; line != NULL;) {
        char *next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        char *colon = strstr(line, " : ");
        if (*trim(line) == '\0') break;
        for (size_t i = 0; colon != NULL && i < sizeof fields / sizeof fields[0]; i++) {
            const size_t n = strlen(fields[i].key);
            if ((size_t)(colon - line) != n || strncmp(line, fields[i].key, n) != 0) continue;
            if (!set_field(header, i, colon + 3)) return fail_number(path, fields[i].key, colon + 3, err);
        }
        line = next;
    }
    return LMP_OK;
}

/* ---- .cihx ------------------------------------------------------------------------------------------------ */

enum { DEEPEST_PATH = 256 };

/* Appends "/name"; what does not fit makes a path that no field has. */
static void go_down(char path[DEEPEST_PATH], int64_t *lost, const char *name, size_t n)
{
    const size_t used = strlen(path);
    if (*lost > 0 || used + n + 2 > DEEPEST_PATH) {
        ++*lost;
        return;
    }
    snprintf(path + used, DEEPEST_PATH - used, "%s%.*s", used > 0 ? "/" : "", (int)n, name);
}

static void go_up(char path[DEEPEST_PATH], int64_t *lost)
{
    if (*lost > 0) {
        --*lost;
        return;
    }
    char *slash = strrchr(path, '/');
    *(slash == NULL ? path : slash) = '\0';
}

static size_t find_field(const char *path)
{
    size_t i = 0;
    while (i < sizeof fields / sizeof fields[0] && strcmp(fields[i].path, path) != 0) i++;
    return i;
}

/* Walks the elements behind <cih> until it is closed. */
static lmp_status parse_elements(char *text, const char *path, cih_header *header, lmp_error *err)
{
    char place[DEEPEST_PATH] = "";
    int64_t lost = 0;
    char *value = text;
    for (char *open = strchr(text, '<'); open != NULL; open = strchr(value, '<')) {
        char *close = strchr(open, '>');
        if (close == NULL || strncmp(open, "</cih>", 6) == 0) return LMP_OK;
        if (open[1] == '/') {
            const size_t i = lost > 0 ? sizeof fields / sizeof fields[0] : find_field(place);
            *open = '\0';
            if (i < sizeof fields / sizeof fields[0] && !set_field(header, i, value))
                return fail_number(path, fields[i].path, value, err);
            go_up(place, &lost);
        } else if (open[1] != '!' && open[1] != '?' && close[-1] != '/') {
            go_down(place, &lost, open + 1, strcspn(open + 1, " \t\r\n>"));
        }
        value = close + 1;
    }
    return LMP_OK;
}

/* ---- Either ----------------------------------------------------------------------------------------------- */

static const char cih_head[] = "#Camera Information Header", cihx_head[] = "!!! This file can not be edited";

bool cih_is_headed(const char *bytes, size_t n)
{
    return (n >= sizeof cih_head - 1 && memcmp(bytes, cih_head, sizeof cih_head - 1) == 0) ||
           (n >= sizeof cihx_head - 1 && memcmp(bytes, cihx_head, sizeof cihx_head - 1) == 0);
}

lmp_status cih_parse(char *text, size_t size, const char *path, cih_header *header, lmp_error *err)
{
    *header = (cih_header){0};
    char *xml = memmem(text, size, "<cih>", 5);
    if (xml == NULL && size >= sizeof cih_head - 1 && memcmp(text, cih_head, sizeof cih_head - 1) == 0)
        return parse_lines(text, path, header, err);
    if (xml == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is no camera information header of Photron: it has no <cih> in it",
                        path);
    return parse_elements(xml + 5, path, header, err);
}
