/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_check.h: damage that FFmpeg's demuxers and decoders pass over in silence.
 */
#ifndef LIMPID_IO_VIDEO_CHECK_H
#define LIMPID_IO_VIDEO_CHECK_H

#include "io/file.h"

/* True if a file ends before what its first bytes promise: the first RIFF list of AVI, the segment of Matroska. */
bool video_is_cut(const file_input *input);

/* True if a picture of FFV1 ends its slices with check sums and all are right. */
bool video_ffv1_is_sound(const uint8_t *bytes, int64_t size);

#endif
