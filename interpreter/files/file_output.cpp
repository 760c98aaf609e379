// file_output.cpp - see file_output.h.
#include "interpreter/files/file_output.h"

#include <algorithm>

#include "interpreter/texts/long_text.h"

namespace inlay {

void MemoryOutput::add(std::string_view bytes) {
  const std::size_t size = text_.size() + bytes.size(), room = text_.capacity();
  const std::size_t wanted = size <= room ? room : std::max(size, 2 * room);
  charge_.grow_to(wanted);
  move_text(text_, wanted);
  append_text(text_, bytes);
}

void MemoryOutput::set(std::uint64_t at, std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), text_.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace inlay
