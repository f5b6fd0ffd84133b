/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunk_codec.c: packing and unpacking the chunks of stored arrays.
 *
 * A chunk must unpack to exactly the bytes that its array says; headers inside it are compared with that before a
 * decoder sees them.
 */
#include "io/array/chunk_codec.h"

#include "core/budget.h"

#include <blosc.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { PACKED_SLACK = 1 << 16, USUAL_BLOSC_BLOCK = 4 << 20, BLOSC_SCRATCH_BLOCKS = 3, BLOSC_SLACK = 1 << 12 };

static lmp_status fail_damaged(const char *label, const char *what, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: %s; get the complete file again", label, what);
}

size_t chunk_packed_limit(size_t size)
{
    return size + size / 8 + PACKED_SLACK;
}

size_t chunk_blosc_bytes(size_t size)
{
    return BLOSC_SCRATCH_BLOCKS * (size < USUAL_BLOSC_BLOCK ? size : USUAL_BLOSC_BLOCK) + BLOSC_SLACK;
}

size_t chunk_unpack_bytes(const chunk_codec *codec, size_t size)
{
    return (codec->compressor == CHUNK_BLOSC ? chunk_blosc_bytes(size) : 0) + (codec->shuffle > 1 ? size : 0);
}

/* ---- Compressors ------------------------------------------------------------------------------------------ */

static lmp_status inflate_whole(int window, const char *label, const void *packed, size_t n, void *to, size_t size,
                                lmp_error *err)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed, /* zlib does not write there */
                       .avail_in = (uInt)n,
                       .next_out = to,
                       .avail_out = (uInt)size};
    if (inflateInit2(&stream, window) != Z_OK)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to unpack %s", label);
    const int code = inflate(&stream, Z_FINISH);
    const bool is_whole = code == Z_STREAM_END && stream.avail_out == 0;
    (void)inflateEnd(&stream);
    if (code == Z_MEM_ERROR) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to unpack %s", label);
    return is_whole ? LMP_OK : fail_damaged(label, "its deflated bytes make no whole chunk", err);
}

static lmp_status unpack_zstd(const char *label, const void *packed, size_t n, void *to, size_t size, lmp_error *err)
{
    const size_t got = ZSTD_decompress(to, size, packed, n);
    return !ZSTD_isError(got) && got == size ? LMP_OK : fail_damaged(label, "its zstd bytes make no whole chunk", err);
}

static lmp_status unpack_blosc(const char *label, const void *packed, size_t n, void *to, size_t size,
                               lmp_budget *budget, lmp_error *err)
{
    size_t unpacked = 0, said = 0, block = 0;
    if (n < BLOSC_MIN_HEADER_LENGTH || blosc_cbuffer_validate(packed, n, &unpacked) != 0 || unpacked != size)
        return fail_damaged(label, "its Blosc header does not fit the chunk", err);
    blosc_cbuffer_sizes(packed, &unpacked, &said, &block);
    if (block > size) return fail_damaged(label, "its Blosc header does not fit the chunk", err);
    const size_t scratch = BLOSC_SCRATCH_BLOCKS * block + BLOSC_SLACK; /* that a context takes from the system */
    const lmp_status status = budget_reserve(budget, scratch, err);
    if (status != LMP_OK) return status;
    const int got = blosc_decompress_ctx(packed, to, size, 1);
    budget_release(budget, scratch);
    return got >= 0 && (size_t)got == size ? LMP_OK : fail_damaged(label, "its Blosc bytes make no whole chunk", err);
}

static lmp_status decompress(chunk_compressor compressor, const char *label, const void *packed, size_t n, void *to,
                             size_t size, lmp_budget *budget, lmp_error *err)
{
    switch (compressor) {
    case CHUNK_ZLIB:
        return inflate_whole(MAX_WBITS, label, packed, n, to, size, err);
    case CHUNK_GZIP:
        return inflate_whole(MAX_WBITS + 16, label, packed, n, to, size, err);
    case CHUNK_ZSTD:
        return unpack_zstd(label, packed, n, to, size, err);
    case CHUNK_BLOSC:
        return unpack_blosc(label, packed, n, to, size, budget, err);
    case CHUNK_RAW:
    default:
        if (n != size) return fail_damaged(label, "it has not the size of a chunk", err);
        memcpy(to, packed, size);
        return LMP_OK;
    }
}

/* ---- Shuffle ---------------------------------------------------------------------------------------------- */

void chunk_shuffle(const void *from, size_t size, size_t element, void *to)
{
    const uint8_t *in = from;
    uint8_t *out = to;
    const size_t count = size / element;
    for (size_t k = 0; k < element; k++)
        for (size_t i = 0; i < count; i++) out[k * count + i] = in[i * element + k];
}

void chunk_unshuffle(const void *from, size_t size, size_t element, void *to)
{
    const uint8_t *in = from;
    uint8_t *out = to;
    const size_t count = size / element;
    for (size_t k = 0; k < element; k++)
        for (size_t i = 0; i < count; i++) out[i * element + k] = in[k * count + i];
}

/* ---- A chunk ---------------------------------------------------------------------------------------------- */

lmp_status chunk_unpack(const chunk_codec *codec, const char *label, const void *packed, size_t n, void *to,
                        size_t size, lmp_budget *budget, lmp_error *err)
{
    void *shuffled = NULL;
    if (n > chunk_packed_limit(size)) return fail_damaged(label, "it is larger than what it unpacks to", err);
    if (codec->shuffle <= 1) return decompress(codec->compressor, label, packed, n, to, size, budget, err);
    lmp_status status = budget_take_raw(budget, size, &shuffled, err);
    if (status == LMP_OK) status = decompress(codec->compressor, label, packed, n, shuffled, size, budget, err);
    if (status == LMP_OK) chunk_unshuffle(shuffled, size, codec->shuffle, to);
    lmp_give(budget, shuffled);
    return status;
}
