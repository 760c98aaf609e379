// context.cpp - which Context this thread works for.
// Invariant: scopes nest; each restores what it found.
#include "runtime/context.h"

namespace inlay {
namespace {

thread_local Context* current = nullptr;

Context& fallback() {
  thread_local Context context;
  return context;
}

}  // namespace

Context& context() { return current ? *current : fallback(); }

ContextScope::ContextScope(Context& context) : previous_(current) { current = &context; }
ContextScope::~ContextScope() { current = previous_; }

}  // namespace inlay
