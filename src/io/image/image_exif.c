/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_exif.c: orientation and camera maker from EXIF 2.3, section 4: directory 0 of a TIFF structure.
 */
#include "io/image/image_exif.h"

#include <stdbool.h>
#include <string.h>

enum { TAG_MAKER = 0x010F, TAG_ORIENTATION = 0x0112, TYPE_TEXT = 2, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

typedef struct tiff_bytes {
    const uint8_t *bytes;
    size_t size;
    bool is_big_endian;
} tiff_bytes;

static uint32_t get(const tiff_bytes *t, size_t at, size_t width)
{
    uint32_t value = 0;
    for (size_t i = 0; i < width; i++) value = value << 8 | t->bytes[at + (t->is_big_endian ? i : width - 1 - i)];
    return value;
}

static void take_maker(const tiff_bytes *t, size_t entry, image_exif *exif)
{
    const size_t count = get(t, entry + 4, 4);
    const size_t at = count <= 4 ? entry + 8 : get(t, entry + 8, 4);
    if (at > t->size || count > t->size - at) return;
    const size_t n = count < sizeof exif->maker - 1 ? count : sizeof exif->maker - 1;
    memcpy(exif->maker, t->bytes + at, n);
    exif->maker[n] = '\0';
}

void image_exif_parse(const uint8_t *tiff, size_t size, image_exif *exif)
{
    tiff_bytes t = {tiff, size, size > 0 && tiff[0] == 'M'};
    *exif = (image_exif){.orientation = 1};
    if (size < 8 || (memcmp(tiff, "MM\0\x2A", 4) != 0 && memcmp(tiff, "II\x2A\0", 4) != 0)) return;
    const size_t directory = get(&t, 4, 4);
    if (directory > size || size - directory < 2) return;
    const size_t said = get(&t, directory, 2), room = (size - directory - 2) / ENTRY_BYTES;
    for (size_t i = 0; i < (said < room ? said : room); i++) {
        const size_t entry = directory + 2 + i * ENTRY_BYTES;
        const uint32_t tag = get(&t, entry, 2), type = get(&t, entry + 2, 2);
        if (tag == TAG_MAKER && type == TYPE_TEXT) take_maker(&t, entry, exif);
        if (tag != TAG_ORIENTATION || type != TYPE_SHORT) continue;
        const uint32_t value = get(&t, entry + 8, 2);
        if (value >= 1 && value <= 8) exif->orientation = value;
    }
}
