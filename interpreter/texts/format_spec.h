// format_spec.h - Python's format specs, [[fill]align][sign][z][#][0][width][grouping][.precision][type], for plain
// values. Knows nothing of f-strings or tensors. Invariant: no locale: 'n' writes as 'd' and 'g' do. Errors are
// Python's ValueErrors, with its messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/dtypes/dtype.h"

namespace inlay {

/// format(value, spec). Text of more than a few kilobytes is charged to the context before it is made.
std::string format(bool value, std::string_view spec);
std::string format(std::int64_t value, std::string_view spec);
/// With zeros in front where there are fewer than `digits` digits, as the precision of "%.3d" asks for.
std::string format(std::int64_t value, std::string_view spec, std::int64_t digits);
std::string format(std::uint64_t value, std::string_view spec);
std::string format(double value, std::string_view spec);
std::string format(complex128 value, std::string_view spec);
std::string format(std::string_view text, std::string_view spec);
/// Not the bool that a pointer would become.
inline std::string format(const char* text, std::string_view spec) { return format(std::string_view(text), spec); }

}  // namespace inlay
