/* SPDX-License-Identifier: BSD-3-Clause
 *
 * text_file.h: small texts that are read whole, and that appear under their name only when complete.
 */
#ifndef LIMPID_CORE_TEXT_FILE_H
#define LIMPID_CORE_TEXT_FILE_H

#include <limpid/step.h>

/* `what` names the text in the error: "the provenance record". */
LMP_CHECKED lmp_status text_file_write(const char *path, const char *text, size_t size, bool overwrite,
                                       const char *what, lmp_error *err);

/* Reads a regular file of at most `most_mib` MiB whole, with a zero behind it; caller frees. `what` names in the error
 * what it should be: "table". */
LMP_CHECKED lmp_status text_file_read(const char *path, int64_t most_mib, const char *what, char **text, size_t *size,
                                      lmp_error *err);

#endif
