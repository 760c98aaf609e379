// print_options.cpp - see print_options.h.
#include "interpreter/texts/print_options.h"

namespace inlay {

const PrintOptions& print_options() {
  static const PrintOptions defaults;
  const auto* lent = dynamic_cast<const PrintContext*>(&context());
  return lent != nullptr ? lent->print_options : defaults;
}

}  // namespace inlay
