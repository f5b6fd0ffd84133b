/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hikmicro.c: temperatures that HIKMICRO thermal cameras append to their JPEG files.
 *
 * Behind the end of the image: a header of 44 bytes ("HDRI", u16 0x1028, ..., u32 width at 12, u32 height at 16),
 * pixels of u16, then a trailer with the highest and lowest temperature in degrees Celsius as float32 at 1016 and 1020;
 * all little endian. The camera's own curve is not in the file: temperatures in between are interpolated linearly.
 */
#include "io/image/hikmicro.h"

#include "core/budget.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { HEADER_BYTES = 44, WIDTH_AT = 12, HEIGHT_AT = 16, HIGHEST_AT = 1016, LOWEST_AT = 1020, TRAILER_BYTES = 1024 };

static uint32_t get_u32(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint16_t get_u16(const uint8_t *b)
{
    return (uint16_t)(b[0] | b[1] << 8);
}

static float get_float(const uint8_t *b)
{
    const uint32_t bits = get_u32(b);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- Finding ---------------------------------------------------------------------------------------------- */

/* "a.vis.jpg", "a_vis.jpeg": the visible image of a pair. */
static bool is_visible_image(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && dot - path > 4 &&
           (strncasecmp(dot - 4, ".vis", 4) == 0 || strncasecmp(dot - 4, "_vis", 4) == 0);
}

static bool goes_on_behind_image(const file_input *input)
{
    uint8_t end[2] = {0};
    size_t n = 0;
    return os_file_read(input->file, input->info.size - 2, end, 2, &n) == 0 && n == 2 &&
           (end[0] != 0xFF || end[1] != 0xD9);
}

lmp_status hikmicro_find(const image_head *head, const image_exif *exif, int64_t *block, lmp_error *err)
{
    static const uint8_t signature[6] = {'H', 'D', 'R', 'I', 0x28, 0x10};
    const file_input *input = &head->input;
    file_view view;
    *block = -1;
    if (input->info.size < HEADER_BYTES + TRAILER_BYTES || is_visible_image(input->path)) return LMP_OK;
    if (strncasecmp(exif->maker, "HIK", 3) != 0 && !goes_on_behind_image(input)) return LMP_OK;
    const lmp_status status = file_view_begin(input, 0, (size_t)input->info.size, NULL, &view, err);
    if (status != LMP_OK) return status;
    const uint8_t *found = memmem(view.bytes, view.size, signature, sizeof signature);
    if (found != NULL) *block = found - view.bytes;
    file_view_end(&view);
    return LMP_OK;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* Size of the image in the block, checked against what is left of the file. */
static lmp_status measure(const char *path, const uint8_t *header, int64_t left, int64_t *height, int64_t *width,
                          lmp_error *err)
{
    *width = get_u32(header + WIDTH_AT);
    *height = get_u32(header + HEIGHT_AT);
    const int64_t room = (left - HEADER_BYTES - TRAILER_BYTES) / 2;
    if (*width < 1 || *height < 1 || *height > room / *width)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is cut short: its %" PRId64 " x %" PRId64
                        " temperatures are not all there; get the complete file "
                        "again",
                        path, *width, *height);
    return LMP_OK;
}

static lmp_status check_temperatures(const char *path, float lowest, float highest, lmp_error *err)
{
    if (isfinite(lowest) && isfinite(highest) && lowest <= highest) return LMP_OK;
    return lmp_fail(
        err, LMP_ERR_INPUT,
        "%s says that its temperatures are between %g and %g degrees Celsius, which makes no sense; its layout is "
        "not known",
        path, (double)lowest, (double)highest);
}

/* temperature = lowest + (raw - least) * slope */
typedef struct scale {
    double least, lowest, slope;
} scale;

static scale find_scale(const uint8_t *raw, int64_t count, float lowest, float highest)
{
    uint16_t least = UINT16_MAX, most = 0;
    for (int64_t i = 0; i < count; i++) {
        const uint16_t v = get_u16(raw + 2 * i);
        if (v < least) least = v;
        if (v > most) most = v;
    }
    const double slope = most > least ? ((double)highest - (double)lowest) / (most - least) : 0;
    return (scale){least, (double)lowest, slope};
}

static lmp_status convert(const image_load *load, const uint8_t *raw, scale s, void *frame, lmp_budget *budget,
                          lmp_error *err)
{
    const size_t scratch_bytes = image_load_scratch_bytes(load);
    const size_t line_bytes = (size_t)load->full_width * sizeof(float);
    void *line = NULL, *scratch = NULL;
    image_rows rows;
    lmp_status status = budget_take_raw(budget, line_bytes, &line, err);
    if (status == LMP_OK && scratch_bytes > 0) status = budget_take_raw(budget, scratch_bytes, &scratch, err);
    if (status == LMP_OK) {
        float *values = line;
        image_rows_begin(&rows, load, scratch, frame);
        for (int64_t r = 0; r < load->full_height; r++, raw += 2 * load->full_width) {
            for (int64_t i = 0; i < load->full_width; i++)
                values[i] = (float)(s.lowest + (get_u16(raw + 2 * i) - s.least) * s.slope);
            image_rows_add(&rows, values, line_bytes, 1);
        }
    }
    lmp_give(budget, scratch);
    lmp_give(budget, line);
    return status;
}

static lmp_status decode(const image_file *image, const uint8_t *bytes, size_t size, void *frame, lmp_budget *budget,
                         lmp_error *err)
{
    const uint8_t *block = bytes + image->data_offset;
    const int64_t left = (int64_t)size - image->data_offset;
    int64_t height = 0, width = 0;
    if (left < HEADER_BYTES + TRAILER_BYTES) return image_file_fail(image, "it has become shorter", err);
    lmp_status status = measure(image->path, block, left, &height, &width, err);
    if (status != LMP_OK) return status;
    if (height != image->load.full_height || width != image->load.full_width)
        return image_file_fail(image, "it has changed since it was opened", err);
    const uint8_t *raw = block + HEADER_BYTES, *trailer = raw + 2 * height * width;
    const float lowest = get_float(trailer + LOWEST_AT), highest = get_float(trailer + HIGHEST_AT);
    status = check_temperatures(image->path, lowest, highest, err);
    if (status != LMP_OK) return status;
    return convert(&image->load, raw, find_scale(raw, height * width, lowest, highest), frame, budget, err);
}

lmp_status hikmicro_open(const image_head *head, int64_t block, const lmp_open_options *options, lmp_source *source,
                         lmp_error *err)
{
    const char *path = head->input.path;
    uint8_t header[HEADER_BYTES];
    size_t n = 0;
    char *warnings = NULL;
    image_file image = {.path = head->input.path, .orientation = 1, .data_offset = block, .decode = decode};
    image.format = (lmp_format){.type = LMP_FLOAT32, .n_colours = 1};
    if (os_file_read(head->input.file, block, header, HEADER_BYTES, &n) != 0 || n < HEADER_BYTES)
        return lmp_fail(err, LMP_ERR_IO, "%s cannot be read at byte %" PRId64 "; check the disk", path, block);
    const lmp_status status =
        measure(path, header, head->input.info.size - block, &image.format.height, &image.format.width, err);
    if (status != LMP_OK) return status;
    image.work_bytes = (size_t)image.format.width * sizeof(float);
    file_warn(&warnings,
              "%s: degrees Celsius are interpolated between the lowest and highest of the image, as the camera's "
              "own curve is not in the file",
              path);
    return image_file_open(&image, "HIKMICRO thermal JPEG", options, head->input.info.size, warnings, source, err);
}
