/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_doc.h: the help page of the step gradient.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_DOC_H
#define LIMPID_SIGNAL_GRADIENT_DOC_H

extern const char gradient_doc[], gradient_known_as[];

#endif
