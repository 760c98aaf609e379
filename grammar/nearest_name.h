// nearest_name.h - the name somebody may have meant.
// Knows letters, nothing of what the names are of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inlay {

/// The candidate nearest to `name` by edits (insert, delete, replace, swap neighbours), or empty if none is near: of
/// the `few` less than half of its letters may be edited, of the `many`, some of which would always be that near, a
/// third. Among equally near ones the few come before the many, and those of the same length before others.
std::string nearest_name(std::string_view name, const std::vector<std::string>& few,
                         const std::vector<std::string>& many = {});

/// ". Did you mean: 'x'?", to be put behind a message; empty if there is no such name.
std::string did_you_mean(std::string_view near);
/// The same with the nearest name.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& few,
                         const std::vector<std::string>& many = {});

}  // namespace inlay
