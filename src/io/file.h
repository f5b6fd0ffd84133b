/* SPDX-License-Identifier: BSD-3-Clause
 *
 * file.h: how formats read and write: views of an input, and outputs that appear only when complete.
 */
#ifndef LIMPID_IO_FILE_H
#define LIMPID_IO_FILE_H

#include "core/source.h"
#include "os/os.h"

/* ---- Input ------------------------------------------------------------------------------------------------ */

typedef struct file_input {
    os_file      file;
    os_file_info info; /* when it was opened */
    char        *path;
} file_input;

/* Opens a regular file read-only; errors name the path and say what to do. */
LMP_CHECKED lmp_status file_input_open(const char *path, file_input *input, lmp_error *err);
void file_input_close(file_input *input);

/* Bytes [offset, offset+size) of a file, borrowed until file_view_end(). Fails with LMP_ERR_IO if the file has
 * become shorter since it was opened; what is cut off later reads as zeros and is counted, or raises SIGBUS (os.h). Any
 * thread; the memory counts against `budget` (NULL: uncounted, for headers). */
typedef struct file_view {
    const uint8_t *bytes;
    void          *own;     /* a copy of few bytes, or */
    os_mapping     mapping; /* many bytes mapped */
    size_t         size;
    lmp_budget    *budget;
} file_view;
LMP_CHECKED lmp_status file_view_begin(const file_input *input, int64_t offset, size_t size, lmp_budget *budget,
                                       file_view *view, lmp_error *err);
void file_view_end(file_view *view);

/* A whole small text file (header, markers), terminated by a 0 byte; refuses more than `limit` bytes. */
LMP_CHECKED lmp_status file_read_text(const char *path, size_t limit, char **text, size_t *size, lmp_error *err);

/* Text of another encoding as UTF-8: valid UTF-8 stays, anything else is taken as Latin-1. Caller frees. */
char *file_text_to_utf8(const char *bytes, size_t size);

/* The file that `path` names, or one beside it that differs from it in letter case only; caller frees; NULL if none. */
char *file_find_any_case(const char *path);

/* ---- Output ----------------------------------------------------------------------------------------------- */

/* A file being written under a temporary name in the directory of its final path. */
typedef struct file_output {
    os_file file;
    char   *path;      /* final */
    char   *temporary; /* NULL once named or discarded */
    bool    is_open, overwrite;
    _Atomic int64_t written; /* bytes, over all writes */
    struct digest_written *digest; /* told of all writes; NULL: none */
} file_output;

LMP_CHECKED lmp_status file_output_open(const char *path, bool overwrite, file_output *output, lmp_error *err);
LMP_CHECKED lmp_status file_output_write(file_output *output, int64_t offset, const void *bytes, size_t size, lmp_error *err);
/* For files whose size is known before: takes the room on the disk at once. */
LMP_CHECKED lmp_status file_output_reserve(file_output *output, int64_t size, lmp_error *err);
/* Frames, whole or a band of their rows, of a file that holds frame 0 at `start` and one behind the other without gaps,
 * each of frame_bytes. */
LMP_CHECKED lmp_status file_output_write_frames(file_output *output, int64_t start, size_t frame_bytes,
                                                const lmp_frames *frames, lmp_error *err);
/* Sync, close, and rename to the final path. */
LMP_CHECKED lmp_status file_output_commit(file_output *output, lmp_error *err);
/* Sync and close only: for formats of several files, which rename all of them at the end with file_output_commit(). */
LMP_CHECKED lmp_status file_output_settle(file_output *output, lmp_error *err);
/* Removes the temporary if it has not been committed; frees. */
void file_output_discard(file_output *output);

/* ---- Small things formats share --------------------------------------------------------------------------- */

/* Appends one sentence to a list of warnings (malloc'd text, one a line). */
void file_warn(char **warnings, const char *sentence, ...) LMP_PRINTF(2, 3);

/* Role of a channel from its name and unit ("ECG", "STI 014", "Status", "EOG1"). */
lmp_role file_channel_role(const char *name, const char *unit);

/* Microvolts per unit: 1 for "uV", "µV", "" ... 1e6 for "V"; 0 if the unit is not a voltage. */
double file_microvolts(const char *unit);

#endif
