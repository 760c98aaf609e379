// format_percent.h - Python's printf-style formatting: 'x = %5.2f' % 1.5, '%s and %r' % (a, b), '%(name)s' % d.
#pragma once

#include <string>

#include "interpreter/values/value.h"

namespace inlay {

/// Fills the fields of `text` from a value, a tuple of values, or a dict for named fields. TypeError "not enough
/// arguments for format string", "not all arguments converted during string formatting"; ValueError "unsupported format
/// character 'y'", "incomplete format".
std::string format_percent(std::string_view text, const Value& arguments);

}  // namespace inlay
