// nearest_name.h - the name somebody may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inlay {

/// The candidate nearest to `name` by edits (insert, delete, replace, swap neighbours), or empty if none is within a
/// third of its length.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace inlay
