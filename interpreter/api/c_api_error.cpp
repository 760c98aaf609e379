// c_api_error.cpp - errors of the C interface. See c_api.h.
#include "interpreter/api/c_api.h"

#include <cstdlib>

using inlay::Error;
using inlay::ErrorKind;
using inlay::c_api::fill;

namespace inlay::v1::c_api {

namespace {

/// The one handle that needs no memory, and is never freed.
inlay_error& out_of_memory() noexcept {
  static inlay_error error(detail::out_of_memory(), "MemoryError: out of memory\n");
  return error;
}

}  // namespace

int give(const Error& error, inlay_error** out) noexcept {
  if (out == nullptr) return static_cast<int>(error.kind());
  *out = or_null([&] { return std::make_unique<inlay_error>(error).release(); });
  if (*out == nullptr) *out = &out_of_memory();
  return static_cast<int>((*out)->error.kind());
}

std::shared_ptr<void> owner_of(void* user, void (*release)(void*)) {
  // The constructor calls it where there is no memory for the count.
  return std::shared_ptr<void>(user, [release](void* with) {
    if (release != nullptr) release(with);
  });
}

char* make_text(const std::string& text) {
  char* const out = static_cast<char*>(std::malloc(text.size() + 1));
  if (out == nullptr) throw std::bad_alloc();
  std::memcpy(out, text.c_str(), text.size() + 1);
  return out;
}

}  // namespace inlay::v1::c_api

namespace {

bool is_kind(int kind) {
  return (kind >= INLAY_SYNTAX_ERROR && kind <= INLAY_RUNTIME_ERROR) || kind == INLAY_INTERNAL_ERROR;
}

}  // namespace

extern "C" {

uint32_t inlay_abi_version(void) { return INLAY_ABI_VERSION; }
const char* inlay_version(void) { return inlay::version().data(); }

inlay_error* inlay_error_new(int kind, const char* message) {
  return inlay::c_api::or_null([&] {
    const auto known = is_kind(kind) ? static_cast<ErrorKind>(kind) : ErrorKind::RuntimeError;
    return std::make_unique<inlay_error>(Error(known, message)).release();
  });
}

void inlay_error_free(inlay_error* error) {
  if (error != &inlay::c_api::out_of_memory()) std::default_delete<inlay_error>()(error);
}
int inlay_error_get_kind(const inlay_error* error) { return static_cast<int>(error->error.kind()); }
const char* inlay_error_kind_name(const inlay_error* error) { return inlay::to_string(error->error.kind()).data(); }
const char* inlay_error_message(const inlay_error* error) { return error->error.message().c_str(); }
const char* inlay_error_report(const inlay_error* error) { return error->report; }

void inlay_error_place(const inlay_error* error, inlay_place* place) {
  const Error& from = error->error;
  const auto [begin, end] = from.span();
  fill(*place, {0, from.source_name().c_str(), from.line(), from.column(), begin, end});
}

size_t inlay_error_call_count(const inlay_error* error) { return error->error.calls().size(); }

const char* inlay_error_call(const inlay_error* error, size_t at, inlay_place* place) {
  const auto& calls = error->error.calls();
  if (at >= calls.size()) return nullptr;
  if (place != nullptr) fill(*place, {0, calls[at].source.c_str(), calls[at].line, calls[at].column, 0, 0});
  return calls[at].function.c_str();
}

size_t inlay_error_operand_count(const inlay_error* error) { return error->error.operands().size(); }

const char* inlay_error_operand(const inlay_error* error, size_t at, int* rank, const int64_t** shape) {
  const auto& operands = error->error.operands();
  if (at >= operands.size()) return nullptr;
  if (rank != nullptr) *rank = operands[at].tensor ? static_cast<int>(operands[at].shape.size()) : -1;
  if (shape != nullptr) *shape = operands[at].shape.data();
  return operands[at].type.c_str();
}

}  // extern "C"
