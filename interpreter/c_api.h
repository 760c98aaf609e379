// c_api.h - what stands behind the handles of <inlay/inlay.h>. For c_api_*.cpp alone, which know the public C++
// interface and nothing beneath it (c_api_dlpack.cpp aside). What is said of inlay::v1 is also meant where the
// interpreter's own names can be seen. Invariant: no exception leaves a function of the C interface: each is a call of
// c_api::guarded() or cannot throw.
#pragma once

#include <new>
#include <string>
#include <utility>
#include <vector>

#include "inlay/inlay.h"
#include "inlay/inlay.hpp"

struct inlay_error {
  inlay::v1::Error error;
  std::string report = error.render();
  std::string kind_name = std::string(inlay::v1::to_string(error.kind()));
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

/// Gives an error to a caller that wants one. Returns its kind.
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
  } catch (const std::bad_alloc&) {
    return give(Error(ErrorKind::MemoryError, "out of memory"), error);
  } catch (const Exception& exception) {
    return give(exception.error(), error);
  } catch (const std::exception& exception) {
    return give(Error(ErrorKind::InternalError, exception.what()), error);
  } catch (...) {
    return give(Error(ErrorKind::InternalError, "an exception of no known type"), error);
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
