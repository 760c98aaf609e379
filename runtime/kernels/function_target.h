// function_target.h - instructions for a part of a file, in the words of each compiler.
// Knows nothing of what is compiled so. Invariant: headers are included before the part begins, so that nothing inline
// of theirs has instructions that the processor may lack.
#pragma once

#define INLAY_PRAGMA(...) _Pragma(#__VA_ARGS__)

/// From here to END_FUNCTION_TARGET, once in a file, functions may use `features`: a string, as of GCC's option -m.
#if defined(__clang__)
#define BEGIN_FUNCTION_TARGET(features) \
  INLAY_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define END_FUNCTION_TARGET INLAY_PRAGMA(clang attribute pop)
#else
#define BEGIN_FUNCTION_TARGET(features) INLAY_PRAGMA(GCC push_options) INLAY_PRAGMA(GCC target(features))
#define END_FUNCTION_TARGET INLAY_PRAGMA(GCC pop_options)
#endif
