// format_tensor.h - tensors as NumPy prints arrays, character for character, under given print options.
// Knows nothing of names, streams or the REPL's header.
// Invariant: only elements that are printed are read: a summary of a huge tensor costs what its text costs.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/texts/print_options.h"
#include "runtime/tensors/tensor.h"

namespace inlay {

/// str(np.ndarray): "[1 2 3]"; a 0-d tensor as its number, "1e-05", whatever the options say.
std::string to_string(const Tensor& tensor, const PrintOptions& options = print_options());
/// repr(np.ndarray): "array([1., 2.], dtype=float32)".
std::string repr(const Tensor& tensor, const PrintOptions& options = print_options());

/// What stands around and between the elements.
struct ArrayText {
  std::string_view separator = " ";
  std::size_t indent = 0;  // columns in front of the first bracket
  std::size_t suffix = 0;  // and behind the last
};
/// np.array2string: the elements in their brackets, a 0-d tensor as an element too.
std::string array_text(const Tensor& tensor, const ArrayText& around, const PrintOptions& options);

/// f"{tensor:spec}": the number of a 0-d tensor under `spec`, any tensor where it is empty; else TypeError.
std::string format(const Tensor& tensor, std::string_view spec);

}  // namespace inlay
