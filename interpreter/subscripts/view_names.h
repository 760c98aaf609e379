// view_names.h - attributes and methods of tensors that NumPy defines as views: what can be assigned through.
// Invariant: the one table of them.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/subscripts/index_plan.h"

namespace inlay {

struct ViewName {
  std::string_view name;
  PathStep::Kind kind;
  bool is_method;
};

/// The row of this name; null if it is no view.
const ViewName* find_view(std::string_view name, bool is_method);
/// "T, mT, real, imag and flat".
std::string view_attributes();

}  // namespace inlay
