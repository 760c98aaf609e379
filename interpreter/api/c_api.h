// c_api.h - what stands behind the handles of <inlay/inlay.h>. For c_api_*.cpp alone, which know the public C++
// interface and nothing beneath it (c_api_dlpack.cpp aside). What is said of inlay::v1 is also meant where
// the interpreter's own names can be seen. Invariant: no exception leaves a function of the C interface: each is a call
// of c_api::guarded() or cannot throw; and what handles exceptions needs no memory.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "inlay/inlay.h"
#include "inlay/inlay.hpp"

struct inlay_error {
  explicit inlay_error(inlay::v1::Error of)
      : error(std::move(of)), rendered(error.render()), report(rendered.c_str()) {}
  /// With a report that somebody else keeps.
  inlay_error(inlay::v1::Error of, const char* with) noexcept : error(std::move(of)), report(with) {}
  inlay_error(const inlay_error&) = delete;
  inlay_error& operator=(const inlay_error&) = delete;

  const inlay::v1::Error error;
  const std::string rendered;
  const char* const report;
};
struct inlay_value {
  inlay::v1::Value value;
};
struct inlay_program {
  inlay::v1::Program program;
};
struct inlay_snapshot {
  inlay::v1::Snapshot snapshot;
};
struct inlay_interpreter {
  inlay::v1::Interpreter interpreter;
};

namespace inlay {
inline namespace v1 {
namespace c_api {

/// Gives an error to a caller that wants one. Returns its kind, or that of out_of_memory() where there is no memory for
/// the handle.
int give(const Error& error, inlay_error** out) noexcept;

/// Runs `function`, which returns an Expected or nothing, and hands its value to `use`. Returns the kind of the error.
template <class F, class Use>
int guarded(inlay_error** error, const F& function, const Use& use) noexcept {
  try {
    auto result = function();
    if (!result) return give(result.error(), error);
    if constexpr (std::is_invocable_v<Use>)
      use();
    else
      use(*std::move(result));
    return INLAY_OK;
  } catch (...) {
    return give(detail::current_error(), error);
  }
}

/// The result of something that fails for want of memory alone; null then.
template <class F>
auto or_null(const F& function) noexcept -> decltype(function()) {
  try {
    return function();
  } catch (...) {
    return nullptr;
  }
}

/// Calls `release`, which may be null, with `user` at the end of its last copy, or else has called it and throws.
std::shared_ptr<void> owner_of(void* user, void (*release)(void*));

/// Fills in a struct of the host's as far as it reaches.
template <class Struct>
void fill(Struct& out, const Struct& from) {
  const std::size_t head = sizeof(out.struct_size), reach = std::min(out.struct_size, sizeof(Struct));
  if (reach > head)
    std::memcpy(reinterpret_cast<char*>(&out) + head, reinterpret_cast<const char*>(&from) + head, reach - head);
}

/// A text for inlay_text_free().
char* make_text(const std::string& text);
inlay_value* make_value(Value value);
std::vector<Value> values_of(const inlay_value* const* elements, std::size_t count);
inline const char* name_or(const char* name, const char* other) { return name == nullptr ? other : name; }

/// Whether a struct that the host filled in is long enough to have `member`.
#define INLAY_HAS(object, member) \
  ((object).struct_size >= offsetof(std::remove_cvref_t<decltype(object)>, member) + sizeof((object).member))

}  // namespace c_api
}  // namespace v1
}  // namespace inlay
