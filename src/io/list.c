/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all file formats, one line each.
 */
#include "io/list.h"

extern const lmp_io lmp_io_series;
extern const lmp_io lmp_io_edf, lmp_io_bdf, lmp_io_brainvision, lmp_io_npy;
extern const lmp_io lmp_io_npz, lmp_io_ascii, lmp_io_mraw, lmp_io_csv;
extern const lmp_io lmp_io_tiff;
extern const lmp_io lmp_io_hdf5, lmp_io_zarr;
extern const lmp_io lmp_io_jpeg, lmp_io_png, lmp_io_bmp;
extern const lmp_io lmp_io_avi, lmp_io_mp4, lmp_io_matroska, lmp_io_gif;

const lmp_io *const io_formats[] = {
    &lmp_io_tiff,        &lmp_io_hdf5,  &lmp_io_zarr,     &lmp_io_edf, &lmp_io_bdf,
    &lmp_io_brainvision, &lmp_io_npy,   &lmp_io_jpeg,     &lmp_io_png, &lmp_io_bmp,
    &lmp_io_npz,         &lmp_io_ascii, &lmp_io_mraw,     &lmp_io_csv, &lmp_io_series,
    &lmp_io_avi,         &lmp_io_mp4,   &lmp_io_matroska, &lmp_io_gif, NULL,
};
