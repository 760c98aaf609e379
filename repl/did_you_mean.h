// did_you_mean.h - the end of a message about a name that there is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inlay/tools.hpp"

namespace inlay::program {

/// ". Did you mean: 'x'?" with the candidate that may have been meant; empty if none is near.
inline std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(name, candidates);
  return near.empty() ? near : ". Did you mean: '" + near + "'?";
}

}  // namespace inlay::program
