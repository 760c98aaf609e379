// library.cpp - see library.h. The tables are written by embed.py.
#include "library/library.h"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <utility>

namespace inlay {
namespace {

std::string inflated(const DeflatedText& text) {
  std::string out(text.size, '\0');
  uLongf size = text.size;
  // What embed.py deflated fits, so only zlib's own memory can be missing.
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size, deflated_texts().data() + text.begin, text.deflated_size))
    throw std::bad_alloc();
  return out;
}

}  // namespace

const LibraryName* find_library_name(std::string_view module, std::string_view name) {
  using Key = std::pair<std::string_view, std::string_view>;
  const auto key = [](const LibraryName& row) { return Key(row.module, row.name); };
  const auto names = library_names();
  const auto it = std::ranges::lower_bound(names, Key(module, name), {}, key);
  return it != names.end() && key(*it) == Key(module, name) ? &*it : nullptr;
}

std::string source_text(const LibraryFile& file) { return inflated(file.text); }

std::string_view HelpEntry::page() const { return help_pages()[page_number].name; }

const HelpEntry* find_help(std::string_view name) {
  const auto entries = help_entries();
  const auto it =
      std::ranges::lower_bound(entries, name, {}, [](const HelpEntry& row) -> std::string_view { return row.name; });
  return it != entries.end() && it->name == name ? &*it : nullptr;
}

std::string help_text(const HelpEntry& entry) {
  return inflated(help_pages()[entry.page_number].text).substr(entry.begin, entry.size);
}

}  // namespace inlay
