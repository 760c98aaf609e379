// context.cpp - which Context this thread works for.
// Invariant: scopes nest; each restores what it found.
#include "runtime/memory/context.h"

#include <utility>

namespace inlay {
namespace detail {

constinit thread_local Context* current_context = nullptr;

Context& fallback_context() {
  thread_local Context context;
  return context;
}

}  // namespace detail

ContextScope::ContextScope(Context& context) : previous_(std::exchange(detail::current_context, &context)) {}
ContextScope::~ContextScope() { detail::current_context = previous_; }

}  // namespace inlay
