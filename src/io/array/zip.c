/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zip.c: what lies where in a zip file (PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3).
 *
 * The end record in the last 64 KB leads to the central directory, which lists all members. Sizes and offsets of 32
 * bits that are full are found as 64 bits in an extra field (zip64), as numpy.savez always may write them.
 */
#include "io/array/zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    END_BYTES = 22,
    LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    LONGEST_COMMENT = 65535,
    MOST_DIRECTORY_BYTES = 1 << 26,
    ZIP64_EXTRA = 1
};

static uint16_t get_16(const uint8_t *b)
{
    return (uint16_t)(b[0] | b[1] << 8);
}

static uint32_t get_32(const uint8_t *b)
{
    return (uint32_t)get_16(b) | (uint32_t)get_16(b + 2) << 16;
}

static uint64_t get_64(const uint8_t *b)
{
    return get_32(b) | (uint64_t)get_32(b + 4) << 32;
}

static bool is_signed(const uint8_t *b, const char signature[3])
{
    return b[0] == 'P' && b[1] == 'K' && b[2] == (uint8_t)signature[0] && b[3] == (uint8_t)signature[1];
}

static lmp_status fail_damaged(const file_input *input, const char *what, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s is a damaged zip file (%s); save it again or get the complete file",
                    input->path, what);
}

/* ---- The end record --------------------------------------------------------------------------------------- */

typedef struct extent {
    uint64_t offset, size, n_members; /* of the central directory */
} extent;

/* The zip64 end record, where the locator in front of the end record at `at` leads. */
static lmp_status load_end64(const file_input *input, int64_t at, extent *found, lmp_error *err)
{
    file_view view;
    if (at < LOCATOR_BYTES) return fail_damaged(input, "no zip64 locator", err);
    lmp_status status = file_view_begin(input, at - LOCATOR_BYTES, LOCATOR_BYTES, NULL, &view, err);
    if (status != LMP_OK) return status;
    const bool is_there = is_signed(view.bytes, "\6\7");
    const uint64_t place = get_64(view.bytes + 8);
    file_view_end(&view);
    if (!is_there || at < END64_BYTES || place > (uint64_t)(at - END64_BYTES))
        return fail_damaged(input, "no zip64 end record", err);
    status = file_view_begin(input, (int64_t)place, END64_BYTES, NULL, &view, err);
    if (status != LMP_OK) return status;
    const bool is_record = is_signed(view.bytes, "\6\6");
    *found = (extent){
        .n_members = get_64(view.bytes + 32), .size = get_64(view.bytes + 40), .offset = get_64(view.bytes + 48)};
    file_view_end(&view);
    return is_record ? LMP_OK : fail_damaged(input, "no zip64 end record", err);
}

static lmp_status find_end(const file_input *input, extent *found, lmp_error *err)
{
    const int64_t size = input->info.size, most = END_BYTES + LONGEST_COMMENT;
    const int64_t n = size < most ? size : most;
    file_view view;
    if (n < END_BYTES) return fail_damaged(input, "it ends too early", err);
    const lmp_status status = file_view_begin(input, size - n, (size_t)n, NULL, &view, err);
    if (status != LMP_OK) return status;
    int64_t i = n - END_BYTES;
    while (i >= 0 && !is_signed(view.bytes + i, "\5\6")) i--;
    bool is_64 = false;
    if (i >= 0) {
        const uint8_t *end = view.bytes + i;
        *found = (extent){.n_members = get_16(end + 10), .size = get_32(end + 12), .offset = get_32(end + 16)};
        is_64 = found->n_members == UINT16_MAX || found->size == UINT32_MAX || found->offset == UINT32_MAX;
    }
    file_view_end(&view);
    if (i < 0) return fail_damaged(input, "its directory is missing: it is cut short", err);
    return is_64 ? load_end64(input, size - n + i, found, err) : LMP_OK;
}

/* ---- The directory ---------------------------------------------------------------------------------------- */

/* Takes the next 64-bit number of the zip64 field if `number` is full. */
static bool widen(uint64_t *number, const uint8_t **field, const uint8_t *end)
{
    if (*number != UINT32_MAX) return true;
    if (end - *field < 8) return false;
    *number = get_64(*field);
    *field += 8;
    return true;
}

/* Sizes and offset of an entry: size, packed size, offset of its local header. */
static bool read_sizes(const uint8_t *entry, const uint8_t *extra, size_t n_extra, uint64_t sizes[3])
{
    sizes[0] = get_32(entry + 24);
    sizes[1] = get_32(entry + 20);
    sizes[2] = get_32(entry + 42);
    while (n_extra >= 4) {
        const size_t n = get_16(extra + 2);
        if (n > n_extra - 4) return false;
        if (get_16(extra) == ZIP64_EXTRA) {
            const uint8_t *field = extra + 4, *end = field + n;
            return widen(&sizes[0], &field, end) && widen(&sizes[1], &field, end) && widen(&sizes[2], &field, end);
        }
        extra += 4 + n;
        n_extra -= 4 + n;
    }
    return true;
}

/* Reads the entry at `bytes` of n; gives its length, 0 if it is damaged or memory is out (then `member` has no name).
 */
static size_t read_entry(const uint8_t *bytes, size_t n, int64_t limit, zip_member *member)
{
    uint64_t sizes[3];
    if (n < ENTRY_BYTES || !is_signed(bytes, "\1\2")) return 0;
    const size_t n_name = get_16(bytes + 28), n_extra = get_16(bytes + 30), n_comment = get_16(bytes + 32);
    const size_t length = ENTRY_BYTES + n_name + n_extra + n_comment;
    if (length > n || !read_sizes(bytes, bytes + ENTRY_BYTES + n_name, n_extra, sizes)) return 0;
    if (sizes[0] > INT64_MAX / 2 || sizes[2] > (uint64_t)limit || sizes[1] > (uint64_t)limit - sizes[2]) return 0;
    *member = (zip_member){.method = get_16(bytes + 10),
                           .is_encrypted = (get_16(bytes + 8) & 1) != 0,
                           .header_offset = (int64_t)sizes[2],
                           .packed_size = (int64_t)sizes[1],
                           .size = (int64_t)sizes[0],
                           .crc = get_32(bytes + 16)};
    member->name = file_text_to_utf8((const char *)bytes + ENTRY_BYTES, n_name);
    return member->name == NULL ? 0 : length;
}

static lmp_status load_members(const file_input *input, const extent *found, zip_directory *directory, lmp_error *err)
{
    file_view view;
    const lmp_status status = file_view_begin(input, (int64_t)found->offset, (size_t)found->size, NULL, &view, err);
    if (status != LMP_OK) return status;
    directory->members = calloc((size_t)found->n_members + 1, sizeof *directory->members);
    size_t at = 0;
    bool is_sound = directory->members != NULL;
    while (is_sound && directory->n_members < (int64_t)found->n_members) {
        const size_t length = read_entry(view.bytes + at, (size_t)found->size - at, directory->end,
                                         &directory->members[directory->n_members]);
        is_sound = length > 0;
        if (is_sound) directory->n_members++;
        at += length;
    }
    file_view_end(&view);
    return is_sound ? LMP_OK : fail_damaged(input, "an entry of its directory makes no sense", err);
}

lmp_status zip_open(const file_input *input, zip_directory *directory, lmp_error *err)
{
    extent found = {0};
    *directory = (zip_directory){0};
    lmp_status status = find_end(input, &found, err);
    if (status != LMP_OK) return status;
    const uint64_t size = (uint64_t)input->info.size;
    if (found.size > size || found.offset > size - found.size || found.size > MOST_DIRECTORY_BYTES ||
        found.n_members > found.size / ENTRY_BYTES)
        return fail_damaged(input, "its directory does not lie in it", err);
    directory->end = (int64_t)found.offset;
    if (found.n_members == 0) return LMP_OK;
    status = load_members(input, &found, directory, err);
    if (status != LMP_OK) zip_close(directory);
    return status;
}

void zip_close(zip_directory *directory)
{
    for (int64_t i = 0; i < directory->n_members; i++) free(directory->members[i].name);
    free(directory->members);
    *directory = (zip_directory){0};
}

lmp_status zip_find_bytes(const file_input *input, const zip_directory *directory, const zip_member *member,
                          int64_t *offset, lmp_error *err)
{
    file_view view;
    const int64_t room = directory->end - member->header_offset - member->packed_size;
    if (room < LOCAL_BYTES) return fail_damaged(input, "a member does not lie in it", err);
    const lmp_status status = file_view_begin(input, member->header_offset, LOCAL_BYTES, NULL, &view, err);
    if (status != LMP_OK) return status;
    const bool is_header = is_signed(view.bytes, "\3\4");
    const int64_t before = LOCAL_BYTES + get_16(view.bytes + 26) + get_16(view.bytes + 28);
    file_view_end(&view);
    if (!is_header || before > room) return fail_damaged(input, "a member has no header", err);
    *offset = member->header_offset + before;
    return LMP_OK;
}
