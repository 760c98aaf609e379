// view_names.cpp - see view_names.h.
#include "interpreter/subscripts/view_names.h"

#include <algorithm>

namespace inlay {
namespace {

constexpr ViewName kViews[] = {
    {"T", PathStep::Kind::transpose, false},      {"mT", PathStep::Kind::matrix_transpose, false},
    {"real", PathStep::Kind::real, false},        {"imag", PathStep::Kind::imag, false},
    {"flat", PathStep::Kind::flat, false},        {"reshape", PathStep::Kind::reshape, true},
    {"ravel", PathStep::Kind::ravel, true},       {"transpose", PathStep::Kind::permute, true},
    {"swapaxes", PathStep::Kind::swapaxes, true}, {"squeeze", PathStep::Kind::squeeze, true},
    {"diagonal", PathStep::Kind::diagonal, true},
};

}  // namespace

const ViewName* find_view(std::string_view name, bool is_method) {
  const auto* found = std::find_if(std::begin(kViews), std::end(kViews),
                                   [&](const ViewName& row) { return row.name == name && row.is_method == is_method; });
  return found == std::end(kViews) ? nullptr : found;
}

std::string view_attributes() {
  std::string out;
  for (const ViewName* row = std::begin(kViews); !row->is_method; ++row) {
    if (!out.empty()) out += row[1].is_method ? " and " : ", ";
    out += row->name;
  }
  return out;
}

}  // namespace inlay
