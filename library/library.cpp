// library.cpp - see library.h. The tables are written by embed.py.
#include "library/library.h"

#include <algorithm>
#include <tuple>

namespace inlay {

const LibraryName* find_library_name(std::string_view module, std::string_view name) {
  const auto names = library_names();
  const auto it =
      std::lower_bound(names.begin(), names.end(), std::tie(module, name),
                       [](const LibraryName& row, const auto& key) { return std::tie(row.module, row.name) < key; });
  return it != names.end() && it->module == module && it->name == name ? &*it : nullptr;
}

const HelpEntry* find_help(std::string_view name) {
  const auto entries = help_entries();
  const auto it = std::lower_bound(entries.begin(), entries.end(), name,
                                   [](const HelpEntry& row, std::string_view key) { return row.name < key; });
  return it != entries.end() && it->name == name ? &*it : nullptr;
}

}  // namespace inlay
