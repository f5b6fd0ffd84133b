/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_check.c: files that are cut short, and check sums of FFV1 (RFC 9043, section 4.9).
 */
#include "io/video/video_check.h"

#include "io/video/ffmpeg.h"

#include <string.h>

/* ---- Files that are cut short ----------------------------------------------------------------------------- */

static int64_t end_of_riff(const uint8_t *head)
{
    const int64_t size = head[4] | head[5] << 8 | head[6] << 16 | (int64_t)head[7] << 24;
    return size == UINT32_MAX ? 0 : size + 8 - 1; /* the last byte may be missing padding */
}

/* A number of Matroska: its length is in the first byte. INT64_MAX: unknown. Moves `at` behind it. */
static int64_t take_size(const uint8_t *head, size_t n, size_t *at)
{
    if (*at >= n || head[*at] == 0) return INT64_MAX;
    size_t length = 1;
    while ((head[*at] & 0x80 >> (length - 1)) == 0) length++;
    if (length > n - *at) return INT64_MAX;
    int64_t value = head[*at] & (0xFF >> length);
    bool is_unknown = value == 0xFF >> length;
    for (size_t i = 1; i < length; i++) {
        value = value << 8 | head[*at + i];
        is_unknown &= head[*at + i] == 0xFF;
    }
    *at += length;
    return is_unknown ? INT64_MAX : value;
}

/* The first element is the header, the second the segment with everything. */
static int64_t end_of_segment(const uint8_t *head, size_t n)
{
    size_t at = 4;
    const int64_t header = take_size(head, n, &at);
    if (header > (int64_t)(n - at)) return 0;
    at += (size_t)header;
    if (at + 4 > n || memcmp(head + at, "\x18\x53\x80\x67", 4) != 0) return 0;
    at += 4;
    const int64_t size = take_size(head, n, &at);
    return size >= INT64_MAX / 2 ? 0 : (int64_t)at + size;
}

bool video_is_cut(const file_input *input)
{
    uint8_t head[128];
    size_t got = 0;
    if (os_file_read(input->file, 0, head, sizeof head, &got) != 0 || got < 12) return false;
    if (memcmp(head, "RIFF", 4) == 0) return end_of_riff(head) > input->info.size;
    if (memcmp(head, "\x1A\x45\xDF\xA3", 4) == 0) return end_of_segment(head, got) > input->info.size;
    return false;
}

/* ---- FFV1 --------------------------------------------------------------------------------------------------- */

/* Slices lie one behind the other. Each ends with its size (3 bytes), a status, and the check sum over all of it, which
 * makes the sum of the whole 0. */
bool video_ffv1_is_sound(const uint8_t *bytes, int64_t size)
{
    enum { FOOTER = 8 };
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE);
    for (int64_t end = size; end > 0;) {
        if (end < FOOTER) return false;
        const uint8_t *footer = bytes + end - FOOTER;
        const int64_t slice = (footer[0] << 16 | footer[1] << 8 | footer[2]) + FOOTER;
        if (slice > end || av_crc(table, 0, bytes + end - slice, (size_t)slice) != 0) return false;
        end -= slice;
    }
    return size > 0;
}
