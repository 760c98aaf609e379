// format_tensor.h - tensors as NumPy prints arrays, character for character, under its default print options.
// Knows nothing of names, streams or the REPL's header.
// Invariant: only elements that are printed are read: a summary of a huge tensor costs what its text costs.
#pragma once

#include <string>
#include <string_view>

#include "runtime/tensor.h"

namespace inlay {

/// str(np.ndarray): "[1 2 3]"; a 0-d tensor as its number, "1e-05".
std::string to_string(const Tensor& tensor);
/// repr(np.ndarray): "array([1., 2.], dtype=float32)".
std::string repr(const Tensor& tensor);
/// f"{tensor:spec}": the number of a 0-d tensor under `spec`, any tensor where it is empty; else TypeError.
std::string format(const Tensor& tensor, std::string_view spec);

}  // namespace inlay
