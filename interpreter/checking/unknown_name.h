// unknown_name.h - what is said of a name that means nothing: what to write instead, or the nearest name.
// Knows names, neither where they stand nor what they would be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/lowering/ir.h"
#include "interpreter/operations/op_table.h"

namespace inlay {

/// "name 'np' is not defined: write 'import numpy as np' first", or with the nearest of the script's own names and the
/// built-in ones.
std::string unknown_name(std::string_view name, const std::vector<std::string>& own,
                         const std::vector<std::string>& built_in);

/// Throws TypeError "zeros() got an unexpected keyword argument 'dtyp'. Did you mean: 'dtype'?"
[[noreturn]] void raise_unknown_keyword(std::string_view callee, std::string_view keyword,
                                        const std::vector<OpParameter>& parameters);
[[noreturn]] void raise_unknown_keyword(std::string_view callee, std::string_view keyword,
                                        const std::vector<ir::Parameter>& parameters);

/// The names of the dtypes, for "did you mean".
std::vector<std::string> dtype_names();

}  // namespace inlay
