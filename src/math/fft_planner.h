/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_planner.h: FFTW's planner, in double or single precision, is the one thing in it that is not thread-safe: whoever
 * plans or frees does it between these two.
 */
#ifndef LIMPID_MATH_FFT_PLANNER_H
#define LIMPID_MATH_FFT_PLANNER_H

void fft_planner_lock(void);
void fft_planner_unlock(void);

#endif
