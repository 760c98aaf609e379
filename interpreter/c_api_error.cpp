// c_api_error.cpp - errors of the C interface. See c_api.h.
#include "interpreter/c_api.h"

#include <cstdlib>
#include <cstring>

using inlay::Error;
using inlay::ErrorKind;

namespace inlay::v1::c_api {

static_assert(INLAY_RUNTIME_ERROR == static_cast<int>(ErrorKind::RuntimeError));
static_assert(INLAY_INTERNAL_ERROR == static_cast<int>(ErrorKind::InternalError));

int give(const Error& error, inlay_error** out) noexcept {
  if (out != nullptr) *out = or_null([&] { return std::make_unique<inlay_error>(inlay_error{error}).release(); });
  return static_cast<int>(error.kind());
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
    return std::make_unique<inlay_error>(inlay_error{Error(known, message)}).release();
  });
}

void inlay_error_free(inlay_error* error) { std::default_delete<inlay_error>()(error); }
int inlay_error_get_kind(const inlay_error* error) { return static_cast<int>(error->error.kind()); }
const char* inlay_error_kind_name(const inlay_error* error) { return error->kind_name.c_str(); }
const char* inlay_error_message(const inlay_error* error) { return error->error.message().c_str(); }
const char* inlay_error_report(const inlay_error* error) { return error->report.c_str(); }

void inlay_error_place(const inlay_error* error, inlay_place* place) {
  const Error& from = error->error;
  const auto [begin, end] = from.span();
  *place = {place->struct_size, from.source_name().c_str(), from.line(), from.column(), begin, end};
}

size_t inlay_error_call_count(const inlay_error* error) { return error->error.calls().size(); }

const char* inlay_error_call(const inlay_error* error, size_t at, inlay_place* place) {
  const auto& calls = error->error.calls();
  if (at >= calls.size()) return nullptr;
  if (place != nullptr) *place = {place->struct_size, calls[at].source.c_str(), calls[at].line, calls[at].column, 0, 0};
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
