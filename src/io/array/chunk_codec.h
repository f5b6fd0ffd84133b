/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunk_codec.h: packing and unpacking the chunks of stored arrays (Zarr, HDF5).
 */
#ifndef LIMPID_IO_CHUNK_CODEC_H
#define LIMPID_IO_CHUNK_CODEC_H

#include <limpid/step.h>

typedef enum chunk_compressor { CHUNK_RAW, CHUNK_ZLIB, CHUNK_GZIP, CHUNK_ZSTD, CHUNK_BLOSC } chunk_compressor;

typedef struct chunk_codec {
    chunk_compressor compressor;
    size_t shuffle; /* bytes of an element whose first, second ... bytes lie together; 0 or 1: as they are */
} chunk_codec;

/* Chunks are limited to what every compressor can address. */
enum { CHUNK_MOST_BYTES = INT32_MAX - 64 };

/* Most bytes that `size` unpacked ones may take in a file: compressors add little to what they cannot make smaller. */
size_t chunk_packed_limit(size_t size);

/* What chunk_unpack() takes from its budget, for block sizes that compressors choose by themselves. */
size_t chunk_unpack_bytes(const chunk_codec *codec, size_t size);

/* What Blosc takes from the system to pack or unpack a chunk in blocks of a size of its own choice. */
size_t chunk_blosc_bytes(size_t size);

/* Exactly `size` bytes into `to`, or a sentence about `label`. Nothing announced by `packed` is believed. Any thread.
 */
LMP_CHECKED lmp_status chunk_unpack(const chunk_codec *codec, const char *label, const void *packed, size_t n, void *to,
                                    size_t size, lmp_budget *budget, lmp_error *err);

/* Bytes of element i lie together: all first ones, all second ones ... ; and back. size: a multiple of `element`. */
void chunk_shuffle(const void *from, size_t size, size_t element, void *to);
void chunk_unshuffle(const void *from, size_t size, size_t element, void *to);

#endif
