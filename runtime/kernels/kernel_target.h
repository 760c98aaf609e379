// kernel_target.h - the instruction set that a kernel file is being compiled for, as the name of a namespace.
// Kernel files are compiled once per set (runtime/meson.build). Everything they and their headers define lies in
// INLAY_TARGET, so that no two sets share a symbol: the linker would keep one of them, and the baseline could end up
// with instructions that the processor lacks (tests/harness/kernels.py).
// Invariant: whatever is not a kernel file belongs to the baseline.
#pragma once

#ifndef INLAY_TARGET
#define INLAY_TARGET baseline
#endif

#define INLAY_NAME_OF(name) #name
#define INLAY_TEXT_OF(name) INLAY_NAME_OF(name)
/// Whether this is the set that every processor has.
#define INLAY_IS_BASELINE (INLAY_TEXT_OF(INLAY_TARGET)[0] == 'b')
